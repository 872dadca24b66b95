//! Where learners stand in a course, over HTTP.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::{Material, Quiz};

use crate::support::{TestHouse, callers::Caller};

const PATH: &str = "/api/courses/external_id:spanish/lesson-progress";

async fn did(house: &TestHouse, id: &str, (who, what): (&str, &str), said: Value) {
    let mut event = json!({
        "id": id, "occurred_at": "2026-11-21T08:00:00Z", "user": { "external_id": who },
        "object": { "kind": if what.matches('/').count() == 2 { "item" } else { "lesson" }, "external_id": what },
    });
    for (name, value) in said.as_object().unwrap() {
        event[name] = value.clone();
    }
    let told = house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    assert_eq!(told[0]["status"], "accepted", "{told}");
}

async fn of(caller: &Caller, who: &str) -> Value {
    caller.get(&format!("{PATH}?external_id={who}")).await.expect(StatusCode::OK).data()
}

#[actix_web::test]
async fn completion_success_and_score_are_told_apart_lesson_by_lesson() {
    let house = TestHouse::new().await;
    house.class(&[&[Material], &[Quiz], &[Material]], &["ana"]).await;
    did(&house, "e1", ("ana", "spanish/1/1"), json!({ "verb": "completed", "result": { "duration_seconds": 90 } }))
        .await;
    did(&house, "e2", ("ana", "spanish/2/1"), json!({ "verb": "failed", "result": { "score": { "raw": 3 } } })).await;
    let told = of(&house.admin(), "ana").await;
    let lessons: Vec<_> = told["lessons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (l["status"].as_str().unwrap(), &l["completion"]["ratio"]))
        .collect();
    assert_eq!(lessons, [("completed", &json!(1.0)), ("in_progress", &json!(0.0)), ("not_started", &json!(0.0))]);
    let course = &told["course"];
    assert_eq!((&course["status"], &course["progress"]), (&json!("in_progress"), &json!(33)), "rounded down");
    assert_eq!((&course["time_spent_seconds"], &course["overdue"]), (&json!(90), &json!(false)));
    assert_eq!(told["lessons"][0]["completion"]["completed_at"], "2026-11-21T08:00:00Z");
    assert_eq!(told["lessons"][0]["completable"], true);
    assert_eq!(told["as_of"], "2026-11-21T09:00:00Z");
    house.settle().await;
}

#[actix_web::test]
async fn a_course_that_grew_is_still_completed_and_says_so() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[Material]], &["ana"]).await;
    did(&house, "e1", ("ana", "spanish/1/1"), json!({ "verb": "completed" })).await;
    let before = of(&house.admin(), "ana").await["course"].clone();
    assert_eq!((&before["progress"], &before["content_changed_after_completion"]), (&json!(100), &json!(false)));
    let lesson = json!({ "course_id": course.id, "title": "New", "required": true });
    house.admin().post("/api/lessons", lesson).await.expect(StatusCode::CREATED);
    let after = of(&house.admin(), "ana").await["course"].clone();
    assert_eq!((&after["progress"], &after["status"]), (&json!(100), &json!("completed")));
    assert_eq!(after["content_changed_after_completion"], true);
    house.settle().await;
}

#[actix_web::test]
async fn a_course_without_required_lessons_has_no_progress_and_one_past_its_day_is_overdue() {
    let house = TestHouse::new().await;
    house.course("spanish", &[]).await;
    house.learners(&["ana"]).await;
    let body = json!({ "user": { "external_id": "ana" }, "due_at": "2026-11-20T00:00:00Z" });
    house.admin().post("/api/courses/external_id:spanish/enrollments", body).await.expect(StatusCode::CREATED);
    let told = of(&house.admin(), "ana").await;
    assert_eq!((&told["course"]["progress"], &told["course"]["overdue"]), (&Value::Null, &json!(true)));
    assert_eq!((&told["lessons"], &told["course"]["status"]), (&json!([]), &json!("not_started")));
    house.settle().await;
}

#[actix_web::test]
async fn everybody_reads_his_own_and_others_need_the_ability() {
    let house = TestHouse::new().await;
    house.class(&[&[Material]], &["ana"]).await;
    let me = json!({ "user": { "id": house.school.learner.id } });
    house.admin().post("/api/courses/external_id:spanish/enrollments", me).await.expect(StatusCode::CREATED);
    let own = house.learner().get(PATH).await.expect(StatusCode::OK).data();
    assert_eq!(own["user"]["id"], json!(house.school.learner.id));
    house.learner().get(&format!("{PATH}?external_id=home-learner")).await.expect(StatusCode::OK);
    for who in ["ana", "nobody"] {
        let (status, code, _) = house.learner().get(&format!("{PATH}?external_id={who}")).await.refusal();
        assert_eq!((status, code.as_str()), (403, "ability_missing"), "{who}");
    }
    let reader = house.token(&[Ability::ProgressRead]).await;
    assert_eq!(reader.get(PATH).await.refusal().1, "subject_required");
    of(&reader, "ana").await;
    assert_eq!(reader.get(&format!("{PATH}?external_id=nobody")).await.refusal().1, "not_found");
    assert_eq!(reader.get(&format!("{PATH}?external_id=home-admin")).await.refusal().1, "not_enrolled");
    assert_eq!(house.stranger().get(&format!("{PATH}?external_id=ana")).await.refusal().0, 404);
    let both = format!("{PATH}?external_id=ana&user_id={}", house.school.learner.id);
    assert_eq!(reader.get(&both).await.refusal().1, "validation_failed");
    house.settle().await;
}

#[actix_web::test]
async fn the_matrix_has_a_row_for_each_learner_of_a_group() {
    let house = TestHouse::new().await;
    house.class(&[&[Material], &[Quiz]], &["ana", "ben", "eva"]).await;
    did(&house, "e1", ("ben", "spanish/2/1"), json!({ "verb": "passed", "result": { "score": { "raw": 8.5 } } })).await;
    let admin = house.admin();
    let all = admin.get(&format!("{PATH}/matrix?per_page=2")).await.expect(StatusCode::OK);
    assert_eq!(all.json()["meta"]["total"], 3);
    assert_eq!(all.data().as_array().unwrap().len(), 2);
    let group = admin.post("/api/groups", json!({ "name": "B", "external_id": "b" })).await.data();
    let path = format!("/api/groups/{}/members", group["id"].as_str().unwrap());
    let body = json!({ "users": ["external_id:ben"] });
    admin.post(&path, body).await.expect(StatusCode::NO_CONTENT);
    let some = admin.get(&format!("{PATH}/matrix?group=external_id:b")).await.expect(StatusCode::OK).data();
    let row = &some[0];
    assert_eq!((some.as_array().unwrap().len(), &row["user"]["external_id"]), (1, &json!("ben")));
    let cells: Vec<_> = row["lessons"].as_array().unwrap().iter().map(|c| c["status"].clone()).collect();
    assert_eq!(cells, ["not_started", "completed"]);
    assert_eq!(row["course"]["progress"], 50);
    let empty = admin.get(&format!("{PATH}/matrix?page=9")).await.expect(StatusCode::OK);
    assert_eq!(empty.data(), json!([]));
    assert_eq!(admin.get(&format!("{PATH}/matrix?group=external_id:none")).await.refusal().0, 404);
    assert_eq!(house.learner().get(&format!("{PATH}/matrix")).await.refusal().1, "ability_missing");
    house.settle().await;
}
