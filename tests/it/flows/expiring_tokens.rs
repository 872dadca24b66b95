//! Tokens that stop working soon: who is told, when, and how often.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_jobs::{
    housekeeping::TellOfExpiringTokens,
    queue::{HOUSE, NewJob, enqueue},
};

use super::steps::subscribe;
use crate::support::TestHouse;

const TOKENS: &str = "/api/integrations/tokens";

async fn make(house: &TestHouse, name: &str, expires_at: &str) -> Value {
    let body = json!({ "name": name, "abilities": ["content:read"], "expires_at": expires_at });
    house.admin().post(TOKENS, body).await.expect(StatusCode::CREATED).data()
}

/// What the calendar does by the hour.
async fn look(house: &TestHouse) {
    let mut tx = house.db().house().await.unwrap();
    enqueue(&mut tx, NewJob::of(HOUSE, &TellOfExpiringTokens {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
}

fn letters(house: &TestHouse) -> Vec<(String, String)> {
    let mut letters: Vec<(String, String)> =
        house.take_letters().into_iter().map(|letter| (letter.to.address, letter.subject)).collect();
    letters.sort();
    letters
}

#[actix_web::test]
async fn its_people_are_told_a_week_before_and_a_day_before() {
    let house = TestHouse::new().await;
    let (receiver, _) = subscribe(&house, "https://lms.example", json!({ "events": ["token.expiring"] })).await;
    let token = make(&house, "Lyon", "2026-12-21T09:00:00Z").await;
    look(&house).await;
    assert!(letters(&house).is_empty(), "a month is long");
    house.clock.advance(TimeDelta::days(23));
    for _ in 0..2 {
        look(&house).await;
    }
    let week = "A token expires within a week: \u{2068}Lyon\u{2069}".replace(['\u{2068}', '\u{2069}'], "");
    let told = letters(&house);
    assert_eq!(told.len(), 2, "once each: {told:?}");
    assert_eq!(told[0], ("admin@home.example".to_owned(), week.clone()));
    assert_eq!(told[1], ("owner@home.example".to_owned(), week));
    house.clock.advance(TimeDelta::days(6));
    for _ in 0..2 {
        look(&house).await;
    }
    let told = letters(&house);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].1.contains("within a day"), "{told:?}");
    let calls = receiver.take();
    assert_eq!(calls.len(), 2);
    let event: Value = serde_json::from_slice(&calls[1].body).unwrap();
    assert_eq!((&event["type"], &event["data"]["token"]["id"]), (&json!("token.expiring"), &token["id"]));
    house.clock.advance(TimeDelta::days(2));
    look(&house).await;
    assert!(letters(&house).is_empty(), "it has ended");
}

#[actix_web::test]
async fn who_knows_is_not_told() {
    let house = TestHouse::new().await;
    // It never lived a week, so its maker knows; of the last day he is told.
    make(&house, "short", "2026-11-26T09:00:00Z").await;
    let replaced = make(&house, "replaced", "2026-12-21T09:00:00Z").await;
    let revoked = make(&house, "revoked", "2026-12-21T09:00:00Z").await;
    look(&house).await;
    assert!(letters(&house).is_empty());
    house.clock.advance(TimeDelta::days(4));
    look(&house).await;
    let told = letters(&house);
    assert!(told.len() == 2 && told[0].1.contains("short") && told[0].1.contains("within a day"), "{told:?}");
    house.clock.advance(TimeDelta::days(20));
    let id = |token: &Value| token["id"].as_str().unwrap().to_owned();
    let rotate = format!("{TOKENS}/{}/rotate", id(&replaced));
    house.admin().post(&rotate, json!({ "expires_at": "2027-11-21T09:00:00Z" })).await.expect(StatusCode::CREATED);
    house.admin().delete(&format!("{TOKENS}/{}", id(&revoked))).await.expect(StatusCode::NO_CONTENT);
    look(&house).await;
    assert!(letters(&house).is_empty());
}

#[actix_web::test]
async fn each_institution_has_its_own() {
    let house = TestHouse::new().await;
    make(&house, "Lyon", "2026-12-21T09:00:00Z").await;
    let body = json!({ "name": "Abroad", "abilities": ["content:read"], "expires_at": "2026-12-21T10:00:00Z" });
    house.stranger().post(TOKENS, body).await.expect(StatusCode::CREATED);
    house.clock.advance(TimeDelta::days(25));
    look(&house).await;
    let told = letters(&house);
    let of = |name: &str| {
        told.iter().filter(|(_, subject)| subject.contains(name)).map(|(to, _)| to.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of("Lyon"), ["admin@home.example", "owner@home.example"]);
    assert_eq!(of("Abroad"), ["owner@abroad.example"]);
}
