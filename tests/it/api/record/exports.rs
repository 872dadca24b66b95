//! Exports, over HTTP: what is asked for, how far it is, who may.

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa_core::Ability;
use stoa_protocols::event::ItemKind::{Material, Quiz};

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

pub(super) const PATH: &str = "/api/integrations/exports";

/// Asks for an export, has it made, and answers it.
pub(super) async fn made(house: &TestHouse, caller: &Caller, body: Value) -> Value {
    let id = caller.post(PATH, body).await.expect(StatusCode::ACCEPTED).data()["id"].as_str().unwrap().to_owned();
    house.settle().await;
    let export = caller.get(&format!("{PATH}/{id}")).await.data();
    assert_eq!(export["status"], "completed", "{export}");
    export
}

/// Fetches the file of an export.
pub(super) async fn fetched(caller: &Caller, export: &Value) -> Answer {
    caller.get(&format!("{PATH}/{}/download", export["id"].as_str().unwrap())).await
}

/// The rows of a file of JSON lines, sorted by these columns.
pub(super) async fn rows(house: &TestHouse, caller: &Caller, mut body: Value) -> Vec<Value> {
    body["format"] = json!("jsonl");
    let export = made(house, caller, body).await;
    let file = fetched(caller, &export).await.expect(StatusCode::OK).text();
    let mut rows: Vec<Value> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(export["row_count"], json!(rows.len()));
    rows.sort_by_key(Value::to_string);
    rows
}

#[actix_web::test]
async fn an_export_is_promised_made_and_fetched() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "한"]).await;
    let body =
        json!({ "type": "members", "columns": ["external_id", "name", "role"], "filters": { "roles": ["learner"] } });
    let asked = house.admin().post(PATH, body).await.expect(StatusCode::ACCEPTED);
    let export = asked.data();
    let path = format!("{PATH}/{}", export["id"].as_str().unwrap());
    assert!(asked.header("location").unwrap().ends_with(&path), "{:?}", asked.header("location"));
    assert_eq!(asked.header("retry-after"), Some("2"));
    assert_eq!(
        (&export["status"], &export["progress"]),
        (&json!("queued"), &json!({ "rows_done": 0, "rows_total": null }))
    );
    assert_eq!(
        export["columns"],
        json!([
            { "name": "external_id", "type": "text" }, { "name": "name", "type": "text" }, { "name": "role", "type": "text" }
        ])
    );
    for word in ["row_count", "size_bytes", "sha256", "as_of", "expires_at", "next_since", "error"] {
        assert_eq!(export[word], Value::Null, "{word}");
    }
    let early = house.admin().get(&format!("{path}/download")).await;
    assert_eq!((early.refusal().0, early.refusal().1.as_str()), (409, "export_not_ready"));
    assert_eq!(early.header("retry-after"), Some("2"));
    assert_eq!(house.admin().get(&path).await.header("retry-after"), Some("2"));
    house.settle().await;
    let shown = house.admin().get(&path).await;
    assert_eq!(shown.header("retry-after"), None);
    let export = shown.data();
    assert_eq!((&export["status"], &export["row_count"]), (&json!("completed"), &json!(3)), "{export}");
    assert_eq!(export["progress"], json!({ "rows_done": 3, "rows_total": 3 }));
    assert_eq!(
        (&export["as_of"], &export["expires_at"]),
        (&json!("2026-11-21T09:00:00Z"), &json!("2026-11-28T09:00:00Z"))
    );
    let file = fetched(&house.admin(), &export).await;
    let mut lines: Vec<_> = file.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.remove(0), "external_id,name,role");
    lines.sort();
    assert_eq!(lines, ["ana,ana Learner,learner", "home-learner,Learner Example,learner", "한,한 Learner,learner"]);
    assert_eq!(export["size_bytes"], json!(file.body.len()));
}

#[actix_web::test]
async fn the_same_that_is_being_made_is_the_same_export() {
    let house = TestHouse::new().await;
    let body = || json!({ "type": "members", "tz": "Asia/Seoul" });
    let one = house.admin().post(PATH, body()).await.data();
    let again = house.admin().post(PATH, body()).await.expect(StatusCode::ACCEPTED).data();
    assert_eq!(one["id"], again["id"]);
    let other = house.admin().post(PATH, json!({ "type": "members", "tz": "Asia/Tokyo" })).await.data();
    let somebody_else = house.owner().post(PATH, body()).await.data();
    assert_ne!(one["id"], other["id"]);
    assert_ne!(one["id"], somebody_else["id"], "it would fail with the rights of somebody else");
    house.settle().await;
    let anew = house.admin().post(PATH, body()).await.data();
    assert_ne!(one["id"], anew["id"], "what is made is of another moment");
    house.settle().await;
    let keyed = || async {
        let request = house.admin().request(Method::POST, PATH).header("Idempotency-Key", "k");
        request.json(&body()).send().await.expect(StatusCode::ACCEPTED)
    };
    let (first, replayed) = (keyed().await, keyed().await);
    assert_eq!(
        (first.data()["id"].clone(), first.header("location")),
        (replayed.data()["id"].clone(), replayed.header("location"))
    );
    house.settle().await;
    let listed = house.admin().get(&format!("{PATH}?type=members&status=completed&per_page=2")).await.json();
    assert_eq!((&listed["meta"]["total"], listed["data"].as_array().unwrap().len()), (&json!(5), 2), "{listed}");
    assert_eq!(house.admin().get(&format!("{PATH}?status=failed")).await.json()["meta"]["total"], 0);
    assert_eq!(house.admin().get(&format!("{PATH}?status=done")).await.refusal().0, 422);
}

#[actix_web::test]
async fn whatever_is_not_known_is_refused_and_named() {
    let house = TestHouse::new().await;
    for (body, pointers) in [
        (json!({}), vec!["/type"]),
        (json!({ "type": "grades" }), vec!["/type"]),
        (json!({ "type": "members", "colums": ["name"] }), vec!["/colums"]),
        (json!({ "type": "members", "columns": ["name", "password", "name"] }), vec!["/columns/1", "/columns/2"]),
        (json!({ "type": "members", "columns": [] }), vec!["/columns"]),
        (json!({ "type": "members", "filters": { "verbs": ["passed"] } }), vec!["/filters/verbs"]),
        (json!({ "type": "members", "filters": { "nobody": [] } }), vec!["/filters/nobody"]),
        (json!({ "type": "members", "filters": { "roles": [] } }), vec!["/filters/roles"]),
        (json!({ "type": "members", "filters": { "roles": ["wizard"] } }), vec!["/filters/roles/0"]),
        (json!({ "type": "members", "tz": "Mars/Olympus", "locale": "xx-klingon-!" }), vec!["/tz", "/locale"]),
        (json!({ "type": "members", "format": "jsonl", "delimiter": ";" }), vec!["/delimiter"]),
        (json!({ "type": "members", "format": "parquet", "gzip": true }), vec!["/gzip"]),
        (json!({ "type": "members", "delimiter": "x" }), vec!["/delimiter"]),
        (json!({ "type": "members", "since": "activity.1f" }), vec!["/since"]),
        (json!({ "type": "members", "since": "members.7fffffffffffffff" }), vec!["/since"]),
        (
            json!({ "type": "activity", "filters": { "course_ids": ["external_id:none"] } }),
            vec!["/filters/course_ids/0"],
        ),
        (json!({ "type": "activity", "filters": { "user_ids": ["external_id:none"] } }), vec!["/filters/user_ids/0"]),
        (
            json!({ "type": "activity", "filters": { "from": "2026-11-21T09:00:00Z", "to": "2026-11-21T09:00:00Z" } }),
            vec!["/filters/to"],
        ),
        (json!({ "type": "activity", "filters": { "from": "2026-11-21" } }), vec!["/filters/from"]),
    ] {
        let refused = house.admin().post(PATH, body.clone()).await.refusal();
        assert_eq!((refused.0, refused.1.as_str()), (422, "validation_failed"), "{body}");
        assert_eq!(refused.2, pointers, "{body}");
    }
    let said = house.admin().post(PATH, json!({ "type": "members", "filters": { "verbs": ["passed"] } })).await.json();
    assert_eq!(said["errors"][0]["detail"], "exports of members have the filters user_ids, group_ids, status, roles");
    assert_eq!(house.admin().get(PATH).await.json()["meta"]["total"], 0);
}

#[actix_web::test]
async fn each_type_needs_the_ability_to_read_what_is_in_it() {
    let house = TestHouse::new().await;
    let exports = [Ability::ExportsRead, Ability::ExportsWrite];
    for (kind, needs) in [
        ("learner_progress", Ability::ProgressRead),
        ("completions", Ability::ProgressRead),
        ("activity", Ability::ProgressRead),
        ("members", Ability::MembersRead),
        ("deliveries", Ability::WebhooksRead),
        ("audit", Ability::AuditRead),
        ("cefr", Ability::CefrRead),
    ] {
        let (blind, seeing) = (house.token(&exports).await, house.token(&[exports[0], exports[1], needs]).await);
        let refused = blind.post(PATH, json!({ "type": kind })).await.refusal();
        assert_eq!((refused.0, refused.1.as_str()), (403, "ability_missing"), "{kind}");
        let export = made(&house, &seeing, json!({ "type": kind })).await;
        assert_eq!(blind.get(&format!("{PATH}/{}", export["id"].as_str().unwrap())).await.status, 200, "{kind}");
        assert_eq!(fetched(&blind, &export).await.refusal().1, "ability_missing", "{kind}");
        assert_eq!(fetched(&seeing, &export).await.status, 200, "{kind}");
    }
    let reader = house.token(&[Ability::ExportsRead, Ability::MembersRead]).await;
    assert_eq!(reader.post(PATH, json!({ "type": "members" })).await.refusal().1, "ability_missing");
    let stranger = house.stranger();
    let of_home = house.admin().get(PATH).await.data()[0]["id"].as_str().unwrap().to_owned();
    for path in [format!("{PATH}/{of_home}"), format!("{PATH}/{of_home}/download")] {
        assert_eq!(stranger.get(&path).await.refusal().0, 404);
    }
}

#[actix_web::test]
async fn whoever_is_limited_to_courses_exports_them_and_nothing_else() {
    let house = TestHouse::new().await;
    let (spanish, learners) = house.class(&[&[Material]], &["ana"]).await;
    let korean = house.course("korean", &[&[Quiz]]).await;
    house.enrol(&korean, &learners).await;
    house.settle().await;
    for (id, what) in [("s", "spanish/1/1"), ("k", "korean/1/1")] {
        let event = json!({ "id": id, "occurred_at": "2026-11-21T08:00:00Z", "user": { "external_id": "ana" },
            "verb": "completed", "object": { "kind": "item", "external_id": what } });
        house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    }
    house.settle().await;
    let abilities = ["exports:read", "exports:write", "progress:read", "members:read"];
    let token = json!({ "name": "one course", "abilities": abilities, "course_ids": [spanish.id] });
    let token =
        house.owner().post("/api/integrations/tokens", token).await.data()["token"].as_str().unwrap().to_owned();
    let caller = house.caller(Some(&token));
    for kind in ["learner_progress", "completions", "activity"] {
        let rows = rows(&house, &caller, json!({ "type": kind })).await;
        assert!(!rows.is_empty(), "{kind}");
        assert!(rows.iter().all(|row| row["course_external_id"] == "spanish"), "{kind}: {rows:?}");
    }
    assert_eq!(caller.post(PATH, json!({ "type": "members" })).await.refusal().1, "ability_missing");
    let of_all = made(&house, &house.admin(), json!({ "type": "activity" })).await;
    assert_eq!(fetched(&caller, &of_all).await.refusal().0, 404, "it shows other courses too");
    assert_eq!(caller.get(PATH).await.json()["meta"]["total"], 3);
}
