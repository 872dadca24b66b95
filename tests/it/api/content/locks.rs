//! Lessons that a learner may not begin yet.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind::Material;

use crate::support::TestHouse;

const COURSE: &str = "/api/courses/external_id:spanish";

async fn did(house: &TestHouse, id: &str, (kind, what): (&str, &str)) {
    let event = json!({
        "id": id, "occurred_at": "2026-11-21T08:00:00Z", "user": { "external_id": "ana" }, "verb": "completed",
        "object": { "kind": kind, "external_id": what },
    });
    let told = house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    assert_eq!(told[0]["status"], "accepted", "a lock loses nothing: {told}");
}

async fn statuses(house: &TestHouse) -> Vec<Value> {
    let path = format!("{COURSE}/lesson-progress?external_id=ana");
    let told = house.admin().get(&path).await.expect(StatusCode::OK).data();
    let one: Vec<Value> = told["lessons"].as_array().unwrap().iter().map(|lesson| lesson["status"].clone()).collect();
    let matrix = house.admin().get(&format!("{COURSE}/lesson-progress/matrix")).await.data();
    let row: Vec<Value> = matrix[0]["lessons"].as_array().unwrap().iter().map(|cell| cell["status"].clone()).collect();
    assert_eq!(one, row, "two screens never disagree");
    one
}

#[actix_web::test]
async fn in_a_sequential_course_a_lesson_opens_after_the_required_ones_before_it() {
    let house = TestHouse::new().await;
    house.class(&[&[Material], &[Material], &[Material], &[Material]], &["ana"]).await;
    let admin = house.admin();
    admin.patch(COURSE, json!({ "lesson_order": "sequential" })).await.expect(StatusCode::OK);
    admin.patch("/api/lessons/external_id:spanish%2F2", json!({ "required": false })).await.expect(StatusCode::OK);
    assert_eq!(statuses(&house).await, ["not_started", "locked", "locked", "locked"]);
    did(&house, "e1", ("item", "spanish/1/1")).await;
    assert_eq!(statuses(&house).await, ["completed", "not_started", "not_started", "locked"], "the second is optional");
    did(&house, "e2", ("item", "spanish/4/1")).await;
    assert_eq!(statuses(&house).await, ["completed", "not_started", "not_started", "completed"]);
    house.settle().await;
}

#[actix_web::test]
async fn prerequisites_lock_a_course_and_keep_nobody_off_it() {
    let house = TestHouse::new().await;
    house.course("alphabet", &[&[Material]]).await;
    house.course("spanish", &[&[Material], &[Material]]).await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    let change = json!({ "prerequisite_ids": ["external_id:alphabet"] });
    admin.patch(COURSE, change).await.expect(StatusCode::OK);
    let ana = json!({ "user": { "external_id": "ana" } });
    let enrolled = admin.post(&format!("{COURSE}/enrollments"), ana.clone()).await.expect(StatusCode::CREATED).data();
    let alphabet = admin.get("/api/courses/external_id:alphabet").await.data()["id"].clone();
    assert_eq!(enrolled[0]["unmet_prerequisite_ids"], json!([alphabet]));
    assert_eq!(statuses(&house).await, ["locked", "locked"]);
    did(&house, "e1", ("item", "spanish/2/1")).await;
    assert_eq!(statuses(&house).await, ["locked", "completed"], "what was done counts");
    admin.post("/api/courses/external_id:alphabet/enrollments", ana.clone()).await.expect(StatusCode::CREATED);
    did(&house, "e2", ("course", "alphabet")).await;
    assert_eq!(statuses(&house).await, ["not_started", "completed"]);
    let again = admin.post(&format!("{COURSE}/enrollments"), ana).await.expect(StatusCode::OK).data();
    assert_eq!(again[0]["unmet_prerequisite_ids"], json!([]));
    house.settle().await;
}
