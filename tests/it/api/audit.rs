//! The audit log: what stands in it, how it is looked through, and that nobody changes it.

use actix_web::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::{clock::Clock, db::Login, staff::StaffRole};
use stoa_jobs::{
    Registry,
    drain::drain_due,
    housekeeping::ForgetAudit,
    queue::{self, NewJob},
};
use tokio_postgres::{NoTls, error::SqlState};

use crate::support::{Left, TestHouse, redact::redact};

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
      "institution_id": "[inst]",
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
      "context": {
        "request_id": "[request]",
        "address": "127.0.0.1"
      }
    }
    "#);
    let one = format!("{LOG}/{}", approved["id"].as_str().unwrap());
    assert_eq!(house.owner().get(&one).await.data(), approved);
    assert_eq!(house.stranger().get(&one).await.refusal().0, 404);
    let whole = house.owner().get(LOG).await.text();
    assert!(!whole.contains("hidden") && !whole.contains("support.example"), "{whole}");
    let of_stranger = house.stranger().get(LOG).await.text();
    assert!(of_stranger.contains("institution.created") && !of_stranger.contains("subscription_request"));
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
    assert_eq!(actions(&house, "actor=house&action=subscription_request").await, [""; 0]);
    assert_eq!(actions(&house, "actor=house&action=institution").await, ["institution.created"]);
    let staff = house.owner().get(&format!("{LOG}?actor=staff")).await.data()[0]["actor"]["id"].clone();
    assert_eq!(actions(&house, &format!("actor={}", staff.as_str().unwrap())).await, [rejected, rejected]);
    assert_eq!(actions(&house, &format!("actor={}&object={b}", house.school.admin.id)).await, [filed]);
    assert_eq!(actions(&house, "action=subscription_request.rejected").await, [rejected, rejected]);
    assert_eq!(actions(&house, "action=subscription_request.re").await, [""; 0], "a whole word or none");
    assert_eq!(actions(&house, "action=subscription_request.re*").await, [rejected, rejected], "but for a star");
    let one = house.owner().get(&format!("{LOG}?object={a}&action=subscription_request.rejected")).await.data();
    let request = one[0]["context"]["request_id"].as_str().unwrap();
    assert_eq!(actions(&house, &format!("request_id={request}")).await, [rejected]);
    assert_eq!(actions(&house, &format!("request_id={request}&action=webhook")).await, [""; 0]);
    assert_eq!(actions(&house, "address=127.0.0.1&actor=staff").await, [rejected, rejected]);
    assert_eq!(actions(&house, "address=127.0.0.2").await, [""; 0]);
    assert_eq!(actions(&house, &format!("q=VERA&object={b}")).await, [rejected], "in whatever letters");
    assert_eq!(actions(&house, "q=HR%20system&actor=person").await, [filed, filed], "in what it was or is");
    assert_eq!(actions(&house, "q=100%25").await, [""; 0], "no letter is a pattern");
    assert_eq!(actions(&house, "from=2026-11-21T10:00:00Z").await, [rejected, rejected]);
    assert_eq!(actions(&house, "to=2026-11-21T10:00:00Z&actor=person").await, [filed, filed]);
    assert_eq!(actions(&house, "object=nothing").await, [""; 0]);
    for (query, pointer) in [
        ("actor=boss", "?actor"),
        ("cursor=aud_x", "?cursor"),
        ("per_page=0", "?per_page"),
        ("page=2", "?page"),
        ("address=here", "?address"),
        ("format=xml", "?format"),
    ] {
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
    house.leaves(Left::Events);
}

#[actix_web::test]
async fn the_whole_log_is_a_file_for_spreadsheets() {
    let house = TestHouse::new().await;
    let titles: Vec<String> = (0..3).map(|nth| format!("=cmd|'/c calc'!A{nth}, \"quoted\"\r\nand more")).collect();
    for title in &titles {
        house.admin().post("/api/courses", json!({ "title": title.replace("\r\n", " ") })).await.data();
    }
    // More than is read at once, so that the file is written in several parts.
    house.database.run(&format!(
        "INSERT INTO audit_log (tenant_id, id, at, actor_kind, actor_name, action, object_kind, object_id)
         SELECT '{}', stoa_uuid_floor('2026-11-20Z'::timestamptz + n * interval '1 second'),
           '2026-11-20Z'::timestamptz + n * interval '1 second', 'house', '=1+1', 'course.counted', 'course', n::text
         FROM generate_series(1, 1200) n",
        house.school.tenant.uuid()
    ));
    let by_word = house.owner().get(&format!("{LOG}?format=csv&action=course")).await;
    let by_header = house.owner().request(Method::GET, &format!("{LOG}?action=course"));
    let by_header = by_header.header("Accept", "text/csv, application/json;q=0.5").send().await;
    assert_eq!(by_word.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    assert_eq!(by_word.header("content-disposition"), Some("attachment; filename=\"audit-log.csv\""));
    let text = by_word.text();
    assert_eq!(text, by_header.text());
    let mut lines = text.strip_prefix('\u{feff}').expect("Excel wants a byte order mark").split_terminator("\r\n");
    let head = lines.next().unwrap();
    assert_eq!(head.split(',').count(), 13, "{head}");
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 1203);
    assert!(lines[0].contains(",\"course.created\",\"course\",\"crs_"), "the newest first: {}", lines[0]);
    assert!(lines[3].contains(",\"'=1+1\","), "nothing runs: {}", lines[3]);
    let ids: std::collections::HashSet<&str> = lines.iter().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(ids.len(), 1203, "each entry once");
    assert_eq!(house.manager().get(&format!("{LOG}?format=csv")).await.refusal().1, "ability_missing");
    let stranger = house.stranger().get(&format!("{LOG}?format=csv")).await.text();
    assert!(!stranger.contains("course"), "nothing of a neighbour: {stranger}");
    assert_eq!(house.owner().get(&format!("{LOG}?format=csv&actor=boss")).await.refusal().0, 422, "a fault is no file");
}

#[actix_web::test]
async fn what_is_done_with_content_and_enrolments_stands_in_it() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let course = admin.post("/api/courses", json!({ "title": "One" })).await.data();
    let course = course["id"].as_str().unwrap();
    admin.patch(&format!("/api/courses/{course}"), json!({ "title": "Two" })).await.data();
    let learner = house.school.learner.id.to_string();
    let enrolments = format!("/api/courses/{course}/enrollments");
    admin.post(&enrolments, json!({ "users": [{ "id": learner }] })).await.data();
    admin.post(&enrolments, json!({ "users": [{ "id": learner }] })).await.data();
    assert_eq!(admin.delete(&format!("{enrolments}/{learner}")).await.status, 204);
    assert_eq!(admin.delete(&format!("/api/courses/{course}")).await.status, 204);
    let of_course = house.owner().get(&format!("{LOG}?object={course}")).await.data();
    let done: Vec<&str> = of_course.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(done, ["course.deleted", "course.changed", "course.created"]);
    let changed = &of_course[1];
    assert_eq!(changed["before"], json!({ "title": "One", "version": 1 }), "only what differs");
    assert_eq!(changed["after"], json!({ "title": "Two", "version": 2 }));
    assert_eq!(of_course[0]["before"]["title"], "Two");
    let enrolled = actions(&house, &format!("object={learner}&action=enrollment")).await;
    assert_eq!(enrolled, ["enrollment.removed", "enrollment.created"], "what changed nothing leaves nothing");
    house.settle().await;
}

#[actix_web::test]
async fn operators_see_what_the_staff_did_anywhere_and_nothing_else() {
    let house = TestHouse::new().await;
    let (vera, oleg) = (house.staff("vera", StaffRole::Support).await, house.staff("oleg", StaffRole::Operator).await);
    let id = filed(&house, "a").await;
    house.clock.advance(TimeDelta::hours(1));
    vera.post(&format!("/api/support/subscription-requests/{id}/reject"), json!({ "reason": "No" })).await.data();
    house.settle().await;
    let log = oleg.get("/api/support/audit-log").await.data();
    let done: Vec<&str> = log.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(done, ["subscription_request.rejected", "staff.hired", "staff.hired"], "not what the admin filed");
    assert_eq!(log[0]["institution_id"], house.school.tenant.to_string());
    assert_eq!((&log[0]["actor"]["name"], &log[1]["actor"]["kind"]), (&json!("vera"), &json!("house")));
    assert_eq!(log[1]["institution_id"], Value::Null);
    let hired = log[1]["object"]["id"].as_str().unwrap().to_owned();
    let of_one = oleg.get(&format!("/api/support/audit-log?object={hired}")).await.data();
    assert_eq!(of_one.as_array().unwrap().len(), 1);
    house.revoke_staff(&hired).await;
    house.revoke_staff(&hired).await;
    let revoked = oleg.get("/api/support/audit-log?action=staff.revoked").await;
    assert!(revoked.status == 401 || revoked.data().as_array().unwrap().len() == 1, "{}", revoked.text());
    assert_eq!(vera.get("/api/support/audit-log").await.status, if revoked.status == 401 { 403 } else { 401 });
}

/// What is past its retention goes, by the one way that there is; nothing younger, and nobody else's hand.
#[actix_web::test]
async fn old_entries_are_forgotten_and_young_ones_stay() {
    let house = TestHouse::new().await;
    let tenant = house.school.tenant.uuid();
    for (days, action) in [(402, "course.old"), (401, "course.old"), (399, "course.young")] {
        house.database.run(&format!(
            "INSERT INTO audit_log (tenant_id, id, at, actor_kind, actor_name, action, object_kind, object_id)
             SELECT '{tenant}', stoa_uuid_floor(t), t, 'house', 'Stoa', '{action}', 'course', 'crs_1'
             FROM (SELECT '2026-11-21T09:00:00Z'::timestamptz - {days} * interval '1 day' AS t) x"
        ));
    }
    let tools = house.tools();
    let mut tx = house.db().house().await.unwrap();
    queue::enqueue(&mut tx, NewJob::of(queue::HOUSE, &ForgetAudit {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    drain_due(tools, &Registry::house()).await.unwrap();
    assert_eq!(actions(&house, "action=course").await, ["course.young"]);
    house.settle().await;
    let mut tx = house.db().house().await.unwrap();
    let refused = stoa_core::audit::forget(&mut tx, house.clock.now() - TimeDelta::days(1)).await;
    assert!(refused.is_err(), "the database itself keeps ninety days");
}
