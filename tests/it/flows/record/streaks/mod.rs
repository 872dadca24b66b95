//! Streaks as days go by: midnights in the learner's zone, freezes, late activity, travels.

mod told;

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::clock::Clock;
use stoa_jobs::{
    queue::{HOUSE, NewJob, enqueue},
    record::gamification::RollOver,
};
use stoa_protocols::event::ItemKind::Material;

use crate::{
    api::record::gamification::{act, stats, verify},
    support::TestHouse,
};

/// A learner on a course of ten items.
async fn school() -> TestHouse {
    let house = TestHouse::new().await;
    house.class(&[&[Material; 10]], &["ana"]).await;
    house
}

/// Moves the clock, and does what is done by it.
async fn later(house: &TestHouse, by: TimeDelta) {
    house.advance(by).await;
    let mut tx = house.db().house().await.unwrap();
    enqueue(&mut tx, NewJob::of(HOUSE, &RollOver {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
}

async fn zone(house: &TestHouse, zone: &str) {
    let path = format!("/api/institutions/{}/members/external_id:ana", house.school.tenant);
    house.admin().patch(&path, json!({ "time_zone": zone })).await.expect(StatusCode::OK);
}

/// What was told of streaks, in order: the type without its first part, and the length.
fn told(house: &TestHouse) -> Vec<(String, i64)> {
    let rows = house.database.rows(
        "SELECT split_part(type, '.', 2) AS type, (data #>> '{streak,current}')::bigint AS current FROM events
         WHERE type LIKE 'streak.%' ORDER BY revision",
    );
    rows.iter().map(|row| (row["type"].as_str().unwrap().to_owned(), row["current"].as_i64().unwrap())).collect()
}

fn streak(told: &Value) -> (i64, i64, i64) {
    let of = |name: &str| told["streak"][name].as_i64().unwrap();
    (of("current"), of("longest"), told["streak"]["freezes"]["available"].as_i64().unwrap())
}

#[actix_web::test]
async fn a_freeze_covers_a_missed_date_and_then_the_streak_breaks() {
    let house = school().await;
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:00:00Z").await;
    assert_eq!(streak(&stats(&house, "ana").await), (1, 1, 1));
    house.clock.advance(TimeDelta::hours(39));
    let read = stats(&house, "ana").await;
    assert_eq!((streak(&read), &read["streak"]["today_done"]), ((1, 1, 0), &json!(false)), "before the job has run");
    assert_eq!(read["streak"]["freezes"]["used"], json!([{ "date": "2026-11-22", "used_at": null }]));
    later(&house, TimeDelta::zero()).await;
    let run = stats(&house, "ana").await;
    assert_eq!(streak(&run), streak(&read), "and after it");
    assert_eq!(run["streak"]["expires_at"], "2026-11-24T00:00:00Z");
    assert_eq!(run["calendar"][40]["state"], "frozen");
    later(&house, TimeDelta::days(1)).await;
    assert_eq!(streak(&stats(&house, "ana").await), (0, 1, 0));
    assert_eq!(told(&house), [("extended".into(), 1), ("frozen".into(), 1), ("broken".into(), 0)]);
    let entries = house.database.value("SELECT array_agg(reason ORDER BY id) AS all FROM freeze_entries");
    assert_eq!(entries, json!(["granted", "used"]));
    later(&house, TimeDelta::days(1)).await;
    assert_eq!(told(&house).len(), 3, "nothing is told twice");
    verify(&house).await;
}

#[actix_web::test]
async fn an_offline_activity_of_the_date_gives_the_freeze_back_within_two_days() {
    let house = school().await;
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:00:00Z").await;
    later(&house, TimeDelta::hours(40)).await;
    act(&house, "ana", "spanish/1/2", "2026-11-23T00:30:00Z").await;
    assert_eq!(streak(&stats(&house, "ana").await), (2, 2, 0));
    house.clock.advance(TimeDelta::hours(20));
    act(&house, "ana", "spanish/1/3", "2026-11-22T12:00:00Z").await;
    assert_eq!(streak(&stats(&house, "ana").await), (3, 3, 1));
    let entries = house.database.value("SELECT array_agg(reason ORDER BY id) AS all FROM freeze_entries");
    assert_eq!(entries, json!(["granted", "used", "refunded"]));
    verify(&house).await;
    house.settle().await;
}

#[actix_web::test]
async fn a_broken_streak_comes_back_by_what_is_told_in_time_and_not_by_what_is_told_later() {
    let house = school().await;
    house.admin().patch("/api/gamification/settings", json!({ "freezes_max": 0 })).await.expect(StatusCode::OK);
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:00:00Z").await;
    later(&house, TimeDelta::hours(40)).await;
    act(&house, "ana", "spanish/1/2", "2026-11-23T00:30:00Z").await;
    assert_eq!(streak(&stats(&house, "ana").await), (1, 1, 0));
    house.clock.advance(TimeDelta::hours(40));
    act(&house, "ana", "spanish/1/3", "2026-11-22T12:00:00Z").await;
    assert_eq!(streak(&stats(&house, "ana").await), (3, 3, 0));
    let all = [("extended".into(), 1), ("broken".into(), 0), ("extended".into(), 1), ("extended".into(), 3)];
    assert_eq!(told(&house), all);
    house.clock.advance(TimeDelta::hours(20));
    act(&house, "ana", "spanish/1/4", "2026-11-20T12:00:00Z").await;
    assert_eq!(streak(&stats(&house, "ana").await).1, 3, "the twentieth was over more than two days ago");
    assert_eq!(house.database.number("SELECT count(*) FROM learning_days WHERE kind = 'late'"), 1);
    house.settle().await;
}

#[actix_web::test]
async fn midnight_is_the_learners_own() {
    let house = school().await;
    zone(&house, "Asia/Seoul").await;
    house.admin().patch("/api/gamification/settings", json!({ "freezes_max": 0 })).await.expect(StatusCode::OK);
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:00:00Z").await;
    let told = stats(&house, "ana").await;
    assert_eq!((&told["tz"], &told["streak"]["expires_at"]), (&json!("Asia/Seoul"), &json!("2026-11-22T15:00:00Z")));
    later(&house, "2026-11-22T14:59:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - house.clock.now()).await;
    assert_eq!(streak(&stats(&house, "ana").await).0, 1);
    later(&house, TimeDelta::minutes(1)).await;
    assert_eq!(streak(&stats(&house, "ana").await).0, 0);
}

#[actix_web::test]
async fn a_change_of_zone_takes_effect_with_the_next_date_and_what_was_counted_stays() {
    let house = school().await;
    zone(&house, "America/Los_Angeles").await;
    act(&house, "ana", "spanish/1/1", "2026-11-21T08:30:00Z").await;
    zone(&house, "Asia/Tokyo").await;
    let told = stats(&house, "ana").await;
    assert_eq!((&told["tz"], &told["today"]), (&json!("America/Los_Angeles"), &json!("2026-11-21")));
    later(&house, TimeDelta::hours(23)).await;
    let told = stats(&house, "ana").await;
    assert_eq!((&told["tz"], &told["today"]), (&json!("Asia/Tokyo"), &json!("2026-11-22")));
    act(&house, "ana", "spanish/1/2", "2026-11-22T08:00:00Z").await;
    assert_eq!(streak(&stats(&house, "ana").await).0, 2, "more than twenty hours after");
    let days = house.database.rows("SELECT local_date::text AS date, tz FROM learning_days ORDER BY 1");
    assert_eq!(days[0], json!({ "date": "2026-11-21", "tz": "America/Los_Angeles" }));
    assert_eq!(days[1], json!({ "date": "2026-11-22", "tz": "Asia/Tokyo" }));
    house.settle().await;
}
