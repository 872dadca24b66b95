//! Training items over HTTP.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::{Dialogue, Flashcard, Material, Quiz, Scorm, Task};

use crate::support::TestHouse;

#[actix_web::test]
async fn an_item_lives_and_goes_under_both_paths() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[Quiz]]).await;
    let admin = house.admin();
    let new = json!({
        "training_id": "external_id:spanish/1", "type": "task", "title": "A letter", "prompt": "Write\nto Ana.",
        "max_score": 12.5, "estimated_seconds": 600, "skills": ["writing"], "cefr": "B1", "external_id": "letter",
    });
    let item = admin.post("/api/training-items", new).await.expect(StatusCode::CREATED).data();
    assert_eq!((&item["position"], &item["type"], &item["max_score"]), (&json!(2), &json!("task"), &json!(12.5)));
    let path = "/api/trainingItems/external_id:letter";
    assert_eq!(admin.get(path).await.data(), item);
    let changed = admin.patch(path, json!({ "max_score": null, "cefr": null, "position": 1 })).await.data();
    assert_eq!((&changed["max_score"], &changed["version"]), (&Value::Null, &json!(2)));
    assert_eq!(admin.patch(path, json!({ "type": "quiz" })).await.refusal().2, ["/type"]);
    admin.delete("/api/training-items/external_id:letter").await.expect(StatusCode::NO_CONTENT);
    assert_eq!(admin.delete(path).await.refusal().0, 404);
}

#[actix_web::test]
async fn items_are_found_by_kind_and_by_what_they_are_part_of() {
    let house = TestHouse::new().await;
    house.course("a", &[&[Material, Quiz, Task], &[Scorm, Dialogue, Flashcard]]).await;
    house.course("b", &[&[Quiz]]).await;
    let admin = house.admin();
    for (query, total) in [
        ("", 7),
        ("type=quiz", 2),
        ("course_id=external_id:a", 6),
        ("lesson_id=external_id:a/2", 3),
        ("training_id=external_id:a/1&type=task", 1),
        ("course_id=external_id:b&type=scorm", 0),
    ] {
        assert_eq!(admin.get(&format!("/api/trainingItems?{query}")).await.json()["meta"]["total"], total, "{query}");
    }
    let unknown = admin.get("/api/trainingItems?type=poll").await;
    assert_eq!(unknown.refusal().2, ["?type"]);
    let detail = unknown.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
    for kind in ["material", "quiz", "task", "scorm", "dialogue", "flashcard"] {
        assert!(detail.contains(kind), "{detail}");
    }
}

#[actix_web::test]
async fn answers_are_shown_to_those_who_may_see_them() {
    let house = TestHouse::new().await;
    house.course("a", &[&[Quiz]]).await;
    let (reader, writer) = (house.token(&[Ability::ContentRead]).await, house.token(&[Ability::ContentWrite]).await);
    let path = "/api/trainingItems/external_id:a%2F1%2F1";
    let written = writer.patch(path, json!({ "answer_key": { "right": [1, 2] } })).await.data();
    assert!(written.get("answer_key").is_none(), "{written}");
    for path in [path, "/api/trainingItems", "/api/courses/external_id:a"] {
        assert!(!reader.get(path).await.text().contains("right"), "{path}");
    }
    assert_eq!(house.admin().get(path).await.data()["answer_key"], json!({ "right": [1, 2] }));
    writer.patch(path, json!({ "answer_key": null })).await.data();
    assert!(house.admin().get(path).await.data().get("answer_key").is_none());
}

#[actix_web::test]
async fn bad_items_are_refused() {
    let house = TestHouse::new().await;
    house.course("a", &[&[]]).await;
    let admin = house.admin();
    for (field, value, pointer) in [
        ("training_id", json!("external_id:nothing"), "/training_id"),
        ("type", json!("poll"), "/type"),
        ("title", json!(""), "/title"),
        ("prompt", json!("x".repeat(20_001)), "/prompt"),
        ("max_score", json!(0), "/max_score"),
        ("max_score", json!(1_000_001), "/max_score"),
        ("estimated_seconds", json!(-1), "/estimated_seconds"),
        ("answer_key", json!("x".repeat(65_536)), "/answer_key"),
        ("cefr", json!("a1"), "/cefr"),
    ] {
        let mut body = json!({ "training_id": "external_id:a/1", "type": "quiz", "title": "x" });
        body[field] = value;
        let refusal = admin.post("/api/trainingItems", body).await.refusal();
        assert_eq!(refusal, (422, "validation_failed".into(), vec![pointer.into()]), "{field}");
    }
    assert_eq!(house.database.number("SELECT count(*) FROM training_items"), 0);
}
