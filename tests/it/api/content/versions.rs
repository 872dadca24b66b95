//! The published versions of a course.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind::Quiz;

use crate::support::TestHouse;

#[actix_web::test]
async fn a_version_is_kept_each_time_that_something_new_is_published() {
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[&[Quiz]]).await;
    let (admin, path) = (house.admin(), format!("/api/courses/{}", course.id));
    let to_publish = format!("{path}/publish");
    let publish = |note: Option<&str>| admin.post(&to_publish, note.map_or(json!({}), |note| json!({ "note": note })));
    // Published when it was made, with nothing in it.
    assert_eq!(publish(Some("Complete")).await.data()["edition"], 2);
    let unchanged = publish(None).await.data();
    assert_eq!(unchanged["edition"], 2, "nothing is new");
    let lesson = format!("/api/lessons/{}", course.lessons[0].id);
    admin.patch(&lesson, json!({ "title": "Uno", "weight": 3 })).await.expect(StatusCode::OK);
    admin.delete(&format!("/api/trainingItems/{}", course.lessons[0].items[0].id)).await.expect(StatusCode::NO_CONTENT);
    let added = admin.post("/api/lessons", json!({ "course_id": course.id, "title": "Dos" })).await.data();
    assert_eq!(publish(None).await.data()["edition"], 3);
    let versions = admin.get(&format!("{path}/versions")).await.expect(StatusCode::OK).json();
    assert_eq!((&versions["meta"]["total"], &versions["data"][1]["note"]), (&json!(3), &json!("Complete")));
    let newest = &versions["data"][0];
    assert_eq!((&newest["edition"], &newest["published_by"]), (&json!(3), &json!(house.school.admin.id)));
    let changes: Vec<Value> = newest["changes"].as_array().unwrap().clone();
    let changed = |object: &str, id: &Value| changes.iter().find(|c| c["object"] == object && c["id"] == *id).unwrap();
    let first = changed("lesson", &json!(course.lessons[0].id));
    assert_eq!((&first["change"], &first["fields"]), (&json!("changed"), &json!(["title", "weight"])));
    assert_eq!(changed("lesson", &added["id"])["change"], "added");
    assert_eq!(changed("training_item", &json!(course.lessons[0].items[0].id))["change"], "removed");
    let before = admin.get(&format!("{path}/versions/2")).await.expect(StatusCode::OK).data();
    assert_eq!(before["content"]["lessons"][0]["title"], "Lesson 1");
    assert_eq!(before["content"]["items"][0]["external_id"], "spanish/1/1");
    for missing in ["versions/4", "versions/0", "versions/x"] {
        assert_eq!(admin.get(&format!("{path}/{missing}")).await.refusal().0, 404, "{missing}");
    }
    assert_eq!(house.stranger().get(&format!("{path}/versions")).await.refusal().0, 404);
    house.settle().await;
    let told = house.database.number("SELECT count(*) FROM events WHERE type = 'course.published'");
    assert_eq!(told, 3);
}
