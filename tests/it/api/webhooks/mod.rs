//! Webhooks over HTTP: made, shown, listed, replaced, changed, deleted.
//!
//! Not here: what receivers get (`flows`).

mod headers;
mod secrets;
mod subscriptions;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{TestHouse, receivers::status_only, redact::redact};

const WEBHOOKS: &str = "/api/integrations/webhooks";

async fn made(house: &TestHouse, body: Value) -> Value {
    house.admin().post(WEBHOOKS, body).await.expect(StatusCode::CREATED).data()
}

fn path(webhook: &Value) -> String {
    format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn a_webhook_is_made_with_a_secret_that_is_shown_once() {
    let house = TestHouse::new().await;
    let body =
        json!({ "url": "https://LMS.example:443/hooks?key=1", "events": ["lesson.completed", "course.completed"] });
    let answer = house.admin().post(WEBHOOKS, body).await.expect(StatusCode::CREATED);
    let webhook = answer.data();
    assert!(answer.header("location").is_some_and(|place| place.ends_with(&path(&webhook))), "{:?}", answer.headers);
    let secret = webhook["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.ends_with(webhook["secret_hint"].as_str().unwrap()));
    let mut shown = webhook.clone();
    shown["secret_hint"] = json!("[hint]");
    insta::assert_json_snapshot!(redact(shown), @r#"
    {
      "id": "[whk]",
      "url": "https://lms.example/hooks?key=1",
      "events": [
        "course.completed",
        "lesson.completed"
      ],
      "scope": null,
      "subscriptions": [
        {
          "id": "[sub]",
          "events": [
            "course.completed",
            "lesson.completed"
          ],
          "scope": null,
          "source": "institution",
          "request_id": null,
          "created_at": "2026-11-21T09:00:00Z",
          "updated_at": "2026-11-21T09:00:00Z"
        }
      ],
      "dialect": "talktiko",
      "api_version": null,
      "secret_hint": "[hint]",
      "signature_scheme": "v1",
      "public_key": null,
      "previous_secret_until": null,
      "headers": {},
      "retry_policy": "two_minutes",
      "coalesce_seconds": 5,
      "ordered": false,
      "max_in_flight": null,
      "rate_per_second": null,
      "status": "enabled",
      "status_reason": null,
      "failing_since": null,
      "needs_ping": true,
      "pinged_at": null,
      "description": "",
      "created_at": "2026-11-21T09:00:00Z",
      "updated_at": "2026-11-21T09:00:00Z",
      "secret": "[secret]"
    }
    "#);
    for place in [path(&webhook), WEBHOOKS.to_owned()] {
        assert!(!house.owner().get(&place).await.text().contains(secret), "{place}");
    }
    let kept = house.database.value("SELECT string_agg(w::text, '') FROM webhooks w").to_string();
    assert!(!kept.contains(secret) && !kept.contains(&hex::encode(secret)), "sealed at rest");
}

#[actix_web::test]
async fn one_webhook_for_an_address() {
    let house = TestHouse::new().await;
    made(&house, json!({ "url": "https://lms.example/hooks", "events": ["*"] })).await;
    let other = made(&house, json!({ "url": "https://lms.example/others", "events": ["*"] })).await;
    let same = json!({ "url": "https://LMS.example/hooks", "events": ["*"] });
    let refused = (409, "duplicate_target_url".to_owned(), vec!["/url".to_owned()]);
    assert_eq!(house.admin().post(WEBHOOKS, same.clone()).await.refusal(), refused);
    assert_eq!(
        house.admin().patch(&path(&other), json!({ "url": "https://lms.example/hooks" })).await.refusal(),
        refused
    );
    assert_eq!(house.admin().put(&path(&other), same.clone()).await.refusal(), refused);
    // Another institution may well have the same receiver.
    house.stranger().post(WEBHOOKS, same).await.expect(StatusCode::CREATED);
}

#[actix_web::test]
async fn webhooks_are_listed_by_page_and_status() {
    let house = TestHouse::new().await;
    for nth in 1..=3 {
        made(&house, json!({ "url": format!("https://lms.example/{nth}"), "events": ["*"] })).await;
    }
    let page = house.admin().get(&format!("{WEBHOOKS}?per_page=2")).await.json();
    let urls: Vec<&str> = page["data"].as_array().unwrap().iter().map(|one| one["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["https://lms.example/3", "https://lms.example/2"], "the newest first");
    assert_eq!((&page["meta"]["total"], &page["meta"]["last_page"]), (&json!(3), &json!(2)));
    let last = page["data"][1].clone();
    house.admin().patch(&path(&last), json!({ "status": "paused" })).await.data();
    let paused = house.admin().get(&format!("{WEBHOOKS}?status=paused")).await.json();
    assert_eq!((&paused["meta"]["total"], &paused["data"][0]["id"]), (&json!(1), &last["id"]));
}

#[actix_web::test]
async fn a_change_leaves_the_rest_and_a_replacement_does_not() {
    let house = TestHouse::new().await;
    let body = json!({
        "url": "https://lms.example/hooks", "events": ["course.completed"], "description": "HR", "retry_policy": "extended",
        "coalesce_seconds": 0, "ordered": true, "max_in_flight": 4, "rate_per_second": 20,
    });
    let webhook = made(&house, body).await;
    let changed = house.admin().patch(&path(&webhook), json!({ "events": ["*"] })).await.data();
    assert_eq!(changed["events"], json!(["*"]));
    let settings = ["coalesce_seconds", "ordered", "max_in_flight", "rate_per_second"];
    let others = ["url", "description", "retry_policy", "secret_hint", "dialect", "created_at"];
    for name in settings.into_iter().chain(others) {
        assert_eq!(changed[name], webhook[name], "{name}");
    }
    let change = json!({ "ordered": false, "max_in_flight": null, "rate_per_second": 5, "coalesce_seconds": 300 });
    let changed = house.admin().patch(&path(&webhook), change).await.data();
    assert_eq!(settings.map(|name| changed[name].clone()), [json!(300), json!(false), json!(null), json!(5)]);
    let whole = json!({ "url": "https://lms.example/hooks", "events": ["lesson.started"] });
    let replaced = house.admin().put(&path(&webhook), whole).await.data();
    let now = ["events", "description", "retry_policy"].map(|name| replaced[name].clone());
    assert_eq!(now, [json!(["lesson.started"]), json!(""), json!("two_minutes")]);
    assert_eq!(settings.map(|name| replaced[name].clone()), [json!(5), json!(false), json!(null), json!(null)]);
    assert_eq!(replaced["secret_hint"], webhook["secret_hint"], "the secret stays");
    let other = json!({ "url": "https://lms.example/hooks", "events": ["*"], "dialect": "teachbase" });
    let refusal = house.admin().put(&path(&webhook), other).await.refusal();
    assert_eq!((refusal.0, refusal.2), (422, vec!["/dialect".to_owned()]), "another tongue is another webhook");
    // Another pace lets go what waited for its turn.
    house.settle().await;
}

#[actix_web::test]
async fn a_new_secret_replaces_the_old_at_once() {
    let house = TestHouse::new().await;
    let receiver = house.receivers.at("https://lms.example/hooks");
    let webhook = made(&house, json!({ "url": receiver.url(), "events": ["*"], "secret": "the-old-secret" })).await;
    assert_eq!(webhook["secret"], "the-old-secret");
    let changed = house.admin().patch(&path(&webhook), json!({ "secret": "the-new-secret" })).await;
    assert_eq!(changed.data()["secret_hint"], "cret");
    assert!(!changed.text().contains("the-new-secret"), "whoever gives it knows it");
    house.learners(&["ana"]).await;
    house.settle().await;
    let call = receiver.take().remove(0);
    let (old, new) = (signed(&call.body, "the-old-secret"), signed(&call.body, "the-new-secret"));
    assert_eq!(call.header("x-signature-256"), Some(new.as_str()));
    assert_ne!(old, new);
}

fn signed(body: &[u8], secret: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

#[actix_web::test]
async fn a_deleted_webhook_is_gone() {
    let house = TestHouse::new().await;
    let webhook = made(&house, json!({ "url": "https://lms.example/hooks", "events": ["*"] })).await;
    assert_eq!(house.admin().delete(&path(&webhook)).await.status, 204);
    let gone = (404, "webhook_not_found".to_owned(), Vec::new());
    assert_eq!(house.admin().get(&path(&webhook)).await.refusal(), gone);
    assert_eq!(house.admin().patch(&path(&webhook), json!({})).await.refusal(), gone);
    assert_eq!(house.admin().delete(&path(&webhook)).await.refusal(), gone);
    assert_eq!(house.admin().post(&format!("{}/test", path(&webhook)), json!({})).await.refusal(), gone);
    assert_eq!(house.admin().get(WEBHOOKS).await.json()["meta"]["total"], 0);
}

#[actix_web::test]
async fn addresses_that_lead_inside_are_refused() {
    let house = TestHouse::new().await;
    let hook = made(&house, json!({ "url": "https://lms.example/hooks", "events": ["*"] })).await;
    for url in [
        "http://lms.example/",
        "ftp://lms.example/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://metadata.google.internal/",
        "https://user:secret@lms.example/",
        "https://lms.example:6379/",
        "https:///nowhere",
        "nonsense",
        "https://１２７.0.0.1/",
    ] {
        let answer = house.admin().post(WEBHOOKS, json!({ "url": url, "events": ["*"] })).await;
        let (status, code, pointers) = answer.refusal();
        assert_eq!((status, pointers), (422, vec!["/url".to_owned()]), "{url}: {}", answer.text());
        assert!(["unsafe_url", "validation_failed"].contains(&code.as_str()), "{url}: {code}");
        let answer = house.admin().patch(&path(&hook), json!({ "url": url })).await;
        assert_eq!((answer.status, answer.refusal().2), (422, vec!["/url".to_owned()]), "{url}");
    }
    let kept = house.admin().get(&path(&hook)).await.data();
    assert_eq!(kept["url"], hook["url"]);
}

#[actix_web::test]
async fn a_new_address_asks_for_a_new_test_and_keeps_the_secret() {
    let house = TestHouse::new().await;
    let old = house.receivers.at("https://lms.example/hooks");
    let hook = made(&house, json!({ "url": old.url(), "events": ["*"] })).await;
    let shown = async || house.admin().get(&path(&hook)).await.data();
    let test = async || house.admin().post(&format!("{}/test", path(&hook)), json!({})).await.data();
    old.then([status_only(500)]);
    test().await;
    assert_eq!(shown().await["needs_ping"], true, "a test that failed shows nothing");
    test().await;
    let pinged = shown().await;
    assert_eq!((&pinged["needs_ping"], &pinged["pinged_at"]), (&json!(false), &json!("2026-11-21T09:00:00Z")));
    let same = json!({ "url": "https://LMS.example/hooks" });
    assert_eq!(house.admin().patch(&path(&hook), same).await.data()["needs_ping"], false, "it is the same address");
    let new = house.receivers.at("https://lms.example/elsewhere");
    let moved = house.admin().patch(&path(&hook), json!({ "url": new.url() })).await.data();
    assert_eq!((&moved["needs_ping"], &moved["pinged_at"]), (&json!(true), &json!(null)));
    assert_eq!(moved["secret_hint"], hook["secret_hint"]);
    test().await;
    assert_eq!(shown().await["needs_ping"], false);
    assert_eq!((old.take().len(), new.take().len()), (2, 1));
}

#[actix_web::test]
async fn settings_out_of_their_bounds_are_named() {
    let house = TestHouse::new().await;
    let hook = made(&house, json!({ "url": "https://lms.example/hooks", "events": ["*"] })).await;
    let wrong = [
        ("coalesce_seconds", json!(-1)),
        ("coalesce_seconds", json!(301)),
        ("max_in_flight", json!(0)),
        ("max_in_flight", json!(1001)),
        ("rate_per_second", json!(0)),
        ("rate_per_second", json!(10_001)),
        ("ordered", json!(null)),
        ("coalesce_seconds", json!(null)),
        ("signature_scheme", json!("v2")),
    ];
    for (name, value) in wrong {
        let answer = house.admin().patch(&path(&hook), json!({ name: value })).await;
        assert_eq!(answer.refusal(), (422, "validation_failed".to_owned(), vec![format!("/{name}")]), "{value}");
    }
}

#[actix_web::test]
async fn what_is_done_stands_in_the_audit_log() {
    let house = TestHouse::new().await;
    let body =
        json!({ "url": "https://lms.example/hooks?key=hidden", "events": ["*"], "headers": { "x-key": "unseen" } });
    let hook = made(&house, body).await;
    house.admin().patch(&path(&hook), json!({ "description": "" })).await.data();
    let change = json!({ "events": ["user.created"], "rate_per_second": 5, "secret": "another-secret" });
    house.admin().patch(&path(&hook), change).await.data();
    house.settle().await;
    house.admin().post(&format!("{}/secret/rotate", path(&hook)), json!({})).await.data();
    house.admin().delete(&format!("{}/secret/previous", path(&hook))).await;
    let more = house.admin().post(&format!("{}/subscriptions", path(&hook)), json!({ "events": ["*"] })).await.data();
    let more = format!("{}/subscriptions/{}", path(&hook), more["id"].as_str().unwrap());
    house.admin().patch(&more, json!({ "events": ["lesson.started"] })).await.data();
    house.admin().delete(&more).await;
    house.admin().delete(&path(&hook)).await;
    let log = house.owner().get("/api/audit-log?per_page=100").await;
    let mut entries = log.data();
    // The school was founded at the same time.
    entries.as_array_mut().unwrap().retain(|one| one["actor"]["kind"] == "person");
    let actions: Vec<&str> =
        entries.as_array().unwrap().iter().rev().map(|one| one["action"].as_str().unwrap()).collect();
    let wanted = [
        "webhook.created",
        "webhook.changed",
        "webhook.secret_rotated",
        "webhook.previous_secret_dropped",
        "subscription.created",
        "subscription.changed",
        "subscription.deleted",
        "webhook.deleted",
    ];
    assert_eq!(actions, wanted, "what changed nothing is not noted");
    let changed = &entries[6];
    assert_eq!((&changed["before"]["events"], &changed["after"]["events"]), (&json!(["*"]), &json!(["user.created"])));
    assert_eq!(changed["after"].as_object().unwrap().len(), 3, "{changed}");
    for secret in ["hidden", "unseen", "another-secret"] {
        assert!(!log.text().contains(secret), "{secret}");
    }
}
