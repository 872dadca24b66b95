//! Receivers that hang, fail, leave for good, pause or want only a part; and the order of what they get.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind;

use super::steps::{accept, change, course, deliveries, event, item, lesson, small_class, subscribe, webhook};
use crate::support::{
    TestHouse,
    receivers::{Call, status_only},
};

/// Statuses of a webhook's deliveries, oldest first.
async fn statuses(house: &TestHouse, hook: &Value) -> Vec<String> {
    let log = deliveries(house, hook).await;
    log.iter().rev().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
}

fn types(calls: &[Call]) -> Vec<String> {
    calls.iter().map(Call::event_type).collect()
}

#[actix_web::test]
async fn a_receiver_that_is_gone_is_left_alone_and_its_people_are_told() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (gone, hook) =
        subscribe(&house, "https://gone.example", json!({ "events": ["course.completed", "course_stat.updated"] }))
            .await;
    let (other, _) = subscribe(&house, "https://other.example", json!({ "events": ["webhook.disabled"] })).await;
    gone.then([status_only(500), status_only(500)]);
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    house.settle().await;
    gone.always(410);
    house.skip_all().await;
    let disabled = webhook(&house, &hook).await;
    assert_eq!(disabled["status"], "disabled_failing");
    assert!(disabled["status_reason"].as_str().unwrap().contains("410"), "{disabled}");
    assert_eq!(statuses(&house, &hook).await, ["cancelled", "cancelled"]);
    let told = other.take();
    assert_eq!(types(&told), ["webhook.disabled"]);
    assert_eq!(told[0].json()["object"]["id"], hook["id"]);
    let mut letters: Vec<String> = house.take_letters().into_iter().map(|letter| letter.to.address).collect();
    letters.sort();
    assert_eq!(letters, ["admin@home.example", "owner@home.example"]);
    // From now on nothing is owed to it, and nothing is sent.
    gone.take();
    accept(&house, vec![event(&house, "e2", &ana, lesson(&built, 0), "progressed")]).await;
    house.settle().await;
    house.skip_all().await;
    assert_eq!(gone.take().len(), 0);
    assert_eq!(statuses(&house, &hook).await.len(), 2);
}

#[actix_web::test]
async fn a_paused_receiver_loses_nothing() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "bob", "cleo"]).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    receiver.then([status_only(500)]);
    accept(&house, vec![event(&house, "e0", &learners[0], course(&built), "completed")]).await;
    house.settle().await;
    change(&house, &hook, json!({ "status": "paused" })).await;
    for (nth, learner) in learners.iter().enumerate().skip(1) {
        accept(&house, vec![event(&house, &format!("e{nth}"), learner, course(&built), "completed")]).await;
    }
    house.settle().await;
    house.skip_all().await;
    house.advance(TimeDelta::days(2)).await;
    assert_eq!(receiver.take().len(), 1, "the attempt before the pause");
    assert_eq!(statuses(&house, &hook).await, ["retrying", "pending", "pending"]);
    change(&house, &hook, json!({ "status": "enabled" })).await;
    house.settle().await;
    house.skip_all().await;
    assert_eq!(receiver.take().len(), 3);
    assert_eq!(statuses(&house, &hook).await, ["succeeded"; 3]);
}

#[actix_web::test]
async fn a_deleted_receiver_is_owed_nothing() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({})).await;
    receiver.always(500);
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "started")]).await;
    house.settle().await;
    assert_eq!(receiver.take().len(), 1);
    let path = format!("/api/integrations/webhooks/{}", hook["id"].as_str().unwrap());
    assert_eq!(house.admin().delete(&path).await.status, 204);
    house.skip_all().await;
    assert_eq!(receiver.take().len(), 0);
    let log = house.database.rows("SELECT status FROM deliveries");
    assert_eq!(log[0]["status"], "cancelled", "the log stays");
    let (status, code, _) = house.admin().get(&format!("{path}/deliveries")).await.refusal();
    assert_eq!((status, code.as_str()), (404, "webhook_not_found"));
    // Its address is free again, for another webhook with a log of its own.
    let (_, again) = subscribe(&house, "https://a.example", json!({})).await;
    assert_ne!(again["id"], hook["id"]);
}

#[actix_web::test]
async fn a_receiver_switched_off_by_a_person_is_owed_nothing_of_the_time() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "bob", "cleo"]).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    receiver.then([status_only(500)]);
    let completed = |nth: usize| vec![event(&house, &format!("e{nth}"), &learners[nth], course(&built), "completed")];
    accept(&house, completed(0)).await;
    house.settle().await;
    change(&house, &hook, json!({ "status": "disabled_by_user" })).await;
    accept(&house, completed(1)).await;
    house.settle().await;
    change(&house, &hook, json!({ "status": "enabled" })).await;
    accept(&house, completed(2)).await;
    house.settle().await;
    house.skip_all().await;
    assert_eq!(receiver.take().len(), 2, "the attempt before and the event after");
    assert_eq!(statuses(&house, &hook).await, ["cancelled", "succeeded"]);
}

#[actix_web::test]
async fn what_is_owed_goes_where_it_was_owed_to() {
    let house = TestHouse::new().await;
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "bob"]).await;
    let (old, hook) = subscribe(&house, "https://old.example", json!({ "events": ["course.completed"] })).await;
    old.then([status_only(500)]);
    accept(&house, vec![event(&house, "e1", &learners[0], course(&built), "completed")]).await;
    house.settle().await;
    let new = house.receivers.at("https://new.example/");
    change(&house, &hook, json!({ "url": new.url() })).await;
    accept(&house, vec![event(&house, "e2", &learners[1], course(&built), "completed")]).await;
    house.settle().await;
    house.skip_all().await;
    assert_eq!((old.take().len(), new.take().len()), (2, 1));
}

/// A receiver that never comes back: each delivery ends within its window, and none is forgotten behind the breaker.
#[actix_web::test]
async fn a_receiver_that_stays_away_leaves_exhausted_deliveries() {
    let house = TestHouse::new().await;
    let keys: Vec<String> = (0..20).map(|nth| format!("learner{nth}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &keys).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    receiver.always(500);
    for (nth, learner) in learners.iter().enumerate() {
        accept(&house, vec![event(&house, &format!("e{nth}"), learner, course(&built), "completed")]).await;
        house.settle().await;
    }
    house.skip_all().await;
    assert_eq!(statuses(&house, &hook).await, ["exhausted"; 20]);
    for delivery in deliveries(&house, &hook).await {
        let attempts = delivery["attempts"].as_array().unwrap();
        assert!((1..=6).contains(&attempts.len()), "{delivery}");
    }
    assert!(receiver.take().len() < 6 * 20, "and the breaker spared the receiver most of it");
}

#[actix_web::test]
async fn an_open_breaker_defers_and_loses_nothing() {
    let house = TestHouse::new().await;
    let keys: Vec<String> = (0..15).map(|nth| format!("learner{nth}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &keys).await;
    let (receiver, hook) = subscribe(&house, "https://a.example", json!({ "events": ["course.completed"] })).await;
    receiver.always(500);
    let completed = |nth: usize| event(&house, &format!("e{nth}"), &learners[nth], course(&built), "completed");
    accept(&house, (0..5).map(completed).collect()).await;
    house.settle().await;
    assert_eq!(receiver.take().len(), 5, "five failures in a row open the breaker");
    accept(&house, (5..15).map(completed).collect()).await;
    house.settle().await;
    assert_eq!(receiver.take().len(), 0, "and then nobody bothers the receiver");
    let fresh = deliveries(&house, &hook).await;
    let unattempted = fresh.iter().filter(|one| one["attempt_count"] == 0).count();
    assert_eq!(unattempted, 10, "what was deferred was not attempted");
    receiver.always(200);
    house.skip_all().await;
    let ids: std::collections::BTreeSet<String> =
        receiver.take().iter().map(|call| call.header("webhook-id").unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 15);
    assert_eq!(statuses(&house, &hook).await, ["succeeded"; 15]);
}

#[actix_web::test]
async fn a_receiver_that_hangs_holds_up_nobody_else() {
    let house = TestHouse::new().await;
    let keys: Vec<String> = (0..80).map(|nth| format!("learner{nth}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (built, learners) = house.class(&[&[ItemKind::Quiz]], &keys).await;
    let fields = || json!({ "events": ["course.completed"] });
    let (hanging, slow) = subscribe(&house, "https://hangs.example", fields()).await;
    let (healthy, quick) = subscribe(&house, "https://healthy.example", fields()).await;
    let held: Vec<_> = learners.iter().map(|_| hanging.hold()).collect();
    let completed = learners.iter().map(|one| event(&house, &one.key, one, course(&built), "completed"));
    accept(&house, completed.collect()).await;
    house.relay().await;
    // More wait for the one than may be under way to it; the other gets all of its own meanwhile.
    healthy.called(80).await;
    hanging.called(64).await;
    assert_eq!(hanging.take().len(), 64, "as many at once as one receiver may keep busy");
    for answer in held {
        answer.answer(200);
    }
    house.settle().await;
    assert_eq!(hanging.take().len(), 16);
    assert_eq!(statuses(&house, &slow).await, ["succeeded"; 80]);
    assert_eq!(statuses(&house, &quick).await, ["succeeded"; 80]);
}

#[actix_web::test]
async fn a_receiver_gets_what_it_is_limited_to() {
    let house = TestHouse::new().await;
    let (first, learners) = house.class(&[&[ItemKind::Quiz, ItemKind::Quiz], &[ItemKind::Quiz]], &["ana"]).await;
    let second = house.course("french", &[&[ItemKind::Quiz]]).await;
    house.enrol(&second, &learners).await;
    house.settle().await;
    let only = |scope: Value| json!({ "scope": scope, "events": ["*"] });
    let item_id = &first.lessons[0].items[0].id;
    let (of_all, _) = subscribe(&house, "https://all.example", json!({})).await;
    let (of_course, _) =
        subscribe(&house, "https://course.example", only(json!({ "courses": ["external_id:spanish"] }))).await;
    let (of_lesson, _) =
        subscribe(&house, "https://lesson.example", only(json!({ "lessons": [first.lessons[0].id] }))).await;
    let (of_item, shown) = subscribe(&house, "https://item.example", only(json!({ "items": [item_id] }))).await;
    assert_eq!(shown["scope"]["items"], json!([item_id]));
    let ana = &learners[0];
    accept(
        &house,
        vec![
            event(&house, "e1", ana, item(&first, (0, 0)), "started"),
            event(&house, "e2", ana, item(&first, (0, 1)), "started"),
            event(&house, "e3", ana, item(&first, (1, 0)), "started"),
            event(&house, "e4", ana, item(&second, (0, 0)), "started"),
        ],
    )
    .await;
    house.settle().await;
    assert_eq!(of_item.take_types(), ["quiz_stat.created"]);
    assert_eq!(
        of_lesson.take_types(),
        ["lesson.started", "quiz_stat.created", "quiz_stat.created", "section_stat.created"]
    );
    assert_eq!(of_course.take().len(), 8);
    assert_eq!(of_all.take().len(), 12);
}

/// Order is promised for one object: what announces it is attempted before what tells of a change.
#[actix_web::test]
async fn an_object_is_announced_before_its_changes() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, _) =
        subscribe(&house, "https://a.example", json!({ "events": ["quiz_stat.created", "quiz_stat.updated"] })).await;
    let slow = receiver.hold();
    let started = event(&house, "e1", &ana, item(&built, (0, 0)), "started");
    let passed = event(&house, "e2", &ana, item(&built, (0, 0)), "passed");
    accept(&house, vec![started, passed]).await;
    house.relay().await;
    receiver.called(1).await;
    // One more, in a batch of its own, while the first attempt is still under way.
    let mut better = event(&house, "e3", &ana, item(&built, (0, 0)), "answered");
    better["result"] = json!({ "score": { "raw": 10 } });
    accept(&house, vec![better]).await;
    house.relay().await;
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(types(&receiver.take()), ["quiz_stat.created"]);
    slow.answer(500);
    house.settle().await;
    house.skip_all().await;
    let after = types(&receiver.take());
    assert_eq!(after.iter().filter(|name| *name == "quiz_stat.updated").count(), 2, "{after:?}");
    assert_eq!(after.iter().filter(|name| *name == "quiz_stat.created").count(), 1, "its retry: {after:?}");
}

/// The promise holds across batches also when the announcement has not left yet.
#[actix_web::test]
async fn a_change_waits_for_an_announcement_that_waits() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, hook) =
        subscribe(&house, "https://a.example", json!({ "events": ["quiz_stat.created", "quiz_stat.updated"] })).await;
    change(&house, &hook, json!({ "status": "paused" })).await;
    accept(&house, vec![event(&house, "e1", &ana, item(&built, (0, 0)), "started")]).await;
    house.settle().await;
    change(&house, &hook, json!({ "status": "enabled" })).await;
    accept(&house, vec![event(&house, "e2", &ana, item(&built, (0, 0)), "passed")]).await;
    // The change is relayed before the announcement's promise is kept.
    house.relay().await;
    house.settle().await;
    house.skip_all().await;
    assert_eq!(types(&receiver.take()), ["quiz_stat.created", "quiz_stat.updated"]);
}
