//! The road: enrolled, started, progressed, completed; each told to every receiver in its own words.

use serde_json::json;
use stoa_protocols::event::ItemKind;

use crate::support::TestHouse;

#[actix_web::test]
async fn activity_becomes_webhooks() {
    let house = TestHouse::new().await;
    let lms = house.receivers.at("https://lms.example/hooks");
    let (course, learners) = house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
    let webhook = json!({ "url": lms.url(), "events": ["*"] });
    house.admin().post("/api/integrations/webhooks", webhook).await.data();
    let event = json!({ "events": [{
        "id": "e1", "occurred_at": "2026-11-21T09:00:00.123Z", "user": { "id": learners[0].id },
        "object": { "kind": "course", "id": course.id }, "verb": "started",
    }] });
    let answer = house.owner().post("/api/progress-events", event).await.data();
    assert_eq!(answer[0]["status"], "accepted", "{answer}");
    house.settle().await;
    assert_eq!(lms.take_types(), ["course_stat.updated"]);
}
