//! Steps that the stories share.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use stoa_core::clock::Clock;
use stoa_protocols::event::ItemKind;

use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    receivers::Receiver,
};

/// Announces a receiver and registers it, to be sent each update; answers it beside what the API says of its webhook.
pub(super) async fn subscribe(house: &TestHouse, url: &str, more: Value) -> (Receiver, Value) {
    let mut webhook = json!({ "url": url, "events": ["*"], "coalesce_seconds": 0 });
    for (name, value) in more.as_object().expect("fields") {
        webhook[name] = value.clone();
    }
    let answer = house.admin().post("/api/integrations/webhooks", webhook).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let webhook = answer.data();
    // As it was normalised: `https://a.example` is called as `https://a.example/`.
    (house.receivers.at(webhook["url"].as_str().expect("an address")), webhook)
}

/// An event of a learner, now.
pub(super) fn event(house: &TestHouse, id: &str, learner: &BuiltLearner, object: Value, verb: &str) -> Value {
    event_at(id, house.clock.now(), learner, (object, verb))
}

/// An event of a learner, at a time.
pub(super) fn event_at(id: &str, at: DateTime<Utc>, learner: &BuiltLearner, (object, verb): (Value, &str)) -> Value {
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({ "id": id, "occurred_at": at, "user": { "id": learner.id }, "object": object, "verb": verb })
}

/// Sends events and answers what the API says of each.
pub(super) async fn send(house: &TestHouse, events: Vec<Value>) -> Vec<Value> {
    let answer = house.admin().post("/api/progress-events", json!({ "events": events })).await;
    answer.data().as_array().expect("an outcome for each").clone()
}

/// Sends events that must be accepted.
pub(super) async fn accept(house: &TestHouse, events: Vec<Value>) -> Vec<Value> {
    let outcomes = send(house, events).await;
    for outcome in &outcomes {
        assert_eq!(outcome["status"], "accepted", "{outcome}");
    }
    outcomes
}

/// The course as an event names it.
pub(super) fn course(course: &BuiltCourse) -> Value {
    json!({ "kind": "course", "id": course.id })
}

/// A lesson as an event names it, counted from 0.
pub(super) fn lesson(course: &BuiltCourse, at: usize) -> Value {
    json!({ "kind": "lesson", "id": course.lessons[at].id })
}

/// An item as an event names it, lesson and item counted from 0.
pub(super) fn item(course: &BuiltCourse, (at, nth): (usize, usize)) -> Value {
    json!({ "kind": "item", "id": course.lessons[at].items[nth].id })
}

/// A course of one quiz and a learner on it.
pub(super) async fn small_class(house: &TestHouse) -> (BuiltCourse, BuiltLearner) {
    let (course, mut learners) = house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
    (course, learners.remove(0))
}

/// What the log of a webhook says, the newest delivery first.
pub(super) async fn deliveries(house: &TestHouse, webhook: &Value) -> Vec<Value> {
    let id = webhook["id"].as_str().expect("an id");
    let log = house.admin().get(&format!("/api/integrations/webhooks/{id}/deliveries?per_page=100")).await.data();
    log.as_array().expect("a list").clone()
}

/// What the API says of a webhook.
pub(super) async fn webhook(house: &TestHouse, webhook: &Value) -> Value {
    let id = webhook["id"].as_str().expect("an id");
    house.admin().get(&format!("/api/integrations/webhooks/{id}")).await.data()
}

/// Changes a webhook.
pub(super) async fn change(house: &TestHouse, webhook: &Value, change: Value) -> Value {
    let id = webhook["id"].as_str().expect("an id");
    house.admin().patch(&format!("/api/integrations/webhooks/{id}"), change).await.data()
}
