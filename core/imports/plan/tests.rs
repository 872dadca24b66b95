//! The rules of rows, without a database.

use stoa_protocols::roster::{Entry, Row, RowRole, RowStatus, Value};
use uuid::Uuid;

use super::{
    judge::{Bench, Planned, judge},
    people::People,
    places::Places,
};
use crate::{
    Id,
    imports::{ImportOptions, ImportStrategy, RowAction},
    members::{Member, MemberStatus, ProvisionedBy, StickyField},
    scope::Role,
};

const GROUP: Uuid = Uuid::from_u128(7);

fn ana() -> Member {
    let then = "2026-11-21T09:00:00Z".parse().unwrap();
    Member {
        id: Id::from_uuid(Uuid::from_u128(1)),
        number: 1,
        external_id: Some("a1".into()),
        email: "Ana@school.example".into(),
        name: "Ana Silva".into(),
        first_name: "Ana".into(),
        last_name: "Silva".into(),
        locale: Some("pt-BR".into()),
        time_zone: None,
        role: Role::Learner,
        status: MemberStatus::Active,
        provisioned_by: ProvisionedBy::Csv,
        revision: 1,
        sticky: Vec::new(),
        invited_at: None,
        joined_at: Some(then),
        removed_at: None,
        created_at: then,
        updated_at: then,
    }
}

fn given(text: &str) -> Value<String> {
    Value::Given(text.to_owned())
}

fn planned(people: Vec<Member>, options: &ImportOptions, row: Row) -> Planned {
    let places = Places::of(&[("Class", Some(GROUP)), ("Nowhere", None)], &[]);
    let grants = [Role::Learner, Role::Manager];
    let people = People::of(people);
    let bench = Bench { grants: &grants, options, people: &people, places: &places };
    judge(&bench, &Entry { number: 1, line: 2, row, faults: Vec::new() })
}

fn action(people: Vec<Member>, row: Row) -> (RowAction, Vec<String>) {
    let planned = planned(people, &ImportOptions::default(), row);
    (planned.action, planned.faults.into_iter().map(|fault| fault.code).collect())
}

#[test]
fn a_person_is_found_by_key_and_then_by_address() {
    let by_key = Row { external_id: given("a1"), ..Row::default() };
    assert_eq!(action(vec![ana()], by_key).0, RowAction::Unchanged);
    let by_email = Row { email: given("ANA@school.example"), ..Row::default() };
    assert_eq!(action(vec![ana()], by_email).0, RowAction::Unchanged);
    let mismatch = Row { external_id: given("a2"), email: given("ana@school.example"), ..Row::default() };
    assert_eq!(action(vec![ana()], mismatch), (RowAction::Invalid, vec!["mismatch".to_owned()]));
    let new = Row { external_id: given("a2"), email: given("b@school.example"), name: given("B"), ..Row::default() };
    assert_eq!(action(vec![ana()], new).0, RowAction::Create);
}

#[test]
fn a_name_and_its_parts_follow_each_other() {
    let options = ImportOptions::default();
    let row = Row { external_id: given("a1"), name: given("Ana Maria Costa"), ..Row::default() };
    let written = planned(vec![ana()], &options, row).written.unwrap();
    assert_eq!([&written.first_name, &written.last_name], ["Ana", "Maria Costa"]);
    let row = Row { external_id: given("a1"), last_name: given("Costa"), ..Row::default() };
    let written = planned(vec![ana()], &options, row).written.unwrap();
    assert_eq!((written.name.as_str(), written.changed), ("Ana Costa", vec!["name", "last_name"]));
    let row = Row { email: given("k@school.example"), first_name: given("Kim"), ..Row::default() };
    let written = planned(Vec::new(), &options, row).written.unwrap();
    assert_eq!([&written.name, &written.first_name, &written.last_name], ["Kim", "Kim", ""]);
}

#[test]
fn what_sticks_stays_and_is_told() {
    let by_hand = Member { sticky: vec![StickyField::Name], ..ana() };
    let row = Row { external_id: given("a1"), name: given("Other"), locale: Value::Cleared, ..Row::default() };
    let kept = planned(vec![by_hand.clone()], &ImportOptions::default(), row.clone());
    assert_eq!(kept.faults[0].code, "sticky");
    assert_eq!(kept.written.unwrap().changed, ["locale"]);
    let options = ImportOptions { override_sticky: true, ..ImportOptions::default() };
    assert_eq!(planned(vec![by_hand], &options, row).written.unwrap().name, "Other");
}

#[test]
fn nobody_above_the_sender_is_touched() {
    let owner = Member { role: Role::Owner, ..ana() };
    let row = Row { external_id: given("a1"), name: given("Other"), ..Row::default() };
    assert_eq!(action(vec![owner.clone()], row), (RowAction::Invalid, vec!["ability_missing".to_owned()]));
    let same = Row { external_id: given("a1"), ..Row::default() };
    assert_eq!(action(vec![owner], same).0, RowAction::Unchanged, "to be named is no change");
    let row = Row { external_id: given("a1"), role: Value::Given(RowRole::Admin), ..Row::default() };
    assert_eq!(action(vec![ana()], row), (RowAction::Invalid, vec!["ability_missing".to_owned()]));
}

#[test]
fn a_status_comes_back_only_where_the_file_or_the_end_of_membership_says_so() {
    let row = |status| Row { external_id: given("a1"), status, ..Row::default() };
    let away = Member { status: MemberStatus::Deactivated, ..ana() };
    assert_eq!(action(vec![away.clone()], row(Value::Untouched)).0, RowAction::Unchanged);
    assert_eq!(action(vec![away], row(Value::Given(RowStatus::Active))).0, RowAction::Update);
    let left = Member { status: MemberStatus::Removed, ..ana() };
    assert_eq!(action(vec![left], row(Value::Untouched)).0, RowAction::Update);
    assert_eq!(action(vec![ana()], row(Value::Given(RowStatus::Removed))).0, RowAction::Deactivate);
}

#[test]
fn groups_are_joined_once_and_named_where_there_are_none() {
    let named = |name: &str| Row {
        external_id: given("a1"),
        groups: Value::Given(vec![name.to_owned(), name.to_owned()]),
        ..Row::default()
    };
    let options = ImportOptions::default();
    assert_eq!(planned(vec![ana()], &options, named("Class")).written.unwrap().groups, [GROUP]);
    assert_eq!(action(vec![ana()], named("Nowhere")).1, ["group_not_found", "group_not_found"]);
    let options = ImportOptions { create_groups: true, ..options };
    assert_eq!(planned(vec![ana()], &options, named("Nowhere")).written.unwrap().new_groups, ["Nowhere"]);
}

#[test]
fn what_the_options_leave_out_says_why() {
    let row = Row { external_id: given("a1"), name: given("Other"), ..Row::default() };
    let options = ImportOptions { strategy: ImportStrategy::CreateOnly, ..ImportOptions::default() };
    let left_out = planned(vec![ana()], &options, row.clone());
    assert_eq!((left_out.action, left_out.faults[0].code.as_str()), (RowAction::Skipped, "known"));
    let directory = Member { provisioned_by: ProvisionedBy::Scim, ..ana() };
    let left_out = planned(vec![directory], &ImportOptions::default(), row);
    assert_eq!((left_out.action, left_out.faults[0].code.as_str()), (RowAction::Skipped, "provisioned_by_scim"));
}
