//! Courses, sections, sessions and people, as clients of Teachbase read them.

use serde_json::{Value, json};
use stoa_protocols::event::ItemKind;

use super::{client, refusal};
use crate::support::TestHouse;

const ALL: [&str; 3] = ["content:read", "members:read", "progress:read"];

#[actix_web::test]
async fn names_are_told_in_every_alphabet() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let members = format!("/api/institutions/{}/members", house.school.tenant);
    let author = json!({ "email": "ov@home.example", "name": "Ольга Васильева", "role": "manager" });
    let author = admin.post(&members, author).await.data();
    let learner = json!({ "email": "mj@home.example", "first_name": "민준", "last_name": "김", "role": "learner", "locale": "ko" });
    let learner = admin.post(&members, learner).await.data();
    let course = json!({
        "title": "Русский язык «с нуля»", "summary": "한국어로 배우는 러시아어", "author_id": author["id"],
        "instructor_ids": [author["id"]], "cover_url": "https://cdn.example/ru.png",
    });
    let course = admin.post("/api/courses", course).await.data();
    let lesson = json!({ "title": "첫 번째 수업", "course_id": course["id"], "duration_minutes": 45 });
    let lesson = admin.post("/api/lessons", lesson).await.data();
    house.settle().await;

    let caller = client(&house, &ALL).await;
    let number = &course["number"];
    let shown = caller.get(&format!("/endpoint/v1/courses/{number}")).await.json();
    for (name, value) in [
        ("id", number.clone()),
        ("account_id", json!(house.school.number)),
        ("name", json!("Русский язык «с нуля»")),
        ("description", json!("한국어로 배우는 러시아어")),
        ("owner_id", author["number"].clone()),
        ("owner_name", json!("Ольга Васильева")),
        ("cover_url", json!("https://cdn.example/ru.png")),
        ("duration", json!(45)),
        ("created_at", json!("2026-11-21T09:00:00.000+00:00")),
        ("last_activity", Value::Null),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(shown["authors"][0]["last_name"], "Васильева");
    assert_eq!(caller.get("/endpoint/v1/courses").await.json(), json!([shown]));

    let sections = caller.get(&format!("/endpoint/v1/courses/{number}/sections")).await.json();
    assert_eq!(sections[0]["name"], "첫 번째 수업");
    assert_eq!((&sections[0]["id"], &sections[0]["course_id"]), (&lesson["number"], number));
    assert_eq!(sections[0]["position"], 1);

    let user = caller.get(&format!("/endpoint/v1/users/{}", learner["number"])).await.json();
    for (name, value) in [
        ("id", learner["number"].clone()),
        ("email", json!("mj@home.example")),
        ("name", json!("민준")),
        ("last_name", json!("김")),
        ("lang", json!("ko")),
        ("phone", Value::Null),
        ("is_active", json!(true)),
        ("last_activity_at", Value::Null),
        ("labels", json!([])),
    ] {
        assert_eq!(user[name], value, "{name}");
    }
}

#[actix_web::test]
async fn a_course_has_one_session_of_its_own_number() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&[ItemKind::Quiz, ItemKind::Task]], &["ana", "ben"]).await;
    let event = json!({
        "id": "e1", "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": learners[0].id },
        "object": { "kind": "item", "id": course.lessons[0].items[0].id }, "verb": "started",
    });
    house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    house.settle().await;
    let caller = client(&house, &ALL).await;
    let path = format!("/endpoint/v1/courses/{}/course_sessions", course.number);
    let answer = caller.get(&path).await;
    assert_eq!(answer.header("total"), Some("1"));
    let session = &answer.json()[0];
    assert_eq!((&session["id"], &session["course_id"]), (&json!(course.number), &json!(course.number)));
    assert_eq!((&session["access_type"], &session["infinitely"]), (&json!("open"), &json!(true)));
    assert_eq!(session["assignments_count"], 2);
    assert_eq!(session["course"], caller.get(&format!("/endpoint/v1/courses/{}", course.number)).await.json());
    assert_eq!((&session["course"]["total_tasks"], &session["course"]["total_score"]), (&json!(2), &json!(10.0)));
    assert_eq!(session["course"]["last_activity"], "2026-11-21T09:00:00.000+00:00");
    assert_eq!(caller.get(&format!("{path}?page=2")).await.json(), json!([]));
    let user = caller.get(&format!("/endpoint/v1/users/{}", learners[0].number)).await.json();
    assert_eq!(user["last_activity_at"], 1_795_251_600);
}

#[actix_web::test]
async fn what_belongs_to_others_is_not_there() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
    let (number, learner) = (course.number, learners[0].number);
    for (part, id, rest) in [
        ("courses", number, ""),
        ("courses", number, "/sections"),
        ("courses", number, "/course_sessions"),
        ("users", learner, ""),
    ] {
        let path = |id: i64| format!("/endpoint/v1/{part}/{id}{rest}");
        assert_eq!(house.owner().get(&path(id)).await.status, 200, "{}", path(id));
        let foreign = refusal(&house.stranger().get(&path(id)).await);
        assert_eq!(foreign.0, 404, "{}", path(id));
        // As if it had never been there.
        assert_eq!(foreign, refusal(&house.stranger().get(&path(0)).await), "{}", path(id));
    }
    assert_eq!(house.stranger().get("/endpoint/v1/courses").await.json(), json!([]));
    let gone = format!("/api/institutions/{}/members/{}", house.school.tenant, learners[0].id);
    assert_eq!(house.admin().delete(&gone).await.status, 204);
    assert_eq!(refusal(&house.owner().get(&format!("/endpoint/v1/users/{learner}")).await).0, 404);
    house.settle().await;
}
