//! The game over HTTP: what learners have reached, leaderboards, the ledger and the settings.

mod boards;
mod boards_named;
mod ledger;
mod stats;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::support::TestHouse;

/// Tells what a learner did with an item, such as `spanish/1/1`, and lets the followers go on.
pub(crate) async fn act(house: &TestHouse, learner: &str, item: &str, at: &str) {
    tell(house, &[deed(learner, item, at, "completed")]).await;
}

/// An activity. Its id is made of all that it says.
pub(crate) fn deed(learner: &str, item: &str, at: &str, verb: &str) -> Value {
    json!({
        "id": format!("{learner} {item} {at} {verb}"), "occurred_at": at, "user": { "external_id": learner }, "verb": verb,
        "object": { "kind": "item", "external_id": item }, "result": { "duration_seconds": 60 },
    })
}

/// Tells activity, and lets the followers go on.
pub(crate) async fn tell(house: &TestHouse, events: &[Value]) {
    for some in events.chunks(50) {
        let told = house.admin().post("/api/progress-events", json!({ "events": some })).await.data();
        assert!(told.as_array().unwrap().iter().all(|one| one["status"] == "accepted"), "{told}");
    }
    house.follow().await;
}

/// What a learner has reached.
pub(crate) async fn stats(house: &TestHouse, learner: &str) -> Value {
    house.admin().get(&format!("/api/gamification/stats?external_id={learner}")).await.expect(StatusCode::OK).data()
}

/// Nothing that is kept differs from what its ledger says.
pub(crate) async fn verify(house: &TestHouse) {
    let mut tx = house.tx().await;
    assert_eq!(stoa_record::gamification::verify(&mut tx).await.unwrap(), []);
}
