//! The way of a course to its learners: submitted, approved or rejected, published, archived.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;

use crate::support::{TestHouse, callers::Caller};

const COURSE: &str = "/api/courses/draft";

async fn step(caller: &Caller, verb: &str, body: Value) -> crate::support::callers::Answer {
    caller.post(&format!("{COURSE}/{verb}"), body).await
}

async fn told(house: &TestHouse) -> Vec<String> {
    house.settle().await;
    let rows = house.database.rows("SELECT type FROM events WHERE type LIKE 'course.%' ORDER BY id");
    rows.iter().map(|row| row["type"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_course_is_reviewed_by_its_reviewer() {
    let house = TestHouse::new().await;
    let (admin, owner) = (house.admin(), house.owner());
    admin.post("/api/courses", json!({ "title": "Draft" })).await.expect(StatusCode::CREATED);
    let submitted = step(&admin, "submit", json!({ "reviewer_id": "owner@home.example" })).await.data();
    assert_eq!((&submitted["status"], &submitted["reviewer_id"]), (&json!("submitted"), &json!(house.school.owner.id)));
    assert_eq!(step(&admin, "approve", json!({})).await.refusal().1, "ability_missing", "he is not the reviewer");
    assert_eq!(step(&owner, "reject", json!({ "note": " " })).await.refusal().2, ["/note"]);
    let rejected = step(&owner, "reject", json!({ "note": "No exercises yet" })).await.data();
    assert_eq!((&rejected["status"], &rejected["review_note"]), (&json!("draft"), &json!("No exercises yet")));
    step(&admin, "submit", json!({})).await.expect(StatusCode::OK);
    let approved = step(&owner, "approve", json!({ "note": "Good" })).await.data();
    assert_eq!((&approved["status"], &approved["edition"]), (&json!("published"), &json!(1)));
    assert_eq!(told(&house).await, ["course.submitted", "course.submitted", "course.published"]);
    let versions = admin.get(&format!("{COURSE}/versions")).await.data();
    assert_eq!((&versions[0]["note"], &versions[0]["published_by"]), (&json!("Good"), &json!(house.school.owner.id)));
}

#[actix_web::test]
async fn each_step_begins_where_it_may() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    admin.post("/api/courses", json!({ "title": "Draft" })).await.expect(StatusCode::CREATED);
    for verb in ["approve", "reject"] {
        let refusal = step(&admin, verb, json!({ "note": "x" })).await.refusal();
        assert_eq!((refusal.0, refusal.1.as_str()), (409, "conflict"), "a draft is not to be decided: {verb}");
    }
    step(&admin, "submit", json!({})).await.expect(StatusCode::OK);
    for verb in ["submit", "publish"] {
        assert_eq!(step(&admin, verb, json!({})).await.refusal().0, 409, "it waits for review: {verb}");
    }
    assert_eq!(
        admin.request(actix_web::http::Method::POST, &format!("{COURSE}/archive")).send().await.refusal().0,
        409
    );
    // A system that has a review of its own decides without being anybody.
    let system = house.token(&[Ability::ContentWrite]).await;
    step(&system, "approve", json!({})).await.expect(StatusCode::OK);
    for _ in 0..2 {
        let archive = admin.request(actix_web::http::Method::POST, &format!("{COURSE}/archive")).send().await;
        assert_eq!(archive.data()["status"], "archived");
    }
    assert_eq!(step(&admin, "publish", json!({})).await.data()["status"], "published");
    assert_eq!(told(&house).await, ["course.submitted", "course.published", "course.archived", "course.published"]);
    assert_eq!(admin.get(&format!("{COURSE}/versions")).await.json()["meta"]["total"], 1, "nothing is new in it");
    let reader = house.token(&[Ability::ContentRead]).await;
    assert_eq!(step(&reader, "publish", json!({})).await.refusal().1, "ability_missing");
    assert_eq!(house.stranger().post(&format!("{COURSE}/publish"), json!({})).await.refusal().0, 404);
    let long = json!({ "note": "x".repeat(2_001) });
    assert_eq!(step(&admin, "publish", long).await.refusal().2, ["/note"]);
}
