//! The second factor over HTTP, with an authenticator of its own kind.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Authenticator;
use crate::support::{TestHouse, callers::Caller, schools::PASSWORD};

const FACTOR: &str = "/api/auth/second-factor";

fn credentials(otp: Option<&str>) -> Value {
    let mut body = json!({ "email": "admin@home.example", "password": PASSWORD });
    if let Some(otp) = otp {
        body["otp"] = otp.into();
    }
    body
}

async fn sign_in(house: &TestHouse, otp: Option<&str>) -> crate::support::callers::Answer {
    house.anonymous().post("/api/auth/sign-in", credentials(otp)).await
}

/// Begins and confirms; answers the authenticator and the recovery codes.
async fn set_up(house: &TestHouse, admin: &Caller) -> (Authenticator, Vec<String>) {
    let begun = admin.post(FACTOR, json!({})).await.expect(StatusCode::CREATED).data();
    assert!(begun["otpauth_url"].as_str().unwrap().starts_with("otpauth://totp/"), "{begun}");
    let authenticator = Authenticator::of(begun["secret"].as_str().unwrap());
    let otp = json!({ "otp": authenticator.shows(house) });
    let confirmed = admin.post(&format!("{FACTOR}/confirm"), otp).await.data();
    let codes = serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap();
    (authenticator, codes)
}

#[actix_web::test]
async fn a_confirmed_factor_is_asked_for() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    assert_eq!(admin.get(FACTOR).await.data()["is_confirmed"], false);
    let (authenticator, codes) = set_up(&house, &admin).await;
    assert_eq!(codes.len(), 10);
    let shown = admin.get(FACTOR).await.data();
    assert_eq!((&shown["is_confirmed"], &shown["recovery_codes_left"]), (&json!(true), &json!(10)));
    assert_eq!(sign_in(&house, None).await.refusal().1, "otp_required");
    assert_eq!(sign_in(&house, Some("000000")).await.refusal().1, "otp_invalid");
    house.clock.advance(TimeDelta::seconds(30));
    sign_in(&house, Some(&authenticator.shows(&house))).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn a_password_is_taken_once() {
    let house = TestHouse::new().await;
    let (authenticator, _) = set_up(&house, &house.admin()).await;
    let used = authenticator.shows(&house);
    assert_eq!(sign_in(&house, Some(&used)).await.refusal().1, "otp_invalid", "it confirmed the factor");
    house.clock.advance(TimeDelta::seconds(30));
    let next = authenticator.shows(&house);
    sign_in(&house, Some(&next)).await.expect(StatusCode::OK);
    assert_eq!(sign_in(&house, Some(&next)).await.refusal().1, "otp_invalid");
    assert_eq!(sign_in(&house, Some(&used)).await.refusal().1, "otp_invalid", "an older one, of the span before");
}

#[actix_web::test]
async fn a_recovery_code_is_taken_once_and_renewed_ones_replace_it() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let (_, codes) = set_up(&house, &admin).await;
    sign_in(&house, Some(&codes[0].to_uppercase())).await.expect(StatusCode::OK);
    assert_eq!(sign_in(&house, Some(&codes[0])).await.refusal().1, "otp_invalid");
    let renewed = admin.post(&format!("{FACTOR}/recovery-codes"), json!({ "otp": codes[1] })).await.data();
    assert_eq!(sign_in(&house, Some(&codes[2])).await.refusal().1, "otp_invalid");
    sign_in(&house, renewed["recovery_codes"][0].as_str()).await.expect(StatusCode::OK);
    let kept = house.database.value("SELECT string_agg(encode(hash, 'escape'), '') FROM recovery_codes").to_string();
    assert!(!kept.contains(&codes[3]), "only hashes are kept");
}

#[actix_web::test]
async fn a_factor_that_is_not_confirmed_is_not_asked_for() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let first = admin.post(FACTOR, json!({})).await.data();
    sign_in(&house, None).await.expect(StatusCode::OK);
    let wrong = admin.post(&format!("{FACTOR}/confirm"), json!({ "otp": "000000" })).await;
    assert_eq!(wrong.refusal().1, "otp_invalid");
    let (_, _) = set_up(&house, &admin).await;
    assert_eq!(admin.post(FACTOR, json!({})).await.refusal().1, "conflict");
    assert_ne!(first["secret"], Value::Null);
}

#[actix_web::test]
async fn who_has_an_open_session_cannot_take_the_factor_away() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let (_, codes) = set_up(&house, &admin).await;
    let remove = format!("{FACTOR}/remove");
    assert_eq!(admin.post(&remove, json!({ "otp": "000000" })).await.refusal().1, "otp_invalid");
    assert_eq!(sign_in(&house, None).await.refusal().1, "otp_required");
    admin.post(&remove, json!({ "otp": codes[0] })).await.expect(StatusCode::NO_CONTENT);
    sign_in(&house, None).await.expect(StatusCode::OK);
    let actions = house
        .database
        .value("SELECT jsonb_agg(action ORDER BY id) FROM audit_log WHERE action LIKE 'user.second_factor%'");
    let factor = ["user.second_factor_begun", "user.second_factor_confirmed", "user.second_factor_removed"];
    assert_eq!(actions, json!(factor));
}

#[actix_web::test]
async fn guesses_are_throttled() {
    let house = TestHouse::new().await;
    let (authenticator, _) = set_up(&house, &house.admin()).await;
    let mut last = String::new();
    for guess in 0..20 {
        last = sign_in(&house, Some(&format!("{guess:06}"))).await.refusal().1;
    }
    assert_eq!(last, "rate_limited");
    house.clock.advance(TimeDelta::seconds(30));
    let right = sign_in(&house, Some(&authenticator.shows(&house))).await;
    assert_eq!(right.refusal().1, "rate_limited", "also the right one has to wait now");
}

#[actix_web::test]
async fn nobody_elses_factor_is_touched() {
    let house = TestHouse::new().await;
    set_up(&house, &house.admin()).await;
    assert_eq!(house.owner().get(FACTOR).await.data()["is_confirmed"], false);
    let integration = house.token(&[stoa_core::Ability::TokensRead]).await;
    assert_eq!(integration.post(FACTOR, json!({})).await.refusal().1, "session_required");
}
