//! Many changes of a standing told as the last of them: what waits, what never does, and what becomes of the others.

use chrono::TimeDelta;
use futures::future::join;
use serde_json::{Value, json};
use stoa_jobs::relay::sweep;

use super::steps::{accept, change, deliveries, event, item, small_class, subscribe};
use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    house::settle,
    receivers::{Call, Receiver, status_only},
};

/// A learner who has begun a quiz, of which a receiver was told.
struct Begun {
    house: TestHouse,
    built: BuiltCourse,
    ana: BuiltLearner,
    receiver: Receiver,
    hook: Value,
}

async fn begun(fields: Value) -> Begun {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let mut all = json!({ "events": ["quiz_stat.created", "quiz_stat.updated"], "coalesce_seconds": 5 });
    for (name, value) in fields.as_object().expect("fields") {
        all[name] = value.clone();
    }
    let (receiver, hook) = subscribe(&house, "https://a.example", all).await;
    accept(&house, vec![event(&house, "begun", &ana, item(&built, (0, 0)), "started")]).await;
    house.settle().await;
    assert_eq!(receiver.take_types(), ["quiz_stat.created"], "what is first waits for nothing");
    Begun { house, built, ana, receiver, hook }
}

impl Begun {
    /// An answer with a score, which changes the standing.
    fn answer(&self, id: &str, score: u32) -> Value {
        let mut answer = event(&self.house, id, &self.ana, item(&self.built, (0, 0)), "answered");
        answer["result"] = json!({ "score": { "raw": score, "min": 0, "max": 100 } });
        answer
    }

    async fn answers(&self, scores: std::ops::Range<u32>) {
        let answers = scores.map(|score| self.answer(&format!("answer {score}"), score));
        accept(&self.house, answers.collect()).await;
        self.house.settle().await;
    }

    /// Statuses and reasons in the log, oldest first, without the first announcement.
    fn log(&self) -> Vec<(String, String)> {
        let rows = self.house.database.rows(
            "SELECT status, coalesce(reason, '') AS reason, finished_at FROM deliveries
            WHERE event_type = 'quiz_stat.updated' ORDER BY revision",
        );
        let word = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        for row in &rows {
            assert_eq!(
                row["finished_at"].is_null(),
                row["status"] == "pending" || row["status"] == "retrying",
                "{row}"
            );
        }
        rows.iter().map(|row| (word(row, "status"), word(row, "reason"))).collect()
    }
}

fn score(call: &Call) -> u64 {
    let score = call.json()["data"]["standing"]["score"]["raw"].as_f64().unwrap();
    score.to_string().parse().expect("a whole score")
}

fn skipped() -> (String, String) {
    ("skipped".to_owned(), "coalesced".to_owned())
}

fn succeeded() -> (String, String) {
    ("succeeded".to_owned(), String::new())
}

#[actix_web::test]
async fn ten_updates_in_a_window_are_told_as_the_last_of_them() {
    let begun = begun(json!({})).await;
    begun.answers(0..10).await;
    assert_eq!(begun.receiver.take().len(), 0, "they wait");
    assert_eq!(begun.house.database.number("SELECT count(*) FROM queue_jobs"), 1, "together, for one moment");
    begun.house.advance(TimeDelta::seconds(5)).await;
    let calls = begun.receiver.take();
    assert_eq!(calls.iter().map(score).collect::<Vec<_>>(), [9]);
    assert_eq!(calls[0].json()["object"]["revision"], 11);
    let mut wanted = vec![skipped(); 9];
    wanted.push(succeeded());
    assert_eq!(begun.log(), wanted);
    begun.house.skip_all().await;
    assert_eq!(begun.receiver.take().len(), 0);
    let shown = deliveries(&begun.house, &begun.hook).await;
    let told = |status: &str| shown.iter().filter(|one| one["status"] == status).count();
    assert_eq!((told("skipped"), told("succeeded")), (9, 2), "the log tells of all");
}

#[actix_web::test]
async fn without_a_window_each_is_told_at_once() {
    let begun = begun(json!({ "coalesce_seconds": 0 })).await;
    begun.answers(0..10).await;
    assert_eq!(begun.receiver.take().len(), 10);
    assert_eq!(begun.log(), vec![succeeded(); 10]);
    let untouched = "SELECT count(*) FROM deliveries WHERE wait_until IS NOT NULL OR (keyed AND NOT opens)";
    assert_eq!(begun.house.database.number(untouched), 0);
}

#[actix_web::test]
async fn what_ends_it_goes_at_once_and_replaces_what_waits() {
    for (verb, status) in [("completed", "completed"), ("passed", "passed"), ("failed", "failed")] {
        let begun = begun(json!({})).await;
        begun.answers(0..3).await;
        let last = event(&begun.house, "last", &begun.ana, item(&begun.built, (0, 0)), verb);
        accept(&begun.house, vec![last]).await;
        begun.house.settle().await;
        let calls = begun.receiver.take();
        assert_eq!(calls.len(), 1, "{verb}");
        assert_eq!(calls[0].json()["data"]["standing"]["status"], status);
        begun.house.skip_all().await;
        assert_eq!(begun.receiver.take().len(), 0, "{verb}: the older states are not told after it");
        assert_eq!(begun.log(), [skipped(), skipped(), skipped(), succeeded()], "{verb}");
    }
}

#[actix_web::test]
async fn a_verdict_is_an_end_once_and_a_better_one_again() {
    let begun = begun(json!({})).await;
    let verdict = |id: &str, verb: &str| event(&begun.house, id, &begun.ana, item(&begun.built, (0, 0)), verb);
    accept(&begun.house, vec![verdict("v1", "failed")]).await;
    begun.house.settle().await;
    assert_eq!(begun.receiver.take().len(), 1);
    // It has failed already: that he answers more is no news that cannot wait.
    begun.answers(0..4).await;
    assert_eq!(begun.receiver.take().len(), 0);
    accept(&begun.house, vec![verdict("v2", "passed")]).await;
    begun.house.settle().await;
    assert_eq!(begun.receiver.take()[0].json()["data"]["standing"]["status"], "passed");
    begun.house.skip_all().await;
    assert_eq!(begun.receiver.take().len(), 0);
}

/// The relay of another process knows only what is in the database.
#[actix_web::test]
async fn an_end_is_one_for_whoever_relays_it() {
    let begun = begun(json!({})).await;
    let other = begun.house.another_node();
    accept(&begun.house, vec![event(&begun.house, "v1", &begun.ana, item(&begun.built, (0, 0)), "passed")]).await;
    assert!(sweep(&other.tools, 512).await.unwrap() > 0);
    settle(&other.tools).await;
    assert_eq!(begun.receiver.take().len(), 1);
}

#[actix_web::test]
async fn each_receiver_has_a_window_of_its_own() {
    let begun = begun(json!({})).await;
    let fields = |seconds: u32| json!({ "events": ["quiz_stat.updated"], "coalesce_seconds": seconds });
    let (at_once, _) = subscribe(&begun.house, "https://at-once.example", fields(0)).await;
    let (slow, _) = subscribe(&begun.house, "https://slow.example", fields(60)).await;
    begun.answers(0..4).await;
    assert_eq!((at_once.take().len(), begun.receiver.take().len(), slow.take().len()), (4, 0, 0));
    begun.house.advance(TimeDelta::seconds(5)).await;
    assert_eq!(begun.receiver.take().len(), 1);
    begun.house.advance(TimeDelta::seconds(55)).await;
    assert_eq!((begun.receiver.take().len(), slow.take().len()), (0, 1));
}

#[actix_web::test]
async fn a_steady_stream_is_told_once_in_a_window_and_to_its_end() {
    let begun = begun(json!({})).await;
    for second in 0..31 {
        accept(&begun.house, vec![begun.answer(&format!("answer {second}"), second)]).await;
        begun.house.settle().await;
        begun.house.advance(TimeDelta::seconds(1)).await;
    }
    begun.house.skip_all().await;
    let calls = begun.receiver.take();
    assert!((6..=8).contains(&calls.len()), "{} calls in 31 seconds", calls.len());
    let scores: Vec<u64> = calls.iter().map(score).collect();
    assert!(scores.windows(2).all(|pair| pair[0] < pair[1]), "{scores:?}");
    assert_eq!(scores.last(), Some(&30));
    let pauses: Vec<_> = calls.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    assert!(pauses.iter().all(|pause| *pause <= TimeDelta::seconds(6)), "{pauses:?}");
}

#[actix_web::test]
async fn two_nodes_tell_one_state() {
    let begun = begun(json!({})).await;
    let other = begun.house.another_node();
    for score in 0..12 {
        accept(&begun.house, vec![begun.answer(&format!("answer {score}"), score)]).await;
        let relay = if score % 2 == 0 { begun.house.tools() } else { &other.tools };
        assert!(sweep(relay, 512).await.unwrap() > 0);
    }
    begun.house.clock.advance(TimeDelta::seconds(5));
    join(settle(begun.house.tools()), settle(&other.tools)).await;
    begun.house.settle().await;
    assert_eq!(begun.receiver.take().iter().map(score).collect::<Vec<_>>(), [11]);
    let mut wanted = vec![skipped(); 11];
    wanted.push(succeeded());
    assert_eq!(begun.log(), wanted);
}

#[actix_web::test]
async fn what_waits_outlives_its_process() {
    let mut begun = begun(json!({})).await;
    begun.answers(0..3).await;
    begun.house.crash();
    begun.house.advance(TimeDelta::seconds(5)).await;
    assert_eq!(begun.receiver.take().iter().map(score).collect::<Vec<_>>(), [2]);
}

#[actix_web::test]
async fn a_retry_does_not_tell_an_older_state_after_a_newer_one() {
    let begun = begun(json!({ "coalesce_seconds": 1 })).await;
    begun.answers(0..1).await;
    begun.receiver.then([status_only(500)]);
    begun.house.advance(TimeDelta::seconds(1)).await;
    assert_eq!(begun.log(), [("retrying".to_owned(), String::new())]);
    begun.answers(1..2).await;
    begun.house.advance(TimeDelta::seconds(1)).await;
    assert_eq!(begun.receiver.take().iter().map(score).collect::<Vec<_>>(), [0, 1]);
    begun.house.skip_all().await;
    assert_eq!(begun.receiver.take().len(), 0, "the retry has nothing to tell any more");
    assert_eq!(begun.log(), [skipped(), succeeded()]);
    let attempts = begun.house.database.number(
        "SELECT count(*) FROM attempts a JOIN deliveries d ON d.id = a.delivery_id
        WHERE d.status = 'skipped'",
    );
    assert_eq!(attempts, 1, "what was tried stays in the log");
}

#[actix_web::test]
async fn a_state_that_ends_it_is_retried_whatever_follows() {
    let begun = begun(json!({ "coalesce_seconds": 1 })).await;
    begun.receiver.then([status_only(500)]);
    accept(&begun.house, vec![event(&begun.house, "v1", &begun.ana, item(&begun.built, (0, 0)), "passed")]).await;
    begun.house.settle().await;
    begun.answers(50..52).await;
    begun.house.skip_all().await;
    assert_eq!(begun.log(), [succeeded(), skipped(), succeeded()]);
}

#[actix_web::test]
async fn what_was_skipped_is_sent_when_a_person_asks_for_it() {
    let begun = begun(json!({})).await;
    begun.answers(0..2).await;
    begun.house.advance(TimeDelta::seconds(5)).await;
    assert_eq!(begun.receiver.take().len(), 1);
    let log = deliveries(&begun.house, &begun.hook).await;
    let skipped = log.iter().find(|one| one["status"] == "skipped").unwrap();
    let path = format!(
        "/api/integrations/webhooks/{}/deliveries/{}/redeliver",
        begun.hook["id"].as_str().unwrap(),
        skipped["id"].as_str().unwrap()
    );
    assert_eq!(begun.house.admin().post(&path, json!({})).await.status, 202);
    begun.house.settle().await;
    assert_eq!(begun.receiver.take().iter().map(score).collect::<Vec<_>>(), [0]);
}

#[actix_web::test]
async fn a_pause_keeps_the_last_state_of_it() {
    let begun = begun(json!({})).await;
    change(&begun.house, &begun.hook, json!({ "status": "paused" })).await;
    begun.answers(0..3).await;
    begun.house.advance(TimeDelta::hours(3)).await;
    assert_eq!(begun.receiver.take().len(), 0);
    begun.answers(3..4).await;
    // What was recorded just now still waits for its window when the receiver comes back.
    change(&begun.house, &begun.hook, json!({ "status": "enabled" })).await;
    begun.house.settle().await;
    begun.house.advance(TimeDelta::seconds(5)).await;
    let scores: Vec<u64> = begun.receiver.take().iter().map(score).collect();
    assert_eq!(scores, [2, 3], "the last before the window of the newest, and then that");
}
