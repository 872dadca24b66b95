//! Receivers with a rate and a number of their own, and breakers with a backlog behind them.

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join;
use serde_json::{Value, json};
use stoa_core::clock::Clock;
use stoa_jobs::{Registry, drain::drain_due};
use stoa_protocols::event::ItemKind;

use super::steps::{accept, change, course, deliveries, event, item, subscribe};
use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    receivers::{Call, status_only},
};

fn completed(more: &Value) -> Value {
    let mut fields = json!({ "events": ["course.completed"] });
    for (name, value) in more.as_object().expect("fields") {
        fields[name] = value.clone();
    }
    fields
}

async fn class(house: &TestHouse, learners: usize) -> (BuiltCourse, Vec<BuiltLearner>) {
    let keys: Vec<String> = (0..learners).map(|nth| format!("learner{nth}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    house.class(&[&[ItemKind::Quiz]], &keys).await
}

async fn complete(house: &TestHouse, built: &BuiltCourse, learners: &[BuiltLearner]) {
    accept(house, learners.iter().map(|one| event(house, &one.key, one, course(built), "completed")).collect()).await;
}

/// Moves the clock by itself, in small steps, until nothing is in hand.
async fn pass_time(house: &TestHouse) {
    let settled = std::cell::Cell::new(false);
    let passing = async {
        while !settled.get() {
            house.clock.advance(TimeDelta::milliseconds(5));
            // Asking the database is a pause in which others work.
            drop(house.tx().await);
        }
    };
    let settling = async {
        house.settle().await;
        settled.set(true);
    };
    join(passing, settling).await;
}

fn most_within(calls: &[Call], span: TimeDelta) -> usize {
    let times: Vec<DateTime<Utc>> = calls.iter().map(|call| call.at).collect();
    times.iter().map(|from| times.iter().filter(|at| **at >= *from && **at < *from + span).count()).max().unwrap_or(0)
}

fn statuses(house: &TestHouse) -> Vec<(String, i64)> {
    let rows = house.database.rows("SELECT status, count(*) FROM deliveries GROUP BY status ORDER BY status");
    rows.iter().map(|row| (row["status"].as_str().unwrap().to_owned(), row["count"].as_i64().unwrap())).collect()
}

#[actix_web::test]
async fn no_more_at_once_than_a_receiver_wants() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 12).await;
    let (few, hook) = subscribe(&house, "https://few.example", completed(&json!({ "max_in_flight": 2 }))).await;
    let (many, _) = subscribe(&house, "https://many.example", completed(&json!({}))).await;
    let mut held: Vec<_> = learners.iter().map(|_| few.hold()).collect();
    complete(&house, &built, &learners).await;
    house.relay().await;
    many.called(12).await;
    few.called(2).await;
    for nth in 0..10 {
        assert_eq!(few.take().len(), if nth == 0 { 2 } else { 1 }, "{nth}");
        held.remove(0).answer(200);
        few.called(1).await;
    }
    for one in held {
        one.answer(200);
    }
    house.settle().await;
    assert_eq!(deliveries(&house, &hook).await.iter().filter(|one| one["status"] == "succeeded").count(), 12);
}

#[actix_web::test]
async fn a_rate_is_kept_and_is_nobody_elses() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 30).await;
    let (slow, _) = subscribe(&house, "https://slow.example", completed(&json!({ "rate_per_second": 10 }))).await;
    let (quick, _) = subscribe(&house, "https://quick.example", completed(&json!({}))).await;
    complete(&house, &built, &learners).await;
    house.relay().await;
    quick.called(30).await;
    let at = quick.take();
    assert!(at.iter().all(|call| call.at == at[0].at), "the other gets all at once");
    pass_time(&house).await;
    let calls = slow.take();
    assert_eq!(calls.len(), 30);
    assert!(most_within(&calls, TimeDelta::seconds(1)) <= 10, "{}", most_within(&calls, TimeDelta::seconds(1)));
    let took = calls[29].at - calls[0].at;
    assert!(took >= TimeDelta::milliseconds(2_900), "{took}");
    assert_eq!(statuses(&house), [("succeeded".to_owned(), 60)]);
}

/// What cannot go for a long time is not kept in memory, nor asked for again and again: it has its time in the queue.
#[actix_web::test]
async fn a_long_tail_waits_in_the_queue_for_its_turn() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 60).await;
    let (slow, hook) = subscribe(&house, "https://slow.example", completed(&json!({ "rate_per_second": 1 }))).await;
    complete(&house, &built, &learners).await;
    house.relay().await;
    slow.called(1).await;
    let promised = "SELECT count(*) FROM queue_jobs WHERE state = 'available'";
    while house.database.number(promised) < 55 {
        drop(house.tx().await);
    }
    let turns = house.database.rows("SELECT run_at FROM queue_jobs WHERE state = 'available' ORDER BY run_at");
    let last: DateTime<Utc> = turns[54]["run_at"].as_str().unwrap().parse().unwrap();
    assert!((54..=62).contains(&(last - house.clock.now()).num_seconds()), "{last}");
    let log = deliveries(&house, &hook).await;
    let told = log.iter().filter(|one| one["next_attempt_at"].as_str() > one["created_at"].as_str());
    assert_eq!(told.count(), 55, "and the log tells when");
    // The limit is lifted: nobody waits for a turn any more.
    change(&house, &hook, json!({ "rate_per_second": null })).await;
    pass_time(&house).await;
    let calls = slow.take();
    assert_eq!(calls.len(), 60);
    assert!(calls[59].at - calls[0].at < TimeDelta::seconds(30), "{}", calls[59].at - calls[0].at);
    assert_eq!(statuses(&house), [("succeeded".to_owned(), 60)]);
}

#[actix_web::test]
async fn what_waits_for_its_turn_outlives_its_process() {
    let mut house = TestHouse::new().await;
    let (built, learners) = class(&house, 12).await;
    let (slow, _) = subscribe(&house, "https://slow.example", completed(&json!({ "rate_per_second": 2 }))).await;
    complete(&house, &built, &learners).await;
    house.relay().await;
    slow.called(1).await;
    house.crash();
    house.clock.advance(crate::support::node::LEASE + TimeDelta::seconds(1));
    house.release_stale().await;
    pass_time(&house).await;
    while house.database.number("SELECT count(*) FROM queue_jobs") > 0 {
        house.clock.advance(TimeDelta::seconds(1));
        pass_time(&house).await;
    }
    let ids: std::collections::BTreeSet<String> =
        slow.take().iter().map(|call| call.header("webhook-id").unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 12);
    assert_eq!(statuses(&house), [("succeeded".to_owned(), 12)]);
}

/// A receiver that is down with much that was never attempted: one asks for all, and the rest follows its answer.
#[actix_web::test]
async fn one_asks_for_all_that_wait_behind_a_breaker() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 120).await;
    let (receiver, hook) = subscribe(&house, "https://down.example", completed(&json!({}))).await;
    receiver.always(500);
    complete(&house, &built, &learners[..5]).await;
    house.settle().await;
    assert_eq!(receiver.take().len(), 5, "these open the breaker");
    for some in learners[5..].chunks(23) {
        complete(&house, &built, some).await;
        house.settle().await;
    }
    let from = house.clock.now();
    let mut asked = Vec::new();
    while house.clock.now() < from + TimeDelta::minutes(20) {
        house.skip().await;
        asked.extend(receiver.take());
    }
    // Pauses of 5, 10, 20, 40 and from then on 60 seconds, and one call at the end of each.
    assert!((18..=26).contains(&asked.len()), "{} calls in twenty minutes", asked.len());
    assert!(most_within(&asked[5..], TimeDelta::seconds(59)) <= 1);
    let pauses: Vec<TimeDelta> = asked.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    assert!(pauses.iter().all(|pause| *pause <= TimeDelta::seconds(62)), "somebody always asks: {pauses:?}");
    let untouched = house.database.number("SELECT count(*) FROM deliveries WHERE attempts = 0 AND status = 'pending'");
    assert!(untouched >= 90, "only {untouched} were never attempted");
    receiver.always(200);
    let back = house.clock.now();
    while receiver.take().is_empty() {
        house.skip().await;
    }
    house.settle().await;
    assert!(house.clock.now() - back <= TimeDelta::seconds(61), "the next that asks is answered");
    assert_eq!(house.database.number("SELECT count(*) FROM deliveries WHERE status IN ('pending', 'retrying')"), 0);
    let log = house.database.rows("SELECT finished_at FROM deliveries WHERE status = 'succeeded'");
    assert!(log.iter().all(|one| one["finished_at"] == log[0]["finished_at"]), "and all go at once");
    house.skip_all().await;
    assert_eq!(deliveries(&house, &hook).await.len(), 100);
}

#[actix_web::test]
async fn a_backlog_that_nobody_remembers_comes_by_itself() {
    let mut house = TestHouse::new().await;
    let (built, learners) = class(&house, 30).await;
    let (receiver, _) = subscribe(&house, "https://down.example", completed(&json!({}))).await;
    receiver.always(500);
    complete(&house, &built, &learners[..5]).await;
    house.settle().await;
    complete(&house, &built, &learners[5..]).await;
    house.settle().await;
    house.crash();
    receiver.always(200);
    house.skip_all().await;
    assert_eq!(statuses(&house), [("succeeded".to_owned(), 30)]);
}

#[actix_web::test]
async fn a_limit_that_cannot_be_is_refused() {
    let house = TestHouse::new().await;
    for (field, value) in [
        ("max_in_flight", 0),
        ("max_in_flight", 1_001),
        ("rate_per_second", 0),
        ("rate_per_second", 10_001),
        ("coalesce_seconds", -1),
        ("coalesce_seconds", 301),
    ] {
        let answer = house
            .admin()
            .post("/api/integrations/webhooks", json!({ "url": "https://a.example", "events": ["*"], field: value }))
            .await;
        assert_eq!(answer.status, 422, "{field} {value}: {}", answer.text());
    }
}

/// A job waits a moment for its deliveries; then they keep its promise themselves, and its place goes to others.
#[actix_web::test]
async fn a_receiver_that_takes_its_time_keeps_no_worker() {
    let mut house = TestHouse::new().await;
    let (built, learners) = class(&house, 1).await;
    let (slow, _) = subscribe(&house, "https://slow.example", completed(&json!({}))).await;
    slow.then([status_only(500)]);
    complete(&house, &built, &learners).await;
    house.settle().await;
    slow.take();
    for answered in [false, true] {
        let answer = slow.hold();
        house.clock.advance(TimeDelta::seconds(40));
        assert_eq!(
            drain_due(house.tools(), &Registry::house()).await.unwrap(),
            1,
            "it ends though nobody has answered"
        );
        assert_eq!(slow.take().len(), 1);
        let promises = "SELECT count(*) FROM queue_jobs WHERE state = 'running' AND payload->>'deliveries' <> '[]'";
        assert_eq!(house.database.number(promises), 1);
        assert_eq!(house.database.number("SELECT count(*) FROM queue_jobs"), 1);
        if answered {
            answer.answer(200);
            house.settle().await;
        } else {
            house.crash();
            house.clock.advance(crate::support::node::LEASE + TimeDelta::seconds(1));
            house.release_stale().await;
        }
    }
    assert_eq!(house.database.number("SELECT count(*) FROM queue_jobs"), 0);
    assert_eq!(statuses(&house), [("succeeded".to_owned(), 1)]);
}

/// What follows a first announcement that waits for its receiver waits as long, and does not look every moment.
#[actix_web::test]
async fn what_follows_a_first_that_waits_comes_with_it() {
    let house = TestHouse::new().await;
    let (built, learners) = class(&house, 8).await;
    let fields = json!({ "events": ["quiz_stat.created", "quiz_stat.updated"] });
    let (receiver, _) = subscribe(&house, "https://down.example", fields).await;
    receiver.always(500);
    let step = |verb: &str, some: &[BuiltLearner]| {
        let of = |one: &BuiltLearner| event(&house, &format!("{verb} {}", one.key), one, item(&built, (0, 0)), verb);
        some.iter().map(of).collect::<Vec<_>>()
    };
    accept(&house, step("started", &learners[..5])).await;
    house.settle().await;
    accept(&house, step("started", &learners[5..])).await;
    house.settle().await;
    accept(&house, step("passed", &learners[5..])).await;
    house.settle().await;
    house.advance(TimeDelta::seconds(1)).await;
    let late = house.clock.now() + TimeDelta::minutes(9);
    let waiting = format!(
        "SELECT count(*) FROM deliveries WHERE event_type = 'quiz_stat.updated' AND next_attempt_at > '{late}'"
    );
    assert!(house.database.number(&waiting) >= 2, "one may follow the one that asks");
    receiver.take();
    receiver.always(200);
    house.advance(TimeDelta::minutes(1)).await;
    house.advance(TimeDelta::seconds(1)).await;
    house.skip_all().await;
    let calls = receiver.take();
    for learner in &learners[5..] {
        let of: Vec<String> = calls
            .iter()
            .filter(|call| call.json()["data"]["user"]["id"] == learner.id.to_string())
            .map(Call::event_type)
            .collect();
        assert_eq!(of, ["quiz_stat.created", "quiz_stat.updated"], "{}", learner.key);
    }
    assert!(calls.last().unwrap().at < late, "called back, and not waited for");
}
