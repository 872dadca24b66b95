//! Trainings over HTTP.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind::Quiz;

use crate::support::TestHouse;

#[actix_web::test]
async fn a_training_lives_and_goes_with_its_items() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[Quiz, Quiz]]).await;
    let admin = house.admin();
    let new = json!({ "lesson_id": "external_id:spanish/1", "title": "Exam", "kind": "exam", "pass_score": 7000, "external_id": "exam" });
    let training = admin.post("/api/trainings", new).await.expect(StatusCode::CREATED).data();
    assert_eq!((&training["position"], &training["item_count"]), (&json!(2), &json!(0)));
    let changed =
        admin.patch("/api/trainings/external_id:exam", json!({ "pass_score": null, "kind": "review" })).await.data();
    assert_eq!(
        (&changed["pass_score"], &changed["kind"], &changed["version"]),
        (&Value::Null, &json!("review"), &json!(2))
    );

    let first = "/api/trainings/external_id:spanish%2F1";
    assert_eq!(admin.get(first).await.data()["item_count"], 2);
    admin.delete(first).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(admin.delete(first).await.refusal().0, 404);
    assert_eq!(admin.get("/api/trainingItems").await.json()["meta"]["total"], 0);
    assert_eq!(admin.get("/api/trainings").await.json()["meta"]["total"], 1);
}

#[actix_web::test]
async fn trainings_are_found_by_lesson_and_by_course() {
    let house = TestHouse::new().await;
    house.course("a", &[&[], &[]]).await;
    house.course("b", &[&[]]).await;
    let admin = house.admin();
    for (query, total) in [
        ("", 3),
        ("course_id=external_id:a", 2),
        ("lesson_id=external_id:a/2", 1),
        ("course_id=course-b&lesson_id=external_id:a/2", 0),
    ] {
        assert_eq!(admin.get(&format!("/api/trainings?{query}")).await.json()["meta"]["total"], total, "{query}");
    }
    assert_eq!(admin.get("/api/trainings?lesson_id=external_id:z").await.refusal().0, 404);
}

#[actix_web::test]
async fn bad_trainings_are_refused() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[]]).await;
    let admin = house.admin();
    for (field, value) in [
        ("lesson_id", json!("external_id:nothing")),
        ("lesson_id", json!("lsn_01h455vb4pex5vsknk084sn02q")),
        ("title", json!("\t")),
        ("kind", json!("")),
        ("position", json!(100_001)),
        ("pass_score", json!(10_001)),
        ("pass_score", json!(-1)),
    ] {
        let mut body = json!({ "lesson_id": "external_id:spanish/1", "title": "x" });
        body[field] = value;
        let refusal = admin.post("/api/trainings", body.clone()).await.refusal();
        assert_eq!(refusal, (422, "validation_failed".into(), vec![format!("/{field}")]), "{body}");
    }
    assert_eq!(house.database.number("SELECT count(*) FROM trainings"), 1);
}
