//! Reports as documents over HTTP, and the events that tell of levels.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::Quiz;

use crate::support::{TestHouse, callers::Caller};

const DOCUMENTS: &str = "/api/cefr/documents";

async fn record(caller: &Caller, pieces: &[(&str, &str, &str)]) -> Value {
    let piece = |(key, skill, level): &(&str, &str, &str)| {
        json!({ "user": format!("external_id:{key}"), "language": "en", "skill": skill, "level": level,
            "source": "external_certificate", "occurred_at": "2026-11-01T09:00:00Z" })
    };
    let pieces: Vec<Value> = pieces.iter().map(piece).collect();
    caller.post("/api/cefr/evidence", json!({ "evidence": pieces })).await.expect(StatusCode::CREATED).data()
}

/// Events of levels, profile by profile in their order: type, revision, overall level, and what changed.
async fn told(house: &TestHouse) -> Vec<(String, i64, Value, Vec<(String, Value, Value)>)> {
    house.past().await;
    let events = house.admin().get("/api/events?limit=100").await.expect(StatusCode::OK).data();
    let events = events.as_array().expect("events").iter().filter(|event| event["object"]["type"] == "cefr_profile");
    let place = |event: &&Value| (event["object"]["id"].to_string(), event["object"]["revision"].as_i64());
    let mut events: Vec<&Value> = events.collect();
    events.sort_by_key(place);
    let change = |change: &Value| {
        (change["skill"].as_str().expect("a skill").to_owned(), change["from"].clone(), change["to"].clone())
    };
    events
        .into_iter()
        .map(|event| {
            let cefr = &event["data"]["cefr"];
            let changes = cefr["changes"].as_array().map_or(Vec::new(), |all| all.iter().map(change).collect());
            let revision = event["object"]["revision"].as_i64().expect("a revision");
            (event["type"].as_str().expect("a type").to_owned(), revision, cefr["level"].clone(), changes)
        })
        .collect()
}

#[actix_web::test]
async fn what_came_of_evidence_is_told_once_for_each_learner_and_language() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "bo"]).await;
    let admin = house.admin();
    let three =
        [("ana", "listening", "B1"), ("ana", "reading", "B2"), ("ana", "speaking", "B1"), ("bo", "reading", "A2")];
    let first = record(&admin, &three).await;
    house.settle().await;
    let changed = |skill: &str, from: Value, to: &str| (skill.to_owned(), from, json!(to));
    let events = told(&house).await;
    assert_eq!(events.len(), 4, "{events:?}");
    assert_eq!(events[0], ("cefr.assessed".to_owned(), 1, json!("B1"), Vec::new()));
    let changes = ["listening", "reading", "speaking"].into_iter().zip(["B1", "B2", "B1"]);
    let mut changes: Vec<_> = changes.map(|(skill, level)| changed(skill, Value::Null, level)).collect();
    changes.push(changed("overall", Value::Null, "B1"));
    assert_eq!(events[1], ("cefr.level_changed".to_owned(), 2, json!("B1"), changes));
    assert_eq!(events[3].3, [changed("reading", Value::Null, "A2")], "too few skills for a profile");
    // Evidence that changes no level is told too, but no change; and what is taken back takes the level with it.
    record(&admin, &[("ana", "reading", "B2")]).await;
    let path = format!("/api/cefr/evidence/{}/withdraw", first[3]["id"].as_str().unwrap());
    admin.post(&path, json!({ "reason": "Somebody else's" })).await.expect(StatusCode::OK);
    house.settle().await;
    let events = told(&house).await;
    assert_eq!(events[2], ("cefr.assessed".to_owned(), 3, json!("B1"), Vec::new()));
    let bo: Vec<_> = events[3..].iter().map(|event| (event.0.as_str(), event.1)).collect();
    let [assessed, changed] = ["cefr.assessed", "cefr.level_changed"];
    assert_eq!(bo, [(assessed, 1), (changed, 2), (assessed, 3), (changed, 4)]);
    assert_eq!(events[6].3, [("reading".to_owned(), json!("A2"), Value::Null)]);
}

#[actix_web::test]
async fn scored_items_move_a_level_too_and_that_is_told_once() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[Quiz; 6]], &["ana"]).await;
    let admin = house.admin();
    let items = &course.lessons[0].items;
    for item in items {
        let said = json!({ "skills": ["reading"], "cefr": "B1" });
        admin.patch(&format!("/api/training-items/{}", item.id), said).await.expect(StatusCode::OK);
    }
    let event = |(nth, item): (usize, &crate::support::builders::BuiltItem)| {
        json!({ "id": format!("e{nth}"), "occurred_at": "2026-11-20T09:00:00Z", "user": { "external_id": "ana" },
            "object": { "kind": "item", "id": item.id }, "verb": "passed", "result": { "score": { "raw": 9, "max": 10 } } })
    };
    let events: Vec<Value> = items.iter().enumerate().map(event).collect();
    admin.post("/api/progress-events", json!({ "events": events })).await.expect(StatusCode::OK);
    house.settle().await;
    house.follow().await;
    house.settle().await;
    let events = told(&house).await;
    let first = ("reading".to_owned(), Value::Null, json!("B1"));
    assert_eq!(events, [("cefr.level_changed".to_owned(), 1, Value::Null, vec![first])]);
    house.follow().await;
    assert_eq!(told(&house).await.len(), 1);
}

#[actix_web::test]
async fn a_document_says_what_was_known_and_anybody_verifies_it() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    record(&admin, &[("ana", "listening", "B1"), ("ana", "reading", "B2"), ("ana", "speaking", "B1")]).await;
    let asked = json!({ "external_id": "ana", "locale": "ko-KR" });
    let answer = admin.post(DOCUMENTS, asked).await.expect(StatusCode::CREATED);
    let document = answer.data();
    let path = format!("{DOCUMENTS}/{}", document["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), Some(format!("https://stoa.example{path}").as_str()));
    assert_eq!(
        (&document["status"], &document["level"], &document["locale"]),
        (&json!("valid"), &json!("B1"), &json!("ko"))
    );
    let code = document["code"].as_str().unwrap();
    assert_eq!(document["verification_url"], format!("https://stoa.example/verify#{code}"));
    // Later evidence changes the report, and not the document.
    record(&admin, &[("ana", "listening", "C1"), ("ana", "speaking", "C1")]).await;
    assert_eq!(admin.get(&path).await.data()["level"], "B1");
    let pdf = admin.get(&format!("{path}/pdf")).await.expect(StatusCode::OK);
    assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    assert!(pdf.body.starts_with(b"%PDF-1.7"));
    // Whoever holds it types it as he likes.
    let verify = |code: String| {
        let anybody = house.anonymous();
        async move { anybody.post("/api/public/cefr-verifications", json!({ "code": code })).await }
    };
    let seen = verify(code.to_lowercase().replace('-', " ")).await.expect(StatusCode::OK).data();
    assert_eq!((&seen["status"], &seen["level"]), (&json!("valid"), &json!("B1")));
    assert_eq!((&seen["name"], &seen["skills"]["writing"]), (&document["name"], &Value::Null));
    assert!(seen.get("id").is_none() && seen.get("user_id").is_none(), "nothing but what stands on it");
    for none in ["", "AAAA-AAAA-AAAA-AAAA", "no code at all", &code[1..]] {
        assert_eq!(verify(none.to_owned()).await.refusal().0, 404, "{none}");
    }
    house.advance(TimeDelta::days(366)).await;
    assert_eq!(verify(code.to_owned()).await.data()["status"], "expired");
    house.settle().await;
}

#[actix_web::test]
async fn a_document_is_revoked_once_and_whoever_holds_it_is_told_so_but_not_why() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    record(&admin, &[("ana", "listening", "B1")]).await;
    let document = admin.post(DOCUMENTS, json!({ "external_id": "ana", "valid_days": 1 })).await.data();
    let path = format!("{DOCUMENTS}/{}/revoke", document["id"].as_str().unwrap());
    let revoked = admin.post(&path, json!({ "reason": "Issued by mistake" })).await.expect(StatusCode::OK).data();
    assert_eq!((&revoked["status"], &revoked["revoked_reason"]), (&json!("revoked"), &json!("Issued by mistake")));
    assert_eq!(admin.post(&path, json!({ "reason": "Again" })).await.refusal().1, "conflict");
    let shown = json!({ "code": document["code"] });
    let seen = house.anonymous().post("/api/public/cefr-verifications", shown).await.expect(StatusCode::OK);
    assert_eq!(seen.data()["status"], "revoked");
    assert!(!seen.text().contains("mistake"));
    house.settle().await;
}

#[actix_web::test]
async fn what_nothing_shows_is_not_issued_and_others_documents_need_the_ability() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    assert_eq!(admin.post(DOCUMENTS, json!({ "external_id": "ana" })).await.refusal().2, ["/language"]);
    let empty = json!({ "external_id": "ana", "language": "en" });
    assert_eq!(admin.post(DOCUMENTS, empty).await.refusal().2, ["/language"]);
    record(&admin, &[("ana", "listening", "B1")]).await;
    for days in [0, 731] {
        let asked = json!({ "external_id": "ana", "valid_days": days });
        assert_eq!(admin.post(DOCUMENTS, asked).await.refusal().2, ["/valid_days"]);
    }
    let document = admin.post(DOCUMENTS, json!({ "external_id": "ana" })).await.expect(StatusCode::CREATED).data();
    let path = format!("{DOCUMENTS}/{}", document["id"].as_str().unwrap());
    let other = house.learner();
    let token = house.token(&[Ability::ProgressRead]).await;
    for caller in [&other, &token] {
        let asked = caller.post(DOCUMENTS, json!({ "external_id": "ana" })).await;
        assert_eq!(asked.refusal().1, "ability_missing");
        for path in [path.clone(), format!("{path}/pdf"), format!("{DOCUMENTS}?external_id=ana")] {
            assert_eq!(caller.get(&path).await.refusal().1, "ability_missing", "{path}");
        }
    }
    assert_eq!(house.stranger().get(&path).await.refusal().0, 404, "of another institution nobody is told");
    let listed = admin.get(&format!("{DOCUMENTS}?external_id=ana&per_page=1")).await.expect(StatusCode::OK);
    assert_eq!(listed.json()["meta"]["total"], 1);
    house.settle().await;
}
