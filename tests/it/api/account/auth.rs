//! Signing in over HTTP, and who one is.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Id, Scope,
    auth::{Hasher, set_password},
    id::User,
};

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
    database::schools,
    schools::PASSWORD,
};

const SIGN_IN: &str = "/api/auth/sign-in";
const ME: &str = "/api/auth/me";

async fn sign_in(caller: &Caller, email: &str, password: &str) -> Answer {
    caller.post(SIGN_IN, json!({ "email": email, "password": password })).await
}

/// What a refusal says, without what names this request.
fn words(answer: &Answer) -> Value {
    let mut problem = answer.json();
    problem["instance"] = Value::Null;
    problem
}

#[actix_web::test]
async fn a_session_is_opened_and_knows_its_person() {
    let house = TestHouse::new().await;
    let (anybody, admin) = (house.anonymous(), &house.school.admin);
    let body = json!({ "email": "ADMIN@Home.example", "password": PASSWORD, "device_name": "Tablet" });
    let session = anybody.post(SIGN_IN, body).await.expect(StatusCode::OK).data();
    assert_eq!(session["token_type"], "Bearer");
    assert_eq!(session["expires_at"], "2026-11-21T21:00:00Z");
    assert_eq!(session["user"]["id"], admin.id.to_string());
    assert_eq!(session["memberships"][0]["role"], "admin");
    assert!(session["token"].as_str().unwrap().starts_with("stoa_s_"));

    let me = house.caller(session["token"].as_str()).get(ME).await.data();
    assert_eq!(me["actor"], json!({ "type": "user", "id": admin.id }));
    assert_eq!((&me["user"]["email"], &me["role"]), (&json!("admin@home.example"), &json!("admin")));
    assert_eq!(me["institution"]["number"], house.school.number);
    assert_eq!((&me["token"]["name"], &me["token"]["abilities"]), (&json!("Tablet"), &session["abilities"]));
    assert!(!me["token"]["abilities"].as_array().unwrap().contains(&json!("billing:write")));
}

#[actix_web::test]
async fn a_session_ends_in_time() {
    let house = TestHouse::new().await;
    let session = sign_in(&house.anonymous(), "admin@home.example", PASSWORD).await.data();
    let caller = house.caller(session["token"].as_str());
    house.clock.advance(TimeDelta::hours(12) - TimeDelta::seconds(1));
    caller.get(ME).await.expect(StatusCode::OK);
    house.clock.advance(TimeDelta::seconds(1));
    let answer = caller.get(ME).await;
    assert_eq!(answer.refusal(), (401, "token_expired".into(), vec![]));
    assert!(answer.header("www-authenticate").unwrap().contains("invalid_token"));
}

#[actix_web::test]
async fn an_integration_is_nobody_in_particular() {
    let house = TestHouse::new().await;
    let me = house.token(&[Ability::CefrRead]).await.get(ME).await.data();
    assert_eq!((&me["actor"]["type"], &me["user"], &me["role"]), (&json!("service"), &Value::Null, &Value::Null));
    assert_eq!(me["token"]["abilities"], json!(["cefr:read"]));
    assert_eq!(me["memberships"], json!([]));
}

#[actix_web::test]
async fn who_is_unknown_and_who_is_wrong_get_the_same_answer() {
    let house = TestHouse::new().await;
    let anybody = house.anonymous();
    house
        .database
        .run("DELETE FROM credentials c USING users u WHERE u.id = c.user_id AND u.email = 'learner@home.example'");
    house.database.run("UPDATE memberships m SET status = 'deactivated' FROM users u WHERE u.id = m.user_id AND u.email = 'manager@home.example'");
    let unknown = sign_in(&anybody, "nobody@home.example", PASSWORD).await;
    assert_eq!(unknown.refusal(), (401, "invalid_credentials".into(), vec![]));
    for (email, password) in [
        ("admin@home.example", "wrong"),
        ("admin@home.example", ""),
        ("learner@home.example", PASSWORD),
        ("manager@home.example", PASSWORD),
        ("not an address", PASSWORD),
    ] {
        assert_eq!(words(&sign_in(&anybody, email, password).await), words(&unknown), "{email}");
    }
}

#[actix_web::test]
async fn guesses_at_an_account_are_throttled_on_every_node() {
    let house = TestHouse::new().await;
    let other = house.another_node();
    let (here, there) = (house.anonymous(), TestHouse::caller_of(&other, None));
    for guess in 0..5 {
        let caller = if guess % 2 == 0 { &here } else { &there };
        assert_eq!(sign_in(caller, "admin@home.example", "wrong").await.status, 401);
    }
    house.clock.advance(TimeDelta::minutes(5));
    for caller in [&here, &there] {
        // Also with the right password, or a guesser would learn it.
        let answer = sign_in(caller, "Admin@home.example", PASSWORD).await;
        assert_eq!(answer.refusal(), (429, "rate_limited".into(), vec![]));
        let secs: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((595..=601).contains(&secs), "{secs}");
    }
    // An unknown account is no different, and a neighbour is not held up.
    for _ in 0..6 {
        sign_in(&here, "nobody@home.example", "wrong").await;
    }
    assert_eq!(sign_in(&there, "nobody@home.example", "wrong").await.status, 429);
    sign_in(&here, "owner@home.example", PASSWORD).await.expect(StatusCode::OK);
    house.clock.advance(TimeDelta::minutes(10));
    sign_in(&here, "admin@home.example", PASSWORD).await.expect(StatusCode::OK);
}

#[actix_web::test]
async fn guesses_at_once_are_counted_each() {
    let house = TestHouse::new().await;
    let anybody = house.anonymous();
    let guesses = (0..12).map(|_| sign_in(&anybody, "admin@home.example", "wrong"));
    let answers = futures::future::join_all(guesses).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
}

#[actix_web::test]
async fn guesses_from_an_address_are_throttled() {
    let house = TestHouse::new().await;
    let anybody = house.anonymous();
    for account in 0..50 {
        assert_eq!(sign_in(&anybody, &format!("nobody{account}@x.example"), "wrong").await.status, 401);
    }
    assert_eq!(sign_in(&anybody, "owner@home.example", PASSWORD).await.status, 429);
}

#[actix_web::test]
async fn the_right_password_forgives() {
    let house = TestHouse::new().await;
    let anybody = house.anonymous();
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(sign_in(&anybody, "admin@home.example", "wrong").await.status, 401);
        }
        sign_in(&anybody, "admin@home.example", PASSWORD).await.expect(StatusCode::OK);
    }
}

async fn join(house: &TestHouse, admin: &Caller, school: &str, password: &str) {
    let body = json!({ "email": "both@people.example", "name": "Bo Th", "role": "manager" });
    let member = admin.post(&format!("/api/institutions/external_id:{school}/members"), body).await.data();
    let user: Id<User> = member["id"].as_str().unwrap().parse().unwrap();
    let tenant = if school == "home" { house.school.tenant } else { schools().abroad.tenant };
    let mut tx = house.db().tenant(&Scope::house(tenant)).await.unwrap();
    set_password(&mut tx, &Hasher::new(8, 1).unwrap(), user, password).await.unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn the_password_decides_between_institutions() {
    let house = TestHouse::new().await;
    let anybody = house.anonymous();
    join(&house, &house.owner(), "home", "a password at home").await;
    join(&house, &house.stranger(), "abroad", "a password abroad").await;
    for (password, school) in [("a password at home", "Lyceum"), ("a password abroad", "Academy")] {
        let session = sign_in(&anybody, "both@people.example", password).await.data();
        let names: Vec<_> =
            session["memberships"].as_array().unwrap().iter().map(|one| &one["institution"]["name"]).collect();
        assert_eq!(names, [school], "who knows one password learns of one membership");
    }
    house.settle().await;
}

#[actix_web::test]
async fn the_caller_chooses_between_institutions_with_one_password() {
    let house = TestHouse::new().await;
    let anybody = house.anonymous();
    join(&house, &house.owner(), "home", PASSWORD).await;
    house.clock.advance(TimeDelta::seconds(1));
    join(&house, &house.stranger(), "abroad", PASSWORD).await;
    let of = |session: &Value| session["memberships"][0]["institution"]["name"].as_str().unwrap().to_owned();
    let session = sign_in(&anybody, "both@people.example", PASSWORD).await.data();
    assert_eq!((of(&session), session["memberships"].as_array().unwrap().len()), ("Lyceum".to_owned(), 2));
    let abroad = &schools().abroad;
    for key in [
        json!(abroad.tenant),
        json!(abroad.number),
        json!(abroad.number.to_string()),
        json!("abroad"),
        json!("external_id:abroad"),
    ] {
        let body = json!({ "email": "both@people.example", "password": PASSWORD, "institution": key });
        let session = anybody.post(SIGN_IN, body).await.data();
        assert_eq!(of(&session), "Academy", "{key}");
        let me = house.caller(session["token"].as_str()).get(ME).await.data();
        assert_eq!(me["institution"]["name"], "Academy");
    }
    let body = json!({ "email": "both@people.example", "password": PASSWORD, "institution": "nowhere" });
    assert_eq!(anybody.post(SIGN_IN, body).await.status, 401);
    house.settle().await;
}

#[actix_web::test]
async fn who_leaves_is_out_at_once() {
    let house = TestHouse::new().await;
    let session = sign_in(&house.anonymous(), "manager@home.example", PASSWORD).await.data();
    let caller = house.caller(session["token"].as_str());
    caller.get(ME).await.expect(StatusCode::OK);
    let path = format!("/api/institutions/external_id:home/members/{}", house.school.manager.id);
    house.owner().patch(&path, json!({ "status": "deactivated" })).await.expect(StatusCode::OK);
    house.clock.advance(TimeDelta::milliseconds(500));
    assert_eq!(caller.get(ME).await.refusal(), (401, "unauthenticated".into(), vec![]));
    assert_eq!(sign_in(&house.anonymous(), "manager@home.example", PASSWORD).await.status, 401);
    house.settle().await;
}

#[actix_web::test]
async fn a_session_does_no_more_than_its_role_does_now() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    admin.get("/api/integrations/tokens").await.expect(StatusCode::OK);
    house.database.run("UPDATE memberships m SET role = 'manager' FROM users u WHERE u.id = m.user_id AND u.email = 'admin@home.example'");
    house.clock.advance(TimeDelta::milliseconds(500));
    assert_eq!(admin.get("/api/integrations/tokens").await.refusal().1, "ability_missing");
}
