//! What goes with a streak over weeks: granted freezes, tiers, and the same in one step as in many.

use serde_json::{Value, json};
use stoa_core::clock::Clock;

use super::{TimeDelta, later, school, streak, told};
use crate::api::record::gamification::{deed, stats, tell, verify};

#[actix_web::test]
async fn a_week_grants_a_freeze_and_unlocks_a_tier_once() {
    let house = school().await;
    for nth in 1..=9 {
        let at = (house.clock.now() - TimeDelta::hours(1)).to_rfc3339();
        tell(&house, &[deed("ana", "spanish/1/1", &at, "progressed")]).await;
        later(&house, TimeDelta::days(1)).await;
        assert_eq!(streak(&stats(&house, "ana").await).0, nth);
    }
    let read = stats(&house, "ana").await;
    assert_eq!(streak(&read), (9, 9, 2));
    assert_eq!(
        (&read["achievements"][0]["key"], &read["achievements"][0]["tier"]),
        (&json!("streak"), &json!("bronze"))
    );
    let unlocked = "SELECT count(*) FROM events WHERE type = 'achievement.unlocked'";
    assert_eq!(house.database.number(unlocked), 1);
    assert_eq!(told(&house).len(), 9);
    assert_eq!(house.database.value("SELECT settled_on FROM games"), "2026-11-21", "what changes no more is kept");
    verify(&house).await;
}

#[actix_web::test]
async fn ten_thousand_activities_of_one_learner_in_a_second_are_one_date_and_one_event() {
    let house = school().await;
    let events: Vec<Value> = (0..10_000)
        .map(|nth| {
            let mut event = deed("ana", "spanish/1/1", &format!("2026-11-21T08:00:00.{nth:04}Z"), "progressed");
            event["id"] = json!(nth.to_string());
            event
        })
        .collect();
    for some in events.chunks(500) {
        house.admin().post("/api/progress-events", json!({ "events": some })).await.data();
    }
    house.follow().await;
    let read = stats(&house, "ana").await;
    assert_eq!((streak(&read), &read["xp"]["total"]), ((1, 1, 1), &json!(5)));
    assert_eq!(read["calendar"][41], json!({ "date": "2026-11-21", "state": "active", "activities": 10_000 }));
    assert_eq!(house.database.number("SELECT count(*) FROM events WHERE type = 'xp.awarded'"), 1);
    assert_eq!(house.database.number("SELECT seconds FROM board_scores WHERE period = 'week'"), 600_000);
    verify(&house).await;
    house.settle().await;
}
