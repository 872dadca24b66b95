//! The platform's library: its courses, and the copies that institutions are given.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::staff::StaffRole;
use stoa_jobs::{
    library::FollowSources,
    queue::{HOUSE, NewJob, enqueue},
};

use crate::support::{TestHouse, callers::Caller};

/// The institution abroad is the library here, and the one at home is given its courses.
const LIBRARY: &str = "/api/support/institutions/external_id:abroad/library";
const SHARED: &str = "/api/support/institutions/external_id:home/shared-courses";

/// A course of two lessons in the library, the second with an item: its id and that of the first lesson.
async fn source(library: &Caller) -> (String, String) {
    let course = json!({ "title": "Español", "slug": "spanish", "summary": "Uno", "external_id": "lib" });
    let course = library.post("/api/courses", course).await.expect(StatusCode::CREATED).data();
    let id = course["id"].as_str().unwrap().to_owned();
    let mut first = None;
    for title in ["One", "Two"] {
        let lesson = json!({ "course_id": id, "title": title, "weight": 2 });
        let lesson = library.post("/api/lessons", lesson).await.expect(StatusCode::CREATED).data();
        let lesson = lesson["id"].as_str().unwrap().to_owned();
        let training = json!({ "lesson_id": lesson, "title": "T", "pass_score": 5000 });
        let training = library.post("/api/trainings", training).await.expect(StatusCode::CREATED).data();
        let item =
            json!({ "training_id": training["id"], "type": "quiz", "title": "Q", "max_score": 10, "answer_key": [1] });
        library.post("/api/trainingItems", item).await.expect(StatusCode::CREATED);
        first.get_or_insert(lesson);
    }
    let rule =
        json!({ "completion": { "rule": "listed_lessons", "lesson_ids": [first] }, "lesson_order": "sequential" });
    library.patch(&format!("/api/courses/{id}"), rule).await.expect(StatusCode::OK);
    (id, first.unwrap())
}

async fn published(library: &Caller, id: &str) {
    library.post(&format!("/api/courses/{id}/publish"), json!({})).await.expect(StatusCode::OK);
}

/// Lets copies follow their sources, as the house does each minute.
async fn follow(house: &TestHouse) {
    house.clock.advance(TimeDelta::minutes(1));
    let mut tx = house.db().house().await.expect("a transaction");
    enqueue(&mut tx, NewJob::of(HOUSE, &FollowSources {}).expect("a job")).await.expect("a job");
    tx.commit().await.expect("a job");
    house.settle().await;
}

/// What everybody at home can name of the course.
async fn copy(house: &TestHouse, slug: &str) -> Value {
    house.admin().get(&format!("/api/courses/{slug}")).await.expect(StatusCode::OK).data()
}

#[actix_web::test]
async fn an_institution_is_given_a_copy_that_nobody_there_changes() {
    let house = TestHouse::new().await;
    let (operator, library) = (house.staff("vera", StaffRole::Operator).await, house.stranger());
    operator.put(LIBRARY, json!({})).await.expect(StatusCode::NO_CONTENT);
    let (id, first) = source(&library).await;
    published(&library, &id).await;
    house.admin().post("/api/courses", json!({ "title": "Mine", "slug": "spanish" })).await.expect(StatusCode::CREATED);
    let share = format!("{SHARED}/{id}");
    let shared = operator.put(&share, json!({})).await.expect(StatusCode::CREATED).data();
    operator.put(&share, json!({})).await.expect(StatusCode::OK);
    let given = copy(&house, "spanish-2").await;
    assert_eq!((&shared["course_id"], &shared["source_edition"]), (&given["id"], &json!(1)));
    assert_eq!(
        (&given["status"], &given["is_shared"], &given["title"]),
        (&json!("published"), &json!(true), &json!("Español"))
    );
    assert_eq!((&given["external_id"], &given["lesson_order"]), (&Value::Null, &json!("sequential")));
    let lessons = given["lessons"].as_array().unwrap();
    assert_eq!(lessons.len(), 2);
    assert_eq!(given["completion"], json!({ "rule": "listed_lessons", "lesson_ids": [lessons[0]["id"]] }));
    assert_eq!(lessons[1]["trainings"][0]["items"][0]["answer_key"], json!([1]));
    for theirs in [&id, &first] {
        assert!(!given.to_string().contains(theirs), "nothing of the library itself is shown");
        assert_eq!(house.admin().get(&format!("/api/courses/{theirs}")).await.refusal().0, 404);
    }
    let (lesson, training) = (&lessons[0], &lessons[0]["trainings"][0]);
    for (path, part) in [("courses", &given), ("lessons", lesson), ("trainings", training)] {
        let path = format!("/api/{path}/{}", part["id"].as_str().unwrap());
        assert_eq!(house.admin().patch(&path, json!({ "title": "X" })).await.refusal().1, "conflict", "{path}");
        assert_eq!(house.admin().delete(&path).await.refusal().1, "conflict", "{path}");
    }
    for (path, body) in [
        ("lessons", json!({ "course_id": given["id"], "title": "X" })),
        ("trainings", json!({ "lesson_id": lesson["id"], "title": "X" })),
        ("trainingItems", json!({ "training_id": training["id"], "title": "X", "type": "quiz" })),
    ] {
        assert_eq!(house.admin().post(&format!("/api/{path}"), body).await.refusal().1, "conflict", "{path}");
    }
    let archive = format!("/api/courses/{}/archive", given["id"].as_str().unwrap());
    assert_eq!(house.admin().post(&archive, json!({})).await.refusal().1, "conflict");
    house.settle().await;
}

#[actix_web::test]
async fn a_copy_follows_what_is_published_and_keeps_what_was_learned() {
    let house = TestHouse::new().await;
    let (operator, library) = (house.staff("vera", StaffRole::Operator).await, house.stranger());
    operator.put(LIBRARY, json!({})).await.expect(StatusCode::NO_CONTENT);
    let (id, first) = source(&library).await;
    let share = format!("{SHARED}/{id}");
    let waiting = operator.put(&share, json!({})).await.expect(StatusCode::CREATED).data();
    assert_eq!(waiting["course_id"], Value::Null, "nothing is published yet");
    published(&library, &id).await;
    follow(&house).await;
    let given = copy(&house, "spanish").await;
    let (course, lesson) = (given["id"].as_str().unwrap().to_owned(), given["lessons"][0]["id"].clone());
    house.learners(&["ana"]).await;
    let ana = json!({ "user": { "external_id": "ana" } });
    house.admin().post(&format!("/api/courses/{course}/enrollments"), ana).await.expect(StatusCode::CREATED);
    let done = json!({
        "id": "e1", "occurred_at": "2026-11-21T09:00:00Z", "user": { "external_id": "ana" }, "verb": "completed",
        "object": { "kind": "lesson", "id": lesson },
    });
    house.admin().post("/api/progress-events", json!({ "events": [done] })).await.expect(StatusCode::OK);
    library.patch(&format!("/api/lessons/{first}"), json!({ "title": "Uno" })).await.expect(StatusCode::OK);
    let second =
        library.get(&format!("/api/lessons?course_id={id}")).await.data()[1]["id"].as_str().unwrap().to_owned();
    library.delete(&format!("/api/lessons/{second}")).await.expect(StatusCode::NO_CONTENT);
    library.post("/api/lessons", json!({ "course_id": id, "title": "Three" })).await.expect(StatusCode::CREATED);
    follow(&house).await;
    assert_eq!(copy(&house, "spanish").await["lessons"], given["lessons"], "it is not published yet");
    published(&library, &id).await;
    follow(&house).await;
    let after = copy(&house, "spanish").await;
    let titles: Vec<_> = after["lessons"].as_array().unwrap().iter().map(|lesson| lesson["title"].clone()).collect();
    assert_eq!(
        (titles, &after["lessons"][0]["id"], &after["edition"]),
        (vec![json!("Uno"), json!("Three")], &lesson, &json!(2))
    );
    let progress = format!("/api/courses/{course}/lesson-progress?external_id=ana");
    let stands = house.admin().get(&progress).await.expect(StatusCode::OK).data();
    assert_eq!(
        (&stands["course"]["status"], &stands["lessons"][0]["status"]),
        (&json!("completed"), &json!("completed"))
    );

    library
        .request(actix_web::http::Method::POST, &format!("/api/courses/{id}/archive"))
        .send()
        .await
        .expect(StatusCode::OK);
    follow(&house).await;
    assert_eq!(copy(&house, "spanish").await["status"], "archived", "archived there, archived here");
    published(&library, &id).await;
    follow(&house).await;
    assert_eq!(copy(&house, "spanish").await["status"], "published");
    operator.delete(&share).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(copy(&house, "spanish").await["status"], "archived", "taken back, at once");
    house.admin().get(&progress).await.expect(StatusCode::OK);
    let back = operator.put(&share, json!({})).await.expect(StatusCode::CREATED).data();
    assert_eq!((&back["course_id"], &back["status"]), (&json!(course), &json!("published")));
    house.settle().await;
}

#[actix_web::test]
async fn only_a_course_of_a_library_is_shared_and_only_by_an_operator() {
    let house = TestHouse::new().await;
    let (operator, support) =
        (house.staff("vera", StaffRole::Operator).await, house.staff("sam", StaffRole::Support).await);
    let (id, _) = source(&house.stranger()).await;
    let share = format!("{SHARED}/{id}");
    assert_eq!(operator.put(&share, json!({})).await.refusal().0, 404, "an institution's own course is nobody else's");
    assert_eq!(support.put(LIBRARY, json!({})).await.refusal().0, 403);
    operator.put(LIBRARY, json!({})).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(support.put(&share, json!({})).await.refusal().0, 403);
    let own = format!("/api/support/institutions/external_id:abroad/shared-courses/{id}");
    assert_eq!(operator.put(&own, json!({})).await.refusal().0, 409);
    operator.put(&share, json!({})).await.expect(StatusCode::CREATED);
    assert_eq!(operator.delete(LIBRARY).await.refusal().0, 409, "its courses are shared");
    assert_eq!(support.get(SHARED).await.json()["meta"]["total"], 1);
    operator.delete(&share).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(operator.delete(&share).await.refusal().0, 404);
    operator.delete(LIBRARY).await.expect(StatusCode::NO_CONTENT);
    let audited = "SELECT action FROM audit_log WHERE action IN ('course.shared', 'course.unshared') ORDER BY id";
    assert_eq!(house.database.rows(audited).len(), 2);
    house.settle().await;
}
