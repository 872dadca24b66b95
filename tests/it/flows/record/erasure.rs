//! An erasure from the word that it shall be to its receipt: what receivers are told, what is counted, and what comes after.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_protocols::event::ItemKind;
use stoa_record::privacy::erase::sha256_of;

use crate::support::{TestHouse, builders::BuiltLearner, receivers::Receiver};

const GRACE: TimeDelta = TimeDelta::hours(72);

fn activity(id: &str, user: &str) -> Value {
    json!({ "events": [{
        "id": id, "occurred_at": "2026-11-21T08:00:00Z", "user": { "external_id": user }, "verb": "passed",
        "object": { "kind": "item", "external_id": "spanish/1/1" }, "result": { "duration_seconds": 60 },
    }] })
}

/// A learner who did something, and a receiver who was told of it.
async fn learned(house: &TestHouse) -> (BuiltLearner, Receiver) {
    let lms = house.receivers.at("https://lms.example/hooks");
    let hook = json!({ "url": lms.url(), "events": ["*"], "coalesce_seconds": 0 });
    house.admin().post("/api/integrations/webhooks", hook).await.data();
    let (_, learners) = house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
    house.admin().post("/api/progress-events", activity("a-1", "ana")).await.data();
    house.settle().await;
    (learners.into_iter().next().unwrap(), lms)
}

/// Has somebody erased, and answers where the erasure is shown.
async fn scheduled(house: &TestHouse, learner: &BuiltLearner) -> String {
    let path = format!("/api/users/{}/erasure", learner.id);
    let asked = house.admin().post(&path, json!({ "reason": "By letter" })).await.data();
    house.settle().await;
    format!("/api/erasures/{}", asked["id"].as_str().unwrap())
}

/// Lets the time pass that it takes.
async fn pass(house: &TestHouse) {
    house.advance(GRACE).await;
    house.advance(TimeDelta::seconds(10)).await;
}

#[actix_web::test]
async fn receivers_hear_of_it_and_the_receipt_can_be_checked() {
    let house = TestHouse::new().await;
    let (ana, lms) = learned(&house).await;
    lms.take();
    let one = scheduled(&house, &ana).await;
    let asked: Vec<Value> = lms.take().iter().map(crate::support::receivers::Call::json).collect();
    let asked = asked.iter().find(|event| event["type"] == "erasure.requested").expect("it is told");
    assert_eq!(
        (&asked["data"]["user"]["external_id"], &asked["data"]["erasure"]["status"]),
        (&json!("ana"), &json!("scheduled"))
    );

    house.advance(GRACE - TimeDelta::seconds(1)).await;
    assert_eq!(house.admin().get(&one).await.data()["status"], "scheduled");
    house.advance(TimeDelta::seconds(1)).await;
    assert_eq!(house.admin().get(&one).await.data()["status"], "running");
    let cancel = house.admin().post(&format!("{one}/cancel"), Value::Null).await.refusal();
    assert_eq!(cancel.1, "conflict", "it cannot be undone");
    house.advance(TimeDelta::seconds(10)).await;

    let over = house.admin().get(&one).await.data();
    assert_eq!(over["status"], "completed", "{over}");
    let receipt = &over["receipt"];
    assert_eq!(over["receipt_sha256"], sha256_of(receipt).unwrap());
    let erased = receipt["erased"].as_array().unwrap();
    let rows = |table: &str| erased.iter().find(|part| part["table"] == table).unwrap()["rows"].as_i64().unwrap();
    assert_eq!(rows("progress_events"), 1);
    assert!(rows("events") > 5 && rows("payloads") > 5 && rows("audit_log") > 0, "{receipt}");
    assert!(!receipt.to_string().contains("ana@") && !receipt.to_string().contains("ana Learner"));
    let told: Vec<Value> = lms.take().iter().map(crate::support::receivers::Call::json).collect();
    let types: Vec<&str> = told.iter().filter_map(|event| event["type"].as_str()).collect();
    assert!(types.contains(&"erasure.completed") && types.contains(&"user.deleted"), "{types:?}");
    let deleted = told.iter().find(|event| event["type"] == "user.deleted").unwrap();
    assert_eq!(
        (&deleted["data"]["user"]["id"], &deleted["data"]["user"]["number"], &deleted["data"]["user"]["external_id"]),
        (&json!(ana.id), &json!(ana.number), &Value::Null)
    );
    assert_eq!(deleted["data"]["user"]["name"], "Former learner");
}

#[actix_web::test]
async fn what_is_still_owed_is_sent_and_tells_of_a_former_learner() {
    let house = TestHouse::new().await;
    let (ana, lms) = learned(&house).await;
    lms.take();
    let one = scheduled(&house, &ana).await;
    // Something is owed when the erasing begins, and the receiver is away.
    house.advance(GRACE).await;
    lms.always(503);
    house.admin().post("/api/groups", json!({ "name": "x" })).await.data();
    lms.take();
    house.advance(TimeDelta::seconds(10)).await;
    assert_eq!(house.admin().get(&one).await.data()["status"], "completed");
    lms.always(200);
    lms.take();
    house.skip_all().await;
    let told: Vec<Value> = lms.take().iter().map(crate::support::receivers::Call::json).collect();
    assert!(told.iter().any(|event| event["type"] == "user.deleted"), "{told:?}");
    assert!(told.iter().all(|event| !event.to_string().contains("ana@home.example")), "{told:?}");
}

#[actix_web::test]
async fn the_key_and_the_address_are_free_and_lead_to_nobody_before() {
    let house = TestHouse::new().await;
    let (ana, _) = learned(&house).await;
    scheduled(&house, &ana).await;
    let refused = house.admin().post("/api/progress-events", activity("a-2", "ana")).await.json();
    assert_eq!(refused["data"][0]["status"], "rejected", "{refused}");
    pass(&house).await;
    let refused = house.admin().post("/api/progress-events", activity("a-3", "ana")).await.json();
    assert_eq!(refused["data"][0]["status"], "rejected", "{refused}");
    let by_id = format!("/api/progress-history?user_id={}", ana.id);
    assert_eq!(house.admin().get(&by_id).await.refusal().0, 404);
    assert_eq!(house.admin().get(&format!("/api/users/{}/data-export", ana.id)).await.refusal().0, 404);
    let members = format!("/api/institutions/{}/members", house.school.tenant);
    let back =
        house.admin().patch(&format!("{members}/{}", ana.id), json!({ "name": "Ana again", "status": "active" })).await;
    assert_eq!(back.refusal().0, 404, "nobody fills in what was erased");
    let again = json!({ "email": ana.email, "name": "Ana", "external_id": "ana" });
    let again = house.admin().post(&members, again).await.expect(StatusCode::CREATED).data();
    assert_ne!(again["id"], json!(ana.id));
    house.settle().await;
    let history = house.admin().get("/api/progress-history?external_id=ana&view=events").await.data();
    assert_eq!(history["events"], json!([]), "a new person has done nothing");
}

#[actix_web::test]
async fn a_hold_that_is_placed_in_time_stops_what_was_scheduled() {
    let house = TestHouse::new().await;
    let (ana, _) = learned(&house).await;
    let one = scheduled(&house, &ana).await;
    let hold = format!("/api/users/{}/legal-hold", ana.id);
    house.admin().put(&hold, json!({ "reason": "Case 7" })).await.data();
    pass(&house).await;
    let waiting = house.admin().get(&one).await.data();
    assert_eq!((&waiting["status"], &waiting["blocked"]), (&json!("scheduled"), &json!(true)));
    house.admin().delete(&hold).await.expect(StatusCode::NO_CONTENT);
    let mut tx = house.db().house().await.unwrap();
    let look = stoa_jobs::queue::NewJob::of(stoa_jobs::queue::HOUSE, &stoa_jobs::privacy::EraseDuePeople {}).unwrap();
    stoa_jobs::queue::enqueue(&mut tx, look).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
    assert_eq!(house.admin().put(&hold, json!({ "reason": "Too late" })).await.refusal().1, "conflict");
    house.advance(TimeDelta::seconds(10)).await;
    assert_eq!(house.admin().get(&one).await.data()["status"], "completed");
}

/// A crash between two transactions: the next run goes on, and each row is counted once.
#[actix_web::test]
async fn an_erasing_that_was_broken_off_goes_on() {
    let house = TestHouse::new().await;
    let (ana, _) = learned(&house).await;
    let one = scheduled(&house, &ana).await;
    house.advance(GRACE).await;
    let (tenant, user) = (house.school.tenant.uuid(), ana.id.uuid());
    let activity = house.database.number(&format!("SELECT count(*) FROM progress_events WHERE user_id = '{user}'"));
    let gone = house.database.number(&format!("SELECT stoa_erase_activity('{tenant}', '{user}', '{{score}}', 100)"));
    house.database.run(&format!("UPDATE erasures SET counts = '{{\"progress_events\": {gone}}}'"));
    house.advance(TimeDelta::seconds(10)).await;
    let receipt = house.admin().get(&one).await.data()["receipt"].clone();
    let rows = receipt["erased"].as_array().unwrap().iter().find(|part| part["table"] == "progress_events").unwrap();
    assert_eq!((gone, rows["rows"].as_i64()), (activity, Some(activity)));
}

#[actix_web::test]
async fn only_whom_an_erasure_runs_for_is_ever_erased() {
    use diesel_async::RunQueryDsl as _;
    let house = TestHouse::new().await;
    let (ana, _) = learned(&house).await;
    let (tenant, user) = (house.school.tenant.uuid(), ana.id.uuid());
    let erase = format!("stoa_erase_of('{tenant}', '{user}', 'standings', 'user_id', '{{{user}}}', 10)");
    let by_owner = || house.database.number(&format!("SELECT {erase}"));
    assert!(
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(by_owner)).is_err(),
        "somebody is erased whom nobody asked for"
    );
    let mut tx = house.tx().await;
    let by_app = diesel::sql_query(format!("SELECT {erase}")).execute(tx.connection()).await;
    assert!(by_app.is_err(), "the application may not even ask");
    drop(tx);
    let change = || house.database.run("UPDATE audit_log SET action = 'nothing.done'");
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(change)).is_err(), "an entry is changed");
}
