//! Exports from end to end: their rows are the API's, they show what their maker may see, and nothing of a file that was
//! not finished is ever offered.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_actors::storage::{Key, Shelf};
use stoa_core::{Id, clock::Clock, id};
use stoa_jobs::{
    exports::RunExport,
    queue::{NewJob, enqueue},
};
use stoa_protocols::event::ItemKind::{Material, Quiz};
use stoa_record::exports::{self, Made, Progress, Run, Turn};
use uuid::Uuid;

use super::{PATH, ask, rows};
use crate::support::{Left, TestHouse, callers::Caller};

async fn did(house: &TestHouse, who: &str, what: &str, said: Value) {
    let kind = if what.matches('/').count() == 2 { "item" } else { "lesson" };
    let mut event = json!({ "id": format!("{who} {what}"), "occurred_at": "2026-11-21T08:00:00Z",
        "user": { "external_id": who }, "object": { "kind": kind, "external_id": what } });
    for (name, value) in said.as_object().unwrap() {
        event[name] = value.clone();
    }
    let told = house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    assert_eq!(told[0]["status"], "accepted", "{told}");
}

/// A class of three who got differently far.
pub(super) async fn class(house: &TestHouse) {
    house.class(&[&[Material], &[Quiz], &[Material]], &["ana", "ben", "cleo"]).await;
    for lesson in 1..=3 {
        let passed =
            json!({ "verb": "passed", "result": { "score": { "raw": 17, "max": 20 }, "duration_seconds": 61.5 } });
        did(house, "ana", &format!("spanish/{lesson}"), passed).await;
    }
    did(house, "ben", "spanish/1/1", json!({ "verb": "completed", "result": { "duration_seconds": 90 } })).await;
    did(house, "ben", "spanish/2/1", json!({ "verb": "failed", "result": { "score": { "raw": 3 } } })).await;
    house.settle().await;
}

#[actix_web::test]
async fn progress_of_learners_is_what_the_api_answers_of_the_same_moment() {
    let house = TestHouse::new().await;
    class(&house).await;
    let told = rows(&house, &house.admin(), json!({ "type": "learner_progress" })).await;
    assert_eq!(told.len(), 9);
    for who in ["ana", "ben", "cleo"] {
        let path = format!("/api/courses/external_id:spanish/lesson-progress?external_id={who}");
        let api = house.admin().get(&path).await.data();
        for lesson in api["lessons"].as_array().unwrap() {
            let is_it = |row: &&Value| row["user_external_id"] == who && row["lesson_id"] == lesson["lesson_id"];
            let row = told.iter().find(is_it).unwrap();
            for (column, answer) in [
                ("user_id", &api["user"]["id"]),
                ("user_name", &api["user"]["name"]),
                ("course_id", &api["course"]["course_id"]),
                ("enrollment_id", &api["course"]["enrollment_id"]),
                ("enrolled_at", &api["course"]["enrolled_at"]),
                ("lesson_position", &lesson["position"]),
                ("lesson_title", &lesson["title"]),
                ("lesson_type", &lesson["type"]),
                ("required", &lesson["required"]),
                ("weight", &lesson["weight"]),
                ("status", &lesson["status"]),
                ("passed", &lesson["success"]["passed"]),
                ("attempts", &lesson["attempts"]),
                ("first_started_at", &lesson["first_started_at"]),
                ("last_activity_at", &lesson["last_activity_at"]),
                ("completed_at", &lesson["completion"]["completed_at"]),
                ("time_spent_seconds", &lesson["time_spent_seconds"]),
                ("due_at", &lesson["due_at"]),
                ("overdue", &lesson["overdue"]),
                ("content_version", &lesson["content_version"]),
            ] {
                assert_eq!(&row[column], answer, "{column} of {who}, {lesson}");
            }
            for (column, answer) in [
                ("completion_ratio", &lesson["completion"]["ratio"]),
                ("score_scaled", &lesson["score"]["scaled"]),
                ("score_raw", &lesson["score"]["raw"]),
                ("score_max", &lesson["score"]["max"]),
                ("best_score", &lesson["best_score"]),
            ] {
                assert_eq!(row[column].as_f64(), answer.as_f64(), "{column} of {who}, {lesson}");
            }
        }
    }
    let failed =
        json!({ "type": "learner_progress", "filters": { "status": ["passed"], "user_ids": ["external_id:ana"] } });
    assert_eq!(rows(&house, &house.admin(), failed).await.len(), 3);
}

#[actix_web::test]
async fn the_other_types_are_what_the_api_lists() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    class(&house).await;
    let evidence = json!({ "user": "external_id:ana", "language": "es", "skill": "reading", "source": "teacher", "level": "B1",
        "occurred_at": "2026-11-21T08:00:00Z" });
    admin.post("/api/cefr/evidence", json!({ "evidence": [evidence] })).await.data();
    house.settle().await;
    let completions = rows(&house, &admin, json!({ "type": "completions", "tz": "Asia/Seoul" })).await;
    assert_eq!(completions.len(), 1, "{completions:?}");
    let api = admin.get("/api/courses/external_id:spanish/lesson-progress?external_id=ana").await.data();
    assert_eq!(
        (&completions[0]["user_external_id"], &completions[0]["completed_on"]),
        (&json!("ana"), &json!("2026-11-21"))
    );
    assert_eq!(completions[0]["completed_at"], "2026-11-21T17:00:00+09:00");
    assert_eq!(api["course"]["completed_at"], "2026-11-21T08:00:00Z");
    assert_eq!(completions[0]["time_spent_seconds"], api["course"]["time_spent_seconds"]);
    let activity =
        rows(&house, &admin, json!({ "type": "activity", "filters": { "user_ids": ["external_id:ben"] } })).await;
    let history = admin.get("/api/progress-history?view=events&external_id=ben").await.data();
    let ids = |list: &[Value]| {
        list.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(ids(&activity), ids(history["events"].as_array().unwrap()));
    assert!(
        activity.iter().all(|row| row["course_external_id"] == "spanish" && row["item_id"].is_string()),
        "{activity:?}"
    );
    let audit =
        rows(&house, &house.owner(), json!({ "type": "audit", "filters": { "actions": ["cefr_evidence.recorded"] } }))
            .await;
    let log = house.owner().get("/api/audit-log?action=cefr_evidence.recorded").await.data();
    assert_eq!((&audit[0]["id"], &audit[0]["actor_id"]), (&log[0]["id"], &log[0]["actor"]["id"]), "{audit:?} {log}");
    assert_eq!(audit[0]["after"], log[0]["after"]);
    let cefr = rows(&house, &admin, json!({ "type": "cefr" })).await;
    let listed = admin.get("/api/cefr/evidence?external_id=ana").await.data();
    assert_eq!((&cefr[0]["evidence_id"], &cefr[0]["level"]), (&listed[0]["id"], &json!("B1")));
    assert_eq!(rows(&house, &admin, json!({ "type": "deliveries" })).await, [Value::Null; 0]);
}

#[actix_web::test]
async fn a_manager_gets_the_people_of_his_groups_and_no_export_of_somebody_else() {
    let house = TestHouse::new().await;
    class(&house).await;
    let group =
        house.admin().post("/api/groups", json!({ "name": "A" })).await.data()["id"].as_str().unwrap().to_owned();
    let ben = house.database.value("SELECT id::text FROM users WHERE external_id = 'ben'");
    let ben = Id::<id::User>::from_uuid(ben.as_str().unwrap().parse().unwrap());
    house.admin().put(&format!("/api/groups/{group}/members/{ben}"), json!({})).await;
    house.admin().put(&format!("/api/groups/{group}/managers/{}", house.school.manager.id), json!({})).await;
    house.settle().await;
    let manager = house.manager();
    for (kind, count) in [("learner_progress", 3), ("activity", 2), ("completions", 0)] {
        let told = rows(&house, &manager, json!({ "type": kind })).await;
        assert_eq!(told.len(), count, "{kind}: {told:?}");
        assert!(told.iter().all(|row| row["user_external_id"] == "ben"), "{kind}: {told:?}");
    }
    let of_all = ask(&house.admin(), json!({ "type": "members" })).await;
    house.settle().await;
    assert_eq!(manager.get(&format!("{PATH}/{of_all}")).await.refusal().0, 404);
    assert_eq!(manager.get(&format!("{PATH}/{of_all}/download")).await.refusal().0, 404);
    assert_eq!(manager.get(PATH).await.json()["meta"]["total"], 3);
    assert_eq!(house.admin().get(PATH).await.json()["meta"]["total"], 4);
    let stranger = json!({ "type": "activity", "filters": { "user_ids": ["external_id:ana"] } });
    assert_eq!(manager.post(PATH, stranger).await.refusal().2, ["/filters/user_ids/0"]);
}

/// The status of an export, and why it failed.
async fn ended(caller: &Caller, export: &str) -> (String, Value) {
    let export = caller.get(&format!("{PATH}/{export}")).await.data();
    (export["status"].as_str().unwrap().to_owned(), export["error"]["code"].clone())
}

#[actix_web::test]
async fn whoever_left_or_lost_his_rights_meanwhile_has_nothing_made() {
    let house = TestHouse::new().await;
    let members = format!("/api/institutions/{}/members", house.school.tenant);
    let demoted = ask(&house.admin(), json!({ "type": "members" })).await;
    let role = json!({ "role": "learner" });
    house.owner().patch(&format!("{members}/{}", house.school.admin.id), role).await.data();
    house.settle().await;
    assert_eq!(ended(&house.owner(), &demoted).await, ("failed".to_owned(), json!("ability_missing")));
    let gone = ask(&house.manager(), json!({ "type": "members" })).await;
    house.owner().delete(&format!("{members}/{}", house.school.manager.id)).await.expect(StatusCode::NO_CONTENT);
    house.settle().await;
    assert_eq!(ended(&house.owner(), &gone).await, ("failed".to_owned(), json!("maker_gone")));
    let token = json!({ "name": "t", "abilities": ["exports:write", "members:read"] });
    let token = house.owner().post("/api/integrations/tokens", token).await.data();
    let caller = house.caller(token["token"].as_str());
    let revoked = ask(&caller, json!({ "type": "members" })).await;
    house.owner().delete(&format!("/api/integrations/tokens/{}", token["id"].as_str().unwrap())).await;
    house.settle().await;
    assert_eq!(ended(&house.owner(), &revoked).await, ("failed".to_owned(), json!("maker_gone")));
    let told = "SELECT data -> 'export' ->> 'reason' AS why FROM events WHERE type = 'export.failed' ORDER BY id";
    assert_eq!(
        json!(house.database.rows(told)),
        json!([{ "why": "ability_missing" }, { "why": "maker_gone" }, { "why": "maker_gone" }])
    );
    assert_eq!(house.owner().get(&format!("{PATH}/{gone}/download")).await.refusal().1, "export_not_ready");
}

#[actix_web::test]
async fn a_suspended_institution_waits() {
    let house = TestHouse::new().await;
    let export = ask(&house.admin(), json!({ "type": "members" })).await;
    let suspend = |status| {
        format!("UPDATE institutions SET status = '{status}' WHERE tenant_id = '{}'", house.school.tenant.uuid())
    };
    house.database.run(&suspend("suspended"));
    house.settle().await;
    house.database.run(&suspend("active"));
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(ended(&house.owner(), &export).await.0, "queued");
    house.settle().await;
    assert_eq!(ended(&house.owner(), &export).await.0, "completed");
}

/// Begins an attempt as a node does.
async fn begin(house: &TestHouse, export: &str) -> (Run, Turn) {
    let run = Run { export: export.parse().unwrap(), id: house.tx().await.new_id::<id::Export>().uuid() };
    let mut tx = house.tx().await;
    let key = |ending: &str| Key::new(house.school.tenant, Shelf::Exports, run.id, ending).to_string();
    let turn = exports::begin(&mut tx, run, 2, key).await.unwrap();
    tx.commit().await.unwrap();
    (run, turn)
}

/// Leaves something where an attempt would write, as one that dies does.
async fn begin_and_die(house: &TestHouse, export: &str) -> Key {
    let (_, turn) = begin(house, export).await;
    let Turn::Yours(begun) = turn else { panic!("not its turn") };
    let key = Key::parse(&begun.file_key).unwrap();
    house.tools().storage.put_whole(&key, &b"half a file"[..]).await.unwrap();
    key
}

#[actix_web::test]
async fn what_an_attempt_that_died_left_is_deleted_and_never_offered() {
    let house = TestHouse::new().await;
    let export = ask(&house.admin(), json!({ "type": "members" })).await;
    let half = begin_and_die(&house, &export).await;
    let download = format!("{PATH}/{export}/download");
    assert_eq!(house.admin().get(&download).await.refusal().1, "export_not_ready");
    house.settle().await;
    assert_eq!(ended(&house.admin(), &export).await.0, "completed");
    assert!(house.tools().storage.head(&half).await.unwrap().is_none());
    let whole = house.admin().get(&download).await.expect(StatusCode::OK).text();
    assert_eq!(whole.lines().count(), 5, "{whole}");
}

#[actix_web::test]
async fn an_attempt_that_comes_back_late_is_not_believed() {
    let house = TestHouse::new().await;
    let export = ask(&house.admin(), json!({ "type": "members" })).await;
    let (late, turn) = begin(&house, &export).await;
    assert!(matches!(turn, Turn::Yours(_)));
    house.settle().await;
    let made = Made {
        rows: 1,
        bytes: 1,
        sha256: "00".to_owned(),
        as_of: house.clock.now(),
        horizon: 1,
        expires_at: house.clock.now(),
    };
    let mut tx = house.tx().await;
    assert!(
        !exports::tell(&mut tx, late, Progress { rows_done: 9, rows_total: None, as_of: house.clock.now() })
            .await
            .unwrap()
    );
    assert!(!exports::complete(&mut tx, late, &made).await.unwrap());
    tx.commit().await.unwrap();
    let shown = house.admin().get(&format!("{PATH}/{export}")).await.data();
    assert_eq!((&shown["status"], &shown["row_count"]), (&json!("completed"), &json!(4)));
}

#[actix_web::test]
async fn one_that_is_stopped_while_it_is_made_leaves_nothing() {
    let house = TestHouse::new().await;
    let waiting = ask(&house.admin(), json!({ "type": "members", "gzip": true })).await;
    let cancel = |id: &str| format!("{PATH}/{id}/cancel");
    assert_eq!(house.admin().post(&cancel(&waiting), json!({})).await.data()["status"], "cancelled");
    let export = ask(&house.admin(), json!({ "type": "members" })).await;
    let half = begin_and_die(&house, &export).await;
    assert_eq!(house.admin().post(&cancel(&export), json!({})).await.data()["status"], "cancelled");
    house.settle().await;
    assert!(house.tools().storage.head(&half).await.unwrap().is_none());
    assert_eq!(house.database.number("SELECT count(*) FROM exports WHERE file_key IS NOT NULL"), 0);
    assert_eq!(house.admin().get(&format!("{PATH}/{export}/download")).await.refusal().1, "export_not_ready");
    let again = house.admin().post(&cancel(&export), json!({})).await.refusal();
    assert_eq!((again.0, again.1.as_str()), (409, "conflict"));
    assert_eq!(house.database.number("SELECT count(*) FROM events WHERE type LIKE 'export.%'"), 0);
}

#[actix_web::test]
async fn of_an_institution_two_are_made_at_once_and_the_others_wait() {
    let house = TestHouse::new().await;
    let mut ids = Vec::new();
    for zone in ["UTC", "Asia/Seoul", "Asia/Tokyo"] {
        ids.push(ask(&house.admin(), json!({ "type": "members", "tz": zone })).await);
    }
    let keys = [begin_and_die(&house, &ids[0]).await, begin_and_die(&house, &ids[1]).await];
    assert!(matches!(begin(&house, &ids[2]).await.1, Turn::Wait));
    house.settle().await;
    for id in &ids[..2] {
        assert_eq!(ended(&house.admin(), id).await.0, "completed");
    }
    house.advance(TimeDelta::seconds(3)).await;
    assert_eq!(ended(&house.admin(), &ids[2]).await.0, "completed");
    for key in keys {
        assert!(house.tools().storage.head(&key).await.unwrap().is_none());
    }
}

#[actix_web::test]
async fn a_promise_that_was_lost_is_made_again() {
    let house = TestHouse::new().await;
    let export = ask(&house.admin(), json!({ "type": "members" })).await;
    house.database.run("DELETE FROM queue_jobs WHERE name = 'exports/run'");
    house.advance(TimeDelta::minutes(16)).await;
    let mut tx = house.db().house().await.unwrap();
    let sweep = NewJob::of(stoa_jobs::queue::HOUSE, &stoa_jobs::exports::SweepExports {}).unwrap();
    enqueue(&mut tx, sweep).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
    assert_eq!(ended(&house.admin(), &export).await.0, "completed");
    // One of an export that is over, or of none, does no harm.
    let mut tx = house.db().house().await.unwrap();
    for export in [export.parse().unwrap(), Id::from_uuid(Uuid::nil())] {
        let run = RunExport { tenant: house.school.tenant, export };
        enqueue(&mut tx, NewJob::of(house.school.tenant, &run).unwrap()).await.unwrap();
    }
    tx.commit().await.unwrap();
    house.settle().await;
    house.leaves(Left::Discarded);
}
