//! What is old goes with its partition; what is still owed stays, and is sent as it was.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use stoa_core::{
    clock::Clock,
    db::Db,
    retention::{self, Fate, Parted, Retention},
};
use stoa_jobs::{
    housekeeping::KeepPartitions,
    queue::{HOUSE, NewJob, enqueue},
};

use super::steps::{change, deliveries, subscribe};
use crate::support::TestHouse;

fn parts(house: &TestHouse, table: &str) -> Vec<String> {
    let rows = house.database.rows(&format!("SELECT name FROM stoa_partitions('{table}')"));
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

fn count(house: &TestHouse, table: &str) -> i64 {
    house.database.number(&format!("SELECT count(*) FROM {table}"))
}

/// Runs the job, as the calendar has it run.
async fn keep(house: &TestHouse) {
    let mut tx = house.db().house().await.unwrap();
    enqueue(&mut tx, NewJob::of(HOUSE, &KeepPartitions {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
}

async fn dropped(db: &Db) -> Vec<(String, Fate)> {
    retention::drop_partitions(db, &Retention::default()).await.unwrap()
}

#[actix_web::test]
async fn partitions_are_there_before_they_are_needed() {
    let house = TestHouse::new().await;
    assert_eq!(parts(&house, "deliveries")[0], "deliveries_20261116", "the test begins on a Saturday");
    assert_eq!(retention::make_partitions(house.db()).await.unwrap(), 0, "they were made with the house");
    house.clock.advance(TimeDelta::days(14));
    keep(&house).await;
    assert_eq!(parts(&house, "deliveries").last().unwrap(), "deliveries_20261221");
    assert_eq!(parts(&house, "events").last().unwrap(), "events_20270201");
    house.learners(&["ana"]).await;
    house.settle().await;
    for table in Parted::ALL {
        let mut tx = house.db().house().await.unwrap();
        assert!(retention::strays(&mut tx, table).await.unwrap().is_empty(), "{}", table.as_str());
    }
    let fill = house.database.rows(
        "SELECT relname FROM pg_class WHERE relname ~ '^deliveries_(default|[0-9]+)$' AND NOT coalesce(reloptions, '{}') @> '{fillfactor=80}'",
    );
    assert!(fill.is_empty(), "{fill:?} would not keep a changed row on its page");
}

#[actix_web::test]
async fn what_is_owed_keeps_its_partition_and_its_body_is_said_again() {
    let house = TestHouse::new().await;
    let (prompt, _) = subscribe(&house, "https://prompt.example/a", json!({ "events": ["user.created"] })).await;
    let (patient, hook) = subscribe(
        &house,
        "https://patient.example/b",
        json!({ "dialect": "reach360", "api_version": "2023-05-04", "events": ["user.created"] }),
    )
    .await;
    change(&house, &hook, json!({ "status": "paused" })).await;
    let korean = json!({ "email": "haneul@home.example", "name": "김하늘" });
    house.admin().post(&format!("/api/institutions/{}/members", house.school.tenant), korean).await.data();
    house.settle().await;
    assert_eq!(prompt.take().len(), 1);
    let stored =
        house.database.value("SELECT convert_from(body, 'UTF8') FROM payloads WHERE rendering LIKE 'reach360%'");
    house.clock.advance(TimeDelta::days(40));
    keep(&house).await;
    assert_eq!((count(&house, "payloads"), count(&house, "deliveries")), (0, 2), "bodies go first");
    house.clock.advance(TimeDelta::days(200));
    let fates = dropped(house.db()).await;
    let fate = |name: &str| fates.iter().find(|(part, _)| part == name).map(|(_, fate)| *fate);
    assert_eq!(fate("deliveries_20261116"), Some(Fate::Kept), "{fates:?}");
    assert_eq!(fate("attempts_20261116"), Some(Fate::Kept));
    assert_eq!(fate("deliveries_20261123"), Some(Fate::Dropped));
    change(&house, &hook, json!({ "status": "enabled" })).await;
    house.settle().await;
    let sent = patient.take();
    assert_eq!(sent.len(), 1);
    assert_eq!(json!(String::from_utf8_lossy(&sent[0].body)), stored, "the same bytes");
    assert_eq!(deliveries(&house, &hook).await[0]["status"], "succeeded");
    // Nothing is owed any more, so the log goes, and after it the ledger.
    let fates = dropped(house.db()).await;
    assert!(fates.contains(&("deliveries_20261116".to_owned(), Fate::Dropped)), "{fates:?}");
    assert!(fates.contains(&("attempts_20261116".to_owned(), Fate::Dropped)), "{fates:?}");
    house.clock.advance(TimeDelta::days(600));
    keep(&house).await;
    assert!(!parts(&house, "events").contains(&"events_20261101".to_owned()));
    assert_eq!(count(&house, "events"), 0);
    assert_eq!(dropped(house.db()).await, [], "a second run has nothing to do");
}

#[actix_web::test]
async fn what_lost_its_event_too_is_cancelled_and_says_so() {
    let house = TestHouse::new().await;
    let (receiver, hook) = subscribe(&house, "https://a.example/a", json!({ "events": ["user.created"] })).await;
    change(&house, &hook, json!({ "status": "paused" })).await;
    house.learners(&["ana"]).await;
    house.settle().await;
    house.database.run("DELETE FROM payloads");
    house.database.run("DELETE FROM events");
    change(&house, &hook, json!({ "status": "enabled" })).await;
    house.settle().await;
    assert_eq!(receiver.take().len(), 0);
    let ended = house.database.rows("SELECT status, reason FROM deliveries");
    assert_eq!(ended, [json!({ "status": "cancelled", "reason": "event_gone" })]);
}

/// Weeks without housekeeping, or a clock that is wrong: nothing fails, and nothing stays where it does not belong.
#[actix_web::test]
async fn rows_without_a_partition_are_found_and_moved() {
    let house = TestHouse::new().await;
    let (receiver, _) = subscribe(&house, "https://a.example/a", json!({ "events": ["user.created"] })).await;
    house.clock.advance(TimeDelta::days(120));
    house.learners(&["ana"]).await;
    house.settle().await;
    assert_eq!(receiver.take().len(), 1);
    assert_eq!(count(&house, "deliveries_default"), 1);
    let mut tx = house.db().house().await.unwrap();
    let strays = retention::strays(&mut tx, Parted::Deliveries).await.unwrap();
    drop(tx);
    let monday: DateTime<Utc> = "2027-03-15T00:00:00Z".parse().unwrap();
    assert_eq!((strays.len(), strays[0].starts_at, strays[0].count), (1, monday, 1));
    // The clock goes back to where it should be; what was made in the future waits there.
    let before: Vec<i64> = Parted::ALL.iter().map(|table| count(&house, table.as_str())).collect();
    keep(&house).await;
    for table in Parted::ALL {
        assert_eq!(count(&house, &format!("{}_default", table.as_str())), 0, "{}", table.as_str());
    }
    assert_eq!(Parted::ALL.iter().map(|table| count(&house, table.as_str())).collect::<Vec<_>>(), before);
    assert_eq!(count(&house, "deliveries_20270315"), 1);
    house.learners(&["ben"]).await;
    house.settle().await;
    assert_eq!(receiver.take().len(), 1);
    assert!(house.clock.now() > monday);
}

/// A dump that is restored elsewhere brings positions that the new cluster's transactions have not reached.
#[actix_web::test]
async fn in_another_cluster_the_feed_goes_on_behind_what_was_there() {
    let house = TestHouse::new().await;
    assert!(!retention::settle_positions(house.db()).await.unwrap(), "this is the cluster that it was made in");
    house.database.run("UPDATE events SET position = position + 1000000000000");
    house.database.run("CREATE OR REPLACE FUNCTION stoa_position_cluster() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 1::bigint'");
    let highest = house.database.number("SELECT max(position) FROM events");
    assert!(retention::settle_positions(house.db()).await.unwrap());
    assert!(!retention::settle_positions(house.db()).await.unwrap(), "once");
    let all = house.admin().get("/api/events?limit=200&wait=20").await.json();
    let last = all["meta"]["next_cursor"].as_str().expect("what was there is shown").to_owned();
    house.learners(&["ana"]).await;
    assert!(house.database.number("SELECT max(position) FROM events") > highest);
    let new = house.admin().get(&format!("/api/events?after={last}&wait=20")).await.data();
    assert_eq!(new[0]["data"]["user"]["external_id"], "ana");
    assert_eq!(new.as_array().unwrap().len(), 2, "new, and a member");
    house.settle().await;
}
