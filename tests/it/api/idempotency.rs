//! `Idempotency-Key`: the same request twice is done once.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::Ability;

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

const TOKENS: &str = "/api/integrations/tokens";
const ROWS: &str = "SELECT count(*) FROM tokens WHERE name = 'Warehouse'";

fn body() -> Value {
    json!({ "name": "Warehouse", "abilities": ["content:read"] })
}

async fn send(caller: &Caller, key: &str, body: &Value) -> Answer {
    caller.request(Method::POST, TOKENS).header("Idempotency-Key", key).json(body).send().await
}

#[actix_web::test]
async fn the_same_request_is_answered_again_and_done_once() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let first = send(&admin, "\"order-1\"", &body()).await.expect(StatusCode::CREATED);
    let second = send(&admin, "order-1", &body()).await.expect(StatusCode::CREATED);
    assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), (None, Some("true")));
    assert_eq!(first.body, second.body, "the secret that was shown once is shown to who asks the same again");
    assert_eq!(first.header("content-type"), second.header("content-type"));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert_eq!(house.database.number(ROWS), 1);
    let secret = first.data()["token"].as_str().unwrap().to_owned();
    let kept = house.database.value("SELECT encode(body, 'escape') FROM idempotency_keys").to_string();
    assert!(!kept.contains(&secret[33..]), "the kept answer is sealed");
}

#[actix_web::test]
async fn a_key_belongs_to_one_request_of_one_holder() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    send(&admin, "k", &body()).await.expect(StatusCode::CREATED);
    let other = send(&admin, "k", &json!({ "name": "Other", "abilities": ["content:read"] })).await;
    assert_eq!(other.refusal().1, "idempotency_mismatch");
    send(&house.owner(), "k", &body()).await.expect(StatusCode::CREATED);
    let integration = house.token(&[Ability::TokensWrite, Ability::ContentRead]).await;
    send(&integration, "k", &body()).await.expect(StatusCode::CREATED);
    assert_eq!(house.database.number(ROWS), 3);
    let course = json!({ "title": "한국어 1", "locale": "ko" });
    let elsewhere =
        admin.request(Method::POST, "/api/courses").header("Idempotency-Key", "k").json(&course).send().await;
    assert_eq!(elsewhere.header("idempotency-replayed"), None, "{}", elsewhere.text());
}

#[actix_web::test]
async fn a_key_that_cannot_be_read_changes_nothing() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for key in ["\"\"", "a b", "\"open", &"x".repeat(256)] {
        assert_eq!(send(&admin, key, &body()).await.refusal().1, "invalid_idempotency_key", "{key}");
    }
    assert_eq!(house.database.number(ROWS), 0);
    let read = admin.request(Method::GET, TOKENS).header("Idempotency-Key", "a b").send().await;
    read.expect(StatusCode::OK);
}

#[actix_web::test]
async fn a_refusal_is_kept_and_an_invalid_request_is_not() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let invalid = send(&admin, "k", &json!({ "name": "Warehouse" })).await;
    assert_eq!(invalid.status, 422);
    send(&admin, "k", &body()).await.expect(StatusCode::CREATED);
    let weak = house.token(&[Ability::TokensWrite]).await;
    let first = send(&weak, "weak", &body()).await;
    let second = send(&weak, "weak", &body()).await;
    assert_eq!((first.refusal().1, second.header("idempotency-replayed")), ("validation_failed".into(), Some("true")));
    assert_eq!(first.body, second.body);
}

#[actix_web::test]
async fn a_key_is_remembered_for_a_day() {
    let house = TestHouse::new().await;
    let admin = house.token(&[Ability::TokensWrite, Ability::ContentRead]).await;
    send(&admin, "k", &body()).await.expect(StatusCode::CREATED);
    house.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(send(&admin, "k", &body()).await.header("idempotency-replayed"), Some("true"));
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(send(&admin, "k", &body()).await.header("idempotency-replayed"), None);
    assert_eq!(house.database.number(ROWS), 2);
}

#[actix_web::test]
async fn a_request_under_way_is_waited_for_and_an_abandoned_one_is_not() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    send(&admin, "k", &body()).await.expect(StatusCode::CREATED);
    house.database.run("UPDATE idempotency_keys SET status = NULL, headers = NULL, body = NULL");
    let waiting = send(&admin, "k", &body()).await;
    assert_eq!((waiting.refusal().1, waiting.header("retry-after")), ("idempotency_in_progress".into(), Some("1")));
    house.clock.advance(TimeDelta::seconds(60));
    send(&admin, "k", &body()).await.expect(StatusCode::CREATED);
    assert_eq!(house.database.number(ROWS), 2);
}

#[actix_web::test]
async fn of_many_at_once_one_is_served() {
    let house = TestHouse::new().await;
    let (admin, body) = (house.admin(), body());
    let answers = futures::future::join_all((0..16).map(|_| send(&admin, "k", &body))).await;
    assert_eq!(house.database.number(ROWS), 1);
    for answer in answers {
        assert!(answer.status == 201 || answer.refusal().1 == "idempotency_in_progress", "{}", answer.text());
    }
}
