//! A receiver that fails for days: who is told, when it ends, and the way back.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_jobs::{
    queue::{HOUSE, NewJob, enqueue},
    webhooks::WatchHealth,
};
use stoa_webhooks::replays::ReplayStatus;

use super::steps::{accept, change, course, deliveries, event, subscribe, webhook};
use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    node::Node,
    receivers::{Receiver, status_only},
};

/// A school whose course has a Korean name, a receiver of its completions, and another of what happens to that one.
struct Story {
    house: TestHouse,
    course: BuiltCourse,
    learners: Vec<BuiltLearner>,
    receiver: Receiver,
    hook: Value,
    operators: Receiver,
    sent: usize,
}

impl Story {
    async fn new() -> Self {
        let house = TestHouse::new().await;
        let keys: Vec<String> = (0..30).map(|nth| format!("learner{nth}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let (course, learners) = house.class(&[&[stoa_protocols::event::ItemKind::Quiz]], &keys).await;
        let renamed = json!({ "title": "일상 한국어 · 시장에서" });
        house.admin().patch(&format!("/api/courses/{}", course.id), renamed).await.data();
        let fields = json!({ "events": ["course.completed"] });
        let (receiver, hook) = subscribe(&house, "https://lms.example", fields).await;
        let told = json!({ "events": ["webhook.failing", "webhook.disabled", "delivery.exhausted"] });
        let (operators, _) = subscribe(&house, "https://operators.example", told).await;
        house.settle().await;
        Self { house, course, learners, receiver, hook, operators, sent: 0 }
    }

    /// The next learner completes the course; what follows is played to its end.
    async fn complete(&mut self) {
        let learner = &self.learners[self.sent];
        let done = event(&self.house, &format!("e{}", self.sent), learner, course(&self.course), "completed");
        self.sent += 1;
        accept(&self.house, vec![done]).await;
        self.house.settle().await;
        self.house.skip_all().await;
    }

    async fn pass(&self, time: TimeDelta) {
        self.house.advance(time).await;
        watch(&self.house).await;
    }

    async fn status(&self) -> Value {
        webhook(&self.house, &self.hook).await["status"].clone()
    }

    /// Types and stages of what the operators were told, but for single deliveries.
    fn told(&self) -> Vec<String> {
        let calls = self.operators.take();
        let words = calls.iter().map(|call| {
            let body = call.json();
            let soon = if body["data"]["webhook"]["disables_at"].is_null() { "" } else { " soon" };
            format!("{}{soon}", body["type"].as_str().unwrap())
        });
        words.filter(|words| words != "delivery.exhausted").collect()
    }

    fn letters(&self) -> Vec<(String, String)> {
        let mut letters: Vec<_> =
            self.house.take_letters().into_iter().map(|letter| (letter.to.address, letter.subject)).collect();
        letters.sort();
        letters
    }
}

/// Looks after failing receivers, as the calendar does every few minutes.
async fn watch(house: &TestHouse) {
    promise(house).await;
    house.settle().await;
}

async fn promise(house: &TestHouse) {
    let mut tx = house.db().house().await.unwrap();
    enqueue(&mut tx, NewJob::of(HOUSE, &WatchHealth {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
}

fn to_both(subject: &str) -> Vec<(String, String)> {
    ["admin@home.example", "owner@home.example"].map(|address| (address.to_owned(), subject.to_owned())).to_vec()
}

#[actix_web::test]
async fn failing_told_warned_disabled_enabled_and_all_of_it_replayed() {
    let mut story = Story::new().await;
    story.complete().await;
    assert_eq!(story.receiver.take().len(), 1, "all is well at first");
    story.receiver.always(503);
    story.complete().await;
    story.pass(TimeDelta::minutes(20)).await;
    assert_eq!((story.told(), story.letters()), (vec![], vec![]), "a bad moment is nobody's business");
    story.pass(TimeDelta::minutes(15)).await;
    assert_eq!(story.told(), ["webhook.failing"]);
    let subject = "A webhook is failing: lms.example";
    assert_eq!(story.letters(), to_both(subject));
    for day in 1..=3 {
        story.complete().await;
        story.pass(TimeDelta::days(1)).await;
        assert_eq!((story.told(), story.letters()), (vec![], vec![]), "once is enough, day {day}");
    }
    story.complete().await;
    story.pass(TimeDelta::days(1)).await;
    assert_eq!(story.told(), ["webhook.failing soon"]);
    assert_eq!(story.letters(), to_both("A webhook will soon be switched off: lms.example"));
    assert_eq!(story.status().await, "enabled");
    story.pass(TimeDelta::hours(23)).await;
    assert_eq!((story.told(), story.status().await), (vec![], json!("enabled")));
    story.pass(TimeDelta::hours(2)).await;
    assert_eq!(story.told(), ["webhook.disabled"]);
    assert_eq!(story.letters(), to_both("A webhook was switched off, its receiver kept failing: lms.example"));
    assert_eq!(story.status().await, "disabled_failing");

    // What happens meanwhile is not sent, and not forgotten.
    story.receiver.take();
    story.complete().await;
    story.complete().await;
    assert_eq!(story.receiver.take().len(), 0);
    story.receiver.always(200);
    let enabled = change(&story.house, &story.hook, json!({ "status": "enabled" })).await;
    let offer = enabled["replay_offer"].clone();
    assert_eq!((&offer["deliveries"], &offer["events_skipped"]), (&json!(5), &json!(2)), "{enabled}");
    assert_eq!((&enabled["status"], &enabled["failing_since"]), (&json!("enabled"), &Value::Null));
    let path = format!("/api/integrations/webhooks/{}/replays", story.hook["id"].as_str().unwrap());
    let body = json!({ "since": offer["since"], "include_skipped": true });
    let replay = story.house.admin().post(&path, body.clone()).await.data();
    assert_eq!((&replay["total"], &replay["status"]), (&json!(7), &json!("running")));
    story.house.settle().await;
    story.house.skip_all().await;
    let calls = story.receiver.take();
    assert_eq!(calls.len(), 7, "everything, once");
    assert!(calls.iter().all(|call| call.json()["data"]["course"]["title"] == "일상 한국어 · 시장에서"));
    let people: std::collections::BTreeSet<String> =
        calls.iter().map(|call| call.json()["data"]["user"]["external_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(people.len(), 7);
    let shown = story.house.admin().get(&format!("{path}/{}", replay["id"].as_str().unwrap())).await.data();
    assert_eq!((&shown["status"], &shown["done"]), (&json!(ReplayStatus::Completed), &json!(7)), "{shown}");
    assert!(deliveries(&story.house, &story.hook).await.iter().all(|one| one["status"] == "succeeded"));
    // The second time there is nothing left, and no offer without a failure.
    assert_eq!(story.house.admin().post(&path, body).await.data()["total"], 0);
    let again = change(&story.house, &story.hook, json!({ "status": "enabled" })).await;
    assert!(again.get("replay_offer").is_none(), "{again}");
}

#[actix_web::test]
async fn one_success_and_it_begins_anew() {
    let mut story = Story::new().await;
    story.receiver.always(500);
    story.complete().await;
    story.pass(TimeDelta::hours(1)).await;
    assert_eq!(story.told(), ["webhook.failing"]);
    story.pass(TimeDelta::days(3)).await;
    story.receiver.always(200);
    story.complete().await;
    assert_eq!(webhook(&story.house, &story.hook).await["failing_since"], Value::Null);
    story.receiver.always(500);
    story.complete().await;
    story.pass(TimeDelta::days(3)).await;
    assert_eq!(story.told(), ["webhook.failing"], "a new spell, told anew; six days in all are not one spell of five");
    assert_eq!(story.status().await, "enabled");
    assert_eq!(story.letters().len(), 4);
}

#[actix_web::test]
async fn a_quiet_receiver_with_one_bad_moment_is_left_alone() {
    let story = Story::new().await;
    // One failure, and then nothing to send for a month: its people are not even told.
    story.receiver.always(500);
    let done = event(&story.house, "e0", &story.learners[0], course(&story.course), "completed");
    accept(&story.house, vec![done]).await;
    story.house.settle().await;
    story
        .house
        .database
        .run("UPDATE deliveries SET status = 'cancelled', next_attempt_at = NULL WHERE status = 'retrying'");
    assert!(webhook(&story.house, &story.hook).await["failing_since"].is_string());
    for _ in 0..10 {
        story.pass(TimeDelta::days(3)).await;
    }
    assert_eq!((story.told(), story.letters(), story.status().await), (vec![], vec![], json!("enabled")));
}

/// Five failures in one bad hour, and nothing to send since, are told and are no reason to switch off.
#[actix_web::test]
async fn one_bad_hour_is_told_and_no_more() {
    let mut story = Story::new().await;
    story.receiver.always(500);
    story.complete().await;
    for _ in 0..10 {
        story.pass(TimeDelta::days(1)).await;
    }
    assert_eq!((story.told(), story.status().await), (vec!["webhook.failing".to_owned()], json!("enabled")));
    assert_eq!(story.letters().len(), 2);
}

/// However long nobody looked, nobody is switched off who was not told a day before.
#[actix_web::test]
async fn nobody_is_switched_off_unwarned() {
    let mut story = Story::new().await;
    story.receiver.always(500);
    story.complete().await;
    story.house.advance(TimeDelta::days(20)).await;
    story.complete().await;
    watch(&story.house).await;
    assert_eq!(story.told(), ["webhook.failing"]);
    watch(&story.house).await;
    assert_eq!(story.told(), ["webhook.failing soon"]);
    watch(&story.house).await;
    story.pass(TimeDelta::hours(23)).await;
    assert_eq!((story.told(), story.status().await), (vec![], json!("enabled")));
    story.pass(TimeDelta::hours(1)).await;
    assert_eq!((story.told(), story.status().await), (vec!["webhook.disabled".to_owned()], json!("disabled_failing")));
    assert_eq!(story.letters().len(), 6);
}

#[actix_web::test]
async fn each_letter_goes_once_whoever_looks_and_whatever_dies() {
    let mut story = Story::new().await;
    story.receiver.always(500);
    story.complete().await;
    story.house.advance(TimeDelta::hours(1)).await;
    let other: Node = story.house.another_node();
    promise(&story.house).await;
    stoa_jobs::drain::drain_due(&other.tools, &stoa_jobs::Registry::house()).await.unwrap();
    promise(&story.house).await;
    // The step was taken and nothing was told yet: the process that took it dies.
    drop(other);
    story.house.crash();
    story.house.settle().await;
    watch(&story.house).await;
    assert_eq!(story.told(), ["webhook.failing"]);
    assert_eq!(story.letters(), to_both("A webhook is failing: lms.example"));
}

#[actix_web::test]
async fn a_delivery_given_up_is_told_once_and_only_if_it_counts() {
    let mut story = Story::new().await;
    story.receiver.always(503);
    // The receiver that is told fails as well: of that nobody is told.
    story.operators.then((0..6).map(|_| status_only(500)));
    story.complete().await;
    let told = story.operators.take();
    assert_eq!(told.len(), 6, "one event, tried as often as its policy says");
    let body = told[0].json();
    assert_eq!((&body["type"], &body["data"]["webhook"]["id"]), (&json!("delivery.exhausted"), &story.hook["id"]));
    let log = deliveries(&story.house, &story.hook).await.remove(0);
    assert_eq!(body["data"]["delivery"]["id"], log["id"]);
    assert_eq!(body["data"]["delivery"]["event_type"], "course.completed");
    assert_eq!(body["data"]["delivery"]["last_error"], "it answered 503");
    // A test that fails is told to whoever asked for it.
    let test = format!("/api/integrations/webhooks/{}/test", story.hook["id"].as_str().unwrap());
    story.house.admin().post(&test, json!({})).await.data();
    story.house.settle().await;
    assert_eq!(story.operators.take().len(), 0);
}

/// What ends behind an open breaker without a last attempt is given up too.
#[actix_web::test]
async fn a_window_that_closes_is_told_as_well() {
    let mut story = Story::new().await;
    story.receiver.always(500);
    for _ in 0..12 {
        let learner = &story.learners[story.sent];
        let done = event(&story.house, &format!("e{}", story.sent), learner, course(&story.course), "completed");
        story.sent += 1;
        accept(&story.house, vec![done]).await;
    }
    story.house.settle().await;
    story.house.skip_all().await;
    let told = story.operators.take();
    let ids: std::collections::BTreeSet<String> =
        told.iter().map(|call| call.json()["data"]["delivery"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((told.len(), ids.len()), (12, 12));
}

/// A receiver of everything is not told of its own failures: it could not take that either.
#[actix_web::test]
async fn nobody_is_told_of_himself() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[stoa_protocols::event::ItemKind::Quiz]], &["ana"]).await;
    let (receiver, hook) = subscribe(&house, "https://all.example", json!({})).await;
    receiver.always(500);
    accept(&house, vec![event(&house, "e1", &learners[0], course(&built), "completed")]).await;
    house.settle().await;
    house.skip_all().await;
    house.advance(TimeDelta::hours(1)).await;
    watch(&house).await;
    let log = deliveries(&house, &hook).await;
    let operational = |one: &&Value| one["event_type"].as_str().unwrap().starts_with("webhook.");
    assert_eq!(log.iter().filter(operational).count(), 0, "{log:?}");
    assert!(log.iter().all(|one| one["event_type"] != "delivery.exhausted"));
    house.skip_all().await;
}
