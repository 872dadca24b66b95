//! Made, listed, used and revoked.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::Ability;

use super::{ME, TOKENS, make};
use crate::support::{TestHouse, node::BASE_URL};

#[actix_web::test]
async fn a_token_is_shown_once() {
    let house = TestHouse::new().await;
    let made = make(&house.admin(), &["tokens:read", "content:read", "content:read"]).await;
    let secret = made["token"].as_str().unwrap();
    assert_eq!(made["abilities"], json!(["content:read", "tokens:read"]), "each once, in one order");
    assert!(secret.starts_with("stoa_i_") && secret.ends_with(made["last4"].as_str().unwrap()));
    assert_eq!(made["created_by"], house.school.admin.id.to_string());

    let listed = house.caller(Some(secret)).get(TOKENS).await;
    assert!(!listed.text().contains(secret));
    let row = &listed.data()[0];
    assert_eq!((&row["id"], &row["status"], &row["token"]), (&made["id"], &json!("active"), &Value::Null));
    let kept = house.database.value("SELECT string_agg(t::text, '') FROM tokens t").to_string();
    assert!(!kept.contains(&secret[33..]), "the secret half is in no row");
}

#[actix_web::test]
async fn nobody_gives_more_than_he_has() {
    let house = TestHouse::new().await;
    let weak = house.token(&[Ability::TokensWrite, Ability::ContentRead]).await;
    let body = json!({ "name": "x", "abilities": ["content:read", "webhooks:write", "tokens:write", "billing:read"] });
    let answer = weak.post(TOKENS, body).await;
    assert_eq!(answer.refusal(), (422, "validation_failed".into(), vec!["/abilities/1".into(), "/abilities/3".into()]));
    assert!(answer.text().contains("webhooks:write"));
    make(&weak, &["content:read"]).await;
}

#[actix_web::test]
async fn bad_tokens_are_not_made() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for (body, pointer) in [
        (json!({ "name": "x", "abilities": ["content:raed"] }), "/abilities/0"),
        (json!({ "name": "x", "abilities": ["*"] }), "/abilities/0"),
        (json!({ "name": "x", "abilities": [] }), "/abilities"),
        (json!({ "name": " ", "abilities": ["content:read"] }), "/name"),
        (json!({ "name": "a\nb", "abilities": ["content:read"] }), "/name"),
        (json!({ "name": "x".repeat(256), "abilities": ["content:read"] }), "/name"),
        (json!({ "name": "x", "abilities": ["content:read"], "expires_at": "2026-11-21T08:59:59Z" }), "/expires_at"),
        (json!({ "name": "x", "abilities": ["content:read"], "expires_at": "2026-11-21" }), "/expires_at"),
        (json!({ "name": "x", "abilities": ["content:read"], "expires_at": "9999-01-01T00:00:00Z" }), "/expires_at"),
    ] {
        let refusal = admin.post(TOKENS, body.clone()).await.refusal();
        assert_eq!(refusal, (422, "validation_failed".into(), vec![pointer.into()]), "{body}");
    }
    assert_eq!(admin.get(TOKENS).await.json()["meta"]["total"], 0);
}

#[actix_web::test]
async fn a_revoked_token_stops_on_every_node_within_a_second() {
    let house = TestHouse::new().await;
    let other = house.another_node();
    let made = make(&house.admin(), &["content:read"]).await;
    let (here, there) = (house.caller(made["token"].as_str()), TestHouse::caller_of(&other, made["token"].as_str()));
    for caller in [&here, &there] {
        caller.get(ME).await.expect(StatusCode::OK);
    }
    let path = format!("{TOKENS}/{}", made["id"].as_str().unwrap());
    house.admin().delete(&path).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(here.get(ME).await.refusal(), (401, "unauthenticated".into(), vec![]));
    house.clock.advance(TimeDelta::milliseconds(500));
    assert_eq!(there.get(ME).await.refusal(), (401, "unauthenticated".into(), vec![]));

    house.admin().delete(&path).await.expect(StatusCode::NO_CONTENT);
    let row = &house.admin().get(TOKENS).await.data()[0];
    assert_eq!((&row["status"], &row["revoked_at"]), (&json!("revoked"), &json!("2026-11-21T09:00:00Z")));
}

#[actix_web::test]
async fn only_tokens_of_integrations_are_revoked() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let session = admin.get(ME).await.data()["token"]["id"].as_str().unwrap().to_owned();
    for id in [session.as_str(), "tok_00000000000000000000000001", "not-an-id", &house.school.admin.token] {
        assert_eq!(admin.delete(&format!("{TOKENS}/{id}")).await.refusal(), (404, "not_found".into(), vec![]), "{id}");
    }
    admin.get(ME).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn a_token_expires() {
    let house = TestHouse::new().await;
    let body = json!({ "name": "x", "abilities": ["content:read"], "expires_at": "2026-12-06T10:00:00+01:00" });
    let made = house.admin().post(TOKENS, body).await.data();
    let status = || async { house.admin().get(TOKENS).await.data()[0]["status"].clone() };
    assert_eq!(status().await, "active");
    house.clock.advance(TimeDelta::days(1));
    assert_eq!(status().await, "expiring");
    house.clock.advance(TimeDelta::days(14));
    assert_eq!(status().await, "expired");
    let answer = house.caller(made["token"].as_str()).get(ME).await;
    assert_eq!(answer.refusal(), (401, "token_expired".into(), vec![]));
}

#[actix_web::test]
async fn the_last_use_is_told_to_the_minute() {
    let house = TestHouse::new().await;
    let made = make(&house.admin(), &["content:read"]).await;
    let caller = house.caller(made["token"].as_str());
    let app = &house.node.app;
    let used = || async {
        app.touches.flush(&app.db).await.unwrap();
        let row = house.admin().get(TOKENS).await.data()[0].clone();
        (row["last_used_at"].clone(), row["last_used_ip"].clone())
    };
    assert_eq!(used().await, (Value::Null, Value::Null));
    for (wait, told) in [(0, "09:00:00"), (59, "09:00:00"), (1, "09:01:00"), (61, "09:02:01")] {
        house.clock.advance(TimeDelta::seconds(wait));
        caller.get(ME).await.expect(StatusCode::OK);
        assert_eq!(used().await, (json!(format!("2026-11-21T{told}Z")), json!("127.0.0.1")), "after {wait} s");
    }
}

#[actix_web::test]
async fn lists_are_paged_as_the_framework_does() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for _ in 0..3 {
        make(&admin, &["content:read"]).await;
    }
    let page = admin.get("/api/integrations/tokens?per_page=2&page=2").await.json();
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    let meta = &page["meta"];
    assert_eq!(
        (&meta["from"], &meta["to"], &meta["total"], &meta["last_page"]),
        (&json!(3), &json!(3), &json!(3), &json!(2))
    );
    let prev = page["links"]["prev"].as_str().unwrap();
    let base = BASE_URL;
    assert!(prev.starts_with(base), "{prev}");
    let first = admin.get(prev.strip_prefix(base).unwrap()).await.json();
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    assert_eq!(first["links"]["next"], format!("{base}{TOKENS}?per_page=2&page=2"));
    let beyond = admin.get("/api/integrations/tokens?page=9").await.json();
    assert_eq!((&beyond["data"], &beyond["meta"]["from"]), (&json!([]), &Value::Null));
}
