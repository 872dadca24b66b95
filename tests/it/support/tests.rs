//! The house for a test notices what a test leaves behind.

use serde_json::json;
use stoa_protocols::event::ItemKind;

use super::{Left, TestHouse};

/// Leaves an event in the outbox.
async fn untidy() -> TestHouse {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house
}

#[actix_web::test]
#[should_panic(expected = "2 events were not relayed")]
async fn forgotten_events_fail_a_test() {
    drop(untidy().await);
}

#[actix_web::test]
async fn events_may_be_left_on_purpose() {
    untidy().await.leaves(Left::Events);
}

#[actix_web::test]
#[should_panic(expected = "2 jobs are due or in hand")]
async fn forgotten_jobs_fail_a_test() {
    let house = TestHouse::new().await;
    let receiver = house.receivers.at("https://a.example/hooks");
    receiver.always(500);
    house.admin().post("/api/integrations/webhooks", json!({ "url": receiver.url(), "events": ["*"] })).await.data();
    house.learners(&["ana"]).await;
    house.settle().await;
    house.clock.advance(chrono::TimeDelta::seconds(10));
}

#[actix_web::test]
#[should_panic(expected = "were not announced")]
async fn a_call_to_somebody_unknown_fails_a_test() {
    let house = TestHouse::new().await;
    let webhook = json!({ "url": "https://nobody.example/hooks", "events": ["user.created"] });
    house.admin().post("/api/integrations/webhooks", webhook).await.data();
    house.learners(&["ana"]).await;
    house.settle().await;
    // Its retry is another matter.
    house.skip_all().await;
}

/// Two houses know nothing of each other.
#[actix_web::test]
async fn each_test_has_a_database_of_its_own() {
    let (here, there) = (TestHouse::new().await, TestHouse::new().await);
    here.class(&[&[ItemKind::Quiz]], &["ana"]).await;
    assert_eq!(here.admin().get("/api/courses").await.json()["meta"]["total"], 1);
    assert_eq!(there.admin().get("/api/courses").await.json()["meta"]["total"], 0);
}
