//! Deliveries over HTTP: tests, the log and its filters, asking once more.
//!
//! Not here: retries and what receivers get (`flows`).

use serde_json::{Value, json};
use stoa_actors::egress::FailureClass;

use crate::support::{
    TestHouse,
    receivers::{Receiver, failure, status_only},
};

const WEBHOOKS: &str = "/api/integrations/webhooks";

/// A house with a webhook; answers the receiver and the webhook's path.
async fn with_webhook(more: Value) -> (TestHouse, Receiver, String) {
    let house = TestHouse::new().await;
    let receiver = house.receivers.at("https://lms.example/hooks");
    let mut body = json!({ "url": receiver.url(), "events": ["*"], "coalesce_seconds": 0 });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let webhook = house.admin().post(WEBHOOKS, body).await.data();
    let path = format!("{WEBHOOKS}/{}", webhook["id"].as_str().expect("an id"));
    (house, receiver, path)
}

#[actix_web::test]
async fn a_test_is_sent_at_once_and_tells_what_came_of_it() {
    for (dialect, event_type) in
        [("talktiko", "webhook.ping"), ("teachbase", "course_stat.updated"), ("reach360", "course.completed")]
    {
        let (house, receiver, path) = with_webhook(json!({ "dialect": dialect })).await;
        let result = house.admin().post(&format!("{path}/test"), json!({})).await.data();
        assert_eq!((&result["status"], &result["http_status"]), (&json!("succeeded"), &json!(200)), "{result}");
        assert_eq!(result["event_type"], event_type, "{dialect}");
        assert_eq!(receiver.take().len(), 1);
        let log = house.admin().get(&format!("{path}/deliveries")).await.data();
        assert_eq!((&log[0]["id"], &log[0]["test"]), (&result["delivery_id"], &json!(true)));
    }
}

#[actix_web::test]
async fn a_test_that_fails_is_told_and_not_repeated() {
    let (house, receiver, path) = with_webhook(json!({})).await;
    receiver.then([failure(FailureClass::Tls)]);
    let result = house.admin().post(&format!("{path}/test"), json!({ "event_type": "course.completed" })).await.data();
    assert_eq!((&result["status"], &result["error"]), (&json!("exhausted"), &json!("tls")), "{result}");
    house.settle().await;
    assert!(house.skip().await.is_none(), "nothing is promised");
    assert_eq!(receiver.take().len(), 1);
    let again = format!("{path}/deliveries/{}/redeliver", result["delivery_id"].as_str().unwrap());
    assert_eq!(house.admin().post(&again, json!({})).await.refusal().0, 409);
    // A receiver that says 410 to a test has not been asked about anything that counts.
    receiver.then([status_only(410)]);
    house.admin().post(&format!("{path}/test"), json!({})).await.data();
    assert_eq!(house.admin().get(&path).await.data()["status"], "enabled");
}

#[actix_web::test]
async fn a_test_needs_no_body_and_knows_its_events() {
    let (house, receiver, path) = with_webhook(json!({ "dialect": "teachbase" })).await;
    let bare = house.admin().request(actix_web::http::Method::POST, &format!("{path}/test")).send().await;
    assert_eq!(bare.data()["status"], "succeeded");
    let unknown = house.admin().post(&format!("{path}/test"), json!({ "event_type": "course.completed" })).await;
    assert_eq!(unknown.refusal(), (422, "validation_failed".into(), vec!["/event_type".into()]));
    assert_eq!(receiver.take().len(), 1);
}

#[actix_web::test]
async fn the_log_is_filtered() {
    let (house, receiver, path) = with_webhook(json!({ "events": ["user.created", "course.submitted"] })).await;
    receiver.then([status_only(500)]);
    house.learners(&["ana"]).await;
    house.settle().await;
    house.clock.advance(chrono::TimeDelta::seconds(2));
    house.course("spanish", &[]).await;
    house.admin().patch("/api/courses/external_id:spanish", json!({ "status": "submitted" })).await.data();
    house.settle().await;
    let types = async |query: &str| -> Vec<String> {
        let page = house.admin().get(&format!("{path}/deliveries?{query}")).await.data();
        page.as_array().unwrap().iter().map(|one| one["event_type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(types("").await, ["course.submitted", "user.created"], "the newest first");
    assert_eq!(types("status=retrying").await, ["user.created"]);
    assert_eq!(types("status=succeeded").await, ["course.submitted"]);
    assert_eq!(types("event_type=user.created").await, ["user.created"]);
    assert_eq!(types("from=2026-11-21T09:00:01Z").await, ["course.submitted"]);
    assert_eq!(types("to=2026-11-21T09:00:01Z").await, ["user.created"]);
    assert_eq!(types("per_page=1&page=2").await, ["user.created"]);
    house.skip_all().await;
}

#[actix_web::test]
async fn only_an_enabled_webhook_is_sent_anything_again() {
    let (house, receiver, path) = with_webhook(json!({ "events": ["user.created"] })).await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let log = house.admin().get(&format!("{path}/deliveries")).await.data();
    let again = format!("{path}/deliveries/{}/redeliver", log[0]["id"].as_str().unwrap());
    for status in ["paused", "disabled_by_user"] {
        house.admin().patch(&path, json!({ "status": status })).await.data();
        let (code, word, _) = house.admin().post(&again, json!({})).await.refusal();
        assert_eq!((code, word.as_str()), (409, "webhook_disabled"), "{status}");
    }
    house.admin().patch(&path, json!({ "status": "enabled" })).await.data();
    house.settle().await;
    // What was received may be asked for again: a receiver may have lost it.
    assert_eq!(house.admin().post(&again, json!({})).await.status, 202);
    house.settle().await;
    let calls = receiver.take();
    assert_eq!(calls.len(), 2);
    assert_eq!((&calls[0].body, calls[0].header("webhook-id")), (&calls[1].body, calls[1].header("webhook-id")));
}

/// More deliveries than a request looks at: each window leads to the next, and what is rare is found.
#[actix_web::test]
async fn a_long_log_is_paged_in_windows() {
    let (house, _, path) = with_webhook(json!({ "events": ["user.created"] })).await;
    let id = path.rsplit('/').next().unwrap().parse::<stoa_core::Id<stoa_core::id::Webhook>>().unwrap();
    house.database.run(&format!(
        "INSERT INTO deliveries (tenant_id, id, webhook_id, event_id, event_type, object_id, rendering, url, opens, status, created_at)
         SELECT '{tenant}', (left(stoa_uuid_floor(at)::text, 14) || '7000-8000-' || lpad(g::text, 12, '0'))::uuid, '{hook}', gen_random_uuid(),
           'user.created', ('00000000-0000-7000-8000-' || lpad((g % 7)::text, 12, '0'))::uuid, 'talktiko', 'https://lms.example/hooks', false,
           CASE g WHEN 3 THEN 'exhausted' ELSE 'succeeded' END, at
         FROM (SELECT g, '2026-11-17T00:00:00Z'::timestamptz + g * interval '1 minute' AS at FROM generate_series(1, 1300) g) d",
        tenant = house.school.tenant.uuid(),
        hook = id.uuid(),
    ));
    let follow = async |query: &str| -> (Vec<Value>, Vec<Value>) {
        let (mut next, mut rows, mut metas) = (Some(format!("{path}/deliveries?{query}")), Vec::new(), Vec::new());
        while let Some(at) = next {
            let page = house.admin().get(&at).await.json();
            rows.extend(page["data"].as_array().unwrap_or_else(|| panic!("{page}")).iter().cloned());
            metas.push(page["meta"].clone());
            let link = page["links"]["next"].as_str().map(str::to_owned);
            next = link.map(|link| link[link.find("/api/").unwrap()..].to_owned());
        }
        (rows, metas)
    };
    let (all, metas) = follow("per_page=100").await;
    let ids: Vec<&str> = all.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 1300);
    assert!(ids.is_sorted_by(|newer, older| newer > older), "the newest first, each once");
    assert_eq!((&metas[0]["total"], &metas[0]["total_is_estimate"]), (&json!(500), &json!(true)));
    let last = metas.last().unwrap();
    assert_eq!((&last["total"], &last["total_is_estimate"]), (&json!(300), &json!(false)));
    let (rare, metas) = follow("status=exhausted").await;
    assert_eq!((rare.len(), metas.len()), (1, 2), "nothing in the first thousand");
    let object = uuid::Uuid::from_u128(0x7000_8000_0000_0000_0005);
    let object = stoa_core::Id::<stoa_core::id::User>::from_uuid(object);
    let (object, _) = follow(&format!("object_id={object}&per_page=100")).await;
    assert_eq!(object.len(), 186, "every seventh");
    let (span, metas) = follow("from=2026-11-17T01:00:00Z&to=2026-11-17T02:00:00Z&per_page=100").await;
    assert_eq!((span.len(), &metas[0]["total_is_estimate"]), (60, &json!(false)));
    let nonsense = house.admin().get(&format!("{path}/deliveries?object_id=ana")).await;
    assert_eq!(nonsense.refusal(), (422, "validation_failed".into(), vec!["?object_id".into()]));
}

#[actix_web::test]
async fn a_test_goes_to_a_webhook_that_is_sent_nothing_else() {
    let (house, receiver, path) = with_webhook(json!({ "signature_scheme": "v1a" })).await;
    assert_eq!(house.admin().get(&path).await.data()["needs_ping"], true);
    for status in ["paused", "disabled_by_user"] {
        house.admin().patch(&path, json!({ "status": status })).await.data();
        receiver.then([status_only(500)]);
        let failed = house.admin().post(&format!("{path}/test"), json!({})).await.data();
        assert!(
            failed["verdict"].as_str().unwrap().starts_with("not received: answered 500: it broke down"),
            "{failed}"
        );
    }
    house.database.run("UPDATE webhooks SET status = 'pending_approval'");
    assert_eq!(house.admin().get(&path).await.data()["needs_ping"], true, "none was received yet");
    let result = house.admin().post(&format!("{path}/test"), json!({ "event_type": "quiz_stat.updated" })).await.data();
    assert_eq!(result["verdict"], "received: answered 200 in 1 ms");
    let call = receiver.take().pop().unwrap();
    assert_eq!((call.header("webhook-test"), call.event_type().as_str()), (Some("true"), "quiz_stat.updated"));
    assert!(call.header("webhook-signature").unwrap().starts_with("v1a,"));
    let request = &result["request"];
    assert_eq!(request["headers"]["webhook-signature"], "v1a,…");
    assert_eq!(request["headers"].get("x-signature-256"), None, "nobody has a shared secret");
    assert_eq!(request["body"].as_str().unwrap().as_bytes(), call.body);
    assert_eq!(house.admin().get(&path).await.data()["needs_ping"], false);
    // The next secret signs beside it.
    house.admin().post(&format!("{path}/secret/rotate"), json!({})).await.data();
    let result = house.admin().post(&format!("{path}/test"), json!({})).await.data();
    assert_eq!(result["request"]["headers"]["webhook-signature"], "v1a,… v1a,…");
    assert!(house.skip().await.is_none(), "a test is never repeated");
}
