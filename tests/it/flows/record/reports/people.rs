//! Who gets a report: addresses that say yes and no, and members who may not read the figures any more.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::clock::Clock;

use super::{active, at, last, look, path, read, school, token, weekly};
use crate::support::TestHouse;

const OUTSIDER: &str = "board@partner.example";

/// The report of somebody outside, whose question was sent.
async fn outsider(house: &TestHouse) -> (Value, String) {
    school(house).await;
    let report = weekly(
        house,
        json!({ "csv": "attached", "recipients": [{ "email": OUTSIDER, "locale": "fr" }], "send_when_empty": true }),
    )
    .await;
    house.settle().await;
    let asked = house.take_letters().remove(0);
    assert_eq!((asked.to.address.as_str(), asked.language), (OUTSIDER, "fr"));
    let token = token(&asked, "/confirm-report#token=");
    (report, token)
}

async fn status(house: &TestHouse, report: &Value) -> Value {
    read(house, report).await["recipients"][0]["status"].clone()
}

#[actix_web::test]
async fn an_address_gets_nothing_until_it_says_yes() {
    let house = TestHouse::new().await;
    let (report, token) = outsider(&house).await;
    assert_eq!(status(&house, &report).await, "unconfirmed");
    assert_eq!(at(&house, "2026-11-23T08:00:00Z").await, []);
    let shown = json!({ "token": token });
    let preview = house.anonymous().post("/api/report-confirmations/preview", shown.clone()).await.data();
    assert_eq!(preview, json!({ "institution_name": "Lyceum", "report_name": "Digest", "locale": "fr" }));
    assert_eq!(status(&house, &report).await, "unconfirmed", "to look is no yes");
    for _ in 0..2 {
        house.anonymous().post("/api/report-confirmations/accept", shown.clone()).await.expect(StatusCode::OK);
    }
    assert_eq!(status(&house, &report).await, "active");
    active(&house, house.clock.now()).await;
    let letter = at(&house, "2026-11-30T08:00:00Z").await.remove(0);
    assert_eq!((letter.to.address.as_str(), letter.language), (OUTSIDER, "fr"));
    // Whoever is outside gets a link and no file.
    assert!(letter.enclosures.iter().all(|one| one.shown_as.is_some()));
    assert!(letter.text.contains("/report-file#token=stoa_f_"), "{}", letter.text);
    let acts = house.database.rows("SELECT action FROM audit_log WHERE object_kind = 'report_recipient' ORDER BY id");
    assert_eq!(acts, [json!({ "action": "report_recipient.confirmed" })]);
}

#[actix_web::test]
async fn a_link_that_is_none_or_too_old_says_nothing() {
    let house = TestHouse::new().await;
    let (_, token) = outsider(&house).await;
    for bad in ["", "stoa_c_x", &token.replace("stoa_c_", "stoa_u_"), &format!("{token}0"), &token.to_uppercase()] {
        for door in ["/api/report-confirmations/preview", "/api/report-confirmations/accept", "/api/report-files"] {
            let answer = house.anonymous().post(door, json!({ "token": bad })).await;
            assert_eq!((answer.status, answer.refusal().1), (404, "not_found".to_owned()), "{door} {bad}");
        }
        assert_eq!(house.anonymous().post(&format!("/unsubscribe/{bad}x"), json!({})).await.status, 404);
    }
    house.clock.advance(TimeDelta::days(7));
    let late = house.anonymous().post("/api/report-confirmations/accept", json!({ "token": token })).await;
    assert_eq!(late.status, 404);
    house.settle().await;
}

#[actix_web::test]
async fn one_click_ends_it_and_a_look_does_not() {
    let house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({ "send_when_empty": true })).await;
    let letter = at(&house, "2026-11-23T08:00:00Z").await.remove(0);
    let leave = letter.unsubscribe.clone().expect("a way to get no more");
    let leave = &leave[leave.find("/unsubscribe/").unwrap()..];
    assert!(letter.text.contains(leave) && letter.html.contains(leave));
    // Programs that look at every link end nothing.
    let page = house.anonymous().get(leave).await.expect(StatusCode::OK);
    assert!(page.text().contains("data-what=\"unsubscribe\"") && page.header("content-security-policy").is_some());
    assert_eq!(status(&house, &report).await, "active");
    // As RFC 8058 has it, in both of its forms, and any number of times.
    for (media, body) in [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click".to_owned()),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n".to_owned(),
        ),
    ] {
        let answer = house.anonymous().request(Method::POST, leave).bytes(media, body).send().await;
        let page = answer.expect(StatusCode::OK);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.text().contains("<noscript>You get this report no more."), "also where no script runs");
    }
    let recipient = read(&house, &report).await["recipients"][0].clone();
    assert_eq!((&recipient["status"], &recipient["next_run_at"]), (&json!("unsubscribed"), &Value::Null));
    assert_eq!(at(&house, "2026-11-30T08:00:00Z").await, []);
    let acts = house.database.rows("SELECT action FROM audit_log WHERE object_kind = 'report_recipient' ORDER BY id");
    assert_eq!(acts, [json!({ "action": "report_recipient.unsubscribed" })], "once");
}

#[actix_web::test]
async fn who_unsubscribed_gets_it_again_after_a_yes_alone() {
    let house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({ "send_when_empty": true })).await;
    let letter = at(&house, "2026-11-23T08:00:00Z").await.remove(0);
    let leave = format!("/unsubscribe/{}", token(&letter, "/unsubscribe/"));
    house.anonymous().post(&leave, json!({})).await.expect(StatusCode::OK);
    let recipient = read(&house, &report).await["recipients"][0]["id"].as_str().unwrap().to_owned();
    let one = format!("{}/recipients/{recipient}", path(&report));
    assert_eq!(house.owner().delete(&one).await.status, 409, "the no stays");
    house.advance(TimeDelta::days(1)).await;
    house.owner().post(&format!("{one}/ask"), json!({})).await.expect(StatusCode::ACCEPTED);
    house.settle().await;
    let asked = house.take_letters().remove(0);
    assert_eq!(at(&house, "2026-11-30T08:00:00Z").await, [], "not before the yes");
    let shown = json!({ "token": token(&asked, "/confirm-report#token=") });
    house.anonymous().post("/api/report-confirmations/accept", shown.clone()).await.expect(StatusCode::OK);
    assert_eq!(at(&house, "2026-12-07T08:00:00Z").await.len(), 1);
    // Whoever leaves again is not brought back by the yes of before.
    house.anonymous().post(&leave, json!({})).await.expect(StatusCode::OK);
    assert_eq!(house.anonymous().post("/api/report-confirmations/accept", shown).await.status, 404);
}

#[actix_web::test]
async fn who_unsubscribes_while_a_letter_is_promised_does_not_get_it() {
    let house = TestHouse::new().await;
    school(&house).await;
    let report = weekly(&house, json!({ "quiet": { "from": "20:00", "to": "07:00" }, "send_when_empty": true })).await;
    let letter = at(&house, "2026-11-23T08:00:00Z").await.remove(0);
    assert_eq!(at(&house, "2026-11-30T22:00:00Z").await, [], "promised for the morning");
    let leave = format!("/unsubscribe/{}", token(&letter, "/unsubscribe/"));
    house.anonymous().post(&leave, json!({})).await.expect(StatusCode::OK);
    house.advance(TimeDelta::hours(12)).await;
    assert_eq!(house.take_letters(), []);
    assert_eq!(last(&house, &report).await, (json!("skipped"), json!("unsubscribed")));
}

#[actix_web::test]
async fn who_lost_the_role_or_left_gets_nothing_and_its_owner_is_told_once() {
    let house = TestHouse::new().await;
    school(&house).await;
    let admin = house.school.admin.id;
    let report = weekly(&house, json!({ "recipients": [{ "user": admin }], "send_when_empty": true })).await;
    let member = format!("/api/institutions/{}/members/{admin}", house.school.tenant);
    house.owner().patch(&member, json!({ "role": "support" })).await.data();
    house.settle().await;
    let told = at(&house, "2026-11-23T08:00:00Z").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].to.address, "owner@home.example");
    assert!(told[0].text.contains("Admin Example") && told[0].text.contains("role"), "{}", told[0].text);
    assert_eq!(last(&house, &report).await, (json!("skipped"), json!("role_lost")));
    assert_eq!(at(&house, "2026-11-30T08:00:00Z").await, [], "told once");
    house.owner().patch(&member, json!({ "role": "admin" })).await.data();
    house.settle().await;
    let letters = at(&house, "2026-12-07T08:00:00Z").await;
    assert_eq!(letters[0].to.address, "admin@home.example", "mended");
    house.owner().delete(&member).await.expect(StatusCode::NO_CONTENT);
    house.settle().await;
    let told = at(&house, "2026-12-14T08:00:00Z").await;
    assert_eq!(told.len(), 1, "of another trouble: {told:?}");
    assert_eq!(last(&house, &report).await, (json!("skipped"), json!("left")));
}

#[actix_web::test]
async fn an_address_that_letters_come_back_from_gets_nothing_and_its_owner_is_told() {
    let house = TestHouse::new().await;
    let (report, token) = outsider(&house).await;
    house.anonymous().post("/api/report-confirmations/accept", json!({ "token": token })).await.expect(StatusCode::OK);
    house.database.run(
        "INSERT INTO suspended_addresses (tenant_id, address_hash, recipient, letter_id, reason, suspended_at)
         SELECT tenant_id, address_hash, recipient, id, 'gone', created_at FROM letters WHERE kind = 'report_confirmation' LIMIT 1",
    );
    let told = at(&house, "2026-11-23T08:00:00Z").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].to.address, "owner@home.example");
    assert!(told[0].text.contains(OUTSIDER) && told[0].text.contains("come back"), "{}", told[0].text);
    assert_eq!(last(&house, &report).await, (json!("skipped"), json!("address_suspended")));
    look(&house).await;
    assert_eq!(at(&house, "2026-11-30T08:00:00Z").await, []);
}
