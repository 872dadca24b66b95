//! Lessons over HTTP.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind::{Flashcard, Quiz};

use crate::support::TestHouse;

#[actix_web::test]
async fn a_lesson_lives_and_goes() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[]]).await;
    let admin = house.admin();
    let new = json!({
        "course_id": "course-spanish", "title": "Numbers", "type": "webinar", "weight": 3, "duration_minutes": 25,
        "skills": [" listening "], "cefr": "A2+", "external_id": "numbers",
    });
    let lesson = admin.post("/api/lessons", new).await.expect(StatusCode::CREATED).data();
    assert_eq!(
        (&lesson["position"], &lesson["required"], &lesson["type"]),
        (&json!(2), &json!(true), &json!("webinar"))
    );
    assert_eq!(
        (&lesson["skills"], &lesson["cefr"], &lesson["completable"]),
        (&json!(["listening"]), &json!("A2+"), &json!(false))
    );

    let path = "/api/lessons/external_id:numbers";
    let change = json!({ "position": 1, "required": false, "duration_minutes": null, "cefr": null, "skills": [] });
    let changed = admin.patch(path, change).await.data();
    assert_eq!((&changed["duration_minutes"], &changed["version"]), (&Value::Null, &json!(2)));
    assert_eq!(admin.get(path).await.data(), changed);

    admin.delete(path).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(admin.get(path).await.refusal().0, 404);
    assert_eq!(admin.delete(path).await.refusal().0, 404);
    assert_eq!(admin.get("/api/courses/course-spanish").await.data()["lesson_count"], 1);
}

#[actix_web::test]
async fn lessons_stand_in_the_order_of_their_course() {
    let house = TestHouse::new().await;
    house.course("a", &[&[Quiz], &[]]).await;
    house.course("b", &[&[]]).await;
    let admin = house.admin();
    admin.post("/api/lessons", json!({ "course_id": "external_id:a", "title": "First", "position": 1 })).await.data();
    let titles = async |query: &str| {
        let list = admin.get(&format!("/api/lessons?{query}")).await.expect(StatusCode::OK).json();
        let rows = list["data"].as_array().unwrap().clone();
        rows.into_iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles("course_id=external_id:a").await, ["Lesson 1", "First", "Lesson 2"]);
    assert_eq!(titles("").await.len(), 4);
    assert_eq!(admin.get("/api/lessons?course_id=external_id:c").await.refusal().0, 404);
    assert_eq!(admin.get("/api/lessons/external_id:a%2F1").await.data()["completable"], true);
}

#[actix_web::test]
async fn only_required_items_make_a_lesson_completable() {
    let house = TestHouse::new().await;
    house.course("a", &[&[Flashcard]]).await;
    let admin = house.admin();
    admin.patch("/api/trainingItems/external_id:a%2F1%2F1", json!({ "required": false })).await.data();
    assert_eq!(admin.get("/api/lessons/external_id:a%2F1").await.data()["completable"], false);
}

#[actix_web::test]
async fn bad_lessons_are_refused() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[]]).await;
    let admin = house.admin();
    for (field, value, pointer) in [
        ("course_id", json!("external_id:nothing"), "/course_id"),
        ("course_id", json!(7), "/course_id"),
        ("title", json!(""), "/title"),
        ("type", json!("a\u{0}b"), ""),
        ("position", json!(0), "/position"),
        ("position", json!(1.5), "/position"),
        ("weight", json!(-1), "/weight"),
        ("weight", json!(9_999_999_999_i64), "/weight"),
        ("duration_minutes", json!(100_001), "/duration_minutes"),
        ("skills", json!(["a", ""]), "/skills/1"),
        ("skills", json!(vec!["a"; 33]), "/skills"),
        ("cefr", json!("B3"), "/cefr"),
        ("external_id", json!(" x"), "/external_id"),
    ] {
        let mut body = json!({ "course_id": "external_id:spanish", "title": "x" });
        body[field] = value;
        let (status, _, pointers) = admin.post("/api/lessons", body.clone()).await.refusal();
        if pointer.is_empty() {
            assert_eq!(status, 400, "{body}");
        } else {
            assert_eq!((status, pointers), (422, vec![pointer.to_owned()]), "{body}");
        }
    }
    let moved = json!({ "course_id": "external_id:spanish" });
    assert_eq!(admin.patch("/api/lessons/external_id:spanish%2F1", moved).await.refusal().2, ["/course_id"]);
    let taken = json!({ "course_id": "external_id:spanish", "title": "x", "external_id": "spanish/1" });
    assert_eq!(
        admin.post("/api/lessons", taken).await.refusal(),
        (409, "conflict".into(), vec!["/external_id".into()])
    );
    assert_eq!(house.database.number("SELECT count(*) FROM lessons"), 1);
}
