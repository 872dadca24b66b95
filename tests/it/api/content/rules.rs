//! What completes a course, and what comes before it.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind::{Material, Quiz};

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

const COURSE: &str = "/api/courses/external_id:spanish";

async fn set(house: &TestHouse, change: Value) {
    house.admin().patch(COURSE, change).await.expect(StatusCode::OK);
}

async fn did(house: &TestHouse, (id, item): (&str, &str), raw: Option<i32>) {
    let result = raw.map_or(json!({}), |raw| json!({ "score": { "raw": raw } }));
    let event = json!({
        "id": id, "occurred_at": "2026-11-21T08:00:00Z", "user": { "external_id": "ana" }, "verb": "completed",
        "object": { "kind": "item", "external_id": item }, "result": result,
    });
    let told = house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    assert_eq!(told[0]["status"], "accepted", "{told}");
}

/// Status and progress of Ana on the course.
async fn stands(house: &TestHouse) -> (Value, Value) {
    let path = format!("{COURSE}/lesson-progress?external_id=ana");
    let told = house.admin().get(&path).await.expect(StatusCode::OK).data();
    (told["course"]["status"].clone(), told["course"]["progress"].clone())
}

#[actix_web::test]
async fn a_share_of_the_weight_completes() {
    let house = TestHouse::new().await;
    house.class(&[&[Material], &[Material], &[Material]], &["ana"]).await;
    set(&house, json!({ "completion": { "rule": "weight", "threshold": 6000 } })).await;
    did(&house, ("e1", "spanish/1/1"), None).await;
    assert_eq!(stands(&house).await, (json!("in_progress"), json!(33)));
    did(&house, ("e2", "spanish/3/1"), None).await;
    assert_eq!(stands(&house).await, (json!("completed"), json!(100)), "two thirds are enough");
    let path = format!("{COURSE}/lesson-progress?external_id=ana");
    let told = house.admin().get(&path).await.data();
    assert_eq!(told["course"]["content_changed_after_completion"], false, "he did not have to do the second");
    assert_eq!(house.admin().get(COURSE).await.data()["completion"], json!({ "rule": "weight", "threshold": 6000 }));
    house.settle().await;
}

#[actix_web::test]
async fn the_listed_lessons_complete() {
    let house = TestHouse::new().await;
    house.class(&[&[Material], &[Material], &[Material]], &["ana"]).await;
    set(&house, json!({ "completion": { "rule": "listed_lessons", "lesson_ids": ["external_id:spanish/3"] } })).await;
    did(&house, ("e1", "spanish/1/1"), None).await;
    assert_eq!(stands(&house).await, (json!("in_progress"), json!(0)));
    did(&house, ("e2", "spanish/3/1"), None).await;
    assert_eq!(stands(&house).await, (json!("completed"), json!(100)));
    house.settle().await;
}

#[actix_web::test]
async fn a_score_is_wanted_beside_the_lessons() {
    let house = TestHouse::new().await;
    house.class(&[&[Quiz]], &["ana"]).await;
    set(&house, json!({ "completion": { "rule": "passing_score", "threshold": 7000 } })).await;
    did(&house, ("e1", "spanish/1/1"), Some(6)).await;
    assert_eq!(stands(&house).await, (json!("in_progress"), json!(99)), "all is done, and not well enough");
    did(&house, ("e2", "spanish/1/1"), Some(7)).await;
    assert_eq!(stands(&house).await, (json!("completed"), json!(100)), "another attempt is");
    house.settle().await;
    assert_eq!(house.database.number("SELECT count(*) FROM events WHERE type = 'course.completed'"), 1);
}

#[actix_web::test]
async fn a_rule_has_what_it_needs_and_nothing_else() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[Quiz]]).await;
    house.course("other", &[&[Quiz]]).await;
    let admin = house.admin();
    for (completion, pointer) in [
        (json!({ "rule": "all" }), "/completion/rule"),
        (json!({ "rule": "weight" }), "/completion/threshold"),
        (json!({ "rule": "weight", "threshold": 0 }), "/completion/threshold"),
        (json!({ "rule": "passing_score", "threshold": 10_001 }), "/completion/threshold"),
        (json!({ "rule": "required_lessons", "threshold": 5 }), "/completion/threshold"),
        (json!({ "rule": "listed_lessons" }), "/completion/lesson_ids"),
        (json!({ "rule": "listed_lessons", "lesson_ids": ["external_id:other/1"] }), "/completion/lesson_ids/0"),
        (
            json!({ "rule": "weight", "threshold": 5, "lesson_ids": ["external_id:spanish/1"] }),
            "/completion/lesson_ids",
        ),
    ] {
        let refusal = admin.patch(COURSE, json!({ "completion": completion })).await.refusal();
        assert_eq!(refusal, (422, "validation_failed".into(), vec![pointer.to_owned()]), "{completion}");
    }
    assert_eq!(admin.patch(COURSE, json!({ "lesson_order": "random" })).await.refusal().2, ["/lesson_order"]);
}

/// Lets a course wait for another.
async fn after(admin: &Caller, course: &str, first: &str) -> Answer {
    let change = json!({ "prerequisite_ids": [format!("external_id:{first}")] });
    admin.patch(&format!("/api/courses/external_id:{course}"), change).await
}

#[actix_web::test]
async fn no_course_waits_for_itself() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for key in ["a", "b", "c"] {
        house.course(key, &[]).await;
    }
    after(&admin, "b", "a").await.expect(StatusCode::OK);
    after(&admin, "c", "b").await.expect(StatusCode::OK);
    for (course, first) in [("a", "c"), ("a", "b"), ("a", "a")] {
        assert_eq!(after(&admin, course, first).await.refusal().2, ["/prerequisite_ids"], "{course} after {first}");
    }
    // A course that is gone holds nobody up.
    admin.delete("/api/courses/external_id:b").await.expect(StatusCode::NO_CONTENT);
    after(&admin, "a", "c").await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn of_two_that_would_close_a_ring_one_is_refused() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    house.course("a", &[]).await;
    house.course("b", &[]).await;
    let (one, other) = futures::future::join(after(&admin, "a", "b"), after(&admin, "b", "a")).await;
    let mut answers = [one.status, other.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 422]);
}
