//! Joining by a letter, as whoever was asked does it.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Authenticator, token_in};
use crate::support::{TestHouse, callers::Answer};

const PREVIEW: &str = "/api/invitations/preview";
const ACCEPT: &str = "/api/invitations/accept";
const CHOSEN: &str = "ein neues Passwort 비밀";

/// Asks Olga to join and reads her letter.
async fn asked(house: &TestHouse) -> String {
    let path = format!("/api/institutions/{}/invitations", house.school.tenant);
    let body = json!({ "email": "olga@home.example", "name": "Olga" });
    house.admin().post(&path, body).await.expect(StatusCode::CREATED);
    house.settle().await;
    token_in(house.take_letters().last().unwrap())
}

async fn preview(house: &TestHouse, token: &str) -> Answer {
    house.anonymous().post(PREVIEW, json!({ "token": token })).await
}

async fn accept(house: &TestHouse, token: &str) -> Answer {
    house.anonymous().post(ACCEPT, json!({ "token": token, "password": CHOSEN })).await
}

async fn sign_in(house: &TestHouse) -> Answer {
    house.anonymous().post("/api/auth/sign-in", json!({ "email": "olga@home.example", "password": CHOSEN })).await
}

#[actix_web::test]
async fn from_the_letter_to_a_session() {
    let house = TestHouse::new().await;
    let token = asked(&house).await;
    assert_eq!(sign_in(&house).await.refusal().1, "invalid_credentials");
    let seen = preview(&house, &token).await.expect(StatusCode::OK).data();
    assert_eq!((&seen["institution_name"], &seen["email"]), (&json!("Lyceum"), &json!("olga@home.example")));
    assert_eq!((&seen["role"], &seen["invited_by"]), (&json!("learner"), &json!("Admin Example")));
    house.clock.advance(TimeDelta::hours(2));
    let body = json!({ "token": token, "password": CHOSEN, "name": "Ольга Иванова", "device_name": "Phone" });
    let session = house.anonymous().post(ACCEPT, body).await.expect(StatusCode::CREATED).data();
    assert_eq!(session["user"]["name"], "Ольга Иванова");
    assert_eq!(session["memberships"][0]["institution"]["name"], "Lyceum");
    let olga = house.caller(session["token"].as_str());
    let me = olga.get("/api/auth/me").await.data();
    assert_eq!((&me["role"], &me["user"]["email"]), (&json!("learner"), &json!("olga@home.example")));
    sign_in(&house).await.expect(StatusCode::OK);
    let member = format!("/api/institutions/{}/members/olga@home.example", house.school.tenant);
    let member = house.admin().get(&member).await.data();
    assert_eq!((&member["status"], &member["joined_at"]), (&json!("active"), &json!("2026-11-21T11:00:00Z")));
    assert_eq!((&member["first_name"], &member["last_name"]), (&json!("Ольга"), &json!("Иванова")));
    let audited = house.database.value("SELECT to_jsonb(a) FROM audit_log a WHERE action = 'invitation.accepted'");
    assert_eq!((&audited["actor_kind"], &audited["address"]), (&json!("person"), &json!("127.0.0.1")));
    house.settle().await;
}

#[actix_web::test]
async fn a_token_is_good_once() {
    let house = TestHouse::new().await;
    let token = asked(&house).await;
    let (first, second) = futures::join!(accept(&house, &token), accept(&house, &token));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 410], "of two at once, one joins");
    assert_eq!(accept(&house, &token).await.refusal().1, "invitation_accepted");
    assert_eq!(preview(&house, &token).await.refusal().1, "invitation_accepted");
    house.settle().await;
}

#[actix_web::test]
async fn every_way_to_be_no_invitation_has_its_code() {
    let house = TestHouse::new().await;
    let token = asked(&house).await;
    let short = house.anonymous().post(ACCEPT, json!({ "token": token, "password": "short" })).await;
    assert_eq!(short.refusal(), (422, "validation_failed".into(), vec!["/password".into()]));
    let unknown = "stoa_v_01j25etb4petbvsknk0804sn02q000000000000000000000000000000000000";
    for made_up in ["", "nonsense", unknown, &house.school.learner.token, &token[..60]] {
        assert_eq!(preview(&house, made_up).await.refusal().1, "invitation_not_found", "{made_up}");
        assert_eq!(accept(&house, made_up).await.refusal().1, "invitation_not_found", "{made_up}");
    }
    house.clock.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    preview(&house, &token).await.expect(StatusCode::OK);
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(accept(&house, &token).await.refusal().1, "invitation_expired");
}

#[actix_web::test]
async fn whoever_was_let_go_meanwhile_does_not_come_in() {
    let house = TestHouse::new().await;
    let token = asked(&house).await;
    let member = format!("/api/institutions/{}/members/olga@home.example", house.school.tenant);
    house.admin().delete(&member).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(accept(&house, &token).await.refusal().1, "invitation_revoked");
    house.settle().await;
}

#[actix_web::test]
async fn nobody_joins_an_institution_that_is_suspended() {
    let house = TestHouse::new().await;
    let token = asked(&house).await;
    house.database.run("UPDATE institutions SET status = 'suspended' WHERE external_id = 'home'");
    assert_eq!(preview(&house, &token).await.refusal().1, "tenant_suspended");
    assert_eq!(accept(&house, &token).await.refusal().1, "tenant_suspended");
    house.database.run("UPDATE institutions SET status = 'active' WHERE external_id = 'home'");
    accept(&house, &token).await.expect(StatusCode::CREATED);
    house.settle().await;
}

#[actix_web::test]
async fn guesses_are_throttled() {
    let house = TestHouse::new().await;
    let token = asked(&house).await;
    for guess in 0..50 {
        let made_up = never_given(&house);
        assert_eq!(preview(&house, &made_up).await.refusal().1, "invitation_not_found", "{guess}");
    }
    assert_eq!(preview(&house, &token).await.refusal().1, "rate_limited", "also the right one has to wait now");
    house.clock.advance(TimeDelta::minutes(16));
    preview(&house, &token).await.expect(StatusCode::OK);
}

/// A token of the school that nobody was given, with a checksum that is right.
fn never_given(house: &TestHouse) -> String {
    use stoa_core::auth::{LetterPurpose, LetterToken};
    LetterToken::fresh(LetterPurpose::Invitation, house.school.tenant).expose().to_owned()
}

#[actix_web::test]
async fn who_comes_back_proves_the_second_factor_that_was_kept() {
    let house = TestHouse::new().await;
    let token = asked(&house).await;
    let session = accept(&house, &token).await.expect(StatusCode::CREATED).data();
    let olga = house.caller(session["token"].as_str());
    let begun = olga.post("/api/auth/second-factor", json!({})).await.data();
    let authenticator = Authenticator::of(begun["secret"].as_str().unwrap());
    let otp = json!({ "otp": authenticator.shows(&house) });
    olga.post("/api/auth/second-factor/confirm", otp).await.expect(StatusCode::OK);
    let member = format!("/api/institutions/{}/members/olga@home.example", house.school.tenant);
    house.admin().delete(&member).await.expect(StatusCode::NO_CONTENT);
    let token = asked(&house).await;
    assert_eq!(accept(&house, &token).await.refusal().1, "otp_required");
    let guess = |otp: u32| {
        let body = json!({ "token": token, "password": CHOSEN, "otp": format!("{otp:06}") });
        async { house.anonymous().post(ACCEPT, body).await.refusal().1 }
    };
    for otp in 0..5 {
        assert_eq!(guess(otp).await, "otp_invalid");
    }
    assert_eq!(guess(5).await, "rate_limited", "guesses are counted as they are when signing in");
    house.clock.advance(TimeDelta::minutes(16));
    let body = |otp: String| json!({ "token": token, "password": CHOSEN, "otp": otp });
    let back = house.anonymous().post(ACCEPT, body(authenticator.shows(&house))).await;
    back.expect(StatusCode::CREATED);
    let joined = house.admin().get(&member).await.data();
    assert_eq!(joined["joined_at"], "2026-11-21T09:00:00Z", "when the person first joined stays on record");
    assert_ne!(joined["status"], Value::Null);
    house.settle().await;
}
