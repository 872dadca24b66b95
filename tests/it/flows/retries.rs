//! Retries: when, how often, with which bytes; and what is left when nothing helped.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_actors::egress::FailureClass;

use super::{
    dialects::verify_standard,
    steps::{accept, course, deliveries, event, small_class, subscribe, webhook},
};
use crate::support::{
    TestHouse,
    receivers::{Call, Receiver, failure, later, status_only},
    redact::redact,
};

/// A house that owes one delivery to one receiver, which was not attempted yet.
async fn owing(more: Value) -> (TestHouse, Receiver, Value) {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let mut fields = json!({ "events": ["course.completed"] });
    for (name, value) in more.as_object().expect("fields") {
        fields[name] = value.clone();
    }
    let (receiver, webhook) = subscribe(&house, "https://a.example/hooks", fields).await;
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    (house, receiver, webhook)
}

/// Seconds from the first call to each.
fn seconds(calls: &[Call]) -> Vec<f64> {
    let since = |call: &Call| (call.at - calls[0].at).as_seconds_f64();
    calls.iter().map(since).collect()
}

/// Each within a tenth of what is planned.
fn near(seconds: &[f64], planned: &[f64]) {
    assert_eq!(seconds.len(), planned.len(), "{seconds:?}");
    for (at, wanted) in seconds.iter().zip(planned) {
        assert!((at - wanted).abs() <= wanted * 0.1 + 0.001, "{seconds:?}, planned {planned:?}");
    }
}

#[actix_web::test]
async fn two_minutes_is_six_attempts() {
    let (house, receiver, webhook) = owing(json!({})).await;
    receiver.always(503);
    house.settle().await;
    house.skip_all().await;
    let calls = receiver.take();
    near(&seconds(&calls), &[0.0, 5.0, 15.0, 35.0, 65.0, 105.0]);
    assert!(seconds(&calls)[5] <= 120.0);
    let secret = webhook["secret"].as_str().unwrap();
    let ids: Vec<String> = calls.iter().map(|call| verify_standard(call, secret)).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "the same event, so the same id");
    assert!(calls.windows(2).all(|pair| pair[0].body == pair[1].body), "the same bytes");
    let signatures = calls.iter().map(|call| call.header("webhook-signature").unwrap().to_owned());
    let signatures: std::collections::BTreeSet<String> = signatures.collect();
    assert_eq!(signatures.len(), 6, "each is signed anew");
    let log = deliveries(&house, &webhook).await.remove(0);
    assert_eq!((&log["status"], &log["attempt_count"]), (&json!("exhausted"), &json!(6)));
    assert_eq!(log["next_attempt_at"], Value::Null);
    let numbers: Vec<i64> =
        log["attempts"].as_array().unwrap().iter().map(|one| one["attempt"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
}

#[actix_web::test]
async fn backoff3_is_three_retries_ever_later() {
    let (house, receiver, _) = owing(json!({ "retry_policy": "backoff3" })).await;
    receiver.always(500);
    house.settle().await;
    house.skip_all().await;
    let at = seconds(&receiver.take());
    let pauses: Vec<f64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    near(&pauses, &[10.0, 100.0, 1000.0]);
}

#[actix_web::test]
async fn extended_is_ten_attempts_over_three_days() {
    let (house, receiver, webhook) = owing(json!({ "retry_policy": "extended" })).await;
    receiver.always(500);
    house.settle().await;
    house.skip_all().await;
    let at = seconds(&receiver.take());
    assert_eq!(at.len(), 10);
    assert!((2.5..=3.5).contains(&(at[9] / 86_400.0)), "{at:?}");
    assert_eq!(deliveries(&house, &webhook).await[0]["status"], "exhausted");
}

#[actix_web::test]
async fn success_ends_it() {
    let (house, receiver, hook) = owing(json!({})).await;
    receiver.then([status_only(500), failure(FailureClass::Timeout), status_only(204)]);
    house.settle().await;
    assert!(webhook(&house, &hook).await["failing_since"].is_string());
    house.skip_all().await;
    assert_eq!(receiver.take().len(), 3);
    let log = deliveries(&house, &hook).await.remove(0);
    assert_eq!((&log["status"], &log["attempt_count"]), (&json!("succeeded"), &json!(3)));
    let attempts = log["attempts"].as_array().unwrap();
    let told: Vec<String> = attempts.iter().map(|one| format!("{} {}", one["http_status"], one["error"])).collect();
    assert_eq!(told, [r#"500 "http_500""#, r#"null "timeout""#, "204 null"]);
    assert_eq!(webhook(&house, &hook).await["failing_since"], Value::Null);
}

#[actix_web::test]
async fn the_log_tells_what_was_sent_and_what_came_of_it() {
    let (house, receiver, hook) = owing(json!({})).await;
    receiver.then([later(503, 7)]);
    house.settle().await;
    let mut log = deliveries(&house, &hook).await.remove(0);
    // Moved by the dice, within a tenth; asserted above.
    log["next_attempt_at"] = json!("[soon]");
    (log["next"]["at"], log["next"]["why"]) = (json!("[soon]"), json!("[soon]"));
    insta::assert_json_snapshot!(redact(log), @r#"
    {
      "id": "[dlv]",
      "webhook_id": "[whk]",
      "event_id": "[evt]",
      "event_type": "course.completed",
      "revision": 2,
      "url": "https://a.example/hooks",
      "test": false,
      "status": "retrying",
      "reason": null,
      "next": {
        "action": "attempt",
        "at": "[soon]",
        "why": "[soon]"
      },
      "attempt_count": 1,
      "attempts": [
        {
          "attempt": 1,
          "at": "2026-11-21T09:00:00Z",
          "duration_ms": 1,
          "dns_ms": null,
          "connect_ms": null,
          "tls_ms": null,
          "first_byte_ms": null,
          "http_status": 503,
          "error": "http_503",
          "error_detail": "answered 503, and asks to wait 7 s: what stands in front of it does not reach it; is it running?",
          "response_excerpt": "later",
          "address": "192.0.2.1:443"
        }
      ],
      "created_at": "2026-11-21T09:00:00Z",
      "next_attempt_at": "[soon]",
      "finished_at": null,
      "request_id": "[request]"
    }
    "#);
    let id = deliveries(&house, &hook).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/integrations/webhooks/{}/deliveries/{id}", hook["id"].as_str().unwrap());
    let shown = house.admin().get(&path).await.data();
    assert_eq!(shown["request"]["body"].as_str().unwrap().as_bytes(), receiver.take()[0].body, "the very bytes");
}

#[actix_web::test]
async fn any_2xx_is_received_and_a_redirect_is_not() {
    for (status, received) in [
        (200, true),
        (201, true),
        (204, true),
        (299, true),
        (301, false),
        (302, false),
        (307, false),
        (308, false),
        (304, false),
        (199, false),
        (404, false),
    ] {
        let (house, receiver, webhook) = owing(json!({})).await;
        receiver.then([status_only(status)]);
        house.settle().await;
        let log = deliveries(&house, &webhook).await.remove(0);
        let wanted = if received { "succeeded" } else { "retrying" };
        assert_eq!(log["status"], wanted, "{status}");
        assert_eq!(log["attempts"][0]["http_status"], status);
        // Nobody else was called, or the house would complain at its end.
        assert_eq!(receiver.take().len(), 1);
    }
}

#[actix_web::test]
async fn a_receiver_may_ask_for_a_pause() {
    let (house, receiver, _) = owing(json!({})).await;
    receiver.then([later(503, 30)]);
    house.settle().await;
    house.skip_all().await;
    let at = seconds(&receiver.take());
    assert!((30.0..=33.0).contains(&at[1]), "{at:?}");
}

#[actix_web::test]
async fn a_pause_beyond_the_window_leaves_one_attempt_at_its_end() {
    let (house, receiver, webhook) = owing(json!({})).await;
    receiver.then([later(429, 3_600)]);
    receiver.always(500);
    house.settle().await;
    house.skip_all().await;
    let at = seconds(&receiver.take());
    assert_eq!(at.len(), 2, "{at:?}");
    assert!((110.0..=120.0).contains(&at[1]), "{at:?}");
    assert_eq!(deliveries(&house, &webhook).await[0]["status"], "exhausted");
}

#[actix_web::test]
async fn what_is_exhausted_stays_and_is_sent_again_when_asked() {
    let (house, receiver, webhook) = owing(json!({})).await;
    receiver.always(500);
    house.settle().await;
    house.skip_all().await;
    let before = receiver.take();
    house.advance(TimeDelta::days(30)).await;
    let log = deliveries(&house, &webhook).await.remove(0);
    assert_eq!(log["status"], "exhausted");
    let path = |log: &Value| {
        format!(
            "/api/integrations/webhooks/{}/deliveries/{}/redeliver",
            webhook["id"].as_str().unwrap(),
            log["id"].as_str().unwrap()
        )
    };
    house.admin().post(&path(&log), json!({})).await.expect(StatusCode::ACCEPTED);
    // While it is owed, asking again is a conflict and not a second delivery.
    let (status, code, _) = house.admin().post(&path(&log), json!({})).await.refusal();
    assert_eq!((status, code.as_str()), (409, "conflict"));
    receiver.then([status_only(500)]);
    receiver.always(200);
    house.settle().await;
    house.skip_all().await;
    let after = receiver.take();
    assert_eq!(after.len(), 2, "a new window with retries of its own");
    assert!(after.iter().all(|call| call.body == before[0].body));
    assert_eq!(after[0].header("webhook-id"), before[0].header("webhook-id"));
    let log = deliveries(&house, &webhook).await.remove(0);
    assert_eq!((&log["status"], &log["attempt_count"]), (&json!("succeeded"), &json!(8)));
}

/// Bytes are those of the event's time, whatever was changed since.
#[actix_web::test]
async fn a_retry_tells_what_was_and_not_what_is() {
    let (house, receiver, _) = owing(json!({})).await;
    receiver.then([status_only(500)]);
    house.settle().await;
    house.database.run("UPDATE users SET name = 'Somebody Else', email = 'else@home.example'");
    house.database.run("UPDATE courses SET title = 'Something Else'");
    house.skip_all().await;
    let calls = receiver.take();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].body, calls[1].body);
}
