//! Headers of an institution's own: sent, never shown, and refused where something else needs them.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::support::TestHouse;

const WEBHOOKS: &str = "/api/integrations/webhooks";

async fn with_headers(house: &TestHouse, headers: Value) -> Value {
    let new = json!({ "url": "https://lms.example/hooks", "events": ["user.created"], "headers": headers });
    house.admin().post(WEBHOOKS, new).await.expect(StatusCode::CREATED).data()
}

fn path(webhook: &Value) -> String {
    format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn they_are_sent_with_each_delivery_and_each_test() {
    let house = TestHouse::new().await;
    let receiver = house.receivers.at("https://lms.example/hooks");
    let hook = with_headers(&house, json!({ "Authorization": "Bearer a-token", "x-tenant": "42" })).await;
    house.learners(&["ana"]).await;
    house.settle().await;
    house.admin().post(&format!("{}/test", path(&hook)), json!({})).await.data();
    for call in receiver.take() {
        assert_eq!((call.header("authorization"), call.header("x-tenant")), (Some("Bearer a-token"), Some("42")));
        assert!(call.header("webhook-signature").is_some());
    }
}

#[actix_web::test]
async fn their_values_are_sealed_and_shown_masked() {
    let house = TestHouse::new().await;
    let hook = with_headers(&house, json!({ "Authorization": "Bearer a-token" })).await;
    assert_eq!(hook["headers"], json!({ "authorization": "***" }));
    for place in [path(&hook), WEBHOOKS.to_owned()] {
        assert!(!house.owner().get(&place).await.text().contains("a-token"), "{place}");
    }
    let kept = house.database.value("SELECT string_agg(w::text, '') FROM webhooks w").to_string();
    assert!(!kept.contains("a-token") && !kept.contains(&hex::encode("a-token")), "sealed at rest");
}

#[actix_web::test]
async fn what_is_shown_can_be_given_back() {
    let house = TestHouse::new().await;
    let receiver = house.receivers.at("https://lms.example/hooks");
    let hook = with_headers(&house, json!({ "authorization": "Bearer a-token", "x-old": "1" })).await;
    let change = json!({ "headers": { "Authorization": "***", "x-new": "2" } });
    let changed = house.admin().patch(&path(&hook), change).await.data();
    assert_eq!(changed["headers"], json!({ "authorization": "***", "x-new": "***" }));
    house.learners(&["ana"]).await;
    house.settle().await;
    let call = receiver.take().remove(0);
    let sent = ["authorization", "x-old", "x-new"].map(|name| call.header(name));
    assert_eq!(sent, [Some("Bearer a-token"), None, Some("2")]);
    let refused = house.admin().patch(&path(&hook), json!({ "headers": { "x-other": "***" } })).await.refusal();
    assert_eq!((refused.0, refused.2), (422, vec!["/headers/x-other".to_owned()]), "there is no value to keep");
    let none = house.admin().patch(&path(&hook), json!({ "headers": {} })).await.data();
    assert_eq!(none["headers"], json!({}));
}

#[actix_web::test]
async fn names_and_values_that_could_do_harm_are_refused_one_by_one() {
    let house = TestHouse::new().await;
    let hook = with_headers(&house, json!({})).await;
    let reserved = [
        "Host",
        "Content-Length",
        "Content-Type",
        "Connection",
        "Transfer-Encoding",
        "TE",
        "Upgrade",
        "Expect",
        "User-Agent",
        "X-Request-Id",
        "API-Version",
        "Webhook-Id",
        "webhook-timestamp",
        "Webhook-Signature",
        "webhook-anything",
        "X-Signature-256",
        "X-Signature-256-Next",
        "X-Hook-Signature",
        "Signature-Input",
        "Proxy-Authorization",
    ];
    let harmful = ["a b", "a:b", "a\r\nx", "", "naïve"].into_iter().chain(reserved);
    for name in harmful {
        let new = json!({ "headers": { name: "1" } });
        let pointer = format!("/headers/{name}");
        let refused = (422, "validation_failed".to_owned(), vec![pointer]);
        assert_eq!(house.admin().patch(&path(&hook), new.clone()).await.refusal(), refused, "{name}");
        let whole = json!({ "url": "https://lms.example/2", "events": ["*"], "headers": { name: "1" } });
        assert_eq!(house.admin().post(WEBHOOKS, whole).await.refusal(), refused, "{name}");
    }
    for value in ["", "a\r\nx: y", "a\nb", "ключ", " a", "a ", &"x".repeat(1025)] {
        let answer = house.admin().patch(&path(&hook), json!({ "headers": { "x-key": value } })).await;
        assert_eq!(answer.refusal().2, ["/headers/x-key"], "{value:?}");
    }
    let many: serde_json::Map<String, Value> = (0..17).map(|nth| (format!("x-{nth}"), json!("1"))).collect();
    assert_eq!(house.admin().patch(&path(&hook), json!({ "headers": many })).await.refusal().2, ["/headers"]);
    assert_eq!(house.admin().get(&path(&hook)).await.data()["headers"], json!({}));
}
