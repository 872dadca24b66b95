//! Whom an event concerns: endpoints with several subscriptions, scopes, and the log of what is not sent.

use serde_json::{Value, json};
use stoa_core::sealed::Sealer;
use stoa_protocols::{event::ItemKind, webhook::DialectName};
use stoa_webhooks as webhooks;
use stoa_webhooks::{NewEndpoint, NewSubscription, Origin, Source, WebhookStatus, target::TargetPolicy};

use super::steps::{accept, change, course, deliveries, event, item, lesson, subscribe};
use crate::support::TestHouse;

async fn subscribe_more(house: &TestHouse, hook: &Value, body: Value) -> Value {
    house.admin().post(&format!("{}/subscriptions", path(hook)), body).await.data()
}

fn path(hook: &Value) -> String {
    format!("/api/integrations/webhooks/{}", hook["id"].as_str().expect("an id"))
}

/// What the log says of events that were not sent: type and reason, the newest first.
async fn skipped(house: &TestHouse, hook: &Value, query: &str) -> Vec<(String, String)> {
    let log = house.admin().get(&format!("{}/skips?{query}", path(hook))).await.data();
    let text = |skip: &Value, name: &str| skip[name].as_str().expect("a text").to_owned();
    log.as_array().expect("a list").iter().map(|skip| (text(skip, "event_type"), text(skip, "reason"))).collect()
}

#[actix_web::test]
async fn an_event_is_sent_once_however_many_subscriptions_match() {
    let house = TestHouse::new().await;
    let (built, ana) = house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    subscribe_more(&house, &hook, json!({ "events": ["*"], "scope": { "courses": [built.id] } })).await;
    subscribe_more(&house, &hook, json!({ "events": ["course.completed", "course_stat.updated"] })).await;
    accept(&house, vec![event(&house, "e1", &ana[0], course(&built), "completed")]).await;
    house.settle().await;
    let types = receiver.take_types();
    assert_eq!(types.iter().filter(|name| *name == "course.completed").count(), 1, "{types:?}");
    let mut unique = types.clone();
    unique.dedup();
    assert_eq!(types, unique);
    assert_eq!(deliveries(&house, &hook).await.len(), types.len());
}

#[actix_web::test]
async fn subscriptions_add_up_and_one_that_ended_stops() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "bob"]).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    let more = subscribe_more(&house, &hook, json!({ "events": ["lesson.completed"] })).await;
    let completed = |learner: usize| {
        vec![
            event(&house, &format!("l{learner}"), &learners[learner], lesson(&built, 0), "completed"),
            event(&house, &format!("c{learner}"), &learners[learner], course(&built), "completed"),
        ]
    };
    accept(&house, completed(0)).await;
    house.settle().await;
    assert_eq!(receiver.take_types(), ["course.completed", "lesson.completed"]);
    let one = format!("{}/subscriptions/{}", path(&hook), more["id"].as_str().unwrap());
    assert_eq!(house.admin().delete(&one).await.status, 204);
    accept(&house, completed(1)).await;
    house.settle().await;
    assert_eq!(receiver.take_types(), ["course.completed"]);
}

#[actix_web::test]
async fn each_subscription_has_a_scope_of_its_own() {
    let house = TestHouse::new().await;
    let (built, ana) = house.class(&[&[ItemKind::Quiz], &[ItemKind::Quiz]], &["ana"]).await;
    let limited = |at: usize| json!({ "lessons": [built.lessons[at].id] });
    let events = json!(["lesson.started"]);
    let more = json!({ "events": events, "scope": limited(0) });
    let (receiver, hook) = subscribe(&house, "https://a.example", more).await;
    let started = |at: usize, id: &str| vec![event(&house, id, &ana[0], item(&built, (at, 0)), "started")];
    accept(&house, started(1, "e1")).await;
    house.settle().await;
    assert_eq!(receiver.take_types(), [""; 0]);
    assert_eq!(skipped(&house, &hook, "").await, [("lesson.started".to_owned(), "scope".to_owned())]);
    // A second subscription reaches the other lesson; neither limits the other.
    subscribe_more(&house, &hook, json!({ "events": ["quiz_stat.created"], "scope": limited(1) })).await;
    accept(&house, started(0, "e2")).await;
    house.settle().await;
    assert_eq!(receiver.take_types(), ["lesson.started"]);
    let reasons = skipped(&house, &hook, "event_type=quiz_stat.created").await;
    assert_eq!(reasons, [("quiz_stat.created".to_owned(), "scope".to_owned())], "its type alone was limited elsewhere");
}

#[actix_web::test]
async fn the_log_tells_what_was_not_sent_and_why() {
    let house = TestHouse::new().await;
    let keys = ["ana", "bob", "cleo", "dora", "emil"];
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &keys).await;
    let events = json!(["course.completed", "user.created"]);
    let more = json!({ "events": events, "scope": { "courses": [built.id] } });
    let (receiver, hook) = subscribe(&house, "https://a.example", more).await;
    let completed = |nth: usize| vec![event(&house, &format!("e{nth}"), &learners[nth], course(&built), "completed")];
    house.learners(&["zoe"]).await;
    house.settle().await;
    change(&house, &hook, json!({ "status": "disabled_by_user" })).await;
    for nth in 0..3 {
        accept(&house, completed(nth)).await;
    }
    house.settle().await;
    // Paused is no reason: what happens meanwhile is owed, and sent afterwards.
    change(&house, &hook, json!({ "status": "paused" })).await;
    accept(&house, completed(3)).await;
    house.settle().await;
    let disabled = || ("course.completed".to_owned(), "disabled".to_owned());
    let scope = ("user.created".to_owned(), "scope".to_owned());
    assert_eq!(skipped(&house, &hook, "").await, [disabled(), disabled(), disabled(), scope.clone()]);
    assert_eq!(skipped(&house, &hook, "reason=scope").await, [scope]);
    assert_eq!(skipped(&house, &hook, "reason=pending_approval").await, []);
    change(&house, &hook, json!({ "status": "enabled" })).await;
    house.settle().await;
    assert_eq!(receiver.take_types(), ["course.completed"]);
    // What nobody asked for by type is nobody's concern.
    accept(&house, vec![event(&house, "e9", &learners[4], lesson(&built, 0), "started")]).await;
    house.settle().await;
    assert_eq!(skipped(&house, &hook, "").await.len(), 4);
}

#[actix_web::test]
async fn a_long_log_is_read_stretch_by_stretch() {
    let house = TestHouse::new().await;
    let (_, hook) =
        subscribe(&house, "https://a.example", json!({ "events": ["user.created"], "url": "https://a.example" })).await;
    change(&house, &hook, json!({ "status": "disabled_by_user" })).await;
    let keys: Vec<String> = (0..5).map(|nth| format!("learner{nth}")).collect();
    house.learners(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    house.settle().await;
    let mut seen = Vec::new();
    let mut next = Some(format!("{}/skips?per_page=2&reason=disabled", path(&hook)));
    while let Some(place) = next {
        let page = house.admin().get(&place).await.json();
        let events = page["data"].as_array().unwrap().iter().map(|skip| skip["event_id"].as_str().unwrap().to_owned());
        seen.extend(events);
        next = page["links"]["next"].as_str().map(|url| format!("/api/{}", url.split_once("/api/").unwrap().1));
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|newer, older| newer > older), "{seen:?}");
    let (status, _, pointers) = house.admin().get(&format!("{}/skips?reason=none", path(&hook))).await.refusal();
    assert_eq!((status, pointers), (422, vec!["?reason".to_owned()]));
    assert_eq!(house.stranger().get(&format!("{}/skips", path(&hook))).await.status, 404);
}

#[actix_web::test]
async fn what_waits_for_approval_is_sent_nothing_and_cannot_approve_itself() {
    let house = TestHouse::new().await;
    let scope = house.scope();
    let mut tx = house.tx().await;
    let waiting = NewEndpoint {
        status: WebhookStatus::PendingApproval,
        ..NewEndpoint::at("https://a.example", DialectName::Talktiko)
    };
    let with = (&scope, &Sealer::new("a key"), &TargetPolicy::default());
    let (endpoint, _) = webhooks::add_endpoint(&mut tx, with, waiting).await.expect("an endpoint");
    let origin = Origin { source: Source::Institution, request: None, by: None };
    let new = NewSubscription { events: vec!["user.created".to_owned()], scope: None };
    webhooks::subscribe(&mut tx, endpoint.id, origin, new).await.expect("a subscription");
    tx.commit().await.expect("an endpoint");
    house.learners(&["ana"]).await;
    house.settle().await;
    let hook = json!({ "id": endpoint.id });
    assert_eq!(skipped(&house, &hook, "").await, [("user.created".to_owned(), "pending_approval".to_owned())]);
    let refused = house.admin().patch(&path(&hook), json!({ "status": "enabled" })).await.refusal();
    assert_eq!((refused.0, refused.2), (422, vec!["/status".to_owned()]));
}
