//! Rules of members, tried without rows.

use super::*;
use crate::{
    id::{Id, TenantId},
    scope::Ability,
};

fn scope(abilities: Vec<Ability>) -> Scope {
    let tenant: TenantId = Id::from_uuid(uuid::Uuid::nil());
    Scope { abilities: abilities.into(), ..Scope::house(tenant) }
}

fn named(name: Option<&str>, first: Option<&str>, last: Option<&str>) -> (String, String, String) {
    let text = |text: Option<&str>| text.map(ToOwned::to_owned);
    let member = NewMember {
        email: "a@example.org".into(),
        name: text(name),
        first_name: text(first),
        last_name: text(last),
        ..NewMember::default()
    };
    let member = member.checked().unwrap();
    (member.name.unwrap(), member.first_name.unwrap(), member.last_name.unwrap())
}

fn three(name: &str, first: &str, last: &str) -> (String, String, String) {
    (name.into(), first.into(), last.into())
}

#[test]
fn each_name_is_guessed_from_the_others() {
    assert_eq!(named(Some("Ольга Иванова"), None, None), three("Ольга Иванова", "Ольга", "Иванова"));
    assert_eq!(named(Some("홍길동"), None, None), three("홍길동", "홍길동", ""));
    assert_eq!(named(None, Some("Zoé"), Some("de la Tour")), three("Zoé de la Tour", "Zoé", "de la Tour"));
    assert_eq!(named(None, Some("Zoé"), None), three("Zoé", "Zoé", ""));
    assert_eq!(named(Some("김민준"), Some("민준"), Some("김")), three("김민준", "민준", "김"));
}

#[test]
fn every_fault_is_named_at_once() {
    let member = NewMember {
        email: "nobody".into(),
        external_id: Some(String::new()),
        locale: Some("en_US".into()),
        time_zone: Some("Mars; Olympus".into()),
        ..NewMember::default()
    };
    let error = member.checked().unwrap_err();
    let pointers: Vec<_> = error.fields().iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/email", "/name", "/external_id", "/locale", "/time_zone"]);
}

#[test]
fn nobody_hands_out_more_than_he_has() {
    let admin = scope(Role::Admin.abilities());
    assert!(may_grant(&admin, Role::Admin).is_ok());
    assert_eq!(may_grant(&admin, Role::Owner).unwrap_err().code(), Code::AbilityMissing);
    let manager = scope(Role::Manager.abilities());
    assert!(may_grant(&manager, Role::Learner).is_ok());
    assert_eq!(may_grant(&manager, Role::Admin).unwrap_err().fields()[0].pointer, "/role");
}

#[test]
fn addresses_are_compared_without_case() {
    assert_eq!(email_key(" Zoé@Example.ORG "), "zoé@example.org");
}
