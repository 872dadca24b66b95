//! Requests for subscriptions as their institution sees them: filed, listed, shown, withdrawn, refused.
//!
//! Not here: what support does with them (`support`), and what comes of it (`flows::requests`).

use actix_web::http::StatusCode;
use futures::future::join;
use serde_json::{Value, json};
use stoa_core::staff::StaffRole;
use stoa_protocols::event::ItemKind;

use crate::support::{TestHouse, redact::redact};

const REQUESTS: &str = "/api/integrations/subscription-requests";

fn wanted() -> Value {
    json!({
        "external_id": "ticket-1",
        "reason": "Quiz results for the HR system",
        "items": [{ "url": "https://HR.example:443/quizzes", "events": ["quiz_stat"] }],
    })
}

/// A request that differs from the plain one.
fn wanted_with(changes: &Value) -> Value {
    let mut wanted = wanted();
    for (name, value) in changes.as_object().unwrap() {
        wanted[name] = value.clone();
    }
    wanted
}

async fn refused(house: &TestHouse, changes: Value) -> (u16, String, Vec<String>) {
    house.admin().post(REQUESTS, wanted_with(&changes)).await.refusal()
}

fn invalid(pointer: &str) -> (u16, String, Vec<String>) {
    (422, "validation_failed".to_owned(), vec![pointer.to_owned()])
}

#[actix_web::test]
async fn a_request_is_filed_and_shown() {
    let house = TestHouse::new().await;
    let filed = house.admin().post(REQUESTS, wanted()).await.expect(StatusCode::CREATED).data();
    let one = format!("{REQUESTS}/{}", filed["id"].as_str().unwrap());
    assert!(one.contains("/srq_"), "{one}");
    insta::assert_json_snapshot!(redact(filed.clone()), @r#"
    {
      "id": "[srq]",
      "external_id": "ticket-1",
      "dialect": "teachbase",
      "reason": "Quiz results for the HR system",
      "status": "requested",
      "decision": null,
      "decided_by": null,
      "decided_at": null,
      "filed_by": "Admin Example",
      "created_at": "2026-11-21T09:00:00Z",
      "updated_at": "2026-11-21T09:00:00Z",
      "expires_at": "2026-12-21T09:00:00Z",
      "items": [
        {
          "number": 1,
          "url": "https://hr.example/quizzes",
          "events": [
            "quiz_stat.created",
            "quiz_stat.updated"
          ],
          "scope": null,
          "outcome": "pending",
          "approved_events": [],
          "webhook_id": null,
          "subscription_id": null,
          "test": null
        }
      ]
    }
    "#);
    assert_eq!(house.admin().get(&one).await.data(), filed);
    assert_eq!(house.admin().get(REQUESTS).await.data(), json!([filed]));
    assert_eq!(house.stranger().get(&one).await.refusal().0, 404);
    assert_eq!(house.stranger().get(REQUESTS).await.data(), json!([]));
}

#[actix_web::test]
async fn objects_are_named_by_each_kind_of_key() {
    let house = TestHouse::new().await;
    let kinds = [ItemKind::Quiz, ItemKind::Task, ItemKind::Scorm, ItemKind::Material];
    let course = house.course("spanish", &[&kinds]).await;
    let (lesson, items) = (&course.lessons[0], &course.lessons[0].items);
    let scope = json!({
        "courses": [course.number, "external_id:spanish"], "lessons": [lesson.id], "sections": [lesson.number],
        "quizzes": [items[0].number], "tasks": [items[1].id], "scorms": ["external_id:spanish/1/3"],
        "materials": [items[3].number.to_string()], "items": [items[0].id],
    });
    let item = json!({ "url": "https://hr.example/all", "events": ["*"], "scope": scope });
    let filed = house.admin().post(REQUESTS, wanted_with(&json!({ "items": [item] }))).await.data();
    let found =
        [course.id.to_string(), lesson.id.to_string()].into_iter().chain(items.iter().map(|i| i.id.to_string()));
    let mut found: Vec<String> = found.collect();
    let mut shown: Vec<String> = serde_json::from_value(filed["items"][0]["scope"].clone()).unwrap();
    found.sort();
    shown.sort();
    assert_eq!(shown, found, "each once, however often it was named");
    assert_eq!(filed["items"][0]["events"], json!(["*"]));
}

#[actix_web::test]
async fn what_is_not_there_or_of_another_kind_is_named() {
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[&[ItemKind::Quiz]]).await;
    let quiz = course.lessons[0].items[0].id;
    for (scope, pointer) in [
        (json!({ "tasks": [quiz] }), "/items/1/scope/tasks/0"),
        (json!({ "quizzes": [quiz, 999_999] }), "/items/1/scope/quizzes/1"),
        (json!({ "courses": ["external_id:none"] }), "/items/1/scope/courses/0"),
        (json!({ "courses": [quiz] }), "/items/1/scope/courses/0"),
        (json!({ "sections": [-1] }), "/items/1/scope/sections/0"),
        (json!({ "items": ["external_id:a\u{7}"] }), "/items/1/scope/items/0"),
        (json!({}), "/items/1/scope"),
        (json!({ "chapters": [1] }), "/items/1/scope/chapters"),
        (json!({ "quizzes": [1.5] }), "/items/1/scope/quizzes/0"),
        (json!({ "quizzes": vec![1; 501] }), "/items/1/scope"),
    ] {
        let good = json!({ "url": "https://hr.example/a", "events": ["*"] });
        let item = json!({ "url": "https://hr.example/b", "events": ["*"], "scope": scope });
        assert_eq!(refused(&house, json!({ "items": [good, item] })).await, invalid(pointer), "{scope}");
    }
    // Another institution's object is as unknown as one that never was.
    let theirs = json!({ "items": [{ "url": "https://a.example", "events": ["*"], "scope": { "quizzes": [quiz] } }] });
    assert_eq!(
        house.stranger().post(REQUESTS, wanted_with(&theirs)).await.refusal(),
        invalid("/items/0/scope/quizzes/0")
    );
    assert_eq!(house.database.number("SELECT count(*) FROM subscription_requests"), 0);
}

#[actix_web::test]
async fn bounds_are_kept() {
    let house = TestHouse::new().await;
    let item = |events: &[&str]| json!({ "url": "https://hr.example/a", "events": events });
    for (changes, pointer) in [
        (json!({ "items": [] }), "/items"),
        (json!({ "items": vec![item(&["*"]); 21] }), "/items"),
        (json!({ "reason": "" }), "/reason"),
        (json!({ "reason": " \n " }), "/reason"),
        (json!({ "reason": "x".repeat(2001) }), "/reason"),
        (json!({ "external_id": "" }), "/external_id"),
        (json!({ "external_id": "x".repeat(256) }), "/external_id"),
        (json!({ "items": [item(&[])] }), "/items/0/events"),
        (json!({ "items": [item(&["quiz_stat", "course.completed"])] }), "/items/0/events/1"),
        (json!({ "items": [item(&["quiz_stat.deleted"])] }), "/items/0/events/0"),
        (json!({ "items": [item(&["*"; 65])] }), "/items/0/events"),
        (json!({ "dialect": "latin" }), "/dialect"),
        (json!({ "status": "approved" }), "/status"),
    ] {
        assert_eq!(refused(&house, changes.clone()).await, invalid(pointer), "{changes}");
    }
    let long = wanted_with(&json!({ "reason": "я".repeat(2000) }));
    house.admin().post(REQUESTS, long).await.expect(StatusCode::CREATED);
}

#[actix_web::test]
async fn an_address_that_may_not_be_called_is_refused_at_filing() {
    let house = TestHouse::new().await;
    for url in [
        "http://hr.example/a",
        "https://127.0.0.1/a",
        "https://localhost/a",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://user:pass@hr.example/",
        "https://hr.example:22/",
        "not an address",
    ] {
        let items = json!([{ "url": "https://hr.example/a", "events": ["*"] }, { "url": url, "events": ["*"] }]);
        let answer = refused(&house, json!({ "items": items })).await;
        assert_eq!(answer, (422, "unsafe_url".to_owned(), vec!["/items/1/url".to_owned()]), "{url}");
    }
    assert_eq!(house.database.number("SELECT count(*) FROM subscription_requests"), 0);
}

#[actix_web::test]
async fn the_same_request_twice_is_one() {
    let house = TestHouse::new().await;
    let first = house.admin().post(REQUESTS, wanted()).await.expect(StatusCode::CREATED).data();
    // Two spellings of one address, and a statistic written out: what is requested is the same.
    let same = json!([{ "url": "https://hr.example/quizzes", "events": ["quiz_stat.updated", "quiz_stat.created"] }]);
    let again =
        house.admin().post(REQUESTS, wanted_with(&json!({ "items": same }))).await.expect(StatusCode::OK).data();
    assert_eq!(again, first);
    let taken = (409, "conflict".to_owned(), vec!["/external_id".to_owned()]);
    assert_eq!(refused(&house, json!({ "reason": "Something else" })).await, taken);
    // Without a key of its own each is another; and a key is one institution's.
    for _ in 0..2 {
        house.admin().post(REQUESTS, wanted_with(&json!({ "external_id": null }))).await.expect(StatusCode::CREATED);
    }
    house.stranger().post(REQUESTS, wanted()).await.expect(StatusCode::CREATED);
}

#[actix_web::test]
async fn two_who_file_the_same_at_once_have_one() {
    let house = TestHouse::new().await;
    let (one, other) = (house.admin(), house.owner());
    let (one, other) = join(one.post(REQUESTS, wanted()), other.post(REQUESTS, wanted())).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201], "{} {}", one.text(), other.text());
    assert_eq!(one.data()["id"], other.data()["id"]);
}

#[actix_web::test]
async fn so_many_may_be_open() {
    let house = TestHouse::new().await;
    house.admin().post(REQUESTS, wanted()).await.expect(StatusCode::CREATED);
    house.database.run(
        "INSERT INTO subscription_requests (tenant_id, id, fingerprint, dialect, reason, status, filed_name, created_at, updated_at, expires_at)
         SELECT tenant_id, gen_random_uuid(), fingerprint, dialect, reason, status, filed_name, created_at, updated_at, expires_at
         FROM subscription_requests, generate_series(2, 100)",
    );
    assert_eq!(refused(&house, json!({ "external_id": "ticket-2" })).await.1, "conflict");
    house.admin().post(REQUESTS, wanted()).await.expect(StatusCode::OK);
    house.stranger().post(REQUESTS, wanted()).await.expect(StatusCode::CREATED);
}

#[actix_web::test]
async fn a_request_is_withdrawn_once_and_then_stays_so() {
    let house = TestHouse::new().await;
    let filed = house.admin().post(REQUESTS, wanted()).await.data();
    let one = format!("{REQUESTS}/{}", filed["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(house.admin().delete(&one).await.status, 204);
    }
    let shown = house.admin().get(&one).await.data();
    assert_eq!((&shown["status"], &shown["decided_by"]), (&json!("withdrawn"), &Value::Null));
    let vera = house.staff("vera", StaffRole::Support).await;
    let queued = format!("/api/support/subscription-requests/{}", filed["id"].as_str().unwrap());
    for act in ["approve", "test", "expire"] {
        let answer = vera.post(&format!("{queued}/{act}"), json!({})).await;
        assert_eq!(answer.refusal().0, 409, "{act}: {}", answer.text());
    }
    assert!(house.take_letters().is_empty(), "who withdraws knows it");
    let other = house.admin().post(REQUESTS, wanted_with(&json!({ "external_id": "ticket-2" }))).await.data();
    let id = other["id"].as_str().unwrap();
    let queued = format!("/api/support/subscription-requests/{id}/reject");
    vera.post(&queued, json!({ "reason": "No" })).await.data();
    assert_eq!(house.admin().delete(&format!("{REQUESTS}/{id}")).await.refusal().1, "conflict");
    house.settle().await;
}

#[actix_web::test]
async fn requests_are_listed_by_page_and_status() {
    let house = TestHouse::new().await;
    for nth in 0..17 {
        let wanted = wanted_with(&json!({ "external_id": format!("ticket-{nth}") }));
        let filed = house.admin().post(REQUESTS, wanted).await.data();
        if nth < 3 {
            house.admin().delete(&format!("{REQUESTS}/{}", filed["id"].as_str().unwrap())).await;
        }
    }
    let keys = |page: &Value| {
        let rows = page["data"].as_array().unwrap().clone();
        rows.iter().map(|row| row["external_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = house.admin().get(REQUESTS).await.json();
    assert_eq!((keys(&first).len(), keys(&first)[0].as_str()), (15, "ticket-16"), "the newest first");
    let second = house.admin().get(&format!("{REQUESTS}?page=2")).await.json();
    assert_eq!(
        (keys(&second), &second["meta"]["total"]),
        (vec!["ticket-1".to_owned(), "ticket-0".to_owned()], &json!(17))
    );
    let withdrawn = house.admin().get(&format!("{REQUESTS}?status=withdrawn")).await.json();
    assert_eq!(keys(&withdrawn), ["ticket-2", "ticket-1", "ticket-0"]);
    assert_eq!(house.admin().get(&format!("{REQUESTS}?status=open")).await.refusal().2, ["?status"]);
}
