//! Deliveries over HTTP: tests, the log and its filters, asking once more.
//!
//! Not here: retries and what receivers get (`flows`).

use serde_json::{Value, json};
use stoa_actors::egress::FailureClass;

use crate::support::{
    TestHouse,
    receivers::{Receiver, failure, status_only},
};

const WEBHOOKS: &str = "/api/integrations/webhooks";

/// A house with a webhook; answers the receiver and the webhook's path.
async fn with_webhook(more: Value) -> (TestHouse, Receiver, String) {
    let house = TestHouse::new().await;
    let receiver = house.receivers.at("https://lms.example/hooks");
    let mut body = json!({ "url": receiver.url(), "events": ["*"] });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let webhook = house.admin().post(WEBHOOKS, body).await.data();
    let path = format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"));
    (house, receiver, path)
}

#[actix_web::test]
async fn a_test_is_sent_at_once_and_tells_what_came_of_it() {
    for (dialect, event_type) in
        [("talktiko", "webhook.ping"), ("teachbase", "course_stat.updated"), ("reach360", "course.completed")]
    {
        let (house, receiver, path) = with_webhook(json!({ "dialect": dialect })).await;
        let result = house.admin().post(&format!("{path}/test"), json!({})).await.data();
        assert_eq!((&result["status"], &result["http_status"]), (&json!("succeeded"), &json!(200)), "{result}");
        assert_eq!(result["event_type"], event_type, "{dialect}");
        assert_eq!(receiver.take().len(), 1);
        let log = house.admin().get(&format!("{path}/deliveries")).await.data();
        assert_eq!((&log[0]["id"], &log[0]["test"]), (&result["delivery_id"], &json!(true)));
    }
}

#[actix_web::test]
async fn a_test_that_fails_is_told_and_not_repeated() {
    let (house, receiver, path) = with_webhook(json!({})).await;
    receiver.then([failure(FailureClass::Tls)]);
    let result = house.admin().post(&format!("{path}/test"), json!({ "event_type": "course.completed" })).await.data();
    assert_eq!((&result["status"], &result["error"]), (&json!("exhausted"), &json!("tls")), "{result}");
    house.settle().await;
    assert!(house.skip().await.is_none(), "nothing is promised");
    assert_eq!(receiver.take().len(), 1);
    let again = format!("{path}/deliveries/{}/redeliver", result["delivery_id"].as_str().unwrap());
    assert_eq!(house.admin().post(&again, json!({})).await.refusal().0, 409);
    // A receiver that says 410 to a test has not been asked about anything that counts.
    receiver.then([status_only(410)]);
    house.admin().post(&format!("{path}/test"), json!({})).await.data();
    assert_eq!(house.admin().get(&path).await.data()["status"], "enabled");
}

#[actix_web::test]
async fn a_test_needs_no_body_and_knows_its_events() {
    let (house, receiver, path) = with_webhook(json!({ "dialect": "teachbase" })).await;
    let bare = house.admin().request(actix_web::http::Method::POST, &format!("{path}/test")).send().await;
    assert_eq!(bare.data()["status"], "succeeded");
    let unknown = house.admin().post(&format!("{path}/test"), json!({ "event_type": "course.completed" })).await;
    assert_eq!(unknown.refusal(), (422, "validation_failed".into(), vec!["/event_type".into()]));
    assert_eq!(receiver.take().len(), 1);
}

#[actix_web::test]
async fn the_log_is_filtered() {
    let (house, receiver, path) = with_webhook(json!({})).await;
    receiver.then([status_only(500)]);
    house.learners(&["ana"]).await;
    house.settle().await;
    house.clock.advance(chrono::TimeDelta::seconds(2));
    house.course("spanish", &[]).await;
    house.admin().patch("/api/courses/external_id:spanish", json!({ "status": "submitted" })).await.data();
    house.settle().await;
    let types = async |query: &str| -> Vec<String> {
        let page = house.admin().get(&format!("{path}/deliveries?{query}")).await.data();
        page.as_array().unwrap().iter().map(|one| one["event_type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(types("").await, ["course.submitted", "user.created"], "the newest first");
    assert_eq!(types("status=retrying").await, ["user.created"]);
    assert_eq!(types("status=succeeded").await, ["course.submitted"]);
    assert_eq!(types("event_type=user.created").await, ["user.created"]);
    assert_eq!(types("from=2026-11-21T09:00:01Z").await, ["course.submitted"]);
    assert_eq!(types("to=2026-11-21T09:00:01Z").await, ["user.created"]);
    assert_eq!(types("per_page=1&page=2").await, ["user.created"]);
    house.skip_all().await;
}

#[actix_web::test]
async fn only_an_enabled_webhook_is_sent_anything_again() {
    let (house, receiver, path) = with_webhook(json!({ "events": ["user.created"] })).await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let log = house.admin().get(&format!("{path}/deliveries")).await.data();
    let again = format!("{path}/deliveries/{}/redeliver", log[0]["id"].as_str().unwrap());
    for status in ["paused", "disabled_by_user"] {
        house.admin().patch(&path, json!({ "status": status })).await.data();
        let (code, word, _) = house.admin().post(&again, json!({})).await.refusal();
        assert_eq!((code, word.as_str()), (409, "webhook_disabled"), "{status}");
    }
    house.admin().patch(&path, json!({ "status": "enabled" })).await.data();
    house.settle().await;
    // What was received may be asked for again: a receiver may have lost it.
    assert_eq!(house.admin().post(&again, json!({})).await.status, 202);
    house.settle().await;
    let calls = receiver.take();
    assert_eq!(calls.len(), 2);
    assert_eq!((&calls[0].body, calls[0].header("webhook-id")), (&calls[1].body, calls[1].header("webhook-id")));
}
