//! What a person edits by hand sticks; what an integration writes does not.

use serde_json::{Value, json};
use stoa_core::Ability;

use super::MEMBERS;
use crate::support::TestHouse;

#[actix_web::test]
async fn what_is_edited_by_hand_sticks() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let (admin, one) = (house.admin(), format!("{MEMBERS}/external_id:ana"));
    assert_eq!(admin.get(&one).await.data()["sticky"], json!([]));
    let changed = admin.patch(&one, json!({ "name": "Ana Ruiz", "locale": "es" })).await.data();
    assert_eq!(changed["sticky"], json!(["name", "first_name", "last_name", "locale"]));
    // What stays as it is was not edited.
    let same = admin.patch(&one, json!({ "name": "Ana Ruiz", "status": "deactivated" })).await.data();
    assert_eq!(same["sticky"], changed["sticky"]);
    let freed = admin.patch(&one, json!({ "sticky": [] })).await.data();
    assert_eq!(freed["sticky"], json!([]));
    let integration = house.token(&[Ability::MembersWrite, Ability::MembersRead, Ability::ContentRead]).await;
    let synced = integration.patch(&one, json!({ "name": "Ana Lopez" })).await.data();
    assert_eq!((&synced["name"], &synced["sticky"]), (&json!("Ana Lopez"), &json!([])));
    assert_eq!(admin.patch(&one, json!({ "sticky": ["password"] })).await.refusal().2, ["/sticky/0"]);
    house.settle().await;
}

#[actix_web::test]
async fn an_address_is_changed_and_stays_unique() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben"]).await;
    let (admin, one) = (house.admin(), format!("{MEMBERS}/external_id:ana"));
    let ben = admin.get(&format!("{MEMBERS}/external_id:ben")).await.data();
    let taken = ben["email"].as_str().unwrap().to_uppercase();
    assert_eq!(
        admin.patch(&one, json!({ "email": taken })).await.refusal(),
        (409, "conflict".into(), vec!["/email".into()])
    );
    assert_eq!(admin.patch(&one, json!({ "email": "nobody" })).await.refusal().2, ["/email"]);
    assert_eq!(admin.patch(&one, json!({ "email": null })).await.refusal().2, ["/email"]);
    let moved = admin.patch(&one, json!({ "email": "Ana@New.Example" })).await.data();
    assert_eq!((&moved["email"], &moved["provisioned_by"]), (&json!("Ana@New.Example"), &json!("manual")));
    assert_eq!(admin.get(&format!("{MEMBERS}/ana@new.example")).await.data()["id"], moved["id"]);
    assert_eq!(admin.get(&format!("{MEMBERS}?q=ana@new")).await.json()["meta"]["total"], 1);
    assert_eq!(moved["last_active_at"], Value::Null);
    house.settle().await;
}
