//! Where files lie.

use super::*;

#[test]
fn a_key_begins_with_the_institution_and_holds_ids_alone() {
    let key = Key::new(tenant(1), Shelf::Exports, Uuid::from_u128(2), "csv.gz");
    assert_eq!(
        key.as_str(),
        "institutions/00000000000000000000000000000001/exports/00000000000000000000000000000002.csv.gz"
    );
    assert_eq!((key.tenant(), key.id()), (Some(tenant(1)), Some(Uuid::from_u128(2))));
    assert_eq!(Key::parse(key.as_str()), Some(key));
}

#[test]
fn an_ending_leads_nowhere() {
    let key = Key::new(tenant(1), Shelf::People, Uuid::nil(), "../../../etc/passwd#1?x\0");
    let name = "00000000000000000000000000000000.etcpasswd1x";
    assert_eq!(key.as_str(), format!("institutions/00000000000000000000000000000001/people/{name}"));
}

#[test]
fn what_is_none_of_ours_is_no_key() {
    let id = Uuid::nil().simple();
    for text in [
        String::new(),
        "institutions".to_owned(),
        format!("institutions/{id}/exports/{id}"),
        format!("institutions/{id}/secrets/{id}.csv"),
        format!("institutions/{id}/exports/{id}.csv/x"),
        format!("institutions/{id}/exports/../{id}.csv"),
        format!("institutions/{id}/exports/{id}.c#1"),
        format!("institutions/{}/exports/{id}.csv", Uuid::nil()),
        format!("institutions/{id}/exports/{}.csv", Uuid::max().simple().to_string().to_uppercase()),
        format!("/institutions/{id}/exports/{id}.csv"),
    ] {
        assert_eq!(Key::parse(&text), None, "{text:?}");
    }
}
