//! What people may ask for: their data and their erasure; and legal holds, which stand against that.

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind;

use crate::support::{TestHouse, builders::BuiltLearner, callers::Caller, schools::PASSWORD};

/// A learner who did something, with a session of her own.
async fn ana(house: &TestHouse) -> (BuiltLearner, Caller) {
    let (_, learners) = house.class(&[&[ItemKind::Quiz]], &["ana", "bo"]).await;
    let event = json!({
        "id": "ana-1", "occurred_at": "2026-11-21T08:00:00Z", "user": { "external_id": "ana" }, "verb": "passed",
        "object": { "kind": "item", "external_id": "spanish/1/1" }, "result": { "duration_seconds": 60 },
    });
    house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    house.settle().await;
    let ana = learners.into_iter().next().unwrap();
    let caller = signed_in(house, &ana).await;
    (ana, caller)
}

async fn signed_in(house: &TestHouse, learner: &BuiltLearner) -> Caller {
    let hasher = stoa_core::auth::Hasher::new(8, 1).unwrap();
    let mut tx = house.tx().await;
    stoa_core::auth::set_password(&mut tx, &hasher, learner.id, PASSWORD).await.unwrap();
    tx.commit().await.unwrap();
    let sign_in = json!({ "email": learner.email, "password": PASSWORD });
    let session = house.anonymous().post("/api/auth/sign-in", sign_in).await.data();
    house.caller(session["token"].as_str())
}

fn export_of(learner: &BuiltLearner) -> String {
    format!("/api/users/{}/data-export", learner.id)
}

fn rows<'a>(document: &'a Value, table: &str) -> &'a Vec<Value> {
    let held = document["held"].as_array().unwrap();
    let part = held.iter().find(|part| part["table"] == table).unwrap_or_else(|| panic!("nothing of {table}"));
    part["rows"].as_array().unwrap()
}

#[actix_web::test]
async fn everybody_is_shown_all_that_is_held_of_him_and_nothing_of_others() {
    let house = TestHouse::new().await;
    let (ana, her) = ana(&house).await;
    let answer = her.get(&export_of(&ana)).await.expect(StatusCode::OK);
    assert_eq!(answer.header("content-disposition"), Some(&*format!("attachment; filename=\"{}.json\"", ana.id)));
    let document = answer.json();
    assert_eq!((&document["format"], &document["user_id"]), (&json!("stoa.person/1"), &json!(ana.id)));
    let profile = &rows(&document, "users")[0];
    assert_eq!(
        (&profile["id"], &profile["email"], &profile["external_id"]),
        (&json!(ana.id), &json!(ana.email), &json!("ana"))
    );
    let deed = &rows(&document, "progress_events")[0];
    assert_eq!(
        (&deed["client_id"], &deed["verb"], &deed["result"]["duration_seconds"]),
        (&json!("ana-1"), &json!("passed"), &json!(60.0))
    );
    assert!(deed["object_id"].as_str().unwrap().starts_with("itm_"), "{deed}");
    assert!(rows(&document, "standings").len() >= 3 && rows(&document, "enrolments").len() == 1);
    assert_eq!(rows(&document, "tokens").len(), 1, "her session");
    let log = document["log"].as_array().unwrap();
    assert!(log.iter().any(|entry| entry["action"] == "member.added" && entry["actor_kind"] == "house"), "{log:?}");
    assert!(document["not_shown"].as_array().unwrap().iter().any(|part| part["table"] == "credentials"));
    let text = answer.text();
    for foreign in ["bo@home.example", "bo Learner", "Admin Example", "argon2", "\"hash\"", "tenant_id"] {
        assert!(!text.contains(foreign), "{foreign}");
    }
    let told = house
        .database
        .number("SELECT count(*) FROM audit_log WHERE action = 'user.data_exported' AND actor_kind = 'person'");
    assert_eq!(told, 1);
}

#[actix_web::test]
async fn the_data_of_others_needs_the_ability() {
    let house = TestHouse::new().await;
    let (ana, _) = ana(&house).await;
    let path = export_of(&ana);
    assert_eq!(house.admin().get(&path).await.json()["user_id"], json!(ana.id));
    let by_key = house.token(&[Ability::PrivacyManage]).await.get("/api/users/external_id:ana/data-export").await;
    assert_eq!(by_key.json()["user_id"], json!(ana.id));
    for nosy in [house.learner(), house.manager(), house.token(&[Ability::MembersRead]).await] {
        assert_eq!(nosy.get(&path).await.refusal().1, "ability_missing");
        assert_eq!(
            nosy.get("/api/users/external_id:nobody/data-export").await.refusal().1,
            "ability_missing",
            "not even whether"
        );
    }
    assert_eq!(house.stranger().get(&path).await.refusal().0, 404);
    assert_eq!(house.admin().get("/api/users/external_id:nobody/data-export").await.refusal().0, 404);
}

#[actix_web::test]
async fn ones_own_erasure_waits_for_somebody_elses_word() {
    let house = TestHouse::new().await;
    let (ana, her) = ana(&house).await;
    let path = format!("/api/users/{}/erasure", ana.id);
    let asked = her.post(&path, json!({ "reason": "I leave" })).await.expect(StatusCode::ACCEPTED).data();
    assert_eq!(
        (&asked["status"], &asked["requested_by"], &asked["erase_after"]),
        (&json!("requested"), &json!(ana.id), &Value::Null)
    );
    assert_eq!(asked["due_at"], "2026-12-21T09:00:00Z");
    her.get("/api/auth/me").await.expect(StatusCode::OK);
    assert_eq!(her.post(&path, json!({ "reason": "again" })).await.refusal().1, "conflict");
    let one = format!("/api/erasures/{}", asked["id"].as_str().unwrap());
    assert_eq!(her.post(&format!("{one}/confirm"), Value::Null).await.refusal().1, "ability_missing");
    assert_eq!(house.learner().post(&format!("{one}/cancel"), Value::Null).await.refusal().0, 404, "nobody's business");
    let confirmed = house.admin().post(&format!("{one}/confirm"), Value::Null).await.data();
    assert_eq!(
        (&confirmed["status"], &confirmed["erase_after"]),
        (&json!("scheduled"), &json!("2026-11-24T09:00:00Z"))
    );
    assert_eq!(confirmed["confirmed_by"], json!(house.school.admin.id));
    assert_eq!(her.get("/api/auth/me").await.status, 401, "out at once");
    assert_eq!(house.admin().post(&format!("{one}/confirm"), Value::Null).await.refusal().1, "conflict");
    house.settle().await;
}

#[actix_web::test]
async fn it_can_be_called_off_and_the_person_is_what_he_was() {
    let house = TestHouse::new().await;
    let (ana, her) = ana(&house).await;
    let path = format!("/api/users/{}/erasure", ana.id);
    let member = format!("/api/institutions/{}/members/{}", house.school.tenant, ana.id);
    let own = her.post(&path, json!({ "reason": "I leave" })).await.data();
    let taken_back =
        her.post(&format!("/api/erasures/{}/cancel", own["id"].as_str().unwrap()), Value::Null).await.data();
    assert_eq!(taken_back["status"], "cancelled");
    let asked = house.admin().post(&path, json!({ "reason": "By letter" })).await.data();
    assert_eq!(asked["status"], "scheduled");
    assert_eq!(house.admin().get(&member).await.data()["status"], "removed");
    let one = format!("/api/erasures/{}", asked["id"].as_str().unwrap());
    let cancelled = house.admin().post(&format!("{one}/cancel"), Value::Null).await.data();
    assert!(cancelled["status"] == "cancelled" && cancelled["cancelled_at"].is_string());
    let member = house.admin().get(&member).await.data();
    assert_eq!((&member["status"], &member["name"]), (&json!("active"), &json!("ana Learner")));
    assert_eq!(house.admin().post(&format!("{one}/cancel"), Value::Null).await.refusal().1, "conflict");
    house.skip_all().await;
    assert_eq!(house.admin().get(&one).await.data()["status"], "cancelled", "the promise finds nothing to do");
    let listed = house.admin().get(&format!("/api/erasures?user_id={}", ana.id)).await.data();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(house.admin().get("/api/erasures?status=completed").await.data(), json!([]));
}

#[actix_web::test]
async fn a_legal_hold_stands_against_it() {
    let house = TestHouse::new().await;
    let (ana, her) = ana(&house).await;
    let (hold, erasure) = (format!("/api/users/{}/legal-hold", ana.id), format!("/api/users/{}/erasure", ana.id));
    assert_eq!(house.admin().get(&hold).await.refusal().0, 404);
    let placed = house.admin().put(&hold, json!({ "reason": "Case 7" })).await.data();
    assert_eq!((&placed["reason"], &placed["placed_by"]), (&json!("Case 7"), &json!(house.school.admin.id)));
    let refused = house.admin().post(&erasure, json!({ "reason": "By letter" })).await.refusal();
    assert_eq!((refused.0, &*refused.1), (409, "erasure_blocked"));
    let own = her.post(&erasure, json!({ "reason": "I leave" })).await.data();
    assert_eq!((&own["status"], &own["blocked"]), (&json!("requested"), &json!(true)), "she may ask");
    let one = format!("/api/erasures/{}", own["id"].as_str().unwrap());
    assert_eq!(house.admin().post(&format!("{one}/confirm"), Value::Null).await.refusal().1, "erasure_blocked");
    house.admin().delete(&hold).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(house.admin().delete(&hold).await.refusal().0, 404);
    house.admin().post(&format!("{one}/confirm"), Value::Null).await.data();
    assert_eq!(house.manager().get(&hold).await.refusal().1, "ability_missing");
    house.settle().await;
}

#[actix_web::test]
async fn whom_nobody_may_erase() {
    let house = TestHouse::new().await;
    let reason = || json!({ "reason": "By letter" });
    let owner = format!("/api/users/{}/erasure", house.school.owner.id);
    assert_eq!(house.owner().post(&owner, reason()).await.refusal().1, "conflict", "the last owner");
    assert_eq!(
        house.admin().post(&owner, reason()).await.refusal().1,
        "ability_missing",
        "who may do more than the caller"
    );
    let learner = format!("/api/users/{}/erasure", house.school.learner.id);
    assert_eq!(house.manager().post(&learner, reason()).await.refusal().1, "ability_missing");
    assert_eq!(house.stranger().post(&learner, reason()).await.refusal().0, 404);
    assert_eq!(house.admin().post(&learner, json!({ "reason": "" })).await.refusal().2, ["/reason"]);
    assert_eq!(house.admin().post(&learner, json!({})).await.refusal().0, 422);
    let by_token = house.token(&[Ability::PrivacyManage]).await.post(&learner, reason()).await.data();
    assert_eq!((&by_token["status"], &by_token["requested_by"]), (&json!("scheduled"), &Value::Null));
    house.settle().await;
}
