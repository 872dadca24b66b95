//! From where a token may be used.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;
use stoa_core::Ability;

use super::{ME, TOKENS, make_with, path};
use crate::support::{TestHouse, node::Edge};

#[actix_web::test]
async fn a_token_works_from_its_addresses_alone() {
    let house = TestHouse::new().await;
    let elsewhere = make_with(&house.admin(), &["content:read"], json!({ "ip_allowlist": ["203.0.113.7"] })).await;
    assert_eq!(elsewhere["ip_allowlist"], json!(["203.0.113.7/32"]));
    let refused = house.caller(elsewhere["token"].as_str()).get(ME).await;
    assert_eq!(refused.refusal(), (403, "address_not_allowed".into(), vec![]));
    assert!(refused.text().contains("127.0.0.1"), "it is said which address that was: {}", refused.text());
    let lists = json!({ "ip_allowlist": ["10.0.0.0/8", "127.0.0.0/8"] });
    let here = make_with(&house.admin(), &["content:read"], lists).await;
    house.caller(here["token"].as_str()).get(ME).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn a_proxy_is_believed_only_if_it_is_ours() {
    let house = TestHouse::new().await;
    let token = make_with(&house.admin(), &["content:read"], json!({ "ip_allowlist": ["203.0.113.0/24"] })).await;
    let behind = house.another_node_with(Edge { proxies: vec!["127.0.0.0/8"], ..Edge::default() });
    let ask = async |caller: crate::support::callers::Caller, said: &str| {
        caller.request(Method::GET, ME).header("X-Forwarded-For", said).send().await.status
    };
    let token = token["token"].as_str();
    let through = || TestHouse::caller_of(&behind, token);
    assert_eq!(ask(through(), "203.0.113.9").await, 200);
    assert_eq!(ask(through(), "203.0.113.9, 198.51.100.1").await, 403, "what stands before the nearest is hearsay");
    assert_eq!(ask(house.caller(token), "203.0.113.9").await, 403, "nobody's proxy is believed here");
}

#[actix_web::test]
async fn a_changed_list_holds_at_once() {
    let house = TestHouse::new().await;
    let token = make_with(&house.admin(), &["content:read"], json!({})).await;
    let holder = house.caller(token["token"].as_str());
    holder.get(ME).await.expect(StatusCode::OK);
    let changed = house.admin().patch(&path(&token), json!({ "ip_allowlist": ["203.0.113.77/24"] })).await.data();
    assert_eq!(changed["ip_allowlist"], json!(["203.0.113.0/24"]));
    assert_eq!(holder.get(ME).await.status, 403);
    house.admin().patch(&path(&token), json!({ "ip_allowlist": [] })).await.data();
    holder.get(ME).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn whoever_tries_from_elsewhere_stands_in_the_audit_log() {
    let house = TestHouse::new().await;
    let token = make_with(&house.admin(), &["content:read"], json!({ "ip_allowlist": ["203.0.113.7"] })).await;
    let stranger = house.caller(token["token"].as_str());
    let app = &house.node.app;
    let logged = async || {
        app.touches.flush(&app.db).await.unwrap();
        let log = house.owner().get("/api/audit-log?action=token.address_refused").await.data();
        let times = |entry: &serde_json::Value| (entry["context"]["address"].clone(), entry["after"]["times"].clone());
        log.as_array().unwrap().iter().map(times).collect::<Vec<_>>()
    };
    for _ in 0..3 {
        assert_eq!(stranger.get(ME).await.status, 403);
    }
    assert_eq!(logged().await, [(json!("127.0.0.1"), json!(3))]);
    assert_eq!(stranger.get(ME).await.status, 403);
    assert_eq!(logged().await.len(), 1, "one entry in ten minutes");
    house.clock.advance(TimeDelta::minutes(10));
    assert_eq!(logged().await[0], (json!("127.0.0.1"), json!(1)));
}

#[actix_web::test]
async fn what_is_no_network_is_refused() {
    let house = TestHouse::new().await;
    let body =
        json!({ "name": "x", "abilities": ["content:read"], "ip_allowlist": ["10.0.0.0/8", "office", "1.2.3.4/33"] });
    let refused = house.admin().post(TOKENS, body).await.refusal();
    assert_eq!(refused, (422, "validation_failed".into(), vec!["/ip_allowlist/1".into(), "/ip_allowlist/2".into()]));
    let many: Vec<String> = (0..101).map(|nth| format!("10.0.0.{nth}")).collect();
    let body = json!({ "name": "x", "abilities": ["content:read"], "ip_allowlist": many });
    assert_eq!(house.admin().post(TOKENS, body).await.refusal().2, ["/ip_allowlist"]);
}

/// Whoever may be used from one place alone makes no token for everywhere.
#[actix_web::test]
async fn nobody_widens_his_own_list() {
    let house = TestHouse::new().await;
    let abilities = [Ability::TokensWrite.as_str(), "content:read"];
    let maker = make_with(&house.admin(), &abilities, json!({ "ip_allowlist": ["127.0.0.0/8"] })).await;
    let maker = house.caller(maker["token"].as_str());
    let wanted = |list: serde_json::Value| json!({ "name": "x", "abilities": ["content:read"], "ip_allowlist": list });
    for wide in [json!([]), json!(["0.0.0.0/0"]), json!(["127.0.0.1", "203.0.113.7"])] {
        let refused = maker.post(TOKENS, wanted(wide)).await.refusal();
        assert_eq!(refused, (422, "validation_failed".into(), vec!["/ip_allowlist".into()]));
    }
    let made = maker.post(TOKENS, wanted(json!(["127.0.0.1"]))).await.data();
    assert_eq!(maker.patch(&path(&made), json!({ "ip_allowlist": [] })).await.refusal().2, ["/ip_allowlist"]);
}
