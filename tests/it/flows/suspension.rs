//! An institution that may do nothing for a while, and loses nothing by it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;
use stoa_core::staff::StaffRole;
use stoa_jobs::{
    housekeeping::ForgetOld,
    queue::{self, NewJob},
};
use stoa_protocols::event::ItemKind;

use super::steps::{accept, change, course, deliveries, event, item, small_class, subscribe};
use crate::support::{
    TestHouse,
    callers::Caller,
    database::schools,
    house::Left,
    receivers::{Call, Receiver, status_only},
};

async fn operator(house: &TestHouse) -> Caller {
    house.staff("olga", StaffRole::Operator).await
}

async fn does(operator: &Caller, house: &TestHouse, verb: &str) {
    let path = format!("/api/institutions/{}/{verb}", house.school.tenant);
    operator.post(&path, json!({ "reason": "because" })).await.data();
    // Longer than any node believes a token.
    house.clock.advance(TimeDelta::seconds(1));
}

/// How often each event came, but for what tells of the suspension itself.
fn counts(calls: &[Call]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in calls.iter().filter(|call| !call.event_type().starts_with("institution.")) {
        *counts.entry(call.header("webhook-id").expect("an id").to_owned()).or_default() += 1;
    }
    counts
}

#[actix_web::test]
async fn its_webhooks_wait_and_then_every_event_comes_once() {
    let house = TestHouse::new().await;
    let operator = operator(&house).await;
    let keys: Vec<String> = (0..30).map(|nth| format!("learner{nth}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &keys).await;
    house.settle().await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({})).await;
    let (ordered, _) = subscribe(&house, "https://b.example", json!({ "ordered": true })).await;
    let (windowed, _) = subscribe(&house, "https://c.example", json!({ "coalesce_seconds": 60 })).await;
    // Some fail at first, so that retries wait too; what is not relayed yet waits in the outbox.
    receiver.then((0..4).map(|_| status_only(500)));
    let started = |at: usize| event(&house, &format!("s{at}"), &learners[at], item(&built, (0, 0)), "started");
    accept(&house, (0..15).map(started).collect()).await;
    house.settle().await;
    accept(&house, (15..30).map(started).collect()).await;
    does(&operator, &house, "suspend").await;
    let before = [&receiver, &ordered, &windowed].map(Receiver::take);
    for minutes in [1, 30, 600] {
        house.advance(TimeDelta::minutes(minutes)).await;
    }
    for one in [&receiver, &ordered, &windowed] {
        assert!(one.take().is_empty(), "{} is called while its institution is suspended", one.url());
    }
    let owed = house.database.number("SELECT count(*) FROM deliveries WHERE status IN ('pending', 'retrying')");
    assert!(owed > 45, "{owed} are owed");
    does(&operator, &house, "resume").await;
    house.settle().await;
    house.skip_all().await;
    let unsettled = house
        .database
        .rows("SELECT status, count(*) FROM deliveries WHERE status <> 'succeeded' AND status <> 'skipped' GROUP BY 1");
    assert!(unsettled.is_empty(), "{unsettled:?}");
    let events = house.database.number("SELECT count(*) FROM events WHERE type NOT LIKE 'institution.%'");
    let [first, second, _] = before;
    for (name, early, late, failures) in [("a", first, receiver.take(), 4), ("b", second, ordered.take(), 0)] {
        let counts = counts(&early.into_iter().chain(late).collect::<Vec<_>>());
        let owed = house.database.number("SELECT count(DISTINCT event_id) FROM deliveries d JOIN webhooks w USING (tenant_id) WHERE w.id = d.webhook_id
              AND w.url LIKE 'https://a%' AND event_type NOT LIKE 'institution.%'");
        assert_eq!(i64::try_from(counts.len()).unwrap(), owed, "{name}: every event of {events} came");
        assert_eq!(
            counts.values().sum::<usize>(),
            counts.len() + failures,
            "{name}: once, and once more where it had failed"
        );
    }
    assert!(deliveries(&house, &hook).await.iter().all(|one| one["status"] == "succeeded"));
}

#[actix_web::test]
async fn a_receiver_that_was_paused_stays_so() {
    let house = TestHouse::new().await;
    let operator = operator(&house).await;
    let (built, ana) = small_class(&house).await;
    house.settle().await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    change(&house, &hook, json!({ "status": "paused" })).await;
    accept(&house, vec![event(&house, "c", &ana, course(&built), "completed")]).await;
    does(&operator, &house, "suspend").await;
    house.settle().await;
    does(&operator, &house, "resume").await;
    house.settle().await;
    assert!(receiver.take().is_empty());
    change(&house, &hook, json!({ "status": "enabled" })).await;
    house.settle().await;
    assert_eq!(receiver.take_types(), ["course.completed"]);
}

/// What waits may wait for months; the neighbours' jobs go on beside it, also those that were promised later.
#[actix_web::test]
async fn its_jobs_wait_and_nobody_elses() {
    let house = TestHouse::new().await;
    let operator = operator(&house).await;
    let (home, abroad) = (house.school.tenant, schools().abroad.tenant);
    does(&operator, &house, "suspend").await;
    house.settle().await;
    for tenant in [home, abroad] {
        let mut tx = house.db().house().await.unwrap();
        queue::enqueue(&mut tx, NewJob::of(tenant, &ForgetOld {}).unwrap()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let waiting = || house.database.rows("SELECT tenant_id, attempts FROM queue_jobs WHERE state = 'available'");
    house.advance(TimeDelta::days(80)).await;
    assert_eq!(waiting(), [json!({ "tenant_id": home.uuid(), "attempts": 0 })], "the neighbour's alone was done");
    does(&operator, &house, "resume").await;
    house.settle().await;
    assert!(waiting().is_empty());
}

#[actix_web::test]
async fn every_node_knows_within_a_second() {
    let house = TestHouse::new().await;
    let operator = operator(&house).await;
    let other = house.another_node();
    let callers = [house.owner(), TestHouse::caller_of(&other, Some(&house.school.owner.token))];
    for caller in &callers {
        assert_eq!(caller.get("/api/courses").await.status, 200);
    }
    does(&operator, &house, "suspend").await;
    for caller in &callers {
        assert_eq!(caller.get("/api/courses").await.refusal().1, "tenant_suspended");
    }
    does(&operator, &house, "resume").await;
    for caller in &callers {
        assert_eq!(caller.get("/api/courses").await.status, 200);
    }
    drop(other);
    house.settle().await;
}

/// A process that dies with the deliveries of a suspended institution in hand leaves none behind for good.
#[actix_web::test]
async fn what_was_in_hand_when_a_process_died_comes_after_the_resumption() {
    let mut house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    house.settle().await;
    let (receiver, _) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    let held = receiver.hold();
    accept(&house, vec![event(&house, "c", &ana, course(&built), "completed")]).await;
    house.relay().await;
    receiver.called(1).await;
    house.crash();
    drop(held);
    receiver.take();
    let operator = operator(&house).await;
    does(&operator, &house, "suspend").await;
    house.advance(TimeDelta::minutes(5)).await;
    house.release_stale().await;
    house.settle().await;
    assert!(receiver.take().is_empty());
    does(&operator, &house, "resume").await;
    house.settle().await;
    house.skip_all().await;
    assert_eq!(receiver.take_types(), ["course.completed"]);
    house.leaves(Left::Calls);
}
