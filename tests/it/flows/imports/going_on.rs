//! Chunks, crashes, cancelling, staleness, and waiting for one's turn.

use serde_json::{Value, json};
use stoa_core::imports::{self, Turn};

use super::{Sent, counted, counts};
use crate::support::TestHouse;

fn file(people: usize) -> String {
    let rows: Vec<String> = (0..people).map(|n| format!("s{n},s{n}@home.example,Student {n}")).collect();
    format!("external_id,email,name\n{}\n", rows.join("\n"))
}

/// Applies one chunk of a plan, as a worker that then dies.
async fn apply_chunk(house: &TestHouse, sent: &Sent, size: i64) {
    let mut tx = house.tx().await;
    let Turn::Yours(import) = imports::take_turn(&mut tx, sent.id).await.unwrap() else { panic!("no turn") };
    let applied = imports::apply::apply(&mut tx, &house.scope(), &import, size).await.unwrap();
    assert_eq!(i64::from(applied.rows), size);
    tx.commit_in_background().await.unwrap();
}

fn told(house: &TestHouse) -> i64 {
    house.database.number("SELECT count(*) FROM events WHERE type = 'user.created'")
}

#[actix_web::test]
async fn whoever_takes_over_goes_on_after_the_last_chunk() {
    let mut house = TestHouse::new().await;
    let there = (house.people(), told(&house));
    let (sent, _) = house.import("", &file(10)).await;
    house.owner().post(&format!("{}/apply", sent.path), Value::Null).await.data();
    apply_chunk(&house, &sent, 4).await;
    let shown = house.owner().get(&sent.path).await.data();
    assert_eq!(shown["status"], "applying");
    assert_eq!(shown["progress"]["rows_done"], 4);
    assert_eq!(shown["progress"]["rows_total"], 10);
    // A chunk that is not committed is not there.
    let mut tx = house.tx().await;
    let Turn::Yours(import) = imports::take_turn(&mut tx, sent.id).await.unwrap() else { panic!("no turn") };
    imports::apply::apply(&mut tx, &house.scope(), &import, 3).await.unwrap();
    drop(tx);
    house.crash();
    house.settle().await;
    let shown = house.owner().get(&sent.path).await.data();
    assert_eq!(shown["status"], "completed");
    assert_eq!(counts(&shown["applied"]), counted(&[("create", 10)]));
    assert_eq!((house.people(), told(&house)), (there.0 + 10, there.1 + 10), "none lost, none twice");
}

#[actix_web::test]
async fn a_cancelled_import_stops_between_chunks_and_says_where() {
    let house = TestHouse::new().await;
    let there = house.people();
    let (sent, _) = house.import("", &file(10)).await;
    house.owner().post(&format!("{}/apply", sent.path), Value::Null).await.data();
    apply_chunk(&house, &sent, 4).await;
    let shown = house.owner().post(&format!("{}/cancel", sent.path), Value::Null).await.data();
    assert_eq!(shown["status"], "cancelled");
    assert!(shown["obstacle"]["message"].as_str().unwrap().contains("4 of 10"), "{shown}");
    house.settle().await;
    let shown = house.owner().get(&sent.path).await.data();
    assert_eq!(counts(&shown["applied"]), counted(&[("create", 4)]));
    assert_eq!(house.people(), there + 4);
    let refused = house.owner().post(&format!("{}/cancel", sent.path), Value::Null).await.refusal();
    assert_eq!((refused.0, refused.1.as_str()), (409, "conflict"));
    assert_eq!(house.database.number("SELECT count(*) FROM events WHERE type = 'member_import.failed'"), 1);
}

#[actix_web::test]
async fn a_plan_whose_people_changed_is_stale() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let file = "external_id,email,name\nana,ana@home.example,Ana Maria\nnew,new@home.example,New\n";
    let (sent, _) = house.import("", file).await;
    house.clock.advance(chrono::TimeDelta::seconds(1));
    let path = format!("/api/institutions/{}/members/external_id:ana", house.school.tenant);
    house.owner().patch(&path, json!({ "locale": "ko" })).await.data();
    let refused = house.owner().post(&format!("{}/apply", sent.path), Value::Null).await.refusal();
    assert_eq!((refused.0, refused.1.as_str()), (409, "stale_plan"));
    let shown = house.owner().get(&sent.path).await.data();
    assert_eq!(shown["status"], "stale");
    let again = house.owner().post(&format!("{}/apply", sent.path), Value::Null).await.refusal();
    assert_eq!(again.1, "stale_plan");
    house.settle().await;
    assert_eq!(house.person("new@home.example"), Value::Null);
    let (other, _) = house.import("", "email,name\nnew@home.example,New\n").await;
    let path = format!("/api/institutions/{}/members", house.school.tenant);
    house.owner().post(&path, json!({ "email": "New@home.example", "name": "By hand" })).await.data();
    let refused = house.owner().post(&format!("{}/apply", other.path), Value::Null).await.refusal();
    assert_eq!(refused.1, "stale_plan", "the address was taken since");
    house.settle().await;
}

#[actix_web::test]
async fn whoever_changes_while_a_plan_is_applied_is_left_as_he_is() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben"]).await;
    house.settle().await;
    let file = "external_id,name\nana,Ana Maria\nben,Benjamin B\n";
    let (sent, _) = house.import("", file).await;
    house.owner().post(&format!("{}/apply", sent.path), Value::Null).await.data();
    house.clock.advance(chrono::TimeDelta::seconds(1));
    let path = format!("/api/institutions/{}/members/external_id:ben", house.school.tenant);
    house.owner().patch(&path, json!({ "name": "Big Ben" })).await.data();
    house.settle().await;
    let shown = house.owner().get(&sent.path).await.data();
    assert_eq!(shown["status"], "completed_with_errors");
    assert_eq!(counts(&shown["applied"]), counted(&[("update", 1), ("failed", 1)]));
    assert_eq!(house.person("ben@home.example")["name"], "Big Ben");
    assert_eq!(house.database.value("SELECT failed FROM import_rows WHERE line = 3"), "changed_meanwhile");
}

#[actix_web::test]
async fn one_import_of_an_institution_runs_at_a_time() {
    let house = TestHouse::new().await;
    let (first, _) = house.import("", &file(3)).await;
    house.owner().post(&format!("{}/apply", first.path), Value::Null).await.data();
    apply_chunk(&house, &first, 1).await;
    house.database.run("UPDATE queue_jobs SET run_at = run_at + interval '1 hour'");
    let second = house.send_file("", "email,name\nx@home.example,X\n").await;
    house.settle().await;
    assert_eq!(house.owner().get(&second.path).await.data()["status"], "validating", "it waits");
    house.clock.advance(chrono::TimeDelta::minutes(3));
    house.settle().await;
    assert_eq!(house.owner().get(&second.path).await.data()["status"], "planned", "the first one is silent too long");
    house.clock.advance(chrono::TimeDelta::hours(1));
    house.settle().await;
    assert_eq!(house.owner().get(&first.path).await.data()["status"], "completed");
}

#[actix_web::test]
async fn an_import_whose_promise_was_lost_is_promised_anew() {
    let house = TestHouse::new().await;
    let sent = house.send_file("", &file(3)).await;
    house.database.run("DELETE FROM queue_jobs");
    house.settle().await;
    assert_eq!(house.owner().get(&sent.path).await.data()["status"], "validating");
    house.clock.advance(chrono::TimeDelta::minutes(16));
    let mut tx = house.db().house().await.unwrap();
    let watch = stoa_jobs::queue::NewJob::of(stoa_jobs::queue::HOUSE, &stoa_jobs::imports::WatchImports {}).unwrap();
    stoa_jobs::queue::enqueue(&mut tx, watch).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
    assert_eq!(house.owner().get(&sent.path).await.data()["status"], "planned");
}
