//! What support does: the queue, tests of addresses, decisions, and subscriptions on an institution's behalf.
//!
//! Not here: who may pass (`house::staff_doors`), and what the institution hears of it (`flows::requests`).

use actix_web::http::StatusCode;
use futures::future::join;
use serde_json::{Value, json};
use stoa_actors::egress::FailureClass;
use stoa_core::staff::StaffRole;
use stoa_protocols::event::ItemKind;

use crate::support::{
    TestHouse,
    callers::Caller,
    receivers::{failure, status_only},
    redact::redact,
};

const REQUESTS: &str = "/api/integrations/subscription-requests";
const QUEUE: &str = "/api/support/subscription-requests";

/// A request of an institution; answers its id.
async fn filed(by: &Caller, key: &str, items: Value) -> String {
    let request = json!({ "external_id": key, "reason": "For the HR system", "items": items });
    let answer = by.post(REQUESTS, request).await.expect(StatusCode::CREATED);
    answer.data()["id"].as_str().unwrap().to_owned()
}

fn quizzes(url: &str) -> Value {
    json!([{ "url": url, "events": ["quiz_stat"] }])
}

async fn vera(house: &TestHouse) -> Caller {
    house.staff("vera", StaffRole::Support).await
}

fn keys(page: &Value) -> Vec<String> {
    let rows = page["data"].as_array().unwrap();
    rows.iter().map(|row| row["external_id"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn the_queue_is_every_institutions_the_oldest_first() {
    let house = TestHouse::new().await;
    let (vera, home, abroad) = (vera(&house).await, house.admin(), house.stranger());
    filed(&home, "a", quizzes("https://a.example")).await;
    filed(&abroad, "b", quizzes("https://b.example")).await;
    let c = filed(&home, "c", quizzes("https://c.example")).await;
    filed(&home, "d", quizzes("https://d.example")).await;
    vera.post(&format!("{QUEUE}/{c}/reject"), json!({ "reason": "No" })).await.data();
    house.settle().await;

    let all = vera.get(QUEUE).await.json();
    assert_eq!(keys(&all), ["a", "b", "d"], "what is open, the oldest first");
    assert_eq!(all["data"][1]["institution"]["name"], "Academy");
    let counts = json!({ "requested": 3, "testing": 0, "approved": 0, "rejected": 1, "expired": 0, "withdrawn": 0 });
    assert_eq!(all["counts"], counts);
    let second = vera.get(&format!("{QUEUE}?per_page=2&page=2")).await.json();
    assert_eq!((keys(&second), &second["meta"]["total"]), (vec!["d".to_owned()], &json!(3)));
    assert!(second["links"]["prev"].as_str().unwrap().contains("per_page=2"));
    assert_eq!(keys(&vera.get(&format!("{QUEUE}?status=rejected")).await.json()), ["c"]);
    for institution in [house.school.tenant.to_string(), "external_id:home".to_owned(), house.school.number.to_string()]
    {
        let of_home = vera.get(&format!("{QUEUE}?institution={institution}")).await.json();
        assert_eq!(
            (keys(&of_home), &of_home["counts"]["requested"]),
            (vec!["a".to_owned(), "d".to_owned()], &json!(2))
        );
    }
    assert_eq!(vera.get(&format!("{QUEUE}?institution=external_id:nobody")).await.refusal().0, 404);
    assert_eq!(vera.get(&format!("{QUEUE}/{c}")).await.data()["decision"], "No");
}

#[actix_web::test]
async fn addresses_are_tested_with_a_sample_before_anything_is_decided() {
    let house = TestHouse::new().await;
    let vera = vera(&house).await;
    let (good, bad, silent) = (
        house.receivers.at("https://good.example/"),
        house.receivers.at("https://bad.example/"),
        house.receivers.at("https://silent.example/"),
    );
    bad.then([status_only(403)]);
    silent.then([failure(FailureClass::TimeoutConnect)]);
    let items = json!([
        { "url": good.url(), "events": ["quiz_stat.updated"] },
        { "url": bad.url(), "events": ["*"] },
        { "url": silent.url(), "events": ["task_stat.created"] },
    ]);
    let id = filed(&house.admin(), "a", items).await;
    let tested = vera.post(&format!("{QUEUE}/{id}/test"), json!({})).await.data();
    assert_eq!(tested["status"], "testing");
    let results: Vec<Value> = (0..3).map(|at| tested["items"][at]["test"].clone()).collect();
    insta::assert_json_snapshot!(redact(results.into()), @r#"
    [
      {
        "at": "2026-11-21T09:00:00Z",
        "by": "vera",
        "event_type": "quiz_stat.updated",
        "received": true,
        "http_status": 200,
        "duration_ms": 1,
        "error": null,
        "error_detail": null,
        "response_excerpt": null,
        "address": "192.0.2.1:443"
      },
      {
        "at": "2026-11-21T09:00:00Z",
        "by": "vera",
        "event_type": "course_stat.updated",
        "received": false,
        "http_status": 403,
        "duration_ms": 1,
        "error": "http_403",
        "error_detail": "answered 403: it does not let us in; check its secret, the webhook's headers and what stands in front of it",
        "response_excerpt": null,
        "address": "192.0.2.1:443"
      },
      {
        "at": "2026-11-21T09:00:00Z",
        "by": "vera",
        "event_type": "task_stat.created",
        "received": false,
        "http_status": null,
        "duration_ms": 1,
        "error": "timeout_connect",
        "error_detail": "scripted: timeout_connect",
        "response_excerpt": null,
        "address": "192.0.2.1:443"
      }
    ]
    "#);
    let call = good.take().remove(0);
    assert_eq!((call.header("webhook-test"), call.header("webhook-signature")), (Some("true"), None));
    assert_eq!((&call.json()["type"], &call.json()["event"]), (&json!("quiz_stat"), &json!("updated")));
    // Nobody's webhook was tested, so nobody's log tells of it; the requester sees what came of it.
    assert_eq!(house.database.number("SELECT count(*) FROM deliveries"), 0);
    let seen = house.admin().get(&format!("{REQUESTS}/{id}")).await.data();
    assert_eq!((&seen["items"], &seen["status"]), (&tested["items"], &json!("testing")));
    // A second test replaces the first.
    let again = vera.post(&format!("{QUEUE}/{id}/test"), json!({})).await.data();
    assert_eq!(again["items"][1]["test"]["received"], true);
}

#[actix_web::test]
async fn a_test_of_an_institutions_own_address_is_in_its_log() {
    let house = TestHouse::new().await;
    let vera = vera(&house).await;
    let receiver = house.receivers.at("https://lms.example/hooks");
    let hook = json!({ "url": receiver.url(), "events": ["course_stat.updated"], "dialect": "teachbase" });
    let hook = house.admin().post("/api/integrations/webhooks", hook).await.data();
    let id = filed(&house.admin(), "a", quizzes("https://LMS.example/hooks")).await;
    vera.post(&format!("{QUEUE}/{id}/test"), json!({})).await.data();
    assert!(receiver.take()[0].header("webhook-signature").is_some(), "signed with the webhook's own secret");
    let log = format!("/api/integrations/webhooks/{}/deliveries", hook["id"].as_str().unwrap());
    let log = house.admin().get(&log).await.data();
    assert_eq!((&log[0]["test"], &log[0]["status"]), (&json!(true), &json!("succeeded")));
    // Approved, the request uses that webhook and makes no other.
    let approved = vera.post(&format!("{QUEUE}/{id}/approve"), json!({})).await.data();
    assert_eq!(approved["items"][0]["webhook_id"], hook["id"]);
    assert_eq!(house.database.number("SELECT count(*) FROM webhooks"), 1);
    house.settle().await;
}

#[actix_web::test]
async fn a_part_of_a_request_is_approved_and_the_rest_is_explained() {
    let house = TestHouse::new().await;
    let vera = vera(&house).await;
    let items = json!([
        { "url": "https://a.example", "events": ["quiz_stat", "course_stat"] },
        { "url": "https://b.example", "events": ["*"] },
        { "url": "https://c.example", "events": ["task_stat"] },
    ]);
    let id = filed(&house.admin(), "a", items).await;
    let approve = format!("{QUEUE}/{id}/approve");
    for (body, pointer) in [
        (json!({ "items": [1] }), "/reason"),
        (json!({ "items": [1], "reason": " " }), "/reason"),
        (json!({ "items": [4], "reason": "No" }), "/items/0"),
        (json!({ "events": ["burnt"], "reason": "No" }), "/events/0"),
        (json!({ "items": [] }), ""),
        (json!({ "items": [3], "events": ["quiz_stat"], "reason": "No" }), ""),
    ] {
        let (status, code, pointers) = vera.post(&approve, body.clone()).await.refusal();
        assert_eq!((status, code.as_str(), pointers), (422, "validation_failed", vec![pointer.to_owned()]), "{body}");
    }
    let body = json!({ "events": ["quiz_stat", "scorm_stat.created"], "reason": "Quizzes and SCORM only" });
    let approved = vera.post(&approve, body).await.data();
    let outcome = |at: usize| {
        let item = &approved["items"][at];
        (item["outcome"].as_str().unwrap().to_owned(), item["approved_events"].clone())
    };
    assert_eq!(outcome(0), ("partly_approved".to_owned(), json!(["quiz_stat.created", "quiz_stat.updated"])));
    let second = json!(["quiz_stat.created", "quiz_stat.updated", "scorm_stat.created"]);
    assert_eq!(outcome(1), ("partly_approved".to_owned(), second));
    assert_eq!(outcome(2), ("rejected".to_owned(), json!([])));
    assert_eq!((&approved["status"], &approved["decided_by"]), (&json!("approved"), &json!("vera")));
    let hooks = house.admin().get("/api/integrations/webhooks").await.data();
    let sources: Vec<&Value> =
        hooks.as_array().unwrap().iter().map(|hook| &hook["subscriptions"][0]["source"]).collect();
    assert_eq!(sources, [&json!("request"), &json!("request")], "no webhook where nothing was approved");
    house.settle().await;
}

#[actix_web::test]
async fn an_address_of_another_dialect_is_in_the_way() {
    let house = TestHouse::new().await;
    let vera = vera(&house).await;
    let hook = json!({ "url": "https://lms.example/hooks", "events": ["*"] });
    house.admin().post("/api/integrations/webhooks", hook).await.data();
    let items = json!([
        { "url": "https://b.example", "events": ["*"] },
        { "url": "https://lms.example/hooks", "events": ["*"] },
    ]);
    let id = filed(&house.admin(), "a", items).await;
    let answer = vera.post(&format!("{QUEUE}/{id}/approve"), json!({})).await;
    assert_eq!(answer.refusal().1, "conflict");
    assert!(answer.text().contains("item 2"), "{}", answer.text());
    assert_eq!(house.database.number("SELECT count(*) FROM webhooks"), 1, "all of it or nothing");
    assert_eq!(vera.get(&format!("{QUEUE}/{id}")).await.data()["status"], "requested");
}

#[actix_web::test]
async fn of_two_who_decide_at_once_one_is_told_who_was_faster() {
    let house = TestHouse::new().await;
    let (vera, olga) = (vera(&house).await, house.staff("olga", StaffRole::Operator).await);
    for nth in 0..4 {
        let id = filed(&house.admin(), &format!("t{nth}"), quizzes("https://a.example")).await;
        let (approve, reject) = (format!("{QUEUE}/{id}/approve"), format!("{QUEUE}/{id}/reject"));
        let reason = json!({ "reason": "No" });
        let (one, other) = join(vera.post(&approve, json!({})), olga.post(&reject, reason)).await;
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", one.text(), other.text());
        let (winner, loser, name) = if one.status == 200 { (one, other, "vera") } else { (other, one, "olga") };
        assert!(loser.text().contains(&format!("already by {name}")), "{}", loser.text());
        assert_eq!(vera.get(&format!("{QUEUE}/{id}")).await.data(), winner.data());
        let late = vera.post(&format!("{QUEUE}/{id}/expire"), json!({})).await;
        assert_eq!(late.refusal().1, "conflict");
    }
    house.settle().await;
}

#[actix_web::test]
async fn who_rejects_says_why() {
    let house = TestHouse::new().await;
    let vera = vera(&house).await;
    let id = filed(&house.admin(), "a", quizzes("https://a.example")).await;
    let reject = format!("{QUEUE}/{id}/reject");
    for body in [json!({}), json!({ "reason": "" }), json!({ "reason": "x".repeat(2001) }), json!({ "reason": null })] {
        assert_eq!(vera.post(&reject, body.clone()).await.refusal().2, ["/reason"], "{body}");
    }
    let rejected = vera.post(&reject, json!({ "reason": "Адрес отвечает страницей входа." })).await.data();
    assert_eq!((&rejected["status"], &rejected["items"][0]["outcome"]), (&json!("rejected"), &json!("rejected")));
    assert_eq!(house.database.number("SELECT count(*) FROM webhooks"), 0);
    house.settle().await;
}

#[actix_web::test]
async fn support_subscribes_on_an_institutions_behalf() {
    let house = TestHouse::new().await;
    let vera = vera(&house).await;
    let kinds = [ItemKind::Quiz, ItemKind::Task, ItemKind::Scorm, ItemKind::Material];
    let course = house.course("spanish", &[&kinds]).await;
    let lesson = &course.lessons[0];
    let all = "/api/support/institutions/external_id:home/subscriptions";
    let scope = json!({
        "courses": [course.number], "sections": [lesson.number], "quizzes": [lesson.items[0].number],
        "tasks": [lesson.items[1].number], "scorms": [lesson.items[2].number], "materials": [lesson.items[3].number],
    });
    let new =
        json!({ "url": "https://hr.example/in", "events": ["quiz_stat"], "scope": scope, "reason": "By telephone" });
    let answer = vera.post(all, new.clone()).await.expect(StatusCode::CREATED);
    let made = answer.data();
    assert_eq!(
        (&made["source"], &made["by"], &made["reason"]),
        (&json!("support"), &json!("vera"), &json!("By telephone"))
    );
    assert_eq!(made["scope"].as_array().unwrap().len(), 6);
    let one = answer.header("location").unwrap().split_once("/api").unwrap().1.to_owned();
    assert_eq!(vera.get(&format!("/api{one}")).await.data(), made);
    assert_eq!(vera.get(all).await.data(), json!([made]));
    // The institution sees it, and cannot change it.
    let hook = format!("/api/integrations/webhooks/{}", made["webhook_id"].as_str().unwrap());
    let seen = house.admin().get(&hook).await.data();
    assert_eq!(
        (&seen["subscriptions"][0]["id"], &seen["subscriptions"][0]["source"]),
        (&made["id"], &json!("support"))
    );
    assert_eq!(
        (&seen["subscriptions"][0]["made_by"], &seen["subscriptions"][0]["reason"]),
        (&made["by"], &made["reason"])
    );
    let theirs = format!("{hook}/subscriptions/{}", made["id"].as_str().unwrap());
    assert_eq!(house.admin().delete(&theirs).await.refusal().1, "conflict");
    assert_eq!(vera.delete(&format!("/api{one}?reason=Moved")).await.status, 204);
    assert_eq!(vera.delete(&format!("/api{one}")).await.refusal().0, 404);
    assert_eq!(vera.get(all).await.data(), json!([]));
    for (changes, status) in [
        (json!({ "url": "https://10.0.0.1/" }), 422),
        (json!({ "events": ["course.completed"] }), 422),
        (json!({ "reason": "" }), 422),
        (json!({ "scope": { "quizzes": [999_999] } }), 422),
        (json!({ "dialect": "talktiko" }), 409),
    ] {
        let mut body = new.clone();
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        assert_eq!(vera.post(all, body).await.refusal().0, status, "{changes}");
    }
    // The institution's own is none of support's.
    let own = house.admin().post(&format!("{hook}/subscriptions"), json!({ "events": ["*"] })).await.data();
    let own = format!("{all}/{}", own["id"].as_str().unwrap());
    assert_eq!(vera.delete(&own).await.refusal().0, 404);
    house.settle().await;
}
