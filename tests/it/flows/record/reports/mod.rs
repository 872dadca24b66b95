//! Reports by letter: when, to whom, with which figures, and the way to get no more.
//!
//! - `sending` – periods told once, whatever crashes; clocks that change; letters that wait
//! - `letters` – what a letter says, in which language, and how it travels
//! - `people` – addresses that say yes and no, and members who may not read the figures any more

mod letters;
mod people;
mod sending;

use actix_web::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use stoa_actors::mailer::Mail;
use stoa_core::clock::Clock;
use stoa_jobs::{
    queue::{HOUSE, NewJob, enqueue},
    reports::BeginReports,
};
use stoa_protocols::event::ItemKind::Material;

use super::sums::rebuild_what_is_wanted;
use crate::support::TestHouse;

const REPORTS: &str = "/api/reports";
const KEYS: [&str; 6] = ["ana", "bo", "cy", "di", "ed", "flo"];

/// A school of six who were active in the week that ends tomorrow.
async fn school(house: &TestHouse) {
    house.class(&[&[Material]], &KEYS).await;
    active(house, house.clock.now() - TimeDelta::hours(20)).await;
    house.take_letters();
}

/// All of them do something.
async fn active(house: &TestHouse, at: DateTime<Utc>) {
    let event = |key: &str| {
        json!({
            "id": format!("{key} {at}"), "occurred_at": at, "user": { "external_id": key }, "verb": "progressed",
            "object": { "kind": "item", "external_id": "spanish/1/1" }, "result": { "duration_seconds": 600 },
        })
    };
    let events: Vec<Value> = KEYS.iter().map(|key| event(key)).collect();
    house.admin().post("/api/progress-events", json!({ "events": events })).await.data();
    house.follow().await;
    rebuild_what_is_wanted(house).await;
}

/// The owner's own report of each week, Mondays at eight.
async fn weekly(house: &TestHouse, with: Value) -> Value {
    let mut body = json!({ "name": "Digest", "kind": "institution", "every": "week" });
    body.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    house.owner().post(REPORTS, body).await.expect(StatusCode::CREATED).data()
}

/// What the calendar does by the minute.
async fn look(house: &TestHouse) {
    let mut tx = house.db().house().await.unwrap();
    enqueue(&mut tx, NewJob::of(HOUSE, &BeginReports {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
}

/// Moves the clock to a time and lets the calendar look.
async fn at(house: &TestHouse, time: &str) -> Vec<Mail> {
    let time: DateTime<Utc> = time.parse().unwrap();
    house.clock.advance(time - house.clock.now());
    house.follow().await;
    look(house).await;
    house.take_letters()
}

fn path(report: &Value) -> String {
    format!("{REPORTS}/{}", report["id"].as_str().unwrap())
}

async fn read(house: &TestHouse, report: &Value) -> Value {
    house.owner().get(&path(report)).await.data()
}

/// What became of the last letter to the first recipient: status and reason.
async fn last(house: &TestHouse, report: &Value) -> (Value, Value) {
    let report = read(house, report).await;
    let last = &report["recipients"][0]["last"];
    (last["status"].clone(), last["reason"].clone())
}

/// What stands behind `#token=`, or behind a path, in a letter.
fn token(letter: &Mail, before: &str) -> String {
    let at = letter.text.find(before).unwrap_or_else(|| panic!("{before} in {}", letter.text)) + before.len();
    letter.text[at..].chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
}
