//! An institution that wants its rows kept for fewer days than the platform keeps them.

use chrono::TimeDelta;
use serde_json::json;
use stoa_jobs::{
    institutions::ForgetOwn,
    queue::{self, HOUSE, NewJob},
};

use super::steps::{accept, change, course, event, small_class, subscribe};
use crate::support::TestHouse;

async fn forget(house: &TestHouse) {
    let mut tx = house.db().house().await.unwrap();
    queue::enqueue(&mut tx, NewJob::of(HOUSE, &ForgetOwn {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
}

fn counts(house: &TestHouse) -> [i64; 4] {
    let tenant = house.school.tenant.uuid();
    ["events", "deliveries", "attempts", "payloads"]
        .map(|table| house.database.number(&format!("SELECT count(*) FROM {table} WHERE tenant_id = '{tenant}'")))
}

async fn keep(house: &TestHouse, days: serde_json::Value) {
    let path = format!("/api/institutions/{}", house.school.tenant);
    house.admin().patch(&path, json!({ "retention": days })).await.data();
}

#[actix_web::test]
async fn what_it_does_not_want_kept_goes_and_what_is_owed_stays() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    house.settle().await;
    subscribe(&house, "https://a.example", json!({ "events": ["course.completed", "course_stat.created"] })).await;
    let (receiver, paused) = subscribe(&house, "https://b.example", json!({ "events": ["course.completed"] })).await;
    change(&house, &paused, json!({ "status": "paused" })).await;
    accept(&house, vec![event(&house, "c", &ana, course(&built), "completed")]).await;
    house.settle().await;
    let [events, deliveries, attempts, payloads] = counts(&house);
    assert!(deliveries >= 2 && attempts >= 1 && payloads >= 1, "{:?}", counts(&house));

    house.clock.advance(TimeDelta::days(20));
    forget(&house).await;
    assert_eq!(counts(&house), [events, deliveries, attempts, payloads], "the platform keeps all of it");
    keep(&house, json!({ "delivery_bodies_days": 7 })).await;
    forget(&house).await;
    assert_eq!(counts(&house), [events, deliveries, attempts, 0]);
    keep(&house, json!({ "delivery_bodies_days": 7, "deliveries_days": 14, "events_days": 14 })).await;
    forget(&house).await;
    assert_eq!(counts(&house), [events, 1, 0, 0], "what the paused receiver is owed stays, with its event");
    change(&house, &paused, json!({ "status": "enabled" })).await;
    house.settle().await;
    assert_eq!(receiver.take_types(), ["course.completed"]);
    house.clock.advance(TimeDelta::days(1));
    forget(&house).await;
    assert_eq!(counts(&house)[0], 0, "then it goes too");
}

#[actix_web::test]
async fn nobody_elses_goes() {
    let house = TestHouse::new().await;
    let stranger = house.stranger();
    stranger.post("/api/courses", json!({ "title": "Theirs" })).await.data();
    small_class(&house).await;
    house.settle().await;
    keep(&house, json!({ "delivery_bodies_days": 1, "deliveries_days": 1, "events_days": 1 })).await;
    let theirs = || {
        house
            .database
            .number(&format!("SELECT count(*) FROM events WHERE tenant_id <> '{}'", house.school.tenant.uuid()))
    };
    let before = theirs();
    house.clock.advance(TimeDelta::days(40));
    forget(&house).await;
    assert_eq!((counts(&house)[0], theirs()), (0, before));
}
