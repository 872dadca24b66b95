//! Tokens that somebody found in the open.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{ME, make, make_with, path};
use crate::support::{TestHouse, node::Edge};

const LEAKED: &str = "/api/tokens/leaked";

fn made_up(token: &str) -> String {
    let mut letters = token.to_owned();
    let last = letters.pop().unwrap();
    letters.push(if last == '0' { '1' } else { '0' });
    letters
}

#[actix_web::test]
async fn a_reported_token_is_revoked_on_every_node_and_its_people_are_told() {
    let house = TestHouse::new().await;
    let other = house.another_node();
    let made = make(&house.admin(), &["content:read"]).await;
    let secret = made["token"].as_str().unwrap();
    let (here, there) = (house.caller(Some(secret)), TestHouse::caller_of(&other, Some(secret)));
    for caller in [&here, &there] {
        caller.get(ME).await.expect(StatusCode::OK);
    }
    let receipt = house.anonymous().post(LEAKED, json!({ "token": secret })).await.expect(StatusCode::ACCEPTED);
    assert_eq!(receipt.data(), json!({ "received": 1 }));
    assert_eq!(here.get(ME).await.refusal().1, "unauthenticated");
    house.clock.advance(TimeDelta::milliseconds(500));
    assert_eq!(there.get(ME).await.refusal().1, "unauthenticated");

    let shown = house.admin().get(&path(&made)).await.data();
    assert_eq!((&shown["status"], &shown["leaked_at"]), (&json!("revoked"), &json!("2026-11-21T09:00:00Z")));
    let log = house.owner().get("/api/audit-log?action=token.revoked").await.data();
    assert_eq!((&log[0]["actor"]["kind"], &log[0]["after"]["reason"]), (&json!("house"), &json!("leaked")));
    assert_eq!(log[0]["context"]["address"], "127.0.0.1");
    house.settle().await;
    let told = house.database.value("SELECT data->'token'->>'reason' FROM events WHERE type = 'token.revoked'");
    assert_eq!(told, "leaked");
    let letters = house.take_letters();
    let mut to: Vec<&str> = letters.iter().map(|letter| letter.to.address.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["admin@home.example", "owner@home.example"], "its maker and the owners");
    assert!(letters[0].subject.contains("found in the open"), "{}", letters[0].subject);
    assert!(letters[0].text.contains("Warehouse") && !letters[0].text.contains(secret));
}

/// The answer says nothing of what was known, and of what was never a token nobody is asked.
#[actix_web::test]
async fn the_receipt_is_the_same_for_all() {
    let house = TestHouse::new().await;
    let made = make(&house.admin(), &["content:read"]).await;
    let secret = made["token"].as_str().unwrap().to_owned();
    let twice = [secret.clone(), secret.clone()];
    let mut receipts = Vec::new();
    for tokens in [twice.to_vec(), vec![made_up(&secret), "x".repeat(100)], twice.to_vec()] {
        let receipt = house.anonymous().post(LEAKED, json!({ "tokens": tokens })).await;
        receipts.push((receipt.status, receipt.text()));
    }
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]), "{receipts:?}");
    assert_eq!(house.database.number("SELECT count(*) FROM events WHERE type = 'token.revoked'"), 1, "told once");
    house.settle().await;
}

#[actix_web::test]
async fn a_scanner_reports_in_its_own_form() {
    let house = TestHouse::new().await;
    let (one, two) = (make(&house.admin(), &["content:read"]).await, make(&house.stranger(), &["content:read"]).await);
    let found = |token: &Value| json!({ "token": token["token"], "type": "stoa_token", "url": "https://git.example/a/b/blob/main/.env", "source": "content" });
    let request = house.anonymous().request(Method::POST, LEAKED);
    let signed = request.header("Github-Public-Key-Identifier", "abc").header("Github-Public-Key-Signature", "MEQC");
    let receipt = signed.json(&json!([found(&one), found(&two)])).send().await.expect(StatusCode::ACCEPTED);
    assert_eq!(receipt.data(), json!({ "received": 2 }));
    for token in [&one, &two] {
        assert_eq!(house.caller(token["token"].as_str()).get(ME).await.status, 401);
    }
    house.settle().await;
}

#[actix_web::test]
async fn a_session_is_ended_too() {
    let house = TestHouse::new().await;
    let session = house.school.manager.token.clone();
    house.anonymous().post(LEAKED, json!({ "token": session })).await.expect(StatusCode::ACCEPTED);
    assert_eq!(house.manager().get(ME).await.status, 401);
    house.admin().get(ME).await.expect(StatusCode::OK);
    house.settle().await;
    assert_eq!(house.take_letters().len(), 2, "whoever was signed in, and the owner");
}

#[actix_web::test]
async fn what_does_not_work_is_left_as_it_is() {
    let house = TestHouse::new().await;
    let expired = make_with(&house.admin(), &["content:read"], json!({ "expires_at": "2026-11-21T10:00:00Z" })).await;
    house.clock.advance(TimeDelta::hours(1));
    house.anonymous().post(LEAKED, json!({ "token": expired["token"] })).await.expect(StatusCode::ACCEPTED);
    assert_eq!(house.admin().get(&path(&expired)).await.data()["status"], "expired");
    house.settle().await;
    assert!(house.take_letters().is_empty());
}

#[actix_web::test]
async fn a_report_has_a_form_and_a_size() {
    let house = TestHouse::new().await;
    for body in [
        json!({}),
        json!({ "token": 7 }),
        json!({ "tokens": [] }),
        json!([]),
        json!({ "tokens": vec!["x"; 101] }),
        json!("x"),
    ] {
        assert_eq!(house.anonymous().post(LEAKED, body.clone()).await.refusal().0, 422, "{body}");
    }
}

#[actix_web::test]
async fn reports_are_counted_by_address() {
    let house = TestHouse::new().await;
    let quota = stoa_core::tokens::Quota { quota: 2, window_seconds: 60 };
    let quotas = stoa_http::limits::Quotas { auth: Some(quota), ..Default::default() };
    let node = house.another_node_with(Edge { quotas, ..Edge::default() });
    let anybody = TestHouse::caller_of(&node, None);
    for left in ["1", "0"] {
        let receipt = anybody.post(LEAKED, json!({ "token": "x" })).await.expect(StatusCode::ACCEPTED);
        assert_eq!(receipt.header("x-ratelimit-remaining"), Some(left));
    }
    let refused = anybody.post(LEAKED, json!({ "token": "x" })).await;
    assert_eq!((refused.refusal().1.as_str(), refused.header("retry-after")), ("rate_limited", Some("30")));
}
