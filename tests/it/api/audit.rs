//! The audit log: what stands in it, how it is looked through, and that nobody changes it.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::{db::Login, staff::StaffRole};
use tokio_postgres::{NoTls, error::SqlState};

use crate::support::{TestHouse, redact::redact};

const LOG: &str = "/api/audit-log";
const REQUESTS: &str = "/api/integrations/subscription-requests";

async fn filed(house: &TestHouse, key: &str) -> String {
    let items = json!([{ "url": "https://hr.example/in?key=hidden", "events": ["quiz_stat.created"] }]);
    let request = json!({ "external_id": key, "reason": "For the HR system", "items": items });
    house.admin().post(REQUESTS, request).await.data()["id"].as_str().unwrap().to_owned()
}

async fn actions(house: &TestHouse, query: &str) -> Vec<String> {
    let entries = house.owner().get(&format!("{LOG}?{query}")).await.data();
    entries.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn what_support_does_stands_in_it() {
    let house = TestHouse::new().await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let id = filed(&house, "a").await;
    house.clock.advance(TimeDelta::hours(1));
    house.receivers.at("https://hr.example/in?key=hidden");
    vera.post(&format!("/api/support/subscription-requests/{id}/test"), json!({})).await.data();
    vera.post(&format!("/api/support/subscription-requests/{id}/approve"), json!({})).await.data();
    house.settle().await;
    let all = actions(&house, "action=subscription_request").await;
    assert_eq!(all, ["subscription_request.approved", "subscription_request.tested", "subscription_request.filed"]);
    let approved = house.owner().get(&format!("{LOG}?action=subscription_request.approved")).await.data()[0].clone();
    insta::assert_json_snapshot!(redact(approved.clone()), @r#"
    {
      "id": "[aud]",
      "at": "2026-11-21T10:00:00Z",
      "actor": {
        "kind": "staff",
        "id": "[stf]",
        "name": "vera"
      },
      "action": "subscription_request.approved",
      "object": {
        "kind": "subscription_request",
        "id": "[srq]"
      },
      "before": {
        "status": "testing"
      },
      "after": {
        "items": [
          {
            "url": "https://hr.example/in?***",
            "scope": null,
            "events": [
              "quiz_stat.created"
            ],
            "number": 1,
            "outcome": "approved",
            "approved_events": [
              "quiz_stat.created"
            ]
          }
        ],
        "reason": "For the HR system",
        "status": "approved",
        "dialect": "teachbase",
        "decision": null
      },
      "request_id": "[request]",
      "address": "127.0.0.1"
    }
    "#);
    let one = format!("{LOG}/{}", approved["id"].as_str().unwrap());
    assert_eq!(house.owner().get(&one).await.data(), approved);
    assert_eq!(house.stranger().get(&one).await.refusal().0, 404);
    let whole = house.owner().get(LOG).await.text();
    assert!(!whole.contains("hidden") && !whole.contains("support.example"), "{whole}");
    assert_eq!(house.stranger().get(LOG).await.data(), json!([]));
    assert_eq!(house.manager().get(LOG).await.refusal().1, "ability_missing");
}

#[actix_web::test]
async fn entries_are_found_by_actor_action_object_and_time() {
    let house = TestHouse::new().await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let (a, b) = (filed(&house, "a").await, filed(&house, "b").await);
    house.clock.advance(TimeDelta::hours(1));
    for id in [&a, &b] {
        let reject = format!("/api/support/subscription-requests/{id}/reject");
        vera.post(&reject, json!({ "reason": "No" })).await.data();
    }
    house.settle().await;
    let (rejected, filed) = ("subscription_request.rejected", "subscription_request.filed");
    assert_eq!(actions(&house, &format!("object={a}")).await, [rejected, filed]);
    assert_eq!(actions(&house, "actor=staff").await, [rejected, rejected]);
    assert_eq!(actions(&house, "actor=person&action=subscription_request").await, [filed, filed]);
    assert_eq!(actions(&house, "actor=house").await, [""; 0]);
    let staff = house.owner().get(&format!("{LOG}?actor=staff")).await.data()[0]["actor"]["id"].clone();
    assert_eq!(actions(&house, &format!("actor={}", staff.as_str().unwrap())).await, [rejected, rejected]);
    assert_eq!(actions(&house, &format!("actor={}&object={b}", house.school.admin.id)).await, [filed]);
    assert_eq!(actions(&house, "action=subscription_request.rejected").await, [rejected, rejected]);
    assert_eq!(actions(&house, "action=subscription_request.re").await, [""; 0], "a whole word or none");
    assert_eq!(actions(&house, "from=2026-11-21T10:00:00Z").await, [rejected, rejected]);
    assert_eq!(actions(&house, "to=2026-11-21T10:00:00Z").await, [filed, filed]);
    assert_eq!(actions(&house, "object=nothing").await, [""; 0]);
    for (query, pointer) in
        [("actor=boss", "?actor"), ("cursor=aud_x", "?cursor"), ("per_page=0", "?per_page"), ("page=2", "?page")]
    {
        assert_eq!(house.owner().get(&format!("{LOG}?{query}")).await.refusal().2, [pointer], "{query}");
    }
}

#[actix_web::test]
async fn pages_lead_on_while_the_log_grows() {
    let house = TestHouse::new().await;
    for nth in 0..5 {
        filed(&house, &format!("t{nth}")).await;
    }
    let mut seen: Vec<Value> = Vec::new();
    let mut next = format!("{LOG}?action=subscription_request&per_page=2");
    let pages = loop {
        let page = house.owner().get(&next).await.json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|entry| entry["object"]["id"].clone()));
        filed(&house, &format!("later-{}", seen.len())).await;
        match page["links"]["next"].as_str() {
            Some(link) => {
                assert_eq!(page["meta"]["next_cursor"], page["data"][1]["id"]);
                next = link.split_once("stoa.example").unwrap().1.to_owned();
            }
            None => break seen.len(),
        }
    };
    assert_eq!(pages, 5, "what was done meanwhile is before the first page");
    let filed = house.admin().get(&format!("{REQUESTS}?per_page=100")).await.json();
    let rows = filed["data"].as_array().unwrap().iter();
    let first: Vec<Value> =
        rows.filter(|row| row["external_id"].as_str().unwrap().starts_with('t')).map(|row| row["id"].clone()).collect();
    assert_eq!(seen, first);
}

#[actix_web::test]
#[expect(clippy::disallowed_methods, reason = "the tasks end with the connections, which end with the test")]
async fn nobody_changes_it() {
    let house = TestHouse::new().await;
    filed(&house, "a").await;
    let before = house.database.rows("SELECT * FROM audit_log");
    let endpoint = house.database.endpoint();
    let tenant = house.school.tenant.uuid();
    let logins = [Login::App, Login::Relay, Login::Owner];
    for login in logins {
        let (client, connection) = endpoint.config(login).unwrap().connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&format!("SET stoa.tenants = '{{{tenant}}}'")).await.unwrap();
        for statement in ["UPDATE audit_log SET action = 'nothing'", "DELETE FROM audit_log", "TRUNCATE audit_log"] {
            let error = client.simple_query(statement).await.expect_err(statement);
            assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{login:?}: {statement}");
        }
    }
    assert_eq!(house.database.rows("SELECT * FROM audit_log"), before);
}

#[actix_web::test]
async fn tokens_and_webhooks_leave_a_trace_without_their_secrets() {
    let house = TestHouse::new().await;
    let token = json!({ "name": "Warehouse", "abilities": ["content:read"] });
    let token = house.owner().post("/api/integrations/tokens", token).await.data();
    let hook = json!({ "url": "https://lms.example/?key=hidden", "events": ["*"], "secret": "correct-horse-battery" });
    let hook = house.admin().post("/api/integrations/webhooks", hook).await.data();
    let rotate = format!("/api/integrations/webhooks/{}/secret/rotate", hook["id"].as_str().unwrap());
    let rotated = house.admin().post(&rotate, json!({})).await.data();
    house.owner().delete(&format!("/api/integrations/tokens/{}", token["id"].as_str().unwrap())).await;
    let whole = house.owner().get(&format!("{LOG}?per_page=100")).await;
    let done = actions(&house, "per_page=100").await;
    for action in ["token.created", "webhook.created", "webhook.secret_rotated", "token.revoked"] {
        assert!(done.contains(&action.to_owned()), "{action} is not in {done:?}");
    }
    for secret in [&token["token"], &rotated["secret"], &json!("correct-horse-battery"), &json!("hidden")] {
        assert!(!whole.text().contains(secret.as_str().unwrap()), "{secret}");
    }
}
