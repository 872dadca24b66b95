//! A token in place of another, and the time in which both work.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{ME, make, make_with, path};
use crate::support::TestHouse;

#[actix_web::test]
async fn both_work_until_the_overlap_ends() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let fields = json!({ "ip_allowlist": ["127.0.0.1"] });
    let old = make_with(&admin, &["content:read", "progress:read"], fields).await;
    let rotated = admin.post(&format!("{}/rotate", path(&old)), json!({ "overlap_hours": 2 })).await;
    let rotated = rotated.expect(StatusCode::CREATED);
    assert!(rotated.header("location").unwrap().ends_with(&path(&rotated.data())));
    let new = rotated.data();
    assert_ne!(new["token"], old["token"]);
    for same in ["name", "abilities", "ip_allowlist", "expires_at"] {
        assert_eq!(new[same], old[same], "{same}");
    }
    assert_eq!((&new["replaces_id"], &new["status"]), (&old["id"], &json!("active")));
    let replaced = &new["replaced"];
    assert_eq!((&replaced["replaced_by_id"], &replaced["status"]), (&new["id"], &json!("expiring")));
    assert_eq!((&replaced["overlap_until"], &replaced["token"]), (&json!("2026-11-21T11:00:00Z"), &Value::Null));

    let (before, after) = (house.caller(old["token"].as_str()), house.caller(new["token"].as_str()));
    before.get(ME).await.expect(StatusCode::OK);
    after.get(ME).await.expect(StatusCode::OK);
    house.clock.advance(TimeDelta::hours(2));
    assert_eq!(before.get(ME).await.refusal().1, "token_expired");
    after.get(ME).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn each_of_the_two_is_revoked_by_itself_and_at_once() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let old = make(&admin, &["content:read"]).await;
    let new = admin.post(&format!("{}/rotate", path(&old)), json!({})).await.data();
    let (before, after) = (house.caller(old["token"].as_str()), house.caller(new["token"].as_str()));
    before.get(ME).await.expect(StatusCode::OK);
    admin.delete(&path(&old)).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(before.get(ME).await.refusal().1, "unauthenticated");
    after.get(ME).await.expect(StatusCode::OK);
    let shown = admin.get(&path(&old)).await.data();
    assert_eq!((&shown["status"], &shown["overlap_until"]), (&json!("revoked"), &Value::Null));
    house.settle().await;
}

#[actix_web::test]
async fn without_an_overlap_the_old_one_ends_now() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let old = make(&admin, &["content:read"]).await;
    let new = admin.post(&format!("{}/rotate", path(&old)), json!({ "overlap_hours": 0 })).await.data();
    assert_eq!(new["replaced"]["status"], "revoked");
    assert_eq!(house.caller(old["token"].as_str()).get(ME).await.refusal().1, "unauthenticated");
    house.caller(new["token"].as_str()).get(ME).await.expect(StatusCode::OK);
    house.settle().await;
}

#[actix_web::test]
async fn an_overlap_lengthens_no_life() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let old = make_with(&admin, &["content:read"], json!({ "expires_at": "2026-11-21T10:00:00Z" })).await;
    let new = admin.post(&format!("{}/rotate", path(&old)), json!({ "overlap_hours": 48 })).await.data();
    assert_eq!(new["replaced"]["overlap_until"], "2026-11-21T10:00:00Z");
}

#[actix_web::test]
async fn what_does_not_work_is_not_replaced() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let rotate = async |token: &Value| admin.post(&format!("{}/rotate", path(token)), json!({})).await;
    let twice = make(&admin, &["content:read"]).await;
    rotate(&twice).await.expect(StatusCode::CREATED);
    let refused = rotate(&twice).await;
    assert_eq!(refused.refusal().1, "conflict");
    assert!(refused.text().contains("tok_"), "it says by which: {}", refused.text());
    let revoked = make(&admin, &["content:read"]).await;
    admin.delete(&path(&revoked)).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(rotate(&revoked).await.refusal().1, "conflict");
    assert_eq!(admin.patch(&path(&revoked), json!({ "name": "x" })).await.refusal().1, "conflict");
    let expired = make_with(&admin, &["content:read"], json!({ "expires_at": "2026-11-21T10:00:00Z" })).await;
    house.clock.advance(TimeDelta::hours(1));
    assert_eq!(rotate(&expired).await.refusal().1, "conflict");
    assert_eq!(
        admin.post(&format!("{}/rotate", path(&twice)), json!({ "overlap_hours": 721 })).await.refusal().1,
        "conflict"
    );
    let fresh = make(&admin, &["content:read"]).await;
    let refused = admin.post(&format!("{}/rotate", path(&fresh)), json!({ "overlap_hours": 721 })).await.refusal();
    assert_eq!(refused, (422, "validation_failed".into(), vec!["/overlap_hours".into()]));
    house.settle().await;
}

/// Whoever replaces a token holds the new one, with all that it may do.
#[actix_web::test]
async fn nobody_takes_more_by_replacing() {
    let house = TestHouse::new().await;
    let strong = make(&house.admin(), &["content:read", "members:write"]).await;
    let weak = house.token(&[stoa_core::Ability::TokensWrite, stoa_core::Ability::ContentRead]).await;
    let refused = weak.post(&format!("{}/rotate", path(&strong)), json!({})).await;
    assert_eq!(refused.refusal(), (403, "ability_missing".into(), vec![]));
    assert!(refused.text().contains("members:write"), "{}", refused.text());
    let stranger = house.stranger().post(&format!("{}/rotate", path(&strong)), json!({})).await;
    assert_eq!(stranger.refusal().0, 404);
}

#[actix_web::test]
async fn a_replacement_is_noted_and_told() {
    let house = TestHouse::new().await;
    let old = make(&house.admin(), &["content:read"]).await;
    let new = house.admin().post(&format!("{}/rotate", path(&old)), json!({ "overlap_hours": 0 })).await.data();
    let log = house.owner().get("/api/audit-log?action=token.rotated").await.data();
    assert_eq!((&log[0]["object"]["id"], &log[0]["after"]["replaced_by_id"]), (&old["id"], &new["id"]));
    house.settle().await;
    let told = house
        .database
        .rows("SELECT type, data->'token'->>'id' AS id FROM events WHERE type LIKE 'token.%' ORDER BY position, id");
    let told: Vec<(&str, &Value)> = told.iter().map(|row| (row["type"].as_str().unwrap(), &row["id"])).collect();
    assert!(told.contains(&("token.created", &new["id"])) && told.contains(&("token.revoked", &old["id"])), "{told:?}");
}
