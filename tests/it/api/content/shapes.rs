//! How much of a row is shown: some fields, and what it holds.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::{Material, Quiz};

use crate::support::TestHouse;

fn names(row: &Value) -> Vec<&str> {
    row.as_object().unwrap().keys().map(String::as_str).collect()
}

#[actix_web::test]
async fn the_fields_that_are_asked_for_are_shown() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[Quiz]]).await;
    let admin = house.admin();
    for (path, fields) in [
        ("/api/courses", "title,completion"),
        ("/api/lessons", "title,completable"),
        ("/api/trainings", "title,item_count"),
        ("/api/trainingItems", "title,type"),
        ("/api/courses/external_id:spanish", "title,lessons"),
    ] {
        let data = admin.get(&format!("{path}?fields={fields}")).await.expect(StatusCode::OK).data();
        let row = if data.is_array() { &data[0] } else { &data };
        let mut wanted: Vec<_> = fields.split(',').chain(["id"]).collect();
        wanted.sort_unstable();
        let mut shown = names(row);
        shown.sort_unstable();
        assert_eq!(shown, wanted, "{path}");
        let refusal = admin.get(&format!("{path}?fields=title,colour")).await;
        assert_eq!(refusal.refusal(), (422, "validation_failed".into(), vec!["?fields".into()]), "{path}");
        assert!(refusal.text().contains("created_at"), "it says which there are: {}", refusal.text());
    }
}

#[actix_web::test]
async fn what_rows_hold_comes_along() {
    let house = TestHouse::new().await;
    house.course("a", &[&[Quiz, Material], &[Quiz]]).await;
    house.course("b", &[&[Material]]).await;
    let admin = house.admin();
    let list = admin.get("/api/courses?include=lessons,items").await.expect(StatusCode::OK).data();
    let items: Vec<Vec<usize>> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|course| {
            let lessons = course["lessons"].as_array().unwrap().iter();
            lessons.map(|lesson| lesson["trainings"][0]["items"].as_array().unwrap().len()).collect()
        })
        .collect();
    assert_eq!(items, [vec![2, 1], vec![1]]);
    let shallow = admin.get("/api/courses?include=lessons").await.data();
    assert!(shallow[0]["lessons"][0].get("trainings").is_none(), "{shallow}");
    assert!(admin.get("/api/courses").await.data()[0].get("lessons").is_none());
    let one = admin.get("/api/courses/external_id:a?include=trainings").await.data();
    assert!(one["lessons"][0]["trainings"][0].get("items").is_none(), "{one}");
    let lessons = admin.get("/api/lessons?course_id=external_id:a&include=items").await.data();
    assert_eq!(lessons[0]["trainings"][0]["items"][1]["external_id"], "a/1/2");
    let trainings = admin.get("/api/trainings?include=items").await.data();
    assert_eq!(trainings[2]["items"][0]["external_id"], "b/1/1");
    for path in ["/api/courses?include=lessons", "/api/lessons?include=items", "/api/trainings?include=items"] {
        admin.get(&format!("{path}&per_page=25")).await.expect(StatusCode::OK);
        assert_eq!(admin.get(&format!("{path}&per_page=26")).await.refusal().2, ["?per_page"], "{path}");
    }
    assert_eq!(admin.get("/api/trainings?include=lessons").await.refusal().2, ["?include"]);
}

#[actix_web::test]
async fn answers_are_shown_in_no_shape_to_those_who_may_not_see_them() {
    let house = TestHouse::new().await;
    house.course("a", &[&[Quiz]]).await;
    let admin = house.admin();
    let key = json!({ "answer_key": { "right": "secret" } });
    admin.patch("/api/trainingItems/external_id:a%2F1%2F1", key).await.expect(StatusCode::OK);
    admin.post("/api/courses/external_id:a/publish", json!({})).await.expect(StatusCode::OK);
    let reader = house.token(&[Ability::ContentRead]).await;
    for path in [
        "/api/courses?include=items",
        "/api/lessons?include=items",
        "/api/trainings?include=items",
        "/api/trainings?include=items&fields=items",
        "/api/trainingItems?fields=answer_key,title",
        "/api/courses/external_id:a/versions",
        "/api/courses/external_id:a/versions/2",
    ] {
        let text = reader.get(path).await.expect(StatusCode::OK).text();
        assert!(!text.contains("secret"), "{path}: {text}");
    }
    assert!(admin.get("/api/courses?include=items").await.text().contains("secret"));
    let nowhere = admin.get("/api/courses/external_id:a/versions/2").await.text();
    assert!(!nowhere.contains("secret"), "no version keeps a key to answers");
    house.settle().await;
}

#[actix_web::test]
async fn parts_are_filtered_and_sorted() {
    let house = TestHouse::new().await;
    let course = house.course("a", &[&[Quiz], &[Quiz]]).await;
    let admin = house.admin();
    let change = json!({ "title": "Zeta", "type": "exam", "required": false, "skills": ["reading"], "cefr": "B1" });
    admin.patch("/api/lessons/external_id:a%2F1", change).await.expect(StatusCode::OK);
    admin.patch("/api/trainings/external_id:a%2F1", json!({ "kind": "exam" })).await.expect(StatusCode::OK);
    let item = json!({ "skills": ["writing"], "cefr": "A1", "title": "Zeta" });
    admin.patch("/api/trainingItems/external_id:a%2F1%2F1", item).await.expect(StatusCode::OK);
    let id = course.lessons[0].id;
    for query in ["type=exam", "required=false", "skill=reading", "cefr=B1", &format!("ids={id}")] {
        let found = admin.get(&format!("/api/lessons?{query}")).await.data();
        assert_eq!((found.as_array().unwrap().len(), &found[0]["id"]), (1, &json!(id)), "{query}");
    }
    assert_eq!(admin.get("/api/trainings?kind=exam").await.json()["meta"]["total"], 1);
    for query in ["skill=writing", "cefr=A1"] {
        assert_eq!(admin.get(&format!("/api/trainingItems?{query}")).await.json()["meta"]["total"], 1, "{query}");
    }
    for path in ["lessons", "trainingItems"] {
        let sorted = admin.get(&format!("/api/{path}?sort=title")).await.data();
        assert_eq!(sorted[1]["title"], "Zeta", "{path}");
        admin.get(&format!("/api/{path}?sort=-updated_at")).await.expect(StatusCode::OK);
        assert_eq!(admin.get(&format!("/api/{path}?sort=price")).await.refusal().2, ["?sort"], "{path}");
        assert_eq!(admin.get(&format!("/api/{path}?ids=external_id:a")).await.refusal().2, ["?ids"], "{path}");
    }
}
