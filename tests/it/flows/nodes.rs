//! Several processes on one database, and processes that die in the middle of something.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures::future::join;
use serde_json::json;
use stoa_jobs::{Registry, drain::drain_due, relay::sweep};
use stoa_protocols::event::ItemKind;

use super::steps::{accept, course, deliveries, event, small_class, subscribe};
use crate::support::{
    TestHouse,
    house::settle,
    node::LEASE,
    receivers::{Receiver, status_only},
};

/// How often each event came.
fn counts(receiver: &Receiver) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in receiver.take() {
        *counts.entry(call.header("webhook-id").expect("an id").to_owned()).or_default() += 1;
    }
    counts
}

#[actix_web::test]
async fn two_nodes_deliver_nothing_twice() {
    let house = TestHouse::new().await;
    let keys: Vec<String> = (0..60).map(|nth| format!("learner{nth}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &keys).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    // Some first attempts fail, fewer than open a breaker, so that both nodes also meet over the retries.
    receiver.then((0..4).map(|_| status_only(500)));
    let other = house.another_node();
    let completed = learners.iter().map(|one| event(&house, &one.key, one, course(&built), "completed"));
    accept(&house, completed.collect()).await;
    let both = |most| join(sweep(house.tools(), most), sweep(&other.tools, most));
    loop {
        let (here, there) = both(7).await;
        if here.unwrap() + there.unwrap() == 0 {
            break;
        }
    }
    join(settle(house.tools()), settle(&other.tools)).await;
    let registry = Registry::house();
    for _ in 0..12 {
        house.clock.advance(TimeDelta::seconds(10));
        let (here, there) = join(drain_due(house.tools(), &registry), drain_due(&other.tools, &registry)).await;
        let _ = (here.unwrap(), there.unwrap());
    }
    house.settle().await;
    let counts = counts(&receiver);
    assert_eq!(counts.len(), 60);
    assert_eq!(counts.values().sum::<usize>(), 60 + 4, "each once, and once more for each that failed");
    for delivery in deliveries(&house, &hook).await {
        assert_eq!(delivery["status"], "succeeded", "{delivery}");
        let came = counts[delivery["event_id"].as_str().unwrap()];
        assert_eq!(delivery["attempt_count"], came, "{delivery}");
    }
}

#[actix_web::test]
async fn a_revoked_token_dies_everywhere_within_a_second() {
    let house = TestHouse::new().await;
    let other = house.another_node();
    let made = house
        .admin()
        .post("/api/integrations/tokens", json!({ "name": "lms", "abilities": ["content:read"] }))
        .await
        .data();
    let token = made["token"].as_str().unwrap();
    let callers = [house.caller(Some(token)), TestHouse::caller_of(&other, Some(token))];
    for caller in &callers {
        assert_eq!(caller.get("/api/courses").await.status, 200);
    }
    let path = format!("/api/integrations/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(house.admin().delete(&path).await.status, 204);
    assert_eq!(callers[0].get("/api/courses").await.refusal().0, 401, "at once where it was revoked");
    house.clock.advance(TimeDelta::milliseconds(999));
    assert_eq!(callers[1].get("/api/courses").await.refusal().0, 401, "and soon everywhere else");
    assert_eq!(house.admin().delete(&path).await.status, 204, "a second time changes nothing");
}

#[actix_web::test]
async fn what_a_dead_process_had_in_hand_comes_back() {
    let mut house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    let _never = receiver.hold();
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    house.relay().await;
    receiver.called(1).await;
    house.crash();
    house.release_stale().await;
    assert_eq!(drain_due(house.tools(), &Registry::house()).await.unwrap(), 0, "the dead are believed for a while");
    house.clock.advance(LEASE + TimeDelta::seconds(1));
    house.release_stale().await;
    house.settle().await;
    // At least once: whether the first attempt got through, nobody can know.
    let counts = counts(&receiver);
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [2], "one event, told twice under the same id");
    let log = deliveries(&house, &hook).await;
    assert_eq!((log.len(), &log[0]["status"]), (1, &json!("succeeded")));
}

#[actix_web::test]
async fn what_was_accepted_before_a_crash_is_relayed_after_it() {
    let mut house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, _) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    house.crash();
    house.settle().await;
    assert_eq!(receiver.take().len(), 1);
}

/// A process that was only slow finds its promise taken over: what it settles late changes nothing.
#[actix_web::test]
async fn a_slow_process_does_not_undo_what_another_has_done() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    let slow = receiver.hold();
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    house.relay().await;
    receiver.called(1).await;
    let other = house.another_node();
    house.clock.advance(LEASE + TimeDelta::seconds(1));
    stoa_jobs::housekeeping::release_stale(other.tools.clone()).await.unwrap();
    settle(&other.tools).await;
    assert_eq!(deliveries(&house, &hook).await[0]["status"], "succeeded");
    slow.answer(500);
    house.settle().await;
    house.skip_all().await;
    assert_eq!(receiver.take().len(), 2);
    let log = deliveries(&house, &hook).await;
    assert_eq!((&log[0]["status"], &log[0]["attempt_count"]), (&json!("succeeded"), &json!(1)));
}
