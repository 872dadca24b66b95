//! Levels of the CEFR over HTTP: evidence in, the report out.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::Quiz;

use crate::support::{TestHouse, callers::Caller};

const EVIDENCE: &str = "/api/cefr/evidence";

fn piece(skill: &str, level: &str) -> Value {
    json!({ "user": "external_id:ana", "language": "en", "skill": skill, "source": "external_certificate", "level": level,
        "occurred_at": "2026-11-01T09:00:00Z" })
}

async fn record(caller: &Caller, pieces: &[Value]) -> Value {
    caller.post(EVIDENCE, json!({ "evidence": pieces })).await.expect(StatusCode::CREATED).data()
}

async fn report(caller: &Caller, query: &str) -> Value {
    caller.get(&format!("/api/cefr/report?external_id=ana&language=en{query}")).await.expect(StatusCode::OK).data()
}

#[actix_web::test]
async fn without_evidence_nobody_has_a_level() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let told = report(&house.admin(), "").await;
    assert_eq!(
        (&told["overall"]["level"], &told["overall"]["status"]),
        (&Value::Null, &json!("insufficient_evidence"))
    );
    for skill in ["listening", "reading", "speaking", "writing"] {
        let skill = &told["skills"][skill];
        assert_eq!(
            (&skill["level"], &skill["next_level"], &skill["percentile"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
        assert_eq!(skill["evidence"]["by_source"]["teacher"], 0);
    }
    assert_eq!((&told["history"], &told["target"]), (&json!([]), &Value::Null));
    house.settle().await;
}

#[actix_web::test]
async fn scores_become_levels_by_the_skills_own_table_and_skills_a_profile() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    let scored = |skill: &str, value: f64| {
        let mut piece = piece(skill, "");
        piece.as_object_mut().unwrap().remove("level");
        piece["scale"] = json!("toefl_ibt");
        piece["value"] = json!(value);
        piece
    };
    let three = [scored("listening", 17.0), scored("reading", 17.0), piece("speaking", "B1+")];
    let told = record(&admin, &three).await;
    let levels: Vec<_> = told.as_array().unwrap().iter().map(|one| (&one["level"], &one["mapping_version"])).collect();
    assert_eq!(levels, [(&json!("B2"), &json!(1)), (&json!("B1"), &json!(1)), (&json!("B1+"), &Value::Null)]);
    let told = report(&admin, "").await;
    assert_eq!((&told["overall"]["level"], &told["overall"]["plus"]), (&json!("B1"), &json!(false)));
    assert_eq!(
        (&told["overall"]["status"], &told["overall"]["method"]),
        (&json!("provisional"), &json!("profile_min3of4"))
    );
    let speaking = &told["skills"]["speaking"];
    assert_eq!(
        (&speaking["level"], &speaking["plus"], &speaking["status"]),
        (&json!("B1"), &json!(true), &json!("assessed"))
    );
    assert_eq!(speaking["next_level"]["level"], "B2");
    assert_eq!(
        told["skills"]["listening"]["score"],
        json!({ "value": 17.0, "scale": "toefl_ibt", "source": "external_certificate" })
    );
    assert_eq!(told["skills"]["writing"]["status"], "insufficient_evidence");
    assert_eq!(told["history"].as_array().unwrap().len(), 3);
    house.settle().await;
}

#[actix_web::test]
async fn evidence_counts_once_and_may_be_taken_back() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    let mut one = piece("reading", "B2");
    one["external_id"] = json!("cert-1");
    let first = record(&admin, &[one.clone()]).await[0].clone();
    let again = record(&admin, &[one]).await[0].clone();
    assert_eq!((&first["is_new"], &again["is_new"], &first["id"]), (&json!(true), &json!(false), &again["id"]));
    assert_eq!(report(&admin, "").await["skills"]["reading"]["evidence"]["count"], 1);
    house.clock.advance(chrono::TimeDelta::hours(1));
    let path = format!("{EVIDENCE}/{}/withdraw", first["id"].as_str().unwrap());
    let taken = admin.post(&path, json!({ "reason": "somebody else's" })).await.expect(StatusCode::OK).data();
    assert_eq!(taken["withdrawn_at"], "2026-11-21T10:00:00Z");
    assert_eq!(admin.post(&path, json!({ "reason": "again" })).await.refusal().1, "conflict");
    assert_eq!(report(&admin, "").await["skills"]["reading"]["level"], Value::Null);
    let before = report(&admin, "&as_of=2026-11-21T09:30:00Z").await;
    assert_eq!(before["skills"]["reading"]["level"], "B2", "what was known then");
    let listed = admin.get(&format!("{EVIDENCE}?external_id=ana&language=en-GB")).await.expect(StatusCode::OK);
    assert_eq!(listed.data().as_array().unwrap().len(), 1, "it stays on record");
    let audited = house.owner().get("/api/audit-log").await.data();
    let actions: Vec<_> = audited.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"cefr_evidence.recorded") && actions.contains(&"cefr_evidence.withdrawn"), "{actions:?}");
    house.settle().await;
}

#[actix_web::test]
async fn graded_items_are_evidence_where_they_stand() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[Quiz, Quiz, Quiz, Quiz, Quiz]], &["ana"]).await;
    let admin = house.admin();
    admin.patch(&format!("/api/courses/{}", course.id), json!({ "language": "en-GB" })).await.expect(StatusCode::OK);
    let mut events = Vec::new();
    for (nth, item) in course.lessons[0].items.iter().enumerate() {
        let said = json!({ "skills": ["reading"], "cefr": "B1" });
        admin.patch(&format!("/api/training-items/{}", item.id), said).await.expect(StatusCode::OK);
        events.push(json!({
            "id": format!("e{nth}"), "occurred_at": "2026-11-20T09:00:00Z", "user": { "external_id": "ana" },
            "object": { "kind": "item", "id": item.id }, "verb": "passed", "result": { "score": { "raw": 9 } },
        }));
    }
    admin.post("/api/progress-events", json!({ "events": events })).await.data();
    let reading = report(&admin, "").await["skills"]["reading"].clone();
    assert_eq!((&reading["level"], &reading["status"]), (&json!("B1"), &json!("provisional")));
    assert_eq!(reading["evidence"]["by_source"]["graded_item"], 5);
    assert_eq!(report(&admin, "&as_of=2026-11-19T00:00:00Z").await["skills"]["reading"]["level"], Value::Null);
    house.settle().await;
}

#[actix_web::test]
async fn nobody_is_compared_with_fewer_than_ten() {
    let house = TestHouse::new().await;
    let keys: Vec<String> = (0..9).map(|nth| format!("learner{nth}")).collect();
    house.learners(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    let of = |key: &str, level: &str| {
        let mut piece = piece("reading", level);
        piece["user"] = json!(format!("external_id:{key}"));
        piece
    };
    let mut pieces: Vec<_> = keys.iter().skip(1).map(|key| of(key, "A2")).collect();
    pieces.push(of("ana", "B1"));
    record(&admin, &pieces).await;
    assert_eq!(report(&admin, "").await["skills"]["reading"]["percentile"], Value::Null, "nine are too few");
    record(&admin, &[of("learner0", "B1")]).await;
    let told = report(&admin, "").await["skills"]["reading"]["percentile"].clone();
    assert_eq!(told, json!({ "value": 90, "population": "institution", "n": 10 }), "eight below and half of two");
    house.settle().await;
}

#[actix_web::test]
async fn a_target_is_kept_for_each_language() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    let target =
        |level: Value| json!({ "user": "external_id:ana", "language": "en", "level": level, "due_on": "2027-11-21" });
    admin.put("/api/cefr/target", target(json!("B2"))).await.expect(StatusCode::OK);
    assert_eq!(report(&admin, "").await["target"], json!({ "level": "B2", "by": "2027-11-21", "on_track": null }));
    let mut pieces = Vec::new();
    for skill in ["listening", "reading", "writing"] {
        let mut before = piece(skill, "A2");
        before["occurred_at"] = json!("2025-10-01T09:00:00Z");
        pieces.extend([before, piece(skill, "B1"), piece(skill, "B1")]);
    }
    record(&admin, &pieces).await;
    assert_eq!(report(&admin, "").await["target"]["on_track"], true, "two steps in a year, two to go in a year");
    admin.put("/api/cefr/target", target(json!("B2+"))).await.expect(StatusCode::OK);
    assert_eq!(report(&admin, "").await["target"]["on_track"], false);
    admin.put("/api/cefr/target", target(Value::Null)).await.expect(StatusCode::OK);
    assert_eq!(report(&admin, "").await["target"], Value::Null);
    house.settle().await;
}

#[actix_web::test]
async fn all_pieces_of_a_request_count_or_none() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    let admin = house.admin();
    let with = |name: &str, value: Value| {
        let mut piece = piece("reading", "B1");
        piece[name] = value;
        piece
    };
    for (bad, pointer) in [
        (with("user", json!("external_id:nobody")), "/evidence/1/user"),
        (with("language", json!("!")), "/evidence/1/language"),
        (with("source", json!("graded_item")), "/evidence/1/source"),
        (with("occurred_at", json!("2026-11-23T09:00:00Z")), "/evidence/1/occurred_at"),
        (with("expires_at", json!("2026-10-01T09:00:00Z")), "/evidence/1/expires_at"),
        (with("scale", json!("ielts")), "/evidence/1/level"),
        (with("level", json!("C3")), "/evidence/1/level"),
        (with("descriptors", json!({ "": true })), "/evidence/1/descriptors"),
    ] {
        let (status, code, pointers) =
            admin.post(EVIDENCE, json!({ "evidence": [piece("reading", "B1"), bad] })).await.refusal();
        assert_eq!((status, code.as_str(), pointers), (422, "validation_failed", vec![pointer.to_owned()]));
    }
    let below = json!({ "user": "external_id:ana", "language": "en", "skill": "reading", "source": "placement",
        "scale": "ielts", "value": 2.0, "occurred_at": "2026-11-01T09:00:00Z" });
    let refused = admin.post(EVIDENCE, json!({ "evidence": [below] })).await;
    assert!(refused.text().contains("below B1"), "{}", refused.text());
    assert_eq!(admin.post(EVIDENCE, json!({ "evidence": [] })).await.refusal().0, 422);
    assert_eq!(house.database.number("SELECT count(*) FROM cefr_evidence"), 0);
    let future = admin.get("/api/cefr/report?external_id=ana&language=en&as_of=2026-12-01T00:00:00Z").await;
    assert_eq!(future.refusal().2, ["?as_of"]);
    house.settle().await;
}

#[actix_web::test]
async fn everybody_reads_his_own_report_and_writing_needs_the_ability() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house.learner().get("/api/cefr/report?language=en").await.expect(StatusCode::OK);
    assert_eq!(
        house.learner().get("/api/cefr/report?external_id=ana&language=en").await.refusal().1,
        "ability_missing"
    );
    assert_eq!(
        house.learner().post(EVIDENCE, json!({ "evidence": [piece("reading", "C2")] })).await.refusal().1,
        "ability_missing"
    );
    let reader = house.token(&[Ability::CefrRead]).await;
    report(&reader, "").await;
    assert_eq!(reader.get("/api/cefr/report?language=en").await.refusal().1, "subject_required");
    assert_eq!(house.stranger().get("/api/cefr/report?external_id=ana&language=en").await.refusal().0, 404);
    let scales = house.learner().get("/api/cefr/scales").await.expect(StatusCode::OK).data();
    assert!(scales.as_array().unwrap().iter().any(|scale| scale["key"] == "ielts"), "{scales}");
    house.settle().await;
}
