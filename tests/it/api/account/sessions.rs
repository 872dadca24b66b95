//! One's own sessions and password over HTTP.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::Ability;

use crate::support::{TestHouse, callers::Caller, schools::PASSWORD};

const SIGN_IN: &str = "/api/auth/sign-in";
const ME: &str = "/api/auth/me";
const SESSIONS: &str = "/api/auth/sessions";
const PASSWORD_DOOR: &str = "/api/auth/password";
const OTHER: &str = "wrong donkey accumulator 비밀";

async fn sign_in(house: &TestHouse, password: &str, device: &str) -> (Caller, Value) {
    let body = json!({ "email": "admin@home.example", "password": password, "device_name": device });
    let session = house.anonymous().post(SIGN_IN, body).await.expect(StatusCode::OK).data();
    (house.caller(session["token"].as_str()), session)
}

fn change(from: &str, to: &str) -> Value {
    json!({ "current_password": from, "password": to })
}

#[actix_web::test]
async fn signing_out_ends_this_session_at_once() {
    let house = TestHouse::new().await;
    let (laptop, _) = sign_in(&house, PASSWORD, "Laptop").await;
    let (phone, _) = sign_in(&house, PASSWORD, "Phone").await;
    laptop.delete("/api/auth/session").await.expect(StatusCode::NO_CONTENT);
    assert_eq!(laptop.get(ME).await.refusal().1, "unauthenticated");
    phone.get(ME).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn one_sees_and_ends_ones_own_sessions() {
    let house = TestHouse::new().await;
    let (laptop, _) = sign_in(&house, PASSWORD, "Laptop").await;
    let (phone, _) = sign_in(&house, PASSWORD, "전화").await;
    let listed = laptop.get(SESSIONS).await.data();
    let rows = listed.as_array().unwrap();
    let current: Vec<_> = rows.iter().filter(|one| one["is_current"] == true).map(|one| &one["name"]).collect();
    assert_eq!(current, ["Laptop"]);
    let id = rows.iter().find(|one| one["name"] == "전화").unwrap()["id"].as_str().unwrap();
    let foreign = house.manager().delete(&format!("{SESSIONS}/{id}")).await;
    assert_eq!(foreign.refusal().1, "not_found");
    for _ in 0..2 {
        laptop.delete(&format!("{SESSIONS}/{id}")).await.expect(StatusCode::NO_CONTENT);
    }
    assert_eq!(phone.get(ME).await.status, 401);
    let listed = laptop.get(SESSIONS).await.data();
    assert!(listed.as_array().unwrap().iter().all(|one| one["name"] != "전화"));
}

#[actix_web::test]
async fn all_others_end_together() {
    let house = TestHouse::new().await;
    let (laptop, _) = sign_in(&house, PASSWORD, "Laptop").await;
    let (phone, _) = sign_in(&house, PASSWORD, "Phone").await;
    laptop.delete(SESSIONS).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(phone.get(ME).await.status, 401);
    assert_eq!(laptop.get(SESSIONS).await.data().as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_session_that_has_ended_is_not_listed() {
    let house = TestHouse::new().await;
    sign_in(&house, PASSWORD, "Old").await;
    house.clock.advance(TimeDelta::hours(12));
    let (laptop, _) = sign_in(&house, PASSWORD, "New").await;
    let listed = laptop.get(SESSIONS).await.data();
    assert!(listed.as_array().unwrap().iter().all(|one| one["name"] != "Old"), "{listed}");
}

#[actix_web::test]
async fn a_new_password_ends_the_other_sessions() {
    let house = TestHouse::new().await;
    let (laptop, _) = sign_in(&house, PASSWORD, "Laptop").await;
    let (phone, _) = sign_in(&house, PASSWORD, "Phone").await;
    laptop.put(PASSWORD_DOOR, change(PASSWORD, OTHER)).await.expect(StatusCode::NO_CONTENT);
    assert_eq!((laptop.get(ME).await.status, phone.get(ME).await.status), (200, 401));
    let old = json!({ "email": "admin@home.example", "password": PASSWORD });
    assert_eq!(house.anonymous().post(SIGN_IN, old).await.refusal().1, "invalid_credentials");
    sign_in(&house, OTHER, "Laptop").await;
    let audited = house.database.value("SELECT to_jsonb(a) FROM audit_log a WHERE action = 'user.password_changed'");
    assert_eq!(audited["object_id"], house.school.admin.id.to_string());
    house.settle().await;
}

#[actix_web::test]
async fn a_password_is_not_changed_without_the_present_one_nor_to_a_bad_one() {
    let house = TestHouse::new().await;
    let (laptop, _) = sign_in(&house, PASSWORD, "Laptop").await;
    assert_eq!(laptop.put(PASSWORD_DOOR, change("guess", OTHER)).await.refusal().1, "invalid_credentials");
    let short = laptop.put(PASSWORD_DOOR, change(PASSWORD, "short")).await;
    assert_eq!(short.refusal(), (422, "validation_failed".into(), vec!["/password".into()]));
    let long = laptop.put(PASSWORD_DOOR, change(&"x".repeat(2_000), OTHER)).await;
    assert_eq!(long.refusal(), (422, "validation_failed".into(), vec!["/current_password".into()]));
    sign_in(&house, PASSWORD, "Laptop").await;
}

#[actix_web::test]
async fn guesses_of_the_present_password_are_throttled() {
    let house = TestHouse::new().await;
    let (laptop, _) = sign_in(&house, PASSWORD, "Laptop").await;
    let mut last = String::new();
    for _ in 0..20 {
        last = laptop.put(PASSWORD_DOOR, change("guess", OTHER)).await.refusal().1;
    }
    assert_eq!(last, "rate_limited");
}

#[actix_web::test]
async fn an_integration_has_no_session() {
    let house = TestHouse::new().await;
    let integration = house.token(&[Ability::TokensWrite, Ability::TokensRead]).await;
    assert_eq!(integration.get(SESSIONS).await.refusal().1, "session_required");
    assert_eq!(integration.delete("/api/auth/session").await.refusal().1, "session_required");
    assert_eq!(integration.put(PASSWORD_DOOR, change(PASSWORD, OTHER)).await.refusal().1, "session_required");
    integration.get("/api/integrations/tokens").await.expect(StatusCode::OK);
}
