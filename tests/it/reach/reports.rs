//! `/reports`.

use serde_json::{Value, json};
use stoa_protocols::event::ItemKind;

use super::steps::{path_of, put};
use crate::support::{TestHouse, builders::BuiltCourse};

/// A course that ana has passed, ben has begun and cy has not.
async fn a_class(house: &TestHouse) -> (BuiltCourse, Vec<String>) {
    let (course, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "ben", "cy"]).await;
    let learners: Vec<String> = learners.iter().map(|learner| learner.id.to_string()).collect();
    let event = |id: &str, learner: usize, verb: &str, result: Value| {
        json!({
            "id": id, "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": learners[learner] },
            "object": { "kind": "item", "id": course.lessons[0].items[0].id }, "verb": verb, "result": result,
        })
    };
    let score = json!({ "score": { "raw": 8, "min": 0, "max": 10 }, "duration_seconds": 3_725 });
    let events = [event("e1", 0, "passed", score), event("e2", 1, "started", json!({ "duration_seconds": 59 }))];
    house.admin().post("/api/progress-events", json!({ "events": events })).await.data();
    house.settle().await;
    (course, learners)
}

#[actix_web::test]
async fn a_course_reports_its_learners() {
    let house = TestHouse::new().await;
    let (course, learners) = a_class(&house).await;
    let body = house.admin().get(&format!("/reports/courses/{}", course.id)).await.json();
    assert_eq!(
        (&body["courseDeleted"], path_of(&body["courseUrl"])),
        (&json!(false), format!("/courses/{}", course.id).as_str())
    );
    let rows = body["learners"].as_array().expect("a list");
    let told: Vec<Value> = rows
        .iter()
        .map(|row| json!([row["userId"], row["status"], row["progress"], row["quizScorePercent"], row["duration"]]))
        .collect();
    let wanted = [
        json!([learners[0], "Complete", 100, 80, "PT1H2M5S"]),
        json!([learners[1], "In Progress", 0, null, "PT59S"]),
        json!([learners[2], "Not Started", 0, null, null]),
    ];
    assert_eq!(told, wanted);
    assert_eq!(rows[0]["completedAt"], "2026-11-21T09:00:00.000Z");
    assert_eq!(
        (&rows[0]["userDeleted"], &rows[1]["completedAt"], &rows[0]["dueAt"]),
        (&json!(false), &json!(null), &json!(null))
    );
}

#[actix_web::test]
async fn a_learner_reports_his_courses() {
    let house = TestHouse::new().await;
    let (course, learners) = a_class(&house).await;
    let other = house.course("korean", &[]).await;
    put(&house, &format!("/courses/{}/users/{}", other.id, learners[0])).await;
    let body = house.admin().get(&format!("/reports/learners/{}", learners[0])).await.json();
    assert_eq!(body["userDeleted"], false);
    let rows = body["courses"].as_array().expect("a list");
    let told: Vec<Value> = rows.iter().map(|row| json!([row["courseId"], row["courseTitle"], row["status"]])).collect();
    let wanted = [json!([course.id, "Course spanish", "Complete"]), json!([other.id, "Course korean", "Not Started"])];
    assert_eq!(told, wanted);
    let page = house.admin().get(&format!("/reports/learners/{}?limit=1", learners[0])).await.json();
    let next = house.admin().get(path_of(&page["nextUrl"])).await.json();
    assert_eq!((&next["courses"][0]["courseId"], &next["nextUrl"]), (&json!(other.id), &json!(null)));
    house.settle().await;
}

#[actix_web::test]
async fn activity_reports_who_has_begun() {
    let house = TestHouse::new().await;
    let (course, learners) = a_class(&house).await;
    let body = house.admin().get("/reports/activity?limit=2000").await.json();
    let rows = body["activities"].as_array().expect("a list");
    assert_eq!(rows.len(), 2, "who has not begun has no activity");
    let row = rows.iter().find(|row| row["userId"] == json!(learners[0])).expect("a row");
    let wanted = json!({
        "courseId": course.id,
        "courseTitle": "Course spanish",
        "courseReportUrl": format!("https://stoa.example/reports/courses/{}", course.id),
        "courseUrl": format!("https://stoa.example/courses/{}", course.id),
        "courseDeleted": false,
        "courseAvailable": true,
        "userId": learners[0],
        "email": "ana@home.example",
        "firstName": "ana",
        "lastName": "Learner",
        "learnerReportUrl": format!("https://stoa.example/reports/learners/{}", learners[0]),
        "userUrl": format!("https://stoa.example/users/{}", learners[0]),
        "userDeleted": false,
        "startedAt": "2026-11-21T09:00:00.000Z",
        "numberOfLessonsCompleted": 1,
        "isQuizPassed": true,
        "status": "Complete",
        "progress": 100,
        "duration": "PT1H2M5S",
        "quizScorePercent": 80,
        "dueAt": null,
        "completedAt": "2026-11-21T09:00:00.000Z",
    });
    assert_eq!(row, &wanted);
    let page = house.admin().get("/reports/activity?limit=1").await.json();
    let next = house.admin().get(path_of(&page["nextUrl"])).await.json();
    assert_ne!(page["activities"][0]["userId"], next["activities"][0]["userId"]);
    assert_eq!(house.stranger().get("/reports/activity").await.json()["activities"], json!([]));
}
