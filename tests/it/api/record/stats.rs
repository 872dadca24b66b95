//! How much there is, over HTTP.

use actix_web::http::StatusCode;
use serde_json::json;
use stoa_core::{Ability, staff::StaffRole};
use stoa_protocols::event::ItemKind::Material;

use crate::support::TestHouse;

#[actix_web::test]
async fn an_institution_is_told_of_itself_and_an_operator_of_all() {
    let house = TestHouse::new().await;
    house.class(&[&[Material], &[Material]], &["ana", "bo", "cy"]).await;
    let did = |key: &str, item: &str, at: &str| {
        json!({
            "id": format!("{key} {item}"), "occurred_at": at, "user": { "external_id": key }, "verb": "completed",
            "object": { "kind": "item", "external_id": item }, "result": { "duration_seconds": 90 },
        })
    };
    let events = [
        did("ana", "spanish/1/1", "2026-11-21T08:00:00Z"),
        did("ana", "spanish/2/1", "2026-11-21T08:10:00Z"),
        did("bo", "spanish/1/1", "2026-11-16T08:00:00Z"),
        did("cy", "spanish/1/1", "2026-11-01T08:00:00Z"),
    ];
    house.admin().post("/api/progress-events", json!({ "events": events })).await.data();
    house.follow().await;
    house.settle().await;
    let reads = house.token(&[Ability::AnalyticsRead]).await;
    let own = reads.get("/api/stats").await.expect(StatusCode::OK).data();
    assert_eq!(own["active_learners"], json!({ "1d": 1, "7d": 2, "30d": 3 }));
    assert_eq!((&own["courses"], &own["lessons"], &own["learners"]), (&json!(1), &json!(2), &json!(4)));
    assert_eq!(
        (&own["enrollments"], &own["completions"], &own["time_spent_seconds"]),
        (&json!(3), &json!(1), &json!(360))
    );
    assert_eq!((&own["institutions"], &own["as_of"]), (&json!(null), &json!("2026-11-21T09:00:00Z")));
    let other = house.stranger().get("/api/stats").await.expect(StatusCode::OK).data();
    assert_eq!((&other["courses"], &other["enrollments"]), (&json!(0), &json!(0)));
    let operator = house.staff("olga", StaffRole::Operator).await;
    let all = operator.get("/api/stats").await.expect(StatusCode::OK).data();
    assert_eq!(
        (&all["institutions"], &all["active_learners"], &all["completions"]),
        (&json!(2), &own["active_learners"], &json!(1))
    );
    let learners = |stats: &serde_json::Value| stats["learners"].as_i64().unwrap();
    assert_eq!(learners(&all), learners(&own) + learners(&other));
    for weak in [house.learner(), house.staff("rita", StaffRole::Reseller).await] {
        assert_eq!(weak.get("/api/stats").await.refusal().1, "ability_missing");
    }
    house.settle().await;
}
