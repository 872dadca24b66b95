//! Lost passwords over HTTP, as whoever lost one does it.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::{Scope, members};

use super::{Authenticator, token_in, tokens_in};
use crate::support::{TestHouse, callers::Answer, database::schools, schools::PASSWORD};

const ASK: &str = "/api/auth/password-reset";
const COMPLETE: &str = "/api/auth/password-reset/complete";
const OTHER: &str = "wrong donkey accumulator 비밀";

async fn ask(house: &TestHouse, email: &str) -> Answer {
    house.anonymous().post(ASK, json!({ "email": email })).await
}

/// The token of the letter that was just asked for.
async fn lost(house: &TestHouse, email: &str) -> String {
    ask(house, email).await.expect(StatusCode::ACCEPTED);
    house.settle().await;
    token_in(house.take_letters().last().unwrap())
}

async fn complete(house: &TestHouse, token: &str) -> Answer {
    house.anonymous().post(COMPLETE, json!({ "token": token, "password": OTHER })).await
}

async fn sign_in(house: &TestHouse, password: &str) -> Answer {
    house.anonymous().post("/api/auth/sign-in", json!({ "email": "admin@home.example", "password": password })).await
}

#[actix_web::test]
async fn from_a_lost_password_to_another() {
    let house = TestHouse::new().await;
    let token = lost(&house, " Admin@HOME.example").await;
    let admin = house.admin();
    admin.get("/api/auth/me").await.expect(StatusCode::OK);
    for _ in 0..6 {
        sign_in(&house, "a guess").await;
    }
    assert_eq!(sign_in(&house, PASSWORD).await.refusal().1, "rate_limited");
    complete(&house, &token).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(admin.get("/api/auth/me").await.status, 401, "every session has ended");
    sign_in(&house, OTHER).await.expect(StatusCode::OK);
    assert_eq!(sign_in(&house, PASSWORD).await.refusal().1, "invalid_credentials");
    assert_eq!(complete(&house, &token).await.refusal().1, "password_reset_invalid", "a token is good once");
    house.settle().await;
    let told = house.take_letters();
    assert_eq!(told.len(), 1, "a letter tells of it");
    assert_eq!(told[0].to.address, "admin@home.example");
    assert!(told[0].text.contains("was set anew by the link of a letter"), "{}", told[0].text);
    let audited = house.database.value("SELECT to_jsonb(a) FROM audit_log a WHERE action = 'user.password_reset'");
    assert_eq!(audited["object_id"], house.school.admin.id.to_string());
    assert_eq!(audited["actor_id"], json!(house.school.admin.id.uuid()));
}

#[actix_web::test]
async fn nobody_learns_who_is_known() {
    let house = TestHouse::new().await;
    let known = ask(&house, "admin@home.example").await.expect(StatusCode::ACCEPTED);
    let unknown = ask(&house, "nobody@home.example").await.expect(StatusCode::ACCEPTED);
    let nonsense = ask(&house, "no address at all").await.expect(StatusCode::ACCEPTED);
    assert_eq!((known.text(), known.text()), (unknown.text(), nonsense.text()));
    // The same work, too: each is promised, and told apart only behind the answer.
    let names = house.database.value("SELECT jsonb_agg(name) FROM queue_jobs WHERE queue = 'mail'");
    assert_eq!(names, json!(["mail/password_reset_request"; 3].map(|name| name)));
    let payloads = house.database.value("SELECT jsonb_agg(payload) FROM queue_jobs").to_string();
    assert!(!payloads.contains("home.example") && !payloads.contains("stoa_r_"), "{payloads}");
    house.settle().await;
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to.address, "admin@home.example");
    let kept = house.database.value("SELECT jsonb_agg(to_jsonb(r)) FROM password_resets r").to_string();
    assert!(!kept.contains(&token_in(&letters[0])) && kept.contains("\"secret\":null"), "{kept}");
}

#[actix_web::test]
async fn letters_are_few() {
    let house = TestHouse::new().await;
    for email in ["admin@home.example", "nobody@home.example"] {
        for _ in 0..3 {
            ask(&house, email).await.expect(StatusCode::ACCEPTED);
        }
        let fourth = ask(&house, email).await;
        assert_eq!(fourth.refusal().1, "rate_limited", "{email}: known or not");
        assert!(fourth.header("retry-after").is_some());
    }
    house.settle().await;
    for nth in 0..3 {
        ask(&house, &format!("{nth}@home.example")).await;
    }
    assert_eq!(ask(&house, "owner@home.example").await.refusal().1, "rate_limited", "one address asks for many");
    sign_in(&house, PASSWORD).await.expect(StatusCode::OK);
    house.clock.advance(TimeDelta::hours(1));
    ask(&house, "admin@home.example").await.expect(StatusCode::ACCEPTED);
    house.settle().await;
}

#[actix_web::test]
async fn a_token_is_good_for_an_hour_and_until_the_next_letter() {
    let house = TestHouse::new().await;
    let first = lost(&house, "admin@home.example").await;
    let second = lost(&house, "admin@home.example").await;
    assert_eq!(complete(&house, &first).await.refusal().1, "password_reset_invalid");
    house.clock.advance(TimeDelta::hours(1));
    let (status, code, _) = complete(&house, &second).await.refusal();
    assert_eq!((status, code.as_str()), (410, "password_reset_invalid"));
    for made_up in ["", "nonsense", &house.school.admin.token] {
        assert_eq!(complete(&house, made_up).await.refusal().1, "password_reset_invalid", "{made_up}");
    }
    sign_in(&house, PASSWORD).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn a_bad_password_leaves_the_token_good() {
    let house = TestHouse::new().await;
    let token = lost(&house, "admin@home.example").await;
    let short = house.anonymous().post(COMPLETE, json!({ "token": token, "password": "short" })).await;
    assert_eq!(short.refusal(), (422, "validation_failed".into(), vec!["/password".into()]));
    complete(&house, &token).await.expect(StatusCode::NO_CONTENT);
    house.settle().await;
}

#[actix_web::test]
async fn one_letter_names_every_institution() {
    let house = TestHouse::new().await;
    let abroad = Scope::house(schools().abroad.tenant);
    let mut tx = house.db().tenant(&abroad).await.unwrap();
    let new = serde_json::from_value(json!({ "email": "admin@home.example", "name": "The same" })).unwrap();
    members::add(&mut tx, &abroad, new).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
    ask(&house, "admin@home.example").await.expect(StatusCode::ACCEPTED);
    house.settle().await;
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].text.contains("Lyceum") && letters[0].text.contains("Academy"), "{}", letters[0].text);
    let tokens = tokens_in(&letters[0]);
    assert_eq!(tokens.len(), 2);
    complete(&house, &tokens[1]).await.expect(StatusCode::NO_CONTENT);
    house.settle().await;
    sign_in(&house, PASSWORD).await.expect(StatusCode::OK);
    assert_eq!(
        sign_in(&house, OTHER).await.expect(StatusCode::OK).data()["memberships"][0]["institution"]["name"],
        "Academy"
    );
    let named = json!({ "email": "admin@home.example", "institution": "external_id:abroad" });
    house.anonymous().post(ASK, named).await.expect(StatusCode::ACCEPTED);
    house.settle().await;
    assert_eq!(tokens_in(house.take_letters().last().unwrap()).len(), 1, "only the one that was named");
}

#[actix_web::test]
async fn only_active_members_of_open_institutions_get_one() {
    let house = TestHouse::new().await;
    let token = lost(&house, "learner@home.example").await;
    let learner = format!("/api/institutions/{}/members/{}", house.school.tenant, house.school.learner.id);
    house.admin().patch(&learner, json!({ "status": "deactivated" })).await.expect(StatusCode::OK);
    assert_eq!(complete(&house, &token).await.refusal().1, "password_reset_invalid");
    ask(&house, "learner@home.example").await.expect(StatusCode::ACCEPTED);
    house.settle().await;
    assert!(house.take_letters().is_empty());
    let token = lost(&house, "admin@home.example").await;
    house.database.run("UPDATE institutions SET status = 'suspended' WHERE external_id = 'home'");
    assert_eq!(complete(&house, &token).await.refusal().1, "tenant_suspended");
    ask(&house, "owner@home.example").await.expect(StatusCode::ACCEPTED);
    house.settle().await;
    assert!(house.take_letters().is_empty());
}

#[actix_web::test]
async fn a_second_factor_stays() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let begun = admin.post("/api/auth/second-factor", json!({})).await.data();
    let authenticator = Authenticator::of(begun["secret"].as_str().unwrap());
    let otp = json!({ "otp": authenticator.shows(&house) });
    admin.post("/api/auth/second-factor/confirm", otp).await.expect(StatusCode::OK);
    let token = lost(&house, "admin@home.example").await;
    complete(&house, &token).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(sign_in(&house, OTHER).await.refusal().1, "otp_required", "the mailbox alone is not enough");
    house.settle().await;
}

#[actix_web::test]
async fn whoever_never_had_a_password_gets_one() {
    let house = TestHouse::new().await;
    let members = format!("/api/institutions/{}/members", house.school.tenant);
    house.admin().post(&members, json!({ "email": "olga@home.example", "name": "Olga" })).await.data();
    let token = lost(&house, "olga@home.example").await;
    complete(&house, &token).await.expect(StatusCode::NO_CONTENT);
    let body = json!({ "email": "olga@home.example", "password": OTHER });
    let session: Value = house.anonymous().post("/api/auth/sign-in", body).await.expect(StatusCode::OK).data();
    assert_eq!(session["user"]["name"], "Olga");
    house.settle().await;
}

#[actix_web::test]
async fn a_change_by_hand_is_told_too() {
    let house = TestHouse::new().await;
    let body = json!({ "current_password": PASSWORD, "password": OTHER });
    house.admin().put("/api/auth/password", body).await.expect(StatusCode::NO_CONTENT);
    house.settle().await;
    let told = house.take_letters();
    assert!(told[0].text.contains("was changed on"), "{}", told[0].text);
}
