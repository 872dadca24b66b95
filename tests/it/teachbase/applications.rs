//! Applications over HTTP.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::Ability;

use super::{APPLICATIONS, App, application, ask, oauth_refusal, take, wanted};
use crate::support::TestHouse;

#[actix_web::test]
async fn a_secret_is_shown_once() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let new = json!({ "name": "Бот отчётов", "scopes": ["progress:read", "content:read", "content:read"] });
    let made = admin.post(APPLICATIONS, new).await.expect(StatusCode::CREATED).data();
    let secret = made["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("stoa_k_") && secret.ends_with(made["secret_last4"].as_str().unwrap()));
    assert!(made["client_id"].as_str().unwrap().starts_with("stoa_c_"));
    assert!(made["id"].as_str().unwrap().starts_with("app_"));
    assert_eq!(made["scopes"], json!(["content:read", "progress:read"]), "each once, in one order");
    assert_eq!(made["created_by"], house.school.admin.id.to_string());

    let shown = admin.get(&format!("{APPLICATIONS}/{}", made["id"].as_str().unwrap())).await.data();
    let listed = admin.get(APPLICATIONS).await.data();
    for view in [&shown, &listed[0]] {
        let mut kept = made.clone();
        kept.as_object_mut().unwrap().remove("client_secret");
        assert_eq!(*view, kept);
    }
    let kept = house.database.value("SELECT string_agg(a::text, '') FROM applications a").to_string();
    assert!(!kept.contains(&secret[7..]), "the secret is in no row");
}

#[actix_web::test]
async fn nobody_gives_more_than_he_has() {
    let house = TestHouse::new().await;
    let weak = house.token(&[Ability::TokensWrite, Ability::ContentRead]).await;
    let body = json!({ "name": "x", "scopes": ["content:read", "webhooks:write", "billing:read"] });
    let refused = weak.post(APPLICATIONS, body).await.refusal();
    assert_eq!(refused, (422, "validation_failed".into(), vec!["/scopes/1".into(), "/scopes/2".into()]));
    application(&weak, &["content:read"]).await;
}

#[actix_web::test]
async fn bad_applications_are_not_made() {
    let house = TestHouse::new().await;
    for (body, pointer) in [
        (json!({ "name": "x", "scopes": ["content:raed"] }), "/scopes/0"),
        (json!({ "name": "x", "scopes": ["public"] }), "/scopes/0"),
        (json!({ "name": "x", "scopes": [] }), "/scopes"),
        (json!({ "name": " ", "scopes": ["content:read"] }), "/name"),
        (json!({ "name": "x".repeat(256), "scopes": ["content:read"] }), "/name"),
        (json!({ "scopes": ["content:read"] }), "/name"),
    ] {
        let refusal = house.admin().post(APPLICATIONS, body.clone()).await.refusal();
        assert_eq!(refusal, (422, "validation_failed".into(), vec![pointer.into()]), "{body}");
    }
    assert_eq!(house.admin().get(APPLICATIONS).await.data(), json!([]));
}

#[actix_web::test]
async fn a_deleted_application_and_its_tokens_are_gone_at_once() {
    let house = TestHouse::new().await;
    let (app, other) =
        (application(&house.admin(), &["content:read"]).await, application(&house.admin(), &["content:read"]).await);
    let tokens = [take(&house, &app).await, take(&house, &app).await];
    let kept = take(&house, &other).await;
    let works = async |token: &str| house.caller(Some(token)).get("/endpoint/v1/_ping").await.status;
    for token in &tokens {
        assert_eq!(works(token).await, 200);
    }
    assert_eq!(house.admin().delete(&app.path).await.status, 204);
    for token in &tokens {
        assert_eq!(works(token).await, 401);
    }
    assert_eq!(works(&kept).await, 200);
    assert_eq!(oauth_refusal(&ask(&house, &wanted(&app)).await).1, "invalid_client");
    assert_eq!(house.admin().get(&app.path).await.refusal().0, 404);
    assert_eq!(house.admin().delete(&app.path).await.refusal().0, 404);
    assert_eq!(house.admin().post(&format!("{}/secret/rotate", app.path), json!({})).await.refusal().0, 404);
}

#[actix_web::test]
async fn another_node_hears_of_a_deletion_within_a_second() {
    let house = TestHouse::new().await;
    let node = house.another_node();
    let app = application(&house.admin(), &["content:read"]).await;
    let there = TestHouse::caller_of(&node, Some(&take(&house, &app).await));
    assert_eq!(there.get("/endpoint/v1/_ping").await.status, 200);
    assert_eq!(house.admin().delete(&app.path).await.status, 204);
    house.clock.advance(TimeDelta::milliseconds(500));
    assert_eq!(there.get("/endpoint/v1/_ping").await.status, 401);
}

#[actix_web::test]
async fn a_new_secret_replaces_the_old_one_at_once_or_after_a_while() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["content:read"]).await;
    let held = take(&house, &app).await;
    let rotate = async |body: Value| {
        let answer = house.admin().post(&format!("{}/secret/rotate", app.path), body).await;
        let data = answer.expect(StatusCode::OK).data();
        let secret = data["client_secret"].as_str().unwrap().to_owned();
        (App { path: app.path.clone(), id: app.id.clone(), secret }, data["previous_secret_until"].clone())
    };
    let status = async |app: &App| ask(&house, &wanted(app)).await.status;

    let (second, until) = rotate(json!({})).await;
    assert_eq!((until, status(&app).await, status(&second).await), (Value::Null, 401, 200));
    let ping = house.caller(Some(&held)).get("/endpoint/v1/_ping").await;
    assert_eq!(ping.status, 200, "a token that was given goes on to its end");

    let (third, until) = rotate(json!({ "overlap_seconds": 60 })).await;
    assert_eq!((until, status(&second).await, status(&third).await), (json!("2026-11-21T09:01:00Z"), 200, 200));
    house.clock.advance(TimeDelta::seconds(60));
    assert_eq!((status(&second).await, status(&third).await), (401, 200));
    assert_eq!(house.admin().get(&app.path).await.data()["previous_secret_until"], Value::Null);

    let (fourth, _) = rotate(json!({ "overlap_seconds": 604_800 })).await;
    assert_eq!(status(&third).await, 200);
    assert_eq!(house.admin().delete(&format!("{}/secret/previous", app.path)).await.status, 204);
    assert_eq!((status(&third).await, status(&fourth).await), (401, 200));

    for wrong in [-1, 604_801] {
        let body = json!({ "overlap_seconds": wrong });
        let refusal = house.admin().post(&format!("{}/secret/rotate", app.path), body).await.refusal();
        assert_eq!(refusal.2, ["/overlap_seconds"]);
    }
}

#[actix_web::test]
async fn applications_of_others_do_not_exist() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["content:read"]).await;
    let stranger = house.stranger();
    assert_eq!(stranger.get(APPLICATIONS).await.data(), json!([]));
    for answer in [
        stranger.get(&app.path).await,
        stranger.delete(&app.path).await,
        stranger.post(&format!("{}/secret/rotate", app.path), json!({})).await,
        stranger.delete(&format!("{}/secret/previous", app.path)).await,
    ] {
        assert_eq!(answer.refusal().0, 404);
    }
    take(&house, &app).await;
}

#[actix_web::test]
async fn what_was_done_with_an_application_is_in_the_audit_log() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["content:read"]).await;
    house.admin().post(&format!("{}/secret/rotate", app.path), json!({ "overlap_seconds": 5 })).await;
    house.admin().delete(&format!("{}/secret/previous", app.path)).await;
    house.admin().delete(&app.path).await;
    let rows = house.database.rows("SELECT action FROM audit_log WHERE object_kind = 'application' ORDER BY id");
    let actions: Vec<&str> = rows.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "application.created",
            "application.secret_rotated",
            "application.previous_secret_dropped",
            "application.deleted"
        ]
    );
    let all = house.database.value("SELECT string_agg(a::text, '') FROM audit_log a").to_string();
    assert!(!all.contains(&app.secret[7..]), "a secret stands in the audit log");
}
