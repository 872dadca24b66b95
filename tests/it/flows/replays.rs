//! Sending once more, many at a time: what comes, how fast, in which order, and what becomes of it in bad weather.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_jobs::{
    Queue, Registry,
    queue::{self, Claim},
    worker::perform,
};
use stoa_protocols::event::ItemKind;

use super::steps::{accept, change, course, deliveries, event, item, subscribe};
use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    receivers::{Call, Receiver, status_only},
};

/// A school with a receiver of completions that is down, and so many deliveries that were given up.
struct Outage {
    house: TestHouse,
    course: BuiltCourse,
    learners: Vec<BuiltLearner>,
    receiver: Receiver,
    hook: Value,
}

const SINCE: &str = "2026-11-21T09:00:00Z";

impl Outage {
    async fn of(failed: usize, more: Value) -> Self {
        let house = TestHouse::new().await;
        let keys: Vec<String> = (0..failed + 5).map(|nth| format!("학생{nth}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let (course, learners) = house.class(&[&[ItemKind::Quiz]], &keys).await;
        let title = json!({ "title": "일상 한국어" });
        house.admin().patch(&format!("/api/courses/{}", course.id), title).await.data();
        let mut fields = json!({ "events": ["course.completed"], "coalesce_seconds": 0 });
        for (name, value) in more.as_object().expect("fields") {
            fields[name] = value.clone();
        }
        let (receiver, hook) = subscribe(&house, "https://lms.example", fields).await;
        let mut outage = Self { house, course, learners, receiver, hook };
        outage.receiver.always(503);
        outage.complete(0..failed).await;
        outage.house.skip_all().await;
        outage.receiver.always(200);
        // A fresh process knows of no breaker that is open.
        outage.house.crash();
        outage
    }

    async fn complete(&self, learners: std::ops::Range<usize>) {
        let done = learners
            .map(|nth| event(&self.house, &format!("e{nth}"), &self.learners[nth], course(&self.course), "completed"));
        accept(&self.house, done.collect()).await;
        self.house.settle().await;
    }

    fn path(&self) -> String {
        format!("/api/integrations/webhooks/{}/replays", self.hook["id"].as_str().unwrap())
    }

    async fn replay(&self, more: Value) -> Value {
        let mut body = json!({ "since": SINCE });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        self.house.admin().post(&self.path(), body).await.data()
    }

    async fn show(&self, replay: &Value) -> Value {
        self.house.admin().get(&format!("{}/{}", self.path(), replay["id"].as_str().unwrap())).await.data()
    }

    fn statuses(&self) -> Vec<String> {
        let rows = self.house.database.rows("SELECT status FROM deliveries WHERE NOT test ORDER BY id");
        rows.iter().map(|row| row["status"].as_str().unwrap().to_owned()).collect()
    }
}

fn ids(calls: &[Call]) -> BTreeSet<String> {
    calls.iter().map(|call| call.header("webhook-id").unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn what_failed_comes_again_the_same_to_the_byte_and_nothing_else() {
    let outage = Outage::of(5, json!({})).await;
    let before = outage.receiver.take();
    outage.complete(5..7).await;
    assert_eq!(outage.receiver.take().len(), 2, "the receiver is back");
    assert_eq!(ids(&before).len(), 5);
    let replay = outage.replay(json!({})).await;
    assert_eq!((&replay["total"], &replay["done"], &replay["seconds_left"]), (&json!(5), &json!(0), &json!(1)));
    outage.house.settle().await;
    outage.house.skip_all().await;
    let calls = outage.receiver.take();
    assert_eq!((calls.len(), ids(&calls)), (5, ids(&before)), "what was received is left alone");
    for call in &calls {
        assert_eq!(call.json()["data"]["course"]["title"], "일상 한국어");
        assert!(before.iter().any(|first| first.body == call.body), "the very bytes");
    }
    let shown = outage.show(&replay).await;
    assert_eq!((&shown["status"], &shown["done"]), (&json!("completed"), &json!(5)));
    assert_eq!((&shown["seconds_left"], shown["finished_at"].is_string()), (&Value::Null, true));
    assert_eq!(outage.statuses(), ["succeeded"; 7]);
}

#[actix_web::test]
async fn it_is_told_which_by_type_object_status_and_time() {
    let outage = Outage::of(3, json!({})).await;
    outage.receiver.take();
    let none = [
        json!({ "event_types": ["user.created"] }),
        json!({ "object_id": "crs_00000000000000000000000001" }),
        json!({ "statuses": ["succeeded"] }),
        json!({ "until": "2026-11-21T09:00:30Z" }),
        json!({ "since": "2026-11-21T12:00:00Z" }),
        json!({ "statuses": [], "include_skipped": true }),
    ];
    for filter in none {
        let replay = outage.replay(filter.clone()).await;
        assert_eq!((&replay["total"], &replay["status"]), (&json!(0), &json!("completed")), "{filter}");
    }
    let object = deliveries(&outage.house, &outage.hook).await[0]["id"].clone();
    let of_one = format!("SELECT object_id FROM deliveries WHERE id = '{}'", uuid_of(&object));
    let standing = outage.house.database.value(&of_one);
    let standing = format!("std_{}", letters_of(standing.as_str().unwrap()));
    let some = [
        (json!({ "event_types": ["course.completed"], "object_id": outage.course.id }), 3),
        (json!({ "object_id": standing, "statuses": ["succeeded"] }), 1),
        (json!({ "statuses": ["succeeded"], "until": "2026-11-22T09:00:00Z" }), 3),
    ];
    for (filter, wanted) in some {
        let replay = outage.replay(filter.clone()).await;
        assert_eq!(replay["total"], wanted, "{filter}");
        outage.house.settle().await;
        outage.house.skip_all().await;
        assert_eq!(outage.receiver.take().len(), wanted, "{filter}");
    }
}

fn uuid_of(id: &Value) -> String {
    let id: stoa_core::Id<stoa_core::id::Delivery> = id.as_str().unwrap().parse().unwrap();
    id.uuid().to_string()
}

fn letters_of(uuid: &str) -> String {
    let id = stoa_core::Id::<stoa_core::id::Standing>::from_uuid(uuid.parse().unwrap()).to_string();
    id.trim_start_matches("std_").to_owned()
}

#[actix_web::test]
async fn what_happened_while_it_was_switched_off_comes_if_it_is_asked_for() {
    let outage = Outage::of(1, json!({})).await;
    outage.receiver.take();
    change(&outage.house, &outage.hook, json!({ "status": "disabled_by_user" })).await;
    outage.complete(1..4).await;
    change(&outage.house, &outage.hook, json!({ "status": "enabled" })).await;
    outage.house.settle().await;
    assert_eq!(outage.receiver.take().len(), 0);
    let without = outage.replay(json!({ "event_types": ["course.completed"], "statuses": ["cancelled"] })).await;
    assert_eq!(without["total"], 0);
    let with = outage.replay(json!({ "include_skipped": true })).await;
    assert_eq!(with["total"], 4);
    outage.house.settle().await;
    outage.house.skip_all().await;
    assert_eq!(ids(&outage.receiver.take()).len(), 4);
    assert_eq!(outage.show(&with).await["done"], 4);
    assert_eq!(outage.statuses(), ["succeeded"; 4]);
    let left = outage.house.database.number("SELECT count(*) FROM skips WHERE reason = 'disabled'");
    assert_eq!(left, 0, "what was sent after all was not skipped");
    assert_eq!(outage.replay(json!({ "include_skipped": true })).await["total"], 0);
}

#[actix_web::test]
async fn it_goes_no_faster_than_it_was_told() {
    let outage = Outage::of(25, json!({})).await;
    outage.receiver.take();
    let replay = outage.replay(json!({ "rate_per_second": 10 })).await;
    outage.house.settle().await;
    assert_eq!(outage.receiver.take().len(), 10);
    let shown = outage.show(&replay).await;
    assert_eq!((&shown["status"], &shown["seconds_left"]), (&json!("running"), &json!(3)), "{shown}");
    outage.house.advance(TimeDelta::seconds(1)).await;
    assert_eq!(outage.receiver.take().len(), 10);
    outage.house.advance(TimeDelta::seconds(1)).await;
    assert_eq!(outage.receiver.take().len(), 5);
    outage.house.skip_all().await;
    assert_eq!(outage.show(&replay).await["status"], "completed");
}

#[actix_web::test]
async fn cancelled_it_ends_within_a_handful() {
    let outage = Outage::of(25, json!({})).await;
    outage.receiver.take();
    let replay = outage.replay(json!({ "rate_per_second": 10 })).await;
    outage.house.settle().await;
    let cancel = format!("{}/{}/cancel", outage.path(), replay["id"].as_str().unwrap());
    let cancelled = outage.house.admin().post(&cancel, json!({})).await.data();
    assert_eq!(cancelled["status"], "cancelled");
    let entry = outage.house.owner().get("/api/audit-log?action=replay.cancelled").await.data()[0].clone();
    assert_eq!((&entry["object"]["id"], &entry["actor"]["kind"]), (&replay["id"], &json!("person")));
    outage.house.skip_all().await;
    assert_eq!(outage.receiver.take().len(), 10, "what was handed out before");
    let statuses = outage.statuses();
    assert_eq!(statuses.iter().filter(|status| *status == "exhausted").count(), 15, "the rest is as it was");
    assert_eq!(outage.house.admin().post(&cancel, json!({})).await.refusal().1, "conflict");
    // Another one takes up the rest.
    assert_eq!(outage.replay(json!({})).await["total"], 15);
    outage.house.settle().await;
    outage.house.skip_all().await;
    assert_eq!(outage.receiver.take().len(), 15);
}

/// A process takes a step, hands out its deliveries, and dies before anybody hears of it.
#[actix_web::test]
async fn a_process_that_dies_on_the_way_loses_nothing_and_doubles_nothing() {
    let mut outage = Outage::of(25, json!({})).await;
    outage.receiver.take();
    let replay = outage.replay(json!({ "rate_per_second": 10 })).await;
    let other = outage.house.another_node();
    let mut tx = other.tools.db.house().await.unwrap();
    let claim = Claim { queue: Queue::Webhooks, most: 1, per_tenant: 10, running: std::collections::HashMap::new() };
    let claimed = queue::claim(&mut tx, &other.tools.leases, &claim).await.unwrap();
    tx.commit().await.unwrap();
    for job in claimed {
        assert_eq!(job.name, "webhooks/replay");
        let outcome = perform(&Registry::house(), &other.tools, job).await;
        drop(outcome);
    }
    drop(other);
    outage.house.crash();
    outage.house.advance(TimeDelta::minutes(5)).await;
    outage.house.release_stale().await;
    outage.house.settle().await;
    outage.house.skip_all().await;
    let calls = outage.receiver.take();
    assert_eq!((calls.len(), ids(&calls).len()), (25, 25));
    let shown = outage.show(&replay).await;
    assert_eq!((&shown["status"], &shown["done"], &shown["total"]), (&json!("completed"), &json!(25), &json!(25)));
    assert_eq!(outage.statuses(), ["succeeded"; 25]);
}

#[actix_web::test]
async fn a_receiver_that_does_not_keep_up_is_not_handed_more() {
    let outage = Outage::of(25, json!({})).await;
    outage.receiver.take();
    let replay = outage.replay(json!({ "rate_per_second": 10 })).await;
    let tools = outage.house.tools();
    let run = async || {
        let mut tx = tools.db.house().await.unwrap();
        let claim =
            Claim { queue: Queue::Webhooks, most: 10, per_tenant: 10, running: std::collections::HashMap::new() };
        let claimed = queue::claim(&mut tx, &tools.leases, &claim).await.unwrap();
        tx.commit().await.unwrap();
        claimed
    };
    let mut replaying = None;
    let mut delivering = Vec::new();
    for _ in 0..6 {
        for job in run().await {
            if job.name == "webhooks/replay" {
                replaying = Some(perform(&Registry::house(), tools, job).await);
            } else {
                delivering.push(job);
            }
        }
        if let Some(settlement) = replaying.take() {
            let mut tx = tools.db.house().await.unwrap();
            queue::settle(&mut tx, &[settlement]).await.unwrap();
            tx.commit().await.unwrap();
        }
        outage.house.clock.advance(TimeDelta::seconds(2));
    }
    let owed = outage.house.database.number("SELECT count(*) FROM deliveries WHERE status = 'retrying'");
    assert_eq!(owed, 10, "a handful, although six seconds' worth of time has passed");
    assert_eq!(outage.show(&replay).await["done"], 0);
    // What was handed out and not begun comes back when its leases have run out, and the replay goes on.
    drop(delivering);
    outage.house.clock.advance(TimeDelta::minutes(5));
    outage.house.release_stale().await;
    outage.house.settle().await;
    outage.house.skip_all().await;
    assert_eq!((outage.show(&replay).await["status"].clone(), outage.receiver.take().len()), (json!("completed"), 25));
}

#[actix_web::test]
async fn a_pause_holds_it_and_a_switch_off_ends_it() {
    let outage = Outage::of(25, json!({})).await;
    outage.receiver.take();
    let replay = outage.replay(json!({ "rate_per_second": 10 })).await;
    outage.house.settle().await;
    change(&outage.house, &outage.hook, json!({ "status": "paused" })).await;
    for _ in 0..3 {
        outage.house.advance(TimeDelta::seconds(5)).await;
    }
    assert_eq!(outage.receiver.take().len(), 10);
    assert_eq!(outage.show(&replay).await["status"], "running");
    change(&outage.house, &outage.hook, json!({ "status": "enabled" })).await;
    outage.house.advance(TimeDelta::seconds(5)).await;
    assert_eq!(outage.receiver.take().len(), 10);
    change(&outage.house, &outage.hook, json!({ "status": "disabled_by_user" })).await;
    outage.house.skip_all().await;
    let shown = outage.show(&replay).await;
    assert_eq!(shown["status"], "failed");
    assert!(shown["status_reason"].as_str().unwrap().contains("disabled_by_user"), "{shown}");
    assert_eq!(outage.receiver.take().len(), 0);
}

/// Of one object an ordered receiver gets in a replay what it would have got: the first first, and the next only when
/// that has ended.
#[actix_web::test]
async fn an_ordered_receiver_keeps_its_order() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "bob"]).await;
    let fields = json!({
        "events": ["quiz_stat.created", "quiz_stat.updated"], "ordered": true, "coalesce_seconds": 0,
    });
    let (receiver, hook) = subscribe(&house, "https://lms.example", fields).await;
    receiver.always(500);
    for learner in &learners {
        accept(&house, vec![event(&house, &format!("{}1", learner.key), learner, item(&built, (0, 0)), "started")])
            .await;
        for nth in 2..5 {
            let id = format!("{}{nth}", learner.key);
            let mut answered = event(&house, &id, learner, item(&built, (0, 0)), "answered");
            answered["result"] = json!({ "score": { "raw": nth } });
            accept(&house, vec![answered]).await;
        }
    }
    house.settle().await;
    house.skip_all().await;
    receiver.take();
    receiver.then([status_only(500)]);
    receiver.always(200);
    let path = format!("/api/integrations/webhooks/{}/replays", hook["id"].as_str().unwrap());
    let replay = house.admin().post(&path, json!({ "since": SINCE })).await.data();
    assert_eq!(replay["total"], 8);
    house.settle().await;
    house.skip_all().await;
    let calls = receiver.take();
    assert_eq!(calls.len(), 9, "one was tried twice");
    for learner in &learners {
        let of_one =
            calls.iter().map(Call::json).filter(|body| body["data"]["user"]["external_id"] == learner.key.as_str());
        let mut revisions: Vec<i64> = of_one.map(|body| body["object"]["revision"].as_i64().unwrap()).collect();
        assert!(revisions.is_sorted(), "{revisions:?}");
        revisions.dedup();
        assert_eq!(revisions.len(), 4);
    }
    let shown = house.admin().get(&format!("{path}/{}", replay["id"].as_str().unwrap())).await.data();
    assert_eq!(shown["status"], "completed");
}
