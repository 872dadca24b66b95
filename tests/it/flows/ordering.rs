//! One object's events strictly one after the other, and nobody else's business held up by it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures::future::{join, join3};
use serde_json::{Value, json};
use stoa_core::clock::Clock;
use stoa_jobs::{Registry, drain::drain_due, relay::sweep};
use stoa_protocols::event::ItemKind;

use super::steps::{accept, change, deliveries, event, item, small_class, subscribe};
use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    house::settle,
    receivers::{Call, Receiver, status_only},
};

const TYPES: [&str; 2] = ["quiz_stat.created", "quiz_stat.updated"];

fn ordered() -> Value {
    json!({ "events": TYPES, "ordered": true })
}

async fn class(house: &TestHouse, learners: usize) -> (BuiltCourse, Vec<BuiltLearner>) {
    let keys: Vec<String> = (0..learners).map(|nth| format!("learner{nth}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    house.class(&[&[ItemKind::Quiz]], &keys).await
}

/// The nth change of a learner's standing on the quiz: the first begins it.
fn nth(house: &TestHouse, built: &BuiltCourse, learner: &BuiltLearner, nth: usize) -> Value {
    let id = format!("{} {nth}", learner.key);
    let mut one = event(house, &id, learner, item(built, (0, 0)), if nth == 0 { "started" } else { "answered" });
    if nth > 0 {
        one["result"] = json!({ "score": { "raw": nth, "min": 0, "max": 1000 } });
    }
    one
}

fn revision(call: &Call) -> i64 {
    call.json()["object"]["revision"].as_i64().unwrap()
}

fn revisions(calls: &[Call]) -> Vec<i64> {
    calls.iter().map(revision).collect()
}

/// The revisions of each object in the order in which they were called.
fn by_object(calls: &[Call]) -> BTreeMap<String, Vec<i64>> {
    let mut objects: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for call in calls {
        objects.entry(call.json()["object"]["id"].as_str().unwrap().to_owned()).or_default().push(revision(call));
    }
    objects
}

async fn statuses(house: &TestHouse, hook: &Value) -> Vec<String> {
    let log = deliveries(house, hook).await;
    log.iter().rev().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
}

/// Each object from 1 to the last without a gap, none twice but in a row.
fn assert_in_order(calls: &[Call], objects: usize, each: i64) {
    let told = by_object(calls);
    assert_eq!(told.len(), objects);
    for (object, mut revisions) in told {
        revisions.dedup();
        assert_eq!(revisions, (1..=each).collect::<Vec<_>>(), "{object}");
    }
}

fn assert_nobody_waits(house: &TestHouse) {
    let left = "SELECT count(*) FROM deliveries WHERE behind OR status NOT IN ('succeeded', 'skipped')";
    assert_eq!(house.database.number(left), 0);
}

/// Answers that are drawn by lot, the same in every run: about one in three is a failure, seldom enough in a row to
/// leave the breaker closed most of the time.
fn lots(receiver: &Receiver, many: usize) {
    let mut state = 7_u32;
    receiver.then((0..many).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        status_only(if (state >> 16).is_multiple_of(4) { 500 } else { 200 })
    }));
}

#[actix_web::test]
async fn order_is_kept_whatever_fails() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 6).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", ordered()).await;
    lots(&receiver, 60);
    for step in 0..8 {
        accept(&house, learners.iter().map(|one| nth(&house, &built, one, step)).collect()).await;
        house.settle().await;
        if step % 3 == 2 {
            house.advance(TimeDelta::seconds(3)).await;
        }
    }
    house.skip_all().await;
    assert_in_order(&receiver.take(), 6, 8);
    assert_nobody_waits(&house);
    assert_eq!(statuses(&house, &hook).await, ["succeeded"; 48]);
}

#[actix_web::test]
async fn what_comes_together_goes_one_by_one() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, _) = subscribe(&house, "https://a.example", ordered()).await;
    let first = receiver.hold();
    accept(&house, (0..5).map(|step| nth(&house, &built, &ana, step)).collect()).await;
    house.relay().await;
    receiver.called(1).await;
    // Nothing of the same object is promised or in hand until the first has ended.
    let free = "SELECT count(*) FROM deliveries WHERE NOT behind";
    assert_eq!(house.database.number(free), 1);
    assert_eq!(house.database.number("SELECT count(*) FROM queue_jobs WHERE state = 'available'"), 0);
    first.answer(200);
    house.settle().await;
    assert_eq!(revisions(&receiver.take()), [1, 2, 3, 4, 5]);
    assert_nobody_waits(&house);
}

#[actix_web::test]
async fn a_failure_holds_up_its_own_object_alone() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 3).await;
    let (receiver, _) = subscribe(&house, "https://a.example", ordered()).await;
    receiver.then([status_only(500)]);
    accept(&house, (0..3).map(|step| nth(&house, &built, &learners[0], step)).collect()).await;
    house.settle().await;
    assert_eq!(revisions(&receiver.take()), [1]);
    for learner in &learners[1..] {
        accept(&house, (0..3).map(|step| nth(&house, &built, learner, step)).collect()).await;
    }
    house.settle().await;
    let meanwhile = receiver.take();
    assert_in_order(&meanwhile, 2, 3);
    house.skip_all().await;
    assert_eq!(revisions(&receiver.take()), [1, 2, 3], "and then its own, in order");
    assert_nobody_waits(&house);
}

#[actix_web::test]
async fn what_is_given_up_lets_the_next_go() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", ordered()).await;
    receiver.then((0..6).map(|_| status_only(500)));
    accept(&house, (0..3).map(|step| nth(&house, &built, &ana, step)).collect()).await;
    house.settle().await;
    house.skip_all().await;
    assert_eq!(revisions(&receiver.take()), [1, 1, 1, 1, 1, 1, 2, 3]);
    assert_eq!(statuses(&house, &hook).await, ["exhausted", "succeeded", "succeeded"]);
}

/// Behind an open breaker a delivery ends when its window closes; that too lets the next go.
#[actix_web::test]
async fn what_ends_behind_a_breaker_lets_the_next_go() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 8).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", ordered()).await;
    receiver.always(500);
    for learner in &learners {
        accept(&house, (0..2).map(|step| nth(&house, &built, learner, step)).collect()).await;
    }
    house.settle().await;
    house.skip_all().await;
    assert_eq!(statuses(&house, &hook).await, ["exhausted"; 16]);
    let told = by_object(&receiver.take());
    assert!(told.values().all(|revisions| revisions.is_sorted()), "{told:?}");
}

#[actix_web::test]
async fn a_pause_keeps_the_order() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 3).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", ordered()).await;
    receiver.then([status_only(500)]);
    let step = |step: usize| learners.iter().map(|one| nth(&house, &built, one, step)).collect::<Vec<_>>();
    accept(&house, step(0)).await;
    house.settle().await;
    change(&house, &hook, json!({ "status": "paused" })).await;
    accept(&house, step(1)).await;
    accept(&house, step(2)).await;
    house.settle().await;
    house.skip_all().await;
    house.advance(TimeDelta::hours(5)).await;
    assert_eq!(receiver.take().len(), 3, "the attempts before the pause");
    receiver.then([status_only(500), status_only(500)]);
    change(&house, &hook, json!({ "status": "enabled" })).await;
    accept(&house, step(3)).await;
    house.settle().await;
    house.skip_all().await;
    let told = by_object(&receiver.take());
    for (object, mut revisions) in told {
        revisions.dedup();
        assert!(revisions == [1, 2, 3, 4] || revisions == [2, 3, 4], "{object}: {revisions:?}");
    }
    assert_nobody_waits(&house);
}

#[actix_web::test]
async fn a_receiver_switched_off_holds_nothing_back_when_it_returns() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", ordered()).await;
    receiver.then([status_only(500)]);
    accept(&house, (0..3).map(|step| nth(&house, &built, &ana, step)).collect()).await;
    house.settle().await;
    change(&house, &hook, json!({ "status": "disabled_by_user" })).await;
    assert_eq!(statuses(&house, &hook).await, ["cancelled"; 3]);
    accept(&house, vec![nth(&house, &built, &ana, 3)]).await;
    house.settle().await;
    change(&house, &hook, json!({ "status": "enabled" })).await;
    accept(&house, vec![nth(&house, &built, &ana, 4)]).await;
    house.settle().await;
    house.skip_all().await;
    assert_eq!(revisions(&receiver.take()), [1, 5]);
}

/// Two relays take two events of one object in the wrong order.
#[actix_web::test]
async fn an_earlier_event_that_was_not_relayed_holds_up_a_later_one() {
    for wanted in [true, false] {
        let house = TestHouse::new().await;
        let (built, ana) = small_class(&house).await;
        let types = if wanted { json!(TYPES) } else { json!(["quiz_stat.updated"]) };
        let (receiver, _) = subscribe(&house, "https://a.example", json!({ "events": types, "ordered": true })).await;
        accept(&house, vec![nth(&house, &built, &ana, 0), nth(&house, &built, &ana, 1)]).await;
        let first = "FROM events e WHERE e.id = o.event_id AND e.revision = 1 AND e.type = 'quiz_stat.created'";
        house.database.run(&format!("UPDATE outbox o SET relay_after = relay_after + interval '1 minute' {first}"));
        house.settle().await;
        assert_eq!(receiver.take().len(), 0, "{wanted}");
        house.advance(TimeDelta::minutes(2)).await;
        assert_eq!(revisions(&receiver.take()), if wanted { vec![1, 2] } else { vec![2] });
        assert_nobody_waits(&house);
    }
}

#[actix_web::test]
async fn an_end_that_is_told_at_once_is_told_in_its_turn() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let fields = json!({ "events": TYPES, "ordered": true, "coalesce_seconds": 60 });
    let (receiver, _) = subscribe(&house, "https://a.example", fields).await;
    accept(&house, (0..4).map(|step| nth(&house, &built, &ana, step)).collect()).await;
    house.settle().await;
    assert_eq!(revisions(&receiver.take()), [1], "the others wait for their window");
    accept(&house, vec![event(&house, "passed", &ana, item(&built, (0, 0)), "passed")]).await;
    house.settle().await;
    assert_eq!(revisions(&receiver.take()), [5], "what it replaces does not hold it up");
    house.skip_all().await;
    assert_eq!(receiver.take().len(), 0);
    assert_nobody_waits(&house);
    // A window that ends in the usual way.
    accept(&house, (10..13).map(|step| nth(&house, &built, &ana, step)).collect()).await;
    house.settle().await;
    house.skip_all().await;
    assert_eq!(revisions(&receiver.take()), [8]);
    assert_nobody_waits(&house);
}

#[actix_web::test]
async fn what_a_person_sends_again_goes_before_what_is_later() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", ordered()).await;
    receiver.then((0..6).map(|_| status_only(500)));
    accept(&house, vec![nth(&house, &built, &ana, 0)]).await;
    house.settle().await;
    house.skip_all().await;
    let first = deliveries(&house, &hook).await.remove(0);
    assert_eq!((first["status"].as_str(), receiver.take().len()), (Some("exhausted"), 6));
    let path = format!(
        "/api/integrations/webhooks/{}/deliveries/{}/redeliver",
        hook["id"].as_str().unwrap(),
        first["id"].as_str().unwrap()
    );
    house.advance(TimeDelta::minutes(2)).await;
    receiver.then([status_only(500)]);
    assert_eq!(house.admin().post(&path, json!({})).await.status, 202);
    house.settle().await;
    accept(&house, vec![nth(&house, &built, &ana, 1)]).await;
    house.settle().await;
    assert_eq!(revisions(&receiver.take()), [1]);
    house.skip_all().await;
    assert_eq!(revisions(&receiver.take()), [1, 2]);
}

#[actix_web::test]
async fn order_begins_with_deliveries_under_way() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": TYPES })).await;
    accept(&house, vec![nth(&house, &built, &ana, 0)]).await;
    house.settle().await;
    receiver.take();
    receiver.then([status_only(500), status_only(500)]);
    accept(&house, vec![nth(&house, &built, &ana, 1)]).await;
    accept(&house, vec![nth(&house, &built, &ana, 2)]).await;
    house.settle().await;
    assert_eq!(receiver.take().len(), 2);
    change(&house, &hook, json!({ "ordered": true })).await;
    accept(&house, vec![nth(&house, &built, &ana, 3)]).await;
    house.settle().await;
    assert_eq!(receiver.take().len(), 0, "it waits for what was owed before");
    receiver.then([status_only(500)]);
    house.skip_all().await;
    let told = revisions(&receiver.take());
    let mut in_order = told.clone();
    in_order.dedup();
    assert_eq!(in_order, [2, 3, 4], "{told:?}");
    assert_nobody_waits(&house);
}

#[actix_web::test]
async fn order_ends_with_deliveries_under_way() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", ordered()).await;
    accept(&house, vec![nth(&house, &built, &ana, 0)]).await;
    house.settle().await;
    receiver.take();
    receiver.then([status_only(500)]);
    accept(&house, (1..4).map(|step| nth(&house, &built, &ana, step)).collect()).await;
    house.settle().await;
    assert_eq!(revisions(&receiver.take()), [2]);
    change(&house, &hook, json!({ "ordered": false })).await;
    house.settle().await;
    let mut told = revisions(&receiver.take());
    told.sort_unstable();
    assert_eq!(told, [3, 4], "nobody waits for the one that failed any more");
    house.skip_all().await;
    assert_eq!(revisions(&receiver.take()), [2]);
    assert_nobody_waits(&house);
}

/// A moment in which a batch was relayed as if there were no order, while another was as if there were.
#[actix_web::test]
async fn what_waits_behind_nothing_is_found() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", ordered()).await;
    change(&house, &hook, json!({ "status": "paused" })).await;
    accept(&house, vec![nth(&house, &built, &ana, 0)]).await;
    house.settle().await;
    house.database.run("UPDATE webhooks SET status = 'enabled'");
    house.settle().await;
    assert_eq!(receiver.take().len(), 0);
    stoa_jobs::webhooks::free_stranded(house.tools().clone()).await.unwrap();
    house.settle().await;
    assert_eq!(revisions(&receiver.take()), [1]);
    stoa_jobs::webhooks::free_stranded(house.tools().clone()).await.unwrap();
    assert_eq!(house.database.number("SELECT count(*) FROM queue_jobs"), 0);
}

/// Two processes relay, deliver, fail and settle at the same time; no release is missed, and order holds.
#[actix_web::test]
async fn nothing_is_left_behind_under_load() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 40).await;
    let (receiver, _) = subscribe(&house, "https://a.example", ordered()).await;
    let (plain, _) = subscribe(&house, "https://b.example", json!({ "events": TYPES })).await;
    let other = house.another_node();
    let registry = Registry::house();
    lots(&receiver, 120);
    let both = async |most| {
        let relaying = join(sweep(house.tools(), most), sweep(&other.tools, most));
        let working = join(drain_due(house.tools(), &registry), drain_due(&other.tools, &registry));
        let ((here, there), (ran, elsewhere)) = Box::pin(join(relaying, working)).await;
        here.unwrap() + there.unwrap() + ran.unwrap() + elsewhere.unwrap()
    };
    for step in 0..6 {
        let events: Vec<Value> = learners.iter().map(|one| nth(&house, &built, one, step)).collect();
        // Small batches, so that events of one object meet in different ones.
        Box::pin(join3(accept(&house, events), both(7), both(5))).await;
        house.clock.advance(TimeDelta::milliseconds(300));
    }
    while Box::pin(both(11)).await > 0 {}
    join(settle(house.tools()), settle(&other.tools)).await;
    for _ in 0..400 {
        if house.database.number("SELECT count(*) FROM queue_jobs") == 0 {
            break;
        }
        house.clock.advance(TimeDelta::seconds(2));
        let (here, there) = join(drain_due(house.tools(), &registry), drain_due(&other.tools, &registry)).await;
        let _ = (here.unwrap(), there.unwrap());
        join(settle(house.tools()), settle(&other.tools)).await;
    }
    assert_in_order(&receiver.take(), 40, 6);
    assert_eq!(plain.take().len(), 240);
    assert_nobody_waits(&house);
    assert!(house.clock.now() < crate::support::schools::start() + TimeDelta::minutes(20));
}
