//! Enrolments over HTTP.

use actix_web::http::StatusCode;
use futures::future::join_all;
use serde_json::json;
use stoa_core::Ability;

use crate::support::TestHouse;

const PATH: &str = "/api/courses/external_id:spanish/enrollments";

#[actix_web::test]
async fn a_learner_is_put_on_a_course_once() {
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[]).await;
    house.learners(&["ana", "ben"]).await;
    let admin = house.admin();
    let body =
        json!({ "user": { "email": "ANA@home.example" }, "due_at": "2027-01-01T00:00:00+01:00", "external_id": "e-1" });
    let first = admin.post(PATH, body.clone()).await.expect(StatusCode::CREATED).data();
    assert_eq!(
        (&first[0]["is_new"], &first[0]["status"], &first[0]["external_id"]),
        (&json!(true), &json!("active"), &json!("e-1"))
    );
    assert_eq!(
        (&first[0]["due_at"], &first[0]["user"]["external_id"]),
        (&json!("2026-12-31T23:00:00Z"), &json!("ana"))
    );
    assert_eq!((&first[0]["enrolled_by"], &first[0]["course_id"]), (&json!(house.school.admin.id), &json!(course.id)));
    let again = admin.post(PATH, body).await.expect(StatusCode::OK).data();
    assert_eq!((&again[0]["is_new"], &again[0]["id"]), (&json!(false), &first[0]["id"]));
    let both =
        json!({ "users": [{ "external_id": "ben" }, { "external_id": "ana" }, { "email": "ben@home.example" }] });
    let both = admin.post(PATH, both).await.expect(StatusCode::CREATED).data();
    let told: Vec<_> =
        both.as_array().unwrap().iter().map(|e| (e["user"]["external_id"].clone(), e["is_new"].clone())).collect();
    assert_eq!(told, [(json!("ben"), json!(true)), (json!("ana"), json!(false))]);
    let events = house.database.rows(
        "SELECT type, object_kind, revision, data->'user'->>'external_id' AS who, scope_ids[1] = data_course AS in_scope
         FROM (SELECT *, (SELECT id FROM courses) AS data_course FROM events) e
         WHERE type NOT IN ('user.created', 'member.added', 'enrollments.created', 'course.published') ORDER BY who, type",
    );
    let told: Vec<_> = events
        .iter()
        .map(|e| (e["who"].as_str().unwrap(), e["type"].as_str().unwrap(), e["revision"].as_i64()))
        .collect();
    let (stat, enrolled) = ("course_stat.created", "enrollment.created");
    assert_eq!(
        told,
        [("ana", stat, Some(1)), ("ana", enrolled, Some(1)), ("ben", stat, Some(1)), ("ben", enrolled, Some(1))]
    );
    assert!(events.iter().all(|event| event["in_scope"] == true), "{events:?}");
    let acts = house.database.number("SELECT count(*) FROM events WHERE type = 'enrollments.created'");
    assert_eq!(acts, 2, "one for each request by which somebody was enrolled");
    house.settle().await;
}

#[actix_web::test]
async fn what_receivers_hear_of_an_enrolment_is_whole() {
    let house = TestHouse::new().await;
    house.course("spanish", &[]).await;
    house.learners(&["ana"]).await;
    house.admin().post(PATH, json!({ "user": { "external_id": "ana" } })).await.data();
    let event = house.database.value("SELECT data FROM events WHERE type = 'enrollment.created'");
    assert_eq!(
        (&event["user"]["email"], &event["course"]["slug"]),
        (&json!("ana@home.example"), &json!("course-spanish"))
    );
    assert_eq!(
        (&event["enrollment"]["status"], &event["enrollment"]["enrolled_by"]["role"]),
        (&json!("active"), &json!("admin"))
    );
    let event = house.database.value("SELECT data FROM events WHERE type = 'course_stat.created'");
    assert_eq!((&event["standing"]["status"], &event["standing"]["progress"]), (&json!("not_started"), &json!(0)));
    assert_eq!(event["standing"]["number"], house.database.value("SELECT number FROM standings"));
    house.settle().await;
}

#[actix_web::test]
async fn the_same_learner_enrolled_at_once_is_enrolled_once() {
    let house = TestHouse::new().await;
    house.course("spanish", &[]).await;
    house.learners(&["ana", "ben", "eva"]).await;
    let admin = house.admin();
    let orders = [["ana", "ben", "eva"], ["eva", "ben", "ana"], ["ben", "eva", "ana"], ["ben", "ana", "eva"]];
    let enrol = |keys: [&str; 3]| {
        let users: Vec<_> = keys.iter().map(|key| json!({ "external_id": key })).collect();
        admin.post(PATH, json!({ "users": users }))
    };
    let mut answers: Vec<_> = join_all(orders.map(enrol)).await.iter().map(|answer| answer.status).collect();
    answers.sort_unstable();
    assert_eq!(answers, [200, 200, 200, 201]);
    assert_eq!(house.database.number("SELECT count(*) FROM events WHERE type = 'enrollment.created'"), 3);
    assert_eq!(house.database.number("SELECT count(*) FROM standings"), 3);
    house.settle().await;
}

#[actix_web::test]
async fn a_learner_taken_off_may_come_back() {
    let house = TestHouse::new().await;
    house.class(&[&[]], &["ana", "ben"]).await;
    let admin = house.admin();
    admin.delete(&format!("{PATH}/ana@home.example")).await.expect(StatusCode::NO_CONTENT);
    let gone = admin.delete(&format!("{PATH}/external_id:ana")).await.refusal();
    assert_eq!((gone.0, gone.1.as_str()), (404, "not_enrolled"));
    let total = async |query: &str| admin.get(&format!("{PATH}?{query}")).await.json()["meta"]["total"].clone();
    assert_eq!((total("").await, total("status=removed").await), (json!(1), json!(1)));
    let back = admin.post(PATH, json!({ "user": { "external_id": "ana" } })).await.expect(StatusCode::CREATED).data();
    assert_eq!((&back[0]["status"], &back[0]["is_new"]), (&json!("active"), &json!(true)));
    assert_eq!(house.database.number("SELECT count(*) FROM standings"), 2);
    assert_eq!(total("").await, json!(2));
    house.settle().await;
}

#[actix_web::test]
async fn bad_enrolments_change_nothing() {
    let house = TestHouse::new().await;
    house.course("spanish", &[]).await;
    house.learners(&["ana", "left"]).await;
    let admin = house.admin();
    admin.delete("/api/institutions/external_id:home/members/external_id:left").await.expect(StatusCode::NO_CONTENT);
    let ana = json!({ "external_id": "ana" });
    let stranger = json!({ "email": "owner@abroad.example" });
    for (body, pointer) in [
        (json!({}), "/user"),
        (json!({ "user": {} }), "/user"),
        (json!({ "user": ana, "users": [ana] }), "/user"),
        (json!({ "user": { "external_id": "nobody" } }), "/user"),
        (json!({ "user": stranger }), "/user"),
        (json!({ "user": { "external_id": "left" } }), "/user"),
        (json!({ "users": [ana, stranger] }), "/users/1"),
        (json!({ "users": [] }), "/users"),
        (json!({ "users": vec![ana.clone(); 501] }), "/users"),
        (json!({ "users": [ana], "external_id": "e" }), "/external_id"),
        (json!({ "user": ana, "due_at": "tomorrow" }), "/due_at"),
    ] {
        let refusal = admin.post(PATH, body.clone()).await.refusal();
        assert_eq!(refusal, (422, "validation_failed".into(), vec![pointer.into()]), "{body}");
    }
    assert_eq!(admin.post("/api/courses/external_id:none/enrollments", json!({ "user": ana })).await.refusal().0, 404);
    assert_eq!(house.stranger().get(PATH).await.refusal().0, 404);
    assert_eq!(house.database.number("SELECT count(*) FROM enrolments"), 0);
    let reader = house.token(&[Ability::MembersRead]).await;
    assert_eq!(reader.post(PATH, json!({ "user": ana })).await.refusal().1, "ability_missing");
    house.settle().await;
}
