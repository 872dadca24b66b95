//! What the log says of each way that a delivery can go: the request, every attempt, what happens next. And what it
//! does not say: no secret.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_actors::egress::{FailureClass, Outcome};

use super::steps::{change, deliveries, subscribe};
use crate::support::{
    TestHouse,
    receivers::{failure, status_only},
};

/// One delivery as the log shows it whole, the newest of a webhook.
async fn newest(house: &TestHouse, hook: &Value) -> Value {
    let id = deliveries(house, hook).await[0]["id"].as_str().expect("an id").to_owned();
    let hook = hook["id"].as_str().expect("an id");
    house.admin().get(&format!("/api/integrations/webhooks/{hook}/deliveries/{id}")).await.data()
}

fn why(delivery: &Value) -> &str {
    delivery["next"]["why"].as_str().expect("words")
}

#[actix_web::test]
async fn the_request_is_shown_as_it_was_sent() {
    let house = TestHouse::new().await;
    let dialects = [
        ("talktiko", "user.created", "x-signature-256", "sha256=…"),
        ("reach360", "user.created", "x-hook-signature", "…"),
    ];
    for (dialect, event, header, masked) in dialects {
        let more = json!({ "dialect": dialect, "events": [event] });
        let (receiver, hook) = subscribe(&house, &format!("https://{dialect}.example/in"), more).await;
        house.learners(&[dialect]).await;
        house.settle().await;
        let call = receiver.take().remove(0);
        let shown = newest(&house, &hook).await;
        let request = &shown["request"];
        assert_eq!((&request["method"], &request["url"]), (&json!("POST"), &hook["url"]));
        assert_eq!(request["body"].as_str().unwrap().as_bytes(), call.body, "the very bytes");
        // Every header that the receiver got is shown, with its value or without its secret.
        for (name, value) in &call.headers {
            let shown = request["headers"][name].as_str().unwrap_or_else(|| panic!("{name} in {request}"));
            let expected = match name.as_str() {
                "webhook-signature" => "v1,…",
                name if name == header => masked,
                _ => value.as_str(),
            };
            assert_eq!(shown, expected, "{name}");
        }
        assert_eq!(request["headers"]["host"], format!("{dialect}.example"));
        assert_eq!(request["headers"]["content-length"], call.body.len().to_string());
        assert_eq!(shown["attempts"][0]["request_headers"], request["headers"]);
        assert!(deliveries(&house, &hook).await[0].get("request").is_none(), "a list is short");
    }
}

#[actix_web::test]
async fn no_secret_is_in_the_log() {
    let house = TestHouse::new().await;
    let more =
        json!({ "events": ["user.created"], "secret": "hidden-one-hidden", "headers": { "x-api-key": "hidden-two" } });
    let (receiver, hook) = subscribe(&house, "https://a.example/in?token=hidden-three&v=2", more).await;
    let path = format!("/api/integrations/webhooks/{}", hook["id"].as_str().unwrap());
    house.admin().post(&format!("{path}/secret/rotate"), json!({ "secret": "hidden-four-hidden" })).await.data();
    receiver.then([Outcome::Response {
        status: 308,
        excerpt: "moved".to_owned(),
        retry_after: None,
        location: Some("https://a.example/new?key=hidden-five".to_owned()),
    }]);
    house.learners(&["ana"]).await;
    house.settle().await;
    let shown = newest(&house, &hook).await;
    let headers = &shown["request"]["headers"];
    assert_eq!(headers["x-api-key"], "***");
    assert_eq!(headers["webhook-signature"], "v1,… v1,…", "both sign during the overlap");
    assert_eq!(
        (&headers["x-signature-256"], &headers["x-signature-256-next"]),
        (&json!("sha256=…"), &json!("sha256=…"))
    );
    assert_eq!(shown["request"]["url"], "https://a.example/in?token=…&v=2");
    let log = house.admin().get(&format!("{path}/deliveries")).await.text();
    let test = house.admin().post(&format!("{path}/test"), json!({})).await.text();
    let stored = house.database.rows("SELECT to_jsonb(a) AS attempt FROM attempts a");
    for call in receiver.take() {
        let signature = call.header("webhook-signature").unwrap().split(' ').next().unwrap().to_owned();
        for text in [shown.to_string(), log.clone(), test.clone(), json!(stored).to_string()] {
            assert!(!text.contains("hidden"), "{text}");
            assert!(!text.contains(&signature[3..]), "{text}");
        }
    }
    house.skip_all().await;
}

#[actix_web::test]
async fn a_failure_is_told_in_a_sentence_and_what_follows_too() {
    let house = TestHouse::new().await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["user.created"] })).await;
    receiver.then([status_only(301), failure(FailureClass::Tls)]);
    house.learners(&["ana"]).await;
    house.settle().await;
    let shown = newest(&house, &hook).await;
    let attempt = &shown["attempts"][0];
    assert_eq!(attempt["error"], "http_301");
    assert!(
        attempt["error_detail"].as_str().unwrap().starts_with("answered 301: redirects are not followed"),
        "{attempt}"
    );
    assert_eq!(shown["next"]["action"], "attempt");
    assert_eq!(shown["next"]["at"], shown["next_attempt_at"]);
    assert!(why(&shown).starts_with("will be tried again at 2026-11-21T09:00:"), "{shown}");
    assert!(why(&shown).ends_with("attempt 2 of 6"), "{shown}");
    house.skip().await;
    let shown = newest(&house, &hook).await;
    assert_eq!(shown["attempts"][1]["error"], "tls");
    assert_eq!(shown["attempts"][1]["response_excerpt"], Value::Null, "what is no answer is no excerpt");
    house.skip_all().await;
    let shown = newest(&house, &hook).await;
    assert_eq!((&shown["next"]["action"], why(&shown)), (&json!("nothing"), "ended: received with attempt 3"));
}

#[actix_web::test]
async fn what_waits_says_for_what() {
    let house = TestHouse::new().await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["user.created"] })).await;
    change(&house, &hook, json!({ "status": "paused" })).await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let shown = newest(&house, &hook).await;
    assert_eq!(shown["next"]["action"], "wait");
    assert!(why(&shown).contains("the webhook is paused"), "{shown}");
    change(&house, &hook, json!({ "status": "disabled_by_user" })).await;
    let shown = newest(&house, &hook).await;
    assert_eq!(shown["status"], "cancelled");
    assert!(why(&shown).starts_with("ended: "), "{shown}");
    assert!(receiver.take().is_empty());
    // The log of a deleted webhook is still to be read.
    let path = format!("/api/integrations/webhooks/{}", hook["id"].as_str().unwrap());
    let delivery = format!("{path}/deliveries/{}", shown["id"].as_str().unwrap());
    assert_eq!(house.admin().delete(&path).await.status, 204);
    assert!(why(&house.admin().get(&delivery).await.data()).starts_with("ended: "));
}

#[actix_web::test]
async fn an_ordered_one_names_what_it_waits_behind() {
    let house = TestHouse::new().await;
    let more = json!({ "events": ["course.submitted"], "ordered": true });
    let (receiver, hook) = subscribe(&house, "https://a.example", more).await;
    receiver.then([status_only(500)]);
    house.course("spanish", &[]).await;
    for status in ["submitted", "draft", "submitted"] {
        house.admin().patch("/api/courses/external_id:spanish", json!({ "status": status })).await;
        house.settle().await;
    }
    let log = deliveries(&house, &hook).await;
    assert_eq!(log.len(), 2, "{log:?}");
    let shown = newest(&house, &hook).await;
    let first = log[1]["id"].as_str().unwrap();
    assert_eq!(why(&shown), format!("waits behind {first} (ordered): it is sent when that one has ended"));
    house.skip_all().await;
    assert_eq!(receiver.take().len(), 3);
}

#[actix_web::test]
async fn behind_an_open_breaker_it_says_until_when() {
    let house = TestHouse::new().await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["user.created"] })).await;
    receiver.always(500);
    let keys: Vec<String> = (0..40).map(|nth| format!("learner{nth}")).collect();
    house.learners(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    house.settle().await;
    let log = deliveries(&house, &hook).await;
    let held = log.iter().filter(|one| why(one).starts_with("held behind an open breaker until ")).count();
    assert!(held > 0, "{}", log[0]);
    receiver.always(200);
    house.clock.advance(TimeDelta::seconds(1));
    house.skip_all().await;
}
