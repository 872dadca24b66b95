//! How long tokens live, where the institution has a say in it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{TOKENS, make, make_with, path};
use crate::support::TestHouse;

async fn house_of_ninety_days() -> TestHouse {
    let house = TestHouse::new().await;
    house.database.run("UPDATE institutions SET token_max_days = 90 WHERE external_id = 'home'");
    house
}

#[actix_web::test]
async fn a_life_that_is_left_out_is_the_longest() {
    let house = house_of_ninety_days().await;
    assert_eq!(make(&house.admin(), &["content:read"]).await["expires_at"], "2027-02-19T09:00:00Z");
    let other = make(&house.stranger(), &["content:read"]).await;
    assert_eq!(other["expires_at"], Value::Null, "that is this institution's own rule");
}

#[actix_web::test]
async fn a_life_beyond_it_is_refused() {
    let house = house_of_ninety_days().await;
    let wanted = |end: &str| json!({ "name": "x", "abilities": ["content:read"], "expires_at": end });
    let refused = house.admin().post(TOKENS, wanted("2027-02-19T09:00:01Z")).await;
    assert_eq!(refused.refusal(), (422, "validation_failed".into(), vec!["/expires_at".into()]));
    assert!(refused.text().contains("90 days"), "{}", refused.text());
    let made = house.admin().post(TOKENS, wanted("2027-02-19T09:00:00Z")).await.data();
    assert_eq!(made["expires_at"], "2027-02-19T09:00:00Z");
}

#[actix_web::test]
async fn a_replacement_lives_as_long_as_it_was_to_live_and_no_longer() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let week = make_with(&admin, &["content:read"], json!({ "expires_at": "2026-11-28T09:00:00Z" })).await;
    let eternal = make(&admin, &["content:read"]).await;
    house.clock.advance(TimeDelta::days(2));
    let rotated = admin.post(&format!("{}/rotate", path(&week)), json!({})).await.data();
    assert_eq!(rotated["expires_at"], "2026-11-30T09:00:00Z");
    house.database.run("UPDATE institutions SET token_max_days = 30");
    let rotate = format!("{}/rotate", path(&eternal));
    let refused = admin.post(&rotate, json!({ "expires_at": "2027-11-30T09:00:00Z" })).await;
    assert_eq!(refused.refusal().2, ["/expires_at"]);
    assert_eq!(admin.post(&rotate, json!({})).await.data()["expires_at"], "2026-12-23T09:00:00Z");
}
