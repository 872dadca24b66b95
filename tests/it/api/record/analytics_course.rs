//! Figures of a course: of whoever is on it, and of what was done in it alone.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::{Id, id};
use stoa_protocols::event::ItemKind::Material;

use crate::support::{
    TestHouse,
    builders::{BuiltCourse, BuiltLearner},
    callers::Caller,
};

const KEYS: [&str; 11] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];

/// Who did what, in which item, when and for how many seconds.
const DEEDS: [(&str, &str, &str, &str, i64); 12] = [
    ("a", "spanish/1/1", "progressed", "2026-11-21T10:00:00Z", 100),
    ("a", "spanish/1/1", "completed", "2026-11-22T10:00:00Z", 200),
    ("a", "spanish/2/1", "completed", "2026-11-22T10:10:00Z", 300),
    ("b", "spanish/1/1", "progressed", "2026-11-22T11:00:00Z", 50),
    ("c", "spanish/1/1", "progressed", "2026-11-23T08:00:00Z", 70),
    ("d", "spanish/1/1", "progressed", "2026-11-23T08:30:00Z", 30),
    ("d", "french/1/1", "completed", "2026-11-23T08:40:00Z", 1_000),
    ("e", "french/1/1", "progressed", "2026-11-22T09:00:00Z", 500),
    ("g", "french/1/1", "progressed", "2026-11-22T09:00:00Z", 40),
    ("h", "french/1/1", "progressed", "2026-11-22T09:00:00Z", 40),
    ("i", "french/1/1", "progressed", "2026-11-22T09:00:00Z", 40),
    ("j", "french/1/1", "progressed", "2026-11-22T09:00:00Z", 40),
];

struct School {
    house: TestHouse,
    spanish: BuiltCourse,
    french: BuiltCourse,
    learners: Vec<BuiltLearner>,
}

/// Six are on a course and eight on another, three of them on both.
async fn school() -> School {
    let house = TestHouse::new().await;
    let spanish = house.course("spanish", &[&[Material], &[Material]]).await;
    let french = house.course("french", &[&[Material]]).await;
    let learners = house.learners(&KEYS).await;
    for (course, nth) in [(&spanish, 1), (&french, 4), (&french, 5)] {
        let due = json!({ "user": { "id": learners[nth].id }, "due_at": "2026-11-22T12:00:00Z" });
        house.admin().post(&enrolments(course), due).await.data();
    }
    house.enrol(&spanish, &learners[..6]).await;
    house.enrol(&french, &learners[3..]).await;
    house.advance(TimeDelta::days(2)).await;
    let events = DEEDS.map(|(key, item, verb, at, seconds)| {
        json!({
            "id": format!("{key} {item} {verb}"), "occurred_at": at, "user": { "external_id": key }, "verb": verb,
            "object": { "kind": "item", "external_id": item }, "result": { "duration_seconds": seconds },
        })
    });
    for one in house.admin().post("/api/progress-events", json!({ "events": events })).await.data().as_array().unwrap()
    {
        assert_eq!(one["status"], "accepted", "{one}");
    }
    house.settle().await;
    house.follow().await;
    School { house, spanish, french, learners }
}

fn enrolments(course: &BuiltCourse) -> String {
    format!("/api/courses/{}/enrollments", course.id)
}

fn path(house: &TestHouse, query: &str) -> String {
    format!("/api/institutions/{}/analytics?{query}", house.school.tenant)
}

async fn read(house: &TestHouse, caller: &Caller, query: &str) -> Value {
    caller.get(&path(house, query)).await.expect(StatusCode::OK).data()
}

/// Makes a group that the manager leads.
async fn lead(house: &TestHouse, learners: &[BuiltLearner]) {
    let admin = house.admin();
    let made = admin.post("/api/groups", json!({ "name": "Mine" })).await.data();
    let id = made["id"].as_str().unwrap();
    for learner in learners {
        admin.put(&format!("/api/groups/{id}/members/{}", learner.id), json!({})).await;
    }
    admin.put(&format!("/api/groups/{id}/managers/{}", house.school.manager.id), json!({})).await;
    house.settle().await;
}

#[actix_web::test]
async fn figures_of_a_course_are_of_its_people_and_of_what_they_did_in_it() {
    let School { house, spanish, .. } = school().await;
    let admin = house.admin();
    let told = read(&house, &admin, &format!("course={}&from=2026-11-21", spanish.id)).await;
    assert_eq!(told["whose"], json!({ "scope": "institution" }));
    assert_eq!(told["course"], json!({ "id": spanish.id, "title": "Course spanish" }));
    assert_eq!((&told["suppressed"], &told["learners"]), (&json!(false), &json!(6)));
    // The fifth learned elsewhere only, and the sixth not at all.
    assert_eq!(told["active_learners"], json!({ "daily": 2, "weekly": 4, "monthly": 4, "period": 4 }));
    assert_eq!(told["enrollments"], json!({ "enrolled": 6, "started": 4, "completed": 1, "overdue": 1 }));
    assert_eq!(told["completion_rate"], json!({ "value": 0.1666, "numerator": 1, "denominator": 6 }));
    assert_eq!(told["completion_rate_of_started"], json!({ "value": 0.25, "numerator": 1, "denominator": 4 }));
    // 600, 70, 50 and 30.
    assert_eq!(told["time"], json!({ "total_seconds": 750, "median_per_active": 50, "estimated": false }));
    let point = |day: &str, [active, events, seconds, lessons, enrolled]: [i64; 5]| {
        json!({
            "from": day, "to": day, "active_learners": active, "events": events, "time_spent_seconds": seconds,
            "lessons_completed": lessons, "enrolled": enrolled,
        })
    };
    let days = [
        point("2026-11-21", [1, 1, 100, 0, 6]),
        point("2026-11-22", [2, 3, 550, 2, 0]),
        point("2026-11-23", [2, 2, 100, 0, 0]),
    ];
    assert_eq!(told["series"], json!(days));
    let courses = told["top_courses"].as_array().unwrap();
    assert_eq!((courses.len(), &courses[0]["course_id"]), (1, &json!(spanish.id)));
    assert_eq!((&courses[0]["enrolled"], &courses[0]["time_spent_seconds"]), (&json!(6), &json!(750)));
    assert_eq!(told["engagement_tiers"], Value::Null);
    for of_all_that_people_do in ["cefr", "cohorts", "retention_matrix"] {
        assert_eq!(told[of_all_that_people_do], json!([]), "{of_all_that_people_do}");
    }
    let whole = read(&house, &admin, "from=2026-11-21").await;
    assert_eq!((&whole["course"], &whole["active_learners"]["period"]), (&Value::Null, &json!(9)));
    assert_eq!((&whole["enrollments"]["overdue"], &whole["time"]["total_seconds"]), (&json!(3), &json!(2_410)));
    house.settle().await;
}

#[actix_web::test]
async fn a_course_is_named_by_any_of_its_keys_and_compared_with_itself() {
    let School { house, french, .. } = school().await;
    let admin = house.admin();
    let shown = admin.get(&format!("/api/courses/{}", french.id)).await.data();
    let query = "from=2026-11-22&to=2026-11-23&compare=previous_period&course=";
    let told = read(&house, &admin, &format!("{query}{}", french.id)).await;
    for key in [shown["slug"].as_str().unwrap(), "external_id:french"] {
        assert_eq!(read(&house, &admin, &format!("{query}{key}")).await, told, "{key}");
    }
    assert_eq!((&told["learners"], &told["active_learners"]["period"]), (&json!(8), &json!(6)));
    // All were enrolled on the day before: of what was made in these two days there is nothing.
    assert_eq!(told["enrollments"], json!({ "enrolled": 0, "started": 0, "completed": 0, "overdue": 2 }));
    assert_eq!(told["time"], json!({ "total_seconds": 1_660, "median_per_active": 40, "estimated": false }));
    let before = &told["previous"];
    assert_eq!((&before["from"], &before["to"]), (&json!("2026-11-20"), &json!("2026-11-21")));
    assert_eq!(before["active_learners"]["period"], 0, "what was done then was done in the other course");
    assert_eq!(before["enrollments"], json!({ "enrolled": 8, "started": 6, "completed": 1, "overdue": 0 }));
    assert_eq!(before["completion_rate"], json!({ "value": 0.125, "numerator": 1, "denominator": 8 }));
    assert_eq!(before["time"], json!({ "total_seconds": 0, "median_per_active": null, "estimated": false }));
    house.settle().await;
}

#[actix_web::test]
async fn who_leads_groups_is_told_of_their_people_who_are_on_it() {
    let School { house, spanish, french, learners } = school().await;
    let manager = house.manager();
    let on_spanish = format!("course={}&from=2026-11-21", spanish.id);
    let nobody = read(&house, &manager, &on_spanish).await;
    assert_eq!((&nobody["learners"], &nobody["enrollments"]["enrolled"]), (&json!(0), &json!(0)), "he leads nobody");
    // The first five are on it, and the last two are not.
    let own: Vec<BuiltLearner> = [0, 1, 2, 3, 4, 8, 9].map(|nth| learners[nth].clone()).to_vec();
    lead(&house, &own).await;
    let told = read(&house, &manager, &on_spanish).await;
    assert_eq!((&told["whose"], &told["course"]["id"]), (&json!({ "scope": "own_groups" }), &json!(spanish.id)));
    assert_eq!((&told["learners"], &told["active_learners"]["period"]), (&json!(5), &json!(4)));
    assert_eq!(told["enrollments"], json!({ "enrolled": 5, "started": 4, "completed": 1, "overdue": 1 }));
    assert_eq!((&told["time"]["total_seconds"], &told["cohorts"]), (&json!(750), &json!([])));
    let few = read(&house, &manager, &format!("course={}", french.id)).await;
    assert_eq!((&few["suppressed"], &few["learners"]), (&json!(true), &Value::Null), "four of his are on the other");
    house.settle().await;
}

#[actix_web::test]
async fn a_course_with_a_few_is_hidden_and_one_with_all_but_a_few_is_not() {
    let School { house, spanish, french, learners } = school().await;
    let admin = house.admin();
    let query = format!("course={}&compare=previous_period", spanish.id);
    let leave = |nth: usize| format!("{}/{}", enrolments(&spanish), learners[nth].id);
    for (nth, left) in [(0, 6), (5, 5)] {
        admin.delete(&leave(nth)).await.expect(StatusCode::NO_CONTENT);
        house.settle().await;
        house.follow().await;
        let told = read(&house, &admin, &query).await;
        assert_eq!(told["enrollments"]["enrolled"], left, "who had completed it before he left counts");
        assert_eq!(told["active_learners"]["period"], 4);
    }
    admin.delete(&leave(1)).await.expect(StatusCode::NO_CONTENT);
    house.settle().await;
    house.follow().await;
    let told = read(&house, &admin, &query).await;
    assert_eq!((&told["suppressed"], &told["course"]["id"]), (&json!(true), &json!(spanish.id)));
    for name in ["learners", "active_learners", "enrollments", "completion_rate", "time", "previous"] {
        assert_eq!(told[name], Value::Null, "{name}");
    }
    for name in ["series", "top_courses"] {
        assert_eq!(told[name], json!([]), "{name}");
    }
    // All fifteen of the school but two.
    let most = house.course("german", &[&[Material]]).await;
    house.enrol(&most, &learners).await;
    for person in [&house.school.learner, &house.school.manager] {
        admin.post(&enrolments(&most), json!({ "user": { "id": person.id } })).await.data();
    }
    house.settle().await;
    house.follow().await;
    let told = read(&house, &admin, &format!("course={}", most.id)).await;
    assert_eq!((&told["suppressed"], &told["enrollments"]["enrolled"]), (&json!(false), &json!(13)));
    assert_eq!(told["learners"], 12, "a manager is on it and no learner");
    let next = read(&house, &admin, &format!("course={}", french.id)).await;
    assert_eq!(next["suppressed"], true, "whoever takes it and the largest from all would find the one with four");
    house.settle().await;
}

#[actix_web::test]
async fn a_course_that_is_not_there_or_together_with_a_group_is_refused() {
    let School { house, spanish, .. } = school().await;
    let (admin, stranger) = (house.admin(), house.stranger());
    let theirs = stranger.post("/api/courses", json!({ "title": "Theirs", "external_id": "theirs" })).await.data();
    let theirs = theirs["id"].as_str().unwrap();
    let group = admin.post("/api/groups", json!({ "name": "Some" })).await.data();
    let group = group["id"].as_str().unwrap();
    let nowhere = Id::<id::Course>::from_uuid(uuid::Uuid::nil());
    for (query, rule) in [
        (format!("course={nowhere}"), "not_found"),
        ("course=nowhere".to_owned(), "not_found"),
        ("course=external_id:nowhere".to_owned(), "not_found"),
        (format!("course={theirs}"), "not_found"),
        ("course=external_id:theirs".to_owned(), "not_found"),
        (format!("course={}&cohort={group}", spanish.id), "value"),
        (format!("course=nowhere&cohort={group}"), "value"),
    ] {
        let answer = admin.get(&path(&house, &query)).await;
        let refused = answer.refusal();
        assert_eq!((refused.0, refused.1.as_str(), refused.2), (422, "validation_failed", vec!["?course".to_owned()]));
        assert_eq!(answer.json()["errors"][0]["code"], rule, "{query}");
    }
    house.settle().await;
}

#[actix_web::test]
async fn a_course_of_too_many_is_refused() {
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[&[Material]]).await;
    let (tenant, id) = (house.school.tenant.uuid(), course.id.uuid());
    let with = |count: i64| {
        house.database.run(&format!(
            "WITH crowd AS (
               INSERT INTO users (tenant_id, id, email, email_key, name, first_name, last_name, created_at, updated_at)
               SELECT '{tenant}', x.id, x.email, x.email, 'One of many', 'One', 'of many', now(), now()
               FROM (SELECT gen_random_uuid() AS id, gen_random_uuid() || '@crowd.example' AS email
                 FROM generate_series(1, {count})) x RETURNING id),
             members AS (
               INSERT INTO memberships (tenant_id, user_id, role, created_at, updated_at)
               SELECT '{tenant}', id, 'learner', now(), now() FROM crowd)
             INSERT INTO enrolments (tenant_id, id, course_id, user_id, enrolled_at, created_at, updated_at)
             SELECT '{tenant}', gen_random_uuid(), '{id}', id, now(), now(), now() FROM crowd"
        ))
    };
    with(50_000);
    let query = path(&house, &format!("course={}", course.id));
    assert_eq!(house.admin().get(&query).await.expect(StatusCode::OK).data()["learners"], 50_000);
    with(2);
    let refused = house.admin().get(&query).await.refusal();
    assert_eq!((refused.0, refused.2), (422, vec!["?course".to_owned()]));
}
