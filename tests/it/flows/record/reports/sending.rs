//! When letters are sent: each period once to each recipient, whatever crashes and whatever the clocks do.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::clock::Clock;

use super::{active, at, last, look, path, read, school, weekly};
use crate::support::TestHouse;

#[actix_web::test]
async fn a_closed_week_is_told_once() {
    let house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({})).await;
    assert_eq!(report["recipients"][0]["next_run_at"], "2026-11-23T08:00:00Z");
    assert_eq!(at(&house, "2026-11-23T07:59:59Z").await, [], "not before");
    let letters = at(&house, "2026-11-23T08:00:00Z").await;
    let to: Vec<&str> = letters.iter().map(|letter| letter.to.address.as_str()).collect();
    assert_eq!(to, ["owner@home.example"]);
    assert_eq!(letters[0].subject, "Digest, 16 November 2026 – 22 November 2026");
    assert_eq!(last(&house, &report).await, (json!("sent"), Value::Null));
    // The clock of another node, or the same one again.
    look(&house).await;
    assert_eq!(at(&house, "2026-11-23T23:00:00Z").await, []);
    let shown = read(&house, &report).await;
    assert_eq!(shown["recipients"][0]["next_run_at"], "2026-11-30T08:00:00Z");
    let last = &shown["recipients"][0]["last"];
    assert_eq!((&last["from"], &last["to"]), (&json!("2026-11-16"), &json!("2026-11-22")));
    let letter = house.owner().get(&format!("/api/letters/{}", last["letter_id"].as_str().unwrap())).await.data();
    assert_eq!((&letter["kind"], &letter["status"]), (&json!("report"), &json!("sent")));
}

#[actix_web::test]
async fn what_is_promised_again_is_not_sent_again() {
    let mut house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({})).await;
    assert_eq!(at(&house, "2026-11-23T08:00:00Z").await.len(), 1);
    // As if the note of the next time had been lost, and the letter's promise been kept.
    house.database.run("UPDATE report_recipients SET next_run_at = '2026-11-23T08:00:00Z'");
    house.crash();
    assert_eq!(at(&house, "2026-11-23T08:05:00Z").await, []);
    assert_eq!(house.database.number("SELECT count(*) FROM report_runs"), 1);
    // As if the server had died between the mail server's yes and the note of it.
    house.database.run("UPDATE report_runs SET status = 'promised'");
    let run = house.database.value("SELECT id::text FROM report_runs");
    let run: stoa_core::Id<stoa_core::id::ReportRun> = stoa_core::Id::from_uuid(run.as_str().unwrap().parse().unwrap());
    let letter = stoa_jobs::mail::ReportLetter { tenant: house.school.tenant, run };
    let mut tx = house.db().house().await.unwrap();
    let job = stoa_jobs::queue::NewJob::of(house.school.tenant, &letter).unwrap();
    stoa_jobs::queue::enqueue(&mut tx, job).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
    assert_eq!(house.take_letters(), [], "its letter was sent");
    assert_eq!(last(&house, &report).await.0, "sent");
}

#[actix_web::test]
async fn after_a_long_silence_the_latest_period_alone_is_told() {
    let house = TestHouse::new().await;
    school(&house).await;
    weekly(&house, json!({ "send_when_empty": true })).await;
    let letters = at(&house, "2026-12-16T03:00:00Z").await;
    let subjects: Vec<&str> = letters.iter().map(|letter| letter.subject.as_str()).collect();
    assert_eq!(subjects, ["Digest, 7 December 2026 – 13 December 2026"]);
    assert_eq!(at(&house, "2026-12-20T03:00:00Z").await, []);
    assert_eq!(at(&house, "2026-12-21T08:00:00Z").await.len(), 1);
}

#[actix_web::test]
async fn nothing_is_sent_of_nothing_unless_it_is_asked_for() {
    let house = TestHouse::new().await;
    school(&house).await;
    let quiet = weekly(&house, json!({})).await;
    let loud = weekly(&house, json!({ "name": "Always", "send_when_empty": true })).await;
    assert_eq!(at(&house, "2026-11-23T08:00:00Z").await.len(), 2);
    let letters = at(&house, "2026-11-30T08:00:00Z").await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(letters[0].subject.starts_with("Always"), "{}", letters[0].subject);
    assert_eq!(last(&house, &quiet).await.0, "empty");
    assert_eq!(last(&house, &loud).await.0, "sent");
    active(&house, house.clock.now()).await;
    assert_eq!(at(&house, "2026-12-07T08:00:00Z").await.len(), 2);
}

#[actix_web::test]
async fn eight_o_clock_stays_eight_o_clock() {
    let house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({ "tz": "Europe/Paris", "send_when_empty": true })).await;
    for (time, next) in [
        ("2026-11-23T07:00:00Z", "2026-11-30T07:00:00Z"),
        ("2027-03-22T07:00:00Z", "2027-03-29T06:00:00Z"),
        ("2027-03-29T06:00:00Z", "2027-04-05T06:00:00Z"),
        ("2027-10-25T06:00:00Z", "2027-11-01T07:00:00Z"),
    ] {
        assert_eq!(at(&house, time).await.len(), 1, "{time}");
        let recipient = read(&house, &report).await["recipients"][0].clone();
        assert_eq!((&recipient["next_run_at"], &recipient["tz"]), (&json!(next), &json!("Europe/Paris")), "{time}");
    }
}

#[actix_web::test]
async fn a_recipient_who_moves_gets_each_week_once() {
    let house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({ "tz": "recipient", "send_when_empty": true })).await;
    let owner = house.school.owner.id;
    let moves = async |zone: &str| {
        let member = format!("/api/institutions/{}/members/{owner}", house.school.tenant);
        house.owner().patch(&member, json!({ "time_zone": zone })).await.data();
        house.settle().await;
    };
    moves("Asia/Seoul").await;
    assert_eq!(read(&house, &report).await["recipients"][0]["next_run_at"], "2026-11-22T23:00:00Z");
    // It was planned by other clocks; the letter comes by those at the latest.
    assert_eq!(at(&house, "2026-11-23T08:00:00Z").await.len(), 1);
    moves("America/Los_Angeles").await;
    // Where it was due by the clocks of Seoul it is Sunday still.
    assert_eq!(at(&house, "2026-11-29T23:00:00Z").await, []);
    assert_eq!(at(&house, "2026-11-30T15:59:00Z").await, []);
    assert_eq!(at(&house, "2026-11-30T16:00:00Z").await.len(), 1);
    assert_eq!(house.database.number("SELECT count(*) FROM report_runs"), 2);
}

#[actix_web::test]
async fn a_letter_waits_until_its_last_day_is_over_where_days_are_counted() {
    let house = TestHouse::new().await;
    school(&house).await;
    weekly(&house, json!({ "tz": "Pacific/Auckland" })).await;
    assert_eq!(at(&house, "2026-11-22T19:00:00Z").await, [], "Monday in Auckland, Sunday here");
    house.advance(TimeDelta::hours(5)).await;
    assert_eq!(house.take_letters().len(), 1);
}

#[actix_web::test]
async fn the_last_day_of_a_month_stands_for_those_that_it_lacks() {
    let house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({ "every": "month", "month_day": 31, "send_when_empty": true })).await;
    let letters = at(&house, "2026-11-30T08:00:00Z").await;
    assert_eq!(letters[0].subject, "Digest, 1 October 2026 – 31 October 2026");
    assert_eq!(read(&house, &report).await["recipients"][0]["next_run_at"], "2026-12-31T08:00:00Z");
    at(&house, "2027-01-31T08:00:00Z").await;
    assert_eq!(read(&house, &report).await["recipients"][0]["next_run_at"], "2027-02-28T08:00:00Z");
}

#[actix_web::test]
async fn a_letter_that_is_late_keeps_the_quiet_hours() {
    let house = TestHouse::new().await;
    school(&house).await;
    weekly(&house, json!({ "quiet": { "from": "20:00", "to": "07:00" } })).await;
    assert_eq!(at(&house, "2026-11-23T22:15:00Z").await, []);
    house.advance(TimeDelta::hours(8)).await;
    assert_eq!(house.take_letters(), [], "06:15");
    house.advance(TimeDelta::hours(1)).await;
    assert_eq!(house.take_letters().len(), 1, "07:15");
}

#[actix_web::test]
async fn a_suspended_institution_and_a_paused_report_wait() {
    let house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({ "send_when_empty": true })).await;
    house.database.run("UPDATE institutions SET status = 'suspended', suspended_at = now(), suspended_from = 'active'");
    assert_eq!(at(&house, "2026-11-23T08:00:00Z").await, []);
    assert_eq!(at(&house, "2026-12-02T08:00:00Z").await, []);
    house.database.run("UPDATE institutions SET status = 'active', suspended_at = NULL, suspended_from = NULL");
    let letters = at(&house, "2026-12-03T08:00:00Z").await;
    assert_eq!(letters.len(), 1, "the latest week alone");
    assert_eq!(letters[0].subject, "Digest, 23 November 2026 – 29 November 2026");

    let paused = house.owner().post(&format!("{}/pause", path(&report)), json!({})).await.data();
    assert_eq!((&paused["status"], &paused["recipients"][0]["next_run_at"]), (&json!("paused"), &Value::Null));
    assert_eq!(at(&house, "2026-12-08T08:00:00Z").await, []);
    let resumed = house.owner().post(&format!("{}/resume", path(&report)), json!({})).await.data();
    assert_eq!(resumed["recipients"][0]["next_run_at"], "2026-12-14T08:00:00Z");
    assert_eq!(at(&house, "2026-12-09T08:00:00Z").await, [], "what it missed is not sent");
    assert_eq!(at(&house, "2026-12-14T08:00:00Z").await.len(), 1);
}
