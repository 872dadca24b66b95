//! The second factor of the platform's staff, with an authenticator of its own kind.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::staff::{self, StaffRole};

use super::Authenticator;
use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

const FACTOR: &str = "/api/support/second-factor";
const SESSION: &str = "/api/support/session";
const QUEUE: &str = "/api/support/subscription-requests";

/// Begins and confirms; answers the authenticator and the recovery codes.
async fn set_up(house: &TestHouse, staff: &Caller) -> (Authenticator, Vec<String>) {
    let begun = staff.post(FACTOR, json!({})).await.expect(StatusCode::CREATED).data();
    let authenticator = Authenticator::of(begun["secret"].as_str().unwrap());
    let otp = json!({ "otp": authenticator.shows(house) });
    let confirmed = staff.post(&format!("{FACTOR}/confirm"), otp).await.expect(StatusCode::OK).data();
    house.clock.advance(TimeDelta::seconds(30));
    (authenticator, serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap())
}

async fn open(staff: &Caller, otp: &str) -> Answer {
    staff.post(SESSION, json!({ "otp": otp })).await
}

fn session(house: &TestHouse, opened: &Value) -> Caller {
    house.caller(opened["token"].as_str())
}

#[actix_web::test]
async fn with_a_second_factor_the_token_opens_only_sessions() {
    let house = TestHouse::new().await;
    let vera = house.staff("vera", StaffRole::Support).await;
    vera.get(QUEUE).await.expect(StatusCode::OK);
    let (authenticator, codes) = set_up(&house, &vera).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(vera.get(QUEUE).await.refusal().1, "session_required");
    assert_eq!(vera.get("/api/support/me").await.data()["has_second_factor"], true);
    let opened = open(&vera, &authenticator.shows(&house)).await.expect(StatusCode::CREATED).data();
    assert_eq!(opened["expires_at"], "2026-11-21T17:00:30Z");
    let works = session(&house, &opened);
    works.get(QUEUE).await.expect(StatusCode::OK);
    assert_eq!(works.get("/api/support/me").await.data()["session_id"], opened["id"]);
    house.clock.advance(TimeDelta::hours(8));
    assert_eq!(works.get(QUEUE).await.refusal().1, "token_expired");
    let kept = house.database.value("SELECT string_agg(s::text, '') FROM staff_sessions s").to_string();
    assert!(!kept.contains("stoa_w_"), "only the hash is kept");
}

#[actix_web::test]
async fn a_password_is_taken_once_and_clocks_may_differ_by_a_span() {
    let house = TestHouse::new().await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let (authenticator, _) = set_up(&house, &vera).await;
    let late = authenticator.shows_at(&house, -60);
    assert_eq!(open(&vera, &late).await.refusal().1, "otp_invalid", "two spans late");
    let replayed = authenticator.shows_at(&house, -30);
    assert_eq!(open(&vera, &replayed).await.refusal().1, "otp_invalid", "it confirmed the factor");
    let early = authenticator.shows_at(&house, 30);
    open(&vera, &early).await.expect(StatusCode::CREATED);
    assert_eq!(open(&vera, &early).await.refusal().1, "otp_invalid", "taken before");
    let now = authenticator.shows(&house);
    assert_eq!(open(&vera, &now).await.refusal().1, "otp_invalid", "older than what was taken");
    house.clock.advance(TimeDelta::seconds(60));
    let (first, second) = (authenticator.shows(&house), authenticator.shows(&house));
    let (first, second) = futures::join!(open(&vera, &first), open(&vera, &second));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401], "of two at once, one");
}

#[actix_web::test]
async fn a_recovery_code_is_taken_once() {
    let house = TestHouse::new().await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let (_, codes) = set_up(&house, &vera).await;
    let opened = open(&vera, &codes[0].to_uppercase()).await.expect(StatusCode::CREATED).data();
    assert_eq!(open(&vera, &codes[0]).await.refusal().1, "otp_invalid");
    let works = session(&house, &opened);
    assert_eq!(works.get(FACTOR).await.data()["recovery_codes_left"], 9);
    let renewed = works.post(&format!("{FACTOR}/recovery-codes"), json!({ "otp": codes[1] })).await.data();
    assert_eq!(open(&vera, &codes[2]).await.refusal().1, "otp_invalid");
    open(&vera, renewed["recovery_codes"][0].as_str().unwrap()).await.expect(StatusCode::CREATED);
}

#[actix_web::test]
async fn guesses_are_throttled_for_each_person() {
    let house = TestHouse::new().await;
    let (vera, olga) = (house.staff("vera", StaffRole::Support).await, house.staff("olga", StaffRole::Operator).await);
    let (authenticator, _) = set_up(&house, &vera).await;
    let (hers, _) = set_up(&house, &olga).await;
    let mut last = String::new();
    for guess in 0..6 {
        last = open(&vera, &format!("{guess:06}")).await.refusal().1;
    }
    assert_eq!(last, "rate_limited");
    assert_eq!(open(&vera, &authenticator.shows(&house)).await.refusal().1, "rate_limited");
    open(&olga, &hers.shows(&house)).await.expect(StatusCode::CREATED);
    house.clock.advance(TimeDelta::minutes(16));
    open(&vera, &authenticator.shows(&house)).await.expect(StatusCode::CREATED);
}

#[actix_web::test]
async fn sessions_end_by_word_and_with_the_person() {
    let house = TestHouse::new().await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let (authenticator, codes) = set_up(&house, &vera).await;
    let first = session(&house, &open(&vera, &authenticator.shows(&house)).await.data());
    let second = session(&house, &open(&vera, &codes[0]).await.data());
    first.delete(SESSION).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(first.get(QUEUE).await.refusal().1, "unauthenticated");
    second.get(QUEUE).await.expect(StatusCode::OK);
    vera.delete(SESSION).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(second.get(QUEUE).await.refusal().1, "unauthenticated", "the person's own token ends all");
    let third = session(&house, &open(&vera, &codes[1]).await.data());
    let id = third.get("/api/support/me").await.data()["id"].as_str().unwrap().to_owned();
    house.revoke_staff(&id).await;
    assert_eq!(third.get(QUEUE).await.refusal().1, "unauthenticated");
    let noted = house.database.value("SELECT jsonb_agg(DISTINCT action) FROM staff_log");
    for action in
        ["staff_second_factor.begun", "staff_second_factor.confirmed", "staff_session.opened", "staff_session.ended"]
    {
        assert!(noted.as_array().unwrap().contains(&json!(action)), "{action} in {noted}");
    }
}

#[actix_web::test]
async fn a_factor_is_taken_away_by_its_holder_or_on_the_command_line() {
    let house = TestHouse::new().await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let (authenticator, codes) = set_up(&house, &vera).await;
    let works = session(&house, &open(&vera, &codes[0]).await.data());
    let remove = format!("{FACTOR}/remove");
    assert_eq!(works.post(&remove, json!({ "otp": "000000" })).await.refusal().1, "otp_invalid");
    assert_eq!(vera.post(FACTOR, json!({})).await.refusal().1, "conflict");
    vera.post(&remove, json!({ "otp": authenticator.shows(&house) })).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(works.get(QUEUE).await.refusal().1, "unauthenticated");
    vera.get(QUEUE).await.expect(StatusCode::OK);
    set_up(&house, &vera).await;
    let id = vera.get("/api/support/me").await.data()["id"].as_str().unwrap().parse().unwrap();
    let mut tx = house.db().house().await.unwrap();
    staff::reset_second_factor(&mut tx, id).await.unwrap();
    let log = staff::log(&mut tx, Some(id)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((log[0].action.as_str(), &log[0].address), ("staff_second_factor.reset", &None));
    vera.get(QUEUE).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn a_session_token_is_none_of_an_institution() {
    let house = TestHouse::new().await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let (authenticator, _) = set_up(&house, &vera).await;
    let works = session(&house, &open(&vera, &authenticator.shows(&house)).await.data());
    assert_eq!(works.get("/api/courses").await.refusal().1, "unauthenticated");
    assert_eq!(house.owner().get("/api/support/me").await.refusal().1, "unauthenticated");
    assert_eq!(house.owner().post(SESSION, json!({ "otp": "000000" })).await.refusal().1, "unauthenticated");
}
