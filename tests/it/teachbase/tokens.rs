//! Taking tokens: every place for the credentials, every refusal, and what a token can do.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::clock::Clock;

use super::{APPLICATIONS, App, FORM, application, ask, form, oauth_refusal, take, wanted};
use crate::support::{TestHouse, callers::Answer};

const TOKEN: &str = "/oauth/token";

fn is_good(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), (Some("no-store"), Some("no-cache")));
    answer.json()
}

#[actix_web::test]
async fn a_token_is_answered_as_doorkeeper_does() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["progress:read"]).await;
    let answer = ask(&house, &wanted(&app)).await;
    let body = is_good(&answer);
    let token = body["access_token"].as_str().unwrap();
    assert!(token.starts_with("stoa_a_"), "{token}");
    let created_at = house.clock.now().timestamp();
    let rest = json!({
        "access_token": token, "token_type": "Bearer", "expires_in": 7200, "scope": "public", "created_at": created_at,
    });
    assert_eq!(body, rest);
    let kept = house.database.value("SELECT string_agg(t::text, '') FROM tokens t").to_string();
    assert!(!kept.contains(&token[33..]), "the secret half is in no row");
}

#[actix_web::test]
async fn credentials_may_stand_in_four_places() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["progress:read"]).await;
    let nobody = house.anonymous();
    let post = |path: &str| nobody.request(Method::POST, path);
    let all = form(&wanted(&app));
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", app.id, app.secret)));
    let requests = [
        post(TOKEN).bytes(FORM, all.clone()),
        post(TOKEN).bytes("application/x-www-form-urlencoded; charset=utf-8", all.clone()),
        post(TOKEN).json(&wanted(&app)),
        post(&format!("{TOKEN}?{all}")),
        post(TOKEN).header("authorization", &basic).bytes(FORM, "grant_type=client_credentials"),
        post(&format!("{TOKEN}?grant_type=client_credentials&scope=public")).header("authorization", &basic),
        // Real clients send more than is asked for, and sometimes all of it twice.
        post(&format!("{TOKEN}?{all}&redirect_uri=x")).json(&wanted(&app)),
        post(&format!("{TOKEN}?{all}")).header("content-type", "application/json"),
    ];
    for (at, request) in requests.into_iter().enumerate() {
        let answer = request.send().await;
        assert_eq!(answer.status, 200, "request {at}: {}", answer.text());
    }
}

#[actix_web::test]
async fn what_is_wrong_is_said_in_the_words_of_the_standard() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["progress:read"]).await;
    let abroad = application(&house.stranger(), &["progress:read"]).await;
    let with = |name: &str, value: &str| {
        let mut parameters = wanted(&app);
        parameters[name] = json!(value);
        parameters
    };
    let without = |name: &str| {
        let mut parameters = wanted(&app);
        parameters.as_object_mut().unwrap().remove(name);
        parameters
    };
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (parameters, status, word) in [
        (with("client_secret", &abroad.secret), 401, "invalid_client"),
        (with("client_secret", "\u{0421}екрет"), 401, "invalid_client"),
        (with("client_secret", &"x".repeat(5000)), 401, "invalid_client"),
        (with("client_id", &abroad.id), 401, "invalid_client"),
        (with("client_id", "stoa_c_nobody"), 401, "invalid_client"),
        (with("client_id", &format!("stoa_c_{}", "0".repeat(52))), 401, "invalid_client"),
        (without("client_id"), 401, "invalid_client"),
        (without("client_secret"), 401, "invalid_client"),
        (with("grant_type", "password"), 400, "unsupported_grant_type"),
        (with("grant_type", "implicit"), 400, "unsupported_grant_type"),
        (with("grant_type", "refresh_token"), 400, "invalid_grant"),
        (without("grant_type"), 400, "invalid_request"),
        (with("grant_type", ""), 400, "invalid_request"),
        (with("scope", "content:read"), 400, "invalid_scope"),
        (with("scope", "progress:read nonsense"), 400, "invalid_scope"),
    ] {
        let answer = ask(&house, &parameters).await;
        let (said, error, description) = oauth_refusal(&answer);
        assert_eq!((said, error.as_str()), (status, word), "{parameters}: {}", answer.text());
        told.entry(error).or_default().insert(description.clone());
        assert!(description.is_ascii() && !description.contains(['"', '\\']), "{description}");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, (status == 401).then_some(r#"Basic realm="stoa""#), "{parameters}");
        assert!(!answer.text().contains(&app.secret), "a secret is told back");
    }
    assert_eq!(told["invalid_client"].len(), 1, "who is unknown and who has another secret are not told apart");
}

#[actix_web::test]
async fn requests_that_are_none_are_refused() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["progress:read"]).await;
    let nobody = house.anonymous();
    let post = |path: &str| nobody.request(Method::POST, path);
    let all = form(&wanted(&app));
    let bad_request = (400, "invalid_request");
    for (request, expected) in [
        (post(TOKEN), bad_request),
        (post(TOKEN).bytes(FORM, format!("{all}&scope=public")), bad_request),
        (post(TOKEN).bytes(FORM, format!("{all}&x=%ff")), bad_request),
        (post(&format!("{TOKEN}?{all}&scope=public")), bad_request),
        (post(&format!("{TOKEN}?{all}")).bytes(FORM, "client_id=another"), bad_request),
        (post(TOKEN).json(&json!({ "grant_type": 1 })), bad_request),
        (post(TOKEN).json(&json!([])), bad_request),
        (post(TOKEN).bytes("application/json", "{"), bad_request),
        (post(TOKEN).bytes("text/plain", all.clone()), bad_request),
        (post(TOKEN).bytes(FORM, all.clone()).header("authorization", "Bearer abc"), (401, "invalid_client")),
        (post(TOKEN).bytes(FORM, all.clone()).header("authorization", "Basic !!"), (401, "invalid_client")),
        (post(TOKEN).bytes(FORM, "x".repeat(2 * 1024 * 1024)), (413, "body_too_large")),
        (nobody.request(Method::GET, TOKEN), (405, "method_not_allowed")),
        (post("/oauth/nothing"), (404, "not_found")),
    ] {
        let answer = request.send().await;
        let (status, word, _) = oauth_refusal(&answer);
        assert_eq!((status, word.as_str()), expected, "{}", answer.text());
    }
}

#[actix_web::test]
async fn scopes_are_abilities_and_public_is_all_of_them() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["progress:read", "content:read"]).await;
    for (scope, said, can) in [
        ("public", "public", [200, 200]),
        ("", "public", [200, 200]),
        ("content:read public", "public", [200, 200]),
        ("content:read", "content:read", [200, 403]),
        ("progress:read progress:read", "progress:read", [403, 200]),
    ] {
        let mut parameters = wanted(&app);
        parameters["scope"] = json!(scope);
        let body = is_good(&ask(&house, &parameters).await);
        assert_eq!(body["scope"], said, "{scope}");
        let caller = house.caller(body["access_token"].as_str());
        let found =
            [caller.get("/endpoint/v1/courses").await.status, caller.get("/endpoint/v1/course_stats").await.status];
        assert_eq!(found, can, "{scope}");
    }
}

#[actix_web::test]
async fn a_token_works_on_the_api_too_with_its_abilities() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["content:read"]).await;
    let caller = house.caller(Some(&take(&house, &app).await));
    assert_eq!(caller.get("/api/courses").await.status, 200);
    assert_eq!(caller.get("/api/integrations/webhooks").await.refusal().0, 403);
    let me = caller.get("/api/auth/me").await.data();
    assert_eq!((&me["actor"]["type"], &me["token"]["name"]), (&json!("service"), &json!("Reporting bot")));
    let token = me["token"]["id"].as_str().unwrap();
    // It is revoked as any other.
    let revoked = house.admin().delete(&format!("/api/integrations/tokens/{token}")).await;
    assert_eq!(revoked.status, 204, "{}", revoked.text());
    assert_eq!(caller.get("/api/courses").await.refusal().1, "unauthenticated");
    let listed = house.admin().get("/api/integrations/tokens").await;
    assert!(!listed.text().contains(token), "tokens of applications come and go; the list is of those that are kept");
}

#[actix_web::test]
async fn a_token_ends_after_two_hours() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["content:read"]).await;
    let caller = house.caller(Some(&take(&house, &app).await));
    house.clock.advance(TimeDelta::seconds(7199));
    assert_eq!(caller.get("/endpoint/v1/_ping").await.status, 200);
    house.clock.advance(TimeDelta::seconds(1));
    let answer = caller.get("/endpoint/v1/_ping").await;
    assert_eq!(super::refusal(&answer), (401, vec!["the token has expired".to_owned()]));
    assert!(answer.header("www-authenticate").is_some_and(|challenge| challenge.contains("invalid_token")));
    // Housekeeping forgets it a day later.
    house.clock.advance(TimeDelta::days(2));
    let mut tx = house.db().house().await.unwrap();
    let ended = house.clock.now() - TimeDelta::days(1);
    assert_eq!(stoa_core::tokens::forget_ended(&mut tx, ended).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn failures_are_throttled_like_sign_ins_and_success_is_not() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["content:read"]).await;
    for _ in 0..30 {
        is_good(&ask(&house, &wanted(&app)).await);
    }
    let wrong = App { path: app.path.clone(), id: app.id.clone(), secret: "stoa_k_wrong".to_owned() };
    let tries = async |app: &App| ask(&house, &wanted(app)).await;
    let mut failures = 0;
    let limited = loop {
        let answer = tries(&wrong).await;
        match oauth_refusal(&answer).1.as_str() {
            "invalid_client" => failures += 1,
            "rate_limited" => break answer,
            other => panic!("{other}"),
        }
        assert!(failures < 100, "nobody stops it");
    };
    assert_eq!(limited.status, 429);
    let wait: i64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(tries(&app).await.status, 429, "the right secret tells no more");
    // Another application from the same address goes on.
    let other = application(&house.admin(), &["content:read"]).await;
    is_good(&tries(&other).await);
    house.clock.advance(TimeDelta::seconds(wait));
    is_good(&tries(&app).await);
}

#[actix_web::test]
async fn what_an_application_did_is_seen() {
    let house = TestHouse::new().await;
    let app = application(&house.admin(), &["content:read"]).await;
    let never = house.admin().get(&app.path).await.data();
    assert_eq!((&never["last_used_at"], &never["last_used_ip"]), (&Value::Null, &Value::Null));
    house.clock.advance(TimeDelta::minutes(5));
    take(&house, &app).await;
    let used = house.admin().get(APPLICATIONS).await.data();
    assert_eq!(used[0]["last_used_at"], "2026-11-21T09:05:00Z");
    assert_eq!(used[0]["last_used_ip"], "127.0.0.1");
}
