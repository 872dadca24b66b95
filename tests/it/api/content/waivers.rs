//! Lessons that a learner need not do.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::Material;

use crate::support::TestHouse;

const COURSE: &str = "/api/courses/external_id:spanish";
const FIRST: &str = "/api/courses/external_id:spanish/lessons/external_id:spanish%2F1/waivers";
const SECOND: &str = "/api/courses/external_id:spanish/lessons/external_id:spanish%2F2/waivers";

fn ana() -> Value {
    json!({ "user": "external_id:ana", "reason": "Has a certificate" })
}

async fn of_ana(house: &TestHouse) -> Value {
    let path = format!("{COURSE}/lesson-progress?external_id=ana");
    house.admin().get(&path).await.expect(StatusCode::OK).data()
}

#[actix_web::test]
async fn a_waived_lesson_counts_as_if_it_were_done() {
    let house = TestHouse::new().await;
    let (_, learners) = house.class(&[&[Material], &[Material]], &["ana"]).await;
    let admin = house.admin();
    let waived = admin.post(FIRST, ana()).await.expect(StatusCode::CREATED).data();
    assert_eq!(
        (&waived["reason"], &waived["granted_by"]),
        (&json!("Has a certificate"), &json!(house.school.admin.id))
    );
    admin.post(FIRST, ana()).await.expect(StatusCode::OK);
    let told = of_ana(&house).await;
    let lesson = &told["lessons"][0];
    assert_eq!((&lesson["status"], &lesson["source"]), (&json!("waived"), &json!("waiver")));
    assert_eq!(
        (&lesson["completion"]["completed_at"], &lesson["attempts"]),
        (&Value::Null, &json!(0)),
        "nothing was done"
    );
    let course = &told["course"];
    assert_eq!((&course["progress"], &course["first_started_at"]), (&json!(50), &Value::Null));
    assert_eq!(admin.get(FIRST).await.data()[0]["user_id"], json!(learners[0].id));
    let event = json!({
        "id": "e1", "occurred_at": "2026-11-21T08:00:00Z", "user": { "external_id": "ana" }, "verb": "completed",
        "object": { "kind": "item", "external_id": "spanish/2/1" },
    });
    admin.post("/api/progress-events", json!({ "events": [event] })).await.expect(StatusCode::OK);
    let after = of_ana(&house).await;
    assert_eq!((&after["course"]["progress"], &after["course"]["status"]), (&json!(100), &json!("completed")));
    assert_eq!(after["course"]["content_changed_after_completion"], false);
    house.settle().await;
    let audited = house.database.number("SELECT count(*) FROM audit_log WHERE action = 'lesson.waived'");
    assert_eq!(audited, 1);
}

#[actix_web::test]
async fn the_last_waiver_completes_the_course_and_it_stays_so() {
    let house = TestHouse::new().await;
    house.class(&[&[Material], &[Material]], &["ana"]).await;
    let admin = house.admin();
    admin.post(FIRST, ana()).await.expect(StatusCode::CREATED);
    let one = format!("{FIRST}/external_id:ana");
    admin.delete(&one).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(of_ana(&house).await["course"]["progress"], 0, "what it added is taken off again");
    assert_eq!(admin.delete(&one).await.refusal().0, 404);
    admin.post(FIRST, ana()).await.expect(StatusCode::CREATED);
    admin.post(SECOND, ana()).await.expect(StatusCode::CREATED);
    assert_eq!(of_ana(&house).await["course"]["status"], "completed");
    admin.delete(&one).await.expect(StatusCode::NO_CONTENT);
    let after = of_ana(&house).await;
    assert_eq!(
        (&after["course"]["status"], &after["lessons"][0]["status"]),
        (&json!("completed"), &json!("not_started"))
    );
    house.settle().await;
    let told = "SELECT count(*) FROM events WHERE type IN ('course.completed', 'enrollment.completed')";
    assert_eq!(house.database.number(told), 2);
}

#[actix_web::test]
async fn only_who_may_waives_and_only_for_whom_it_concerns() {
    let house = TestHouse::new().await;
    house.class(&[&[Material], &[Material]], &["ana"]).await;
    house.course("other", &[&[Material]]).await;
    let admin = house.admin();
    let refusal = admin.post(FIRST, json!({ "user": "external_id:home-learner", "reason": "x" })).await.refusal();
    assert_eq!(refusal.1, "not_enrolled");
    for (body, pointer) in [
        (json!({ "user": "external_id:nobody", "reason": "x" }), "/user"),
        (json!({ "user": "external_id:ana", "reason": " " }), "/reason"),
        (json!({ "user": "external_id:ana", "reason": "x".repeat(1_001) }), "/reason"),
    ] {
        assert_eq!(admin.post(FIRST, body).await.refusal().2, [pointer]);
    }
    let elsewhere = "/api/courses/external_id:other/lessons/external_id:spanish%2F1/waivers";
    assert_eq!(admin.post(elsewhere, ana()).await.refusal().0, 404, "a lesson of another course");
    let reader = house.token(&[Ability::ProgressRead]).await;
    assert_eq!(reader.post(FIRST, ana()).await.refusal().1, "ability_missing");
    assert_eq!(house.stranger().post(FIRST, ana()).await.refusal().0, 404);
    assert_eq!(house.database.number("SELECT count(*) FROM lesson_waivers"), 0);
}
