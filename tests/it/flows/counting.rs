//! Each event counts once, for ever; a bad one stops no other; a late one takes nothing back.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};
use stoa_core::clock::Clock;
use stoa_protocols::event::ItemKind;

use super::steps::{accept, course, event, event_at, item, lesson, send, small_class, subscribe};
use crate::support::{TestHouse, database::schools, schools::start};

/// How many outcomes there are of each status.
fn tally(outcomes: &[Value]) -> BTreeMap<&str, usize> {
    let mut tally = BTreeMap::new();
    for outcome in outcomes {
        *tally.entry(outcome["status"].as_str().expect("a status")).or_default() += 1;
    }
    tally
}

/// What is kept of a learner's activity, to see that nothing changed.
fn kept(house: &TestHouse) -> Vec<Value> {
    let tables = ["standings", "enrolments", "progress_events", "events", "outbox", "deliveries"];
    tables
        .iter()
        .map(|table| {
            house.database.value(&format!("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"))
        })
        .collect()
}

fn standing(house: &TestHouse, kind: &str) -> Value {
    house.database.rows(&format!("SELECT * FROM standings WHERE object_kind = '{kind}'")).remove(0)
}

#[actix_web::test]
async fn the_same_id_twice_in_one_request() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let twice = event(&house, "e1", &ana, course(&built), "started");
    let mut other = twice.clone();
    other["verb"] = json!("completed");
    let outcomes = send(&house, vec![twice, other]).await;
    assert_eq!((&outcomes[0]["status"], &outcomes[1]["status"]), (&json!("accepted"), &json!("duplicate")));
    assert_eq!(standing(&house, "course")["completed_at"], Value::Null, "the second changed something");
    house.settle().await;
}

#[actix_web::test]
async fn the_same_id_again_also_after_a_restart() {
    let mut house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let first = accept(&house, vec![event(&house, "e1", &ana, course(&built), "started")]).await.remove(0);
    house.settle().await;
    let before = kept(&house);
    house.clock.advance(TimeDelta::days(400));
    house.crash();
    let other = event(&house, "e1", &ana, item(&built, (0, 0)), "passed");
    let again = send(&house, vec![other]).await.remove(0);
    assert_eq!(again["status"], "duplicate", "{again}");
    assert_eq!(again["events"], first["events"], "it names what it caused the first time");
    assert_eq!(kept(&house), before);
}

#[actix_web::test]
async fn the_same_id_in_many_requests_at_once() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, _) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    let other = house.another_node();
    let callers = [house.admin(), TestHouse::caller_of(&other, Some(&house.school.admin.token))];
    let sent = (0..40).map(|nth| {
        let body = json!({ "events": [event(&house, "e1", &ana, course(&built), "completed")] });
        let caller = callers[nth % 2].clone();
        async move { caller.post("/api/progress-events", body).await.data()[0].clone() }
    });
    let outcomes = join_all(sent).await;
    assert_eq!(tally(&outcomes), BTreeMap::from([("accepted", 1), ("duplicate", 39)]));
    house.settle().await;
    assert_eq!(receiver.take().len(), 1);
    assert_eq!(house.database.number("SELECT count(*) FROM progress_events"), 1);
}

/// Two learners under one id at one moment: nobody is told of a conflict that is not his.
#[actix_web::test]
async fn the_same_id_for_two_learners_at_once() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "bob"]).await;
    let other = house.another_node();
    let callers = [house.admin(), TestHouse::caller_of(&other, Some(&house.school.admin.token))];
    for round in 0..5 {
        let sent = (0..12).map(|nth| {
            let one =
                event(&house, &format!("round {round}"), &learners[nth / 2 % 2], item(&built, (0, 0)), "progressed");
            let caller = callers[nth % 2].clone();
            async move { caller.post("/api/progress-events", json!({ "events": [one] })).await.data()[0].clone() }
        });
        let outcomes = join_all(sent).await;
        assert_eq!(tally(&outcomes), BTreeMap::from([("accepted", 1), ("duplicate", 11)]), "round {round}");
    }
    house.settle().await;
}

#[actix_web::test]
async fn an_id_is_unique_in_its_institution_alone() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "started")]).await;
    let abroad = house.stranger();
    abroad.post("/api/courses", json!({ "title": "Spanish", "external_id": "spanish" })).await.data();
    let tenant = &schools().abroad.tenant;
    let eva = json!({ "email": "eva@abroad.example", "name": "Eva", "external_id": "ana" });
    abroad.post(&format!("/api/institutions/{tenant}/members"), eva).await.data();
    let named = |verb: &str, id: &str| {
        json!({
            "id": id, "occurred_at": "2026-11-21T09:00:00Z", "user": { "external_id": "ana" },
            "object": { "kind": "course", "external_id": "spanish" }, "verb": verb,
        })
    };
    let events = json!({ "events": [named("enrolled", "e0"), named("started", "e1")] });
    let outcomes = abroad.post("/api/progress-events", events).await.data();
    assert_eq!(tally(outcomes.as_array().unwrap()), BTreeMap::from([("accepted", 2)]), "{outcomes}");
    house.settle().await;
}

#[actix_web::test]
async fn five_hundred_at_once() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[ItemKind::Quiz, ItemKind::Material]], &["ana", "bob", "cleo", "dan"]).await;
    let (receiver, _) = subscribe(&house, "https://a.example", json!({ "events": ["material_stat.created"] })).await;
    let some =
        |nth: usize| event(&house, &format!("e{nth}"), &learners[nth % 4], item(&built, (0, nth % 2)), "progressed");
    let outcomes = accept(&house, (0..500).map(some).collect()).await;
    let ids: Vec<&str> = outcomes.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, (0..500).map(|nth| format!("e{nth}")).collect::<Vec<_>>(), "answered in order");
    house.settle().await;
    assert_eq!(receiver.take().len(), 2, "of four learners two met the material");
}

#[actix_web::test]
async fn many_learners_at_once_lose_nothing() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "bob", "cleo", "dan"]).await;
    let (receiver, _) = subscribe(&house, "https://a.example", json!({ "events": ["quiz_stat.created"] })).await;
    let sent = (0..80).map(|nth| {
        let learner = &learners[nth % learners.len()];
        let one = event(&house, &format!("e{nth}"), learner, item(&built, (0, 0)), "answered");
        let (caller, body) = (house.admin(), json!({ "events": [one] }));
        async move { caller.post("/api/progress-events", body).await.data()[0].clone() }
    });
    let outcomes = join_all(sent).await;
    assert_eq!(tally(&outcomes), BTreeMap::from([("accepted", 80)]));
    house.settle().await;
    assert_eq!(receiver.take().len(), learners.len(), "each learner's first answer is announced once");
    assert_eq!(house.database.number("SELECT count(*) FROM progress_events"), 80);
}

#[actix_web::test]
async fn a_bad_event_stops_no_other() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let bob = house.learners(&["bob"]).await.remove(0);
    let good = |id: &str| event(&house, id, &ana, course(&built), "progressed");
    let mut too_much = good("too much");
    too_much["result"] = json!({ "progress": 1.5 });
    let mut nobody = good("nobody");
    nobody["user"] = json!({ "external_id": "nobody" });
    let mut nowhere = good("nowhere");
    nowhere["object"] = json!({ "kind": "lesson", "id": "lsn_00000000000000000000000001" });
    let mut wrong_kind = good("wrong kind");
    wrong_kind["object"]["kind"] = json!("lesson");
    let stranger = event(&house, "not enrolled", &bob, course(&built), "started");
    let events = vec![good("e1"), too_much, json!("no event"), nobody, nowhere, wrong_kind, stranger, good("e2")];
    let outcomes = send(&house, events).await;
    let lines: Vec<String> = outcomes
        .iter()
        .map(|one| format!("{} {} {} {}", one["id"], one["status"], one["code"], one["detail"]))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    "e1" "accepted" null null
    "too much" "rejected" "validation_failed" "/result/progress: wanted 0 to 1"
    null "rejected" "validation_failed" "wanted an object"
    "nobody" "rejected" "not_found" "/user: no such object here"
    "nowhere" "rejected" "not_found" "/object: no such object here"
    "wrong kind" "rejected" "not_found" "/object: no such object here"
    "not enrolled" "rejected" "not_enrolled" "the learner is not enrolled on the course"
    "e2" "accepted" null null
    "#);
    // Corrected, the same id counts.
    accept(&house, vec![good("too much")]).await;
    house.settle().await;
}

#[actix_web::test]
async fn learners_and_objects_have_several_names() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let objects = [json!({ "kind": "item", "external_id": "spanish/1/1" }), item(&built, (0, 0))];
    let users = [
        json!({ "id": ana.id }),
        json!({ "external_id": ana.key }),
        json!({ "email": ana.email }),
        json!({ "email": ana.email.to_uppercase() }),
    ];
    let mut events = Vec::new();
    for (nth, (object, user)) in
        objects.iter().flat_map(|object| users.iter().map(move |user| (object, user))).enumerate()
    {
        let mut one = event(&house, &format!("e{nth}"), &ana, object.clone(), "progressed");
        one["user"] = user.clone();
        events.push(one);
    }
    accept(&house, events).await;
    assert_eq!(house.database.number("SELECT count(*) FROM standings WHERE object_kind = 'item'"), 1);
    house.settle().await;
}

#[actix_web::test]
async fn a_late_event_takes_nothing_back() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let at = |minutes| start() + TimeDelta::minutes(minutes);
    let (receiver, _) = subscribe(&house, "https://a.example", json!({ "events": ["quiz_stat.updated"] })).await;
    let mut passed = event_at("e1", at(0), &ana, (item(&built, (0, 0)), "passed"));
    passed["result"] = json!({ "score": { "raw": 9 }, "attempt": 2 });
    accept(&house, vec![passed]).await;
    house.advance(TimeDelta::minutes(1)).await;
    receiver.take();
    let mut late = event_at("e2", at(-30), &ana, (item(&built, (0, 0)), "failed"));
    late["result"] = json!({ "progress": 0.2, "score": { "raw": 2 }, "duration_seconds": 60, "attempt": 1 });
    accept(&house, vec![late]).await;
    let standing = standing(&house, "item");
    let facts = ["progress", "success", "score_raw", "time_spent_seconds"].map(|name| standing[name].clone());
    assert_eq!(facts, [json!(10_000), json!(true), json!(9), json!(60)]);
    assert_eq!(standing["completed_at"], "2026-11-21T09:00:00+00:00");
    // What it proves is added: he began earlier than was known.
    assert_eq!(standing["started_at"], "2026-11-21T08:30:00+00:00");
    assert_eq!(standing["last_occurred_at"], "2026-11-21T09:00:00+00:00");
    house.settle().await;
}

/// Completion, success and score are three facts: none of them stands for another.
#[actix_web::test]
async fn completing_passing_and_scoring_are_three_facts() {
    let house = TestHouse::new().await;
    let (built, _) = small_class(&house).await;
    let learners = house.learners(&["bob", "cleo", "dan"]).await;
    house.enrol(&built, &learners).await;
    let quiz = || item(&built, (0, 0));
    let mut failed = event(&house, "e1", &learners[0], quiz(), "failed");
    failed["result"] = json!({ "score": { "raw": 3 } });
    let completed = event(&house, "e2", &learners[1], quiz(), "completed");
    let mut scored = event(&house, "e3", &learners[2], quiz(), "answered");
    scored["result"] = json!({ "score": { "raw": 10 } });
    accept(&house, vec![failed, completed, scored]).await;
    let facts: Vec<String> = learners
        .iter()
        .map(|learner| {
            let user = learner.id.uuid();
            let of = format!("SELECT * FROM standings WHERE object_kind = 'item' AND user_id = '{user}'");
            let standing = house.database.rows(&of).remove(0);
            format!("{} {} {}", standing["completed_at"].is_string(), standing["success"], standing["score_raw"])
        })
        .collect();
    assert_eq!(facts, ["false false 3", "true null null", "false null 10"]);
    house.settle().await;
}

/// Standing, enrolment, completion and the events that tell of them are committed together: after any answer, all
/// or nothing is there.
#[actix_web::test]
async fn what_an_event_changes_and_announces_is_one() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    // A learner may not be locked for ever by whoever is slow: the batch waits, and is whole when it is answered.
    accept(&house, vec![event(&house, "e1", &ana, lesson(&built, 0), "completed")]).await;
    let events = house.database.rows("SELECT type FROM events ORDER BY id");
    let types: Vec<&str> = events.iter().map(|row| row["type"].as_str().unwrap()).collect();
    assert!(types.contains(&"course.completed") && types.contains(&"enrollment.completed"), "{types:?}");
    assert_eq!(house.database.number("SELECT count(*) FROM enrolments WHERE status = 'completed'"), 1);
    assert_eq!(house.database.number("SELECT count(*) FROM outbox"), 7, "all of it is owed");
    assert_eq!(house.clock.now(), start(), "and no time has passed");
    house.settle().await;
}
