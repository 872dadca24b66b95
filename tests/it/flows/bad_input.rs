//! What is refused: with a status, a code and the field; and nothing is changed by it.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::steps::small_class;
use crate::support::{TestHouse, callers::Answer, node::BODY_LIMIT_BYTES};

/// Fingerprint of everything that activity, people and the catalogue could change.
fn everything(house: &TestHouse) -> Vec<Value> {
    let tables = [
        "standings",
        "enrolments",
        "progress_events",
        "events",
        "outbox",
        "users",
        "courses",
        "lessons",
        "webhooks",
        "tokens",
    ];
    let print = |table: &&str| {
        house.database.value(&format!("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"))
    };
    tables.iter().map(print).collect()
}

async fn raw(house: &TestHouse, path: &str, media: &str, body: impl Into<bytes::Bytes>) -> Answer {
    house.admin().request(Method::POST, path).bytes(media, body).send().await
}

/// Bodies that are none, at the door where most bodies come in: status, code, pointers.
#[actix_web::test]
async fn bodies_that_are_none_are_refused() {
    let house = TestHouse::new().await;
    small_class(&house).await;
    let before = everything(&house);
    let deep = format!(r#"{{"events":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let long = format!(r#"{{"events":["{}"]}}"#, "x".repeat(BODY_LIMIT_BYTES));
    let json = "application/json";
    let cases = [
        ("nothing", json, b"".to_vec(), (400, "malformed_body")),
        ("no JSON", json, b"events=1".to_vec(), (400, "malformed_body")),
        ("half of it", json, br#"{"events":[{"id":"e1""#.to_vec(), (400, "malformed_body")),
        ("more behind it", json, br#"{"events":[]} {}"#.to_vec(), (400, "malformed_body")),
        ("deeply nested", json, deep.into_bytes(), (400, "malformed_body")),
        ("a key twice", json, br#"{"events":[],"events":[]}"#.to_vec(), (400, "malformed_body")),
        ("a key twice inside", json, br#"{"events":[{"id":"a","id":"b"}]}"#.to_vec(), (400, "malformed_body")),
        ("NUL", json, br#"{"events":["\u0000"]}"#.to_vec(), (400, "malformed_body")),
        ("no UTF-8", json, b"{\"events\":[\"\xff\xfe\"]}".to_vec(), (400, "malformed_body")),
        ("half a surrogate", json, br#"{"events":["\ud800"]}"#.to_vec(), (400, "malformed_body")),
        ("a byte order mark", json, b"\xef\xbb\xbf{\"events\":[]}".to_vec(), (400, "malformed_body")),
        ("too large", json, long.into_bytes(), (413, "body_too_large")),
        ("a form", "application/x-www-form-urlencoded", b"a=b".to_vec(), (415, "unsupported_media_type")),
        ("a picture", "image/png", b"\x89PNG".to_vec(), (415, "unsupported_media_type")),
        ("a list", json, b"[]".to_vec(), (422, "validation_failed")),
        ("a number", json, b"1".to_vec(), (422, "validation_failed")),
        ("null", json, b"null".to_vec(), (422, "validation_failed")),
        ("no events", json, b"{}".to_vec(), (422, "validation_failed")),
        ("none at all", json, br#"{"events":[]}"#.to_vec(), (422, "validation_failed")),
        ("something else", json, br#"{"events":{}}"#.to_vec(), (422, "validation_failed")),
        ("something more", json, br#"{"events":[],"more":1}"#.to_vec(), (422, "validation_failed")),
    ];
    for (what, media, body, wanted) in cases {
        let answer = raw(&house, "/api/progress-events", media, body).await;
        let (status, code, pointers) = answer.refusal();
        assert_eq!((status, code.as_str()), wanted, "{what}: {}", answer.text());
        assert_eq!(pointers.is_empty(), !matches!(status, 400 | 422), "{what}: {}", answer.text());
        assert!(!answer.text().contains(" line ") && !answer.text().contains("serde"), "{what}: {}", answer.text());
    }
    assert_eq!(everything(&house), before);
}

#[actix_web::test]
async fn too_many_events_are_refused_as_a_whole() {
    let house = TestHouse::new().await;
    let (_, ana) = small_class(&house).await;
    let before = everything(&house);
    let one = json!({ "id": "e", "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": ana.id }, "object": { "kind": "course", "external_id": "spanish" }, "verb": "started" });
    let answer = house.admin().post("/api/progress-events", json!({ "events": vec![one; 501] })).await;
    assert_eq!(answer.refusal(), (422, "validation_failed".to_owned(), vec!["/events".to_owned()]));
    assert_eq!(everything(&house), before);
}

/// A fault inside one event rejects that event and names the field from there.
#[actix_web::test]
async fn absurd_events_are_rejected_by_field() {
    let house = TestHouse::new().await;
    let (_, ana) = small_class(&house).await;
    let before = everything(&house);
    let with = |pointer: &str, value: Value| {
        let mut event = json!({
            "id": "e", "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": ana.id },
            "object": { "kind": "course", "external_id": "spanish" }, "verb": "started",
            "result": { "progress": 0.5, "score": { "raw": 1, "min": 0, "max": 10 }, "success": true, "duration_seconds": 1, "attempt": 1 },
        });
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        event.pointer_mut(parent).unwrap()[name] = value;
        event
    };
    let long = "x".repeat(129);
    let absurd: Vec<(&str, Value)> = vec![
        ("/id", json!("")),
        ("/id", json!(long)),
        ("/id", json!(7)),
        ("/id", json!("a\nb")),
        ("/id", Value::Null),
        ("/occurred_at", json!("yesterday")),
        ("/occurred_at", json!("2026-11-21")),
        ("/occurred_at", json!("2026-11-21T09:00:00")),
        ("/occurred_at", json!("2026-02-30T09:00:00Z")),
        ("/occurred_at", json!("2026-11-21T25:00:00Z")),
        ("/occurred_at", json!("0001-01-01T00:00:00Z")),
        ("/occurred_at", json!("9999-12-31T23:59:59Z")),
        ("/occurred_at", json!("+262142-12-31T23:59:59Z")),
        ("/occurred_at", json!(1_795_251_600)),
        ("/user", json!({})),
        ("/user", json!({ "id": ana.id, "email": ana.email })),
        ("/user/id", json!("usr_1")),
        ("/user/id", json!(12)),
        ("/user", json!("ana")),
        ("/object", json!({ "kind": "course" })),
        ("/object/kind", json!("planet")),
        ("/object/kind", json!("training")),
        ("/verb", json!("slept")),
        ("/verb", json!(1)),
        ("/result/progress", json!(-0.1)),
        ("/result/progress", json!(1.01)),
        ("/result/progress", json!(50)),
        ("/result/progress", json!("half")),
        ("/result/score", json!({ "raw": 11, "min": 0, "max": 10 })),
        ("/result/score", json!({ "raw": 5, "min": 10, "max": 0 })),
        ("/result/score", json!({})),
        ("/result/score/raw", json!("8")),
        ("/result/success", json!("yes")),
        ("/result/duration_seconds", json!(-1)),
        ("/result/duration_seconds", json!(1e18)),
        ("/result/attempt", json!(0)),
        ("/result/attempt", json!(1.5)),
        ("/result/attempt", json!(99_999_999_999_i64)),
        ("/more", json!(1)),
        ("/result/more", json!(1)),
    ];
    let events: Vec<Value> = absurd.iter().map(|(pointer, value)| with(pointer, value.clone())).collect();
    let outcomes = house.admin().post("/api/progress-events", json!({ "events": events })).await.data();
    for ((pointer, value), outcome) in absurd.iter().zip(outcomes.as_array().unwrap()) {
        assert_eq!(
            (&outcome["status"], &outcome["code"]),
            (&json!("rejected"), &json!("validation_failed")),
            "{pointer} {value}: {outcome}"
        );
        let detail = outcome["detail"].as_str().unwrap();
        assert!(detail.contains(pointer), "{pointer} {value}: {detail}");
        assert!(!detail.contains(" line ") && !detail.contains("Rust"), "{pointer} {value}: {detail}");
    }
    assert_eq!(everything(&house), before);
}

/// Numbers that no machine's number holds, which only a text can carry.
#[actix_web::test]
async fn absurd_numbers_are_refused() {
    let house = TestHouse::new().await;
    let (_, ana) = small_class(&house).await;
    let before = everything(&house);
    for number in
        ["1e999", "-1e999", "99999999999999999999999999999999", "0x10", "NaN", "Infinity", "01", "1.", ".5", "+1"]
    {
        let body = format!(
            r#"{{"events":[{{"id":"{number}","occurred_at":"2026-11-21T09:00:00Z","user":{{"id":"{}"}},"object":{{"kind":"course","external_id":"spanish"}},"verb":"started","result":{{"score":{{"raw":{number}}}}}}}]}}"#,
            ana.id
        );
        let answer = raw(&house, "/api/progress-events", "application/json", body).await;
        if answer.status == 200 {
            assert_eq!(answer.data()[0]["status"], "rejected", "{number}: {}", answer.text());
        } else {
            assert_eq!(answer.refusal().0, 400, "{number}: {}", answer.text());
        }
        assert_eq!(everything(&house), before, "{number}");
    }
}

/// The same at other doors: each names the field.
#[actix_web::test]
async fn fields_are_named_at_every_door() {
    let house = TestHouse::new().await;
    small_class(&house).await;
    let before = everything(&house);
    let members = format!("/api/institutions/{}/members", house.school.tenant);
    let cases: Vec<(&str, Value, &str)> = vec![
        ("/api/courses", json!({}), "/title"),
        ("/api/courses", json!({ "title": 7 }), "/title"),
        ("/api/courses", json!({ "title": " " }), "/title"),
        ("/api/courses", json!({ "title": "x".repeat(256) }), "/title"),
        ("/api/courses", json!({ "title": "a", "status": "burnt" }), "/status"),
        ("/api/courses", json!({ "title": "a", "language": "klingonese" }), "/language"),
        ("/api/courses", json!({ "title": "a", "cover_url": "javascript:alert(1)" }), "/cover_url"),
        ("/api/courses", json!({ "title": "a", "colour": "red" }), "/colour"),
        ("/api/lessons", json!({ "title": "a", "course_id": "external_id:spanish", "weight": -1 }), "/weight"),
        ("/api/lessons", json!({ "title": "a", "course_id": "external_id:spanish", "position": 0 }), "/position"),
        ("/api/lessons", json!({ "title": "a", "course_id": "external_id:none" }), "/course_id"),
        (
            "/api/trainings",
            json!({ "title": "a", "lesson_id": "external_id:spanish/1", "pass_score": 10_001 }),
            "/pass_score",
        ),
        (
            "/api/trainingItems",
            json!({ "title": "a", "training_id": "external_id:spanish/1", "type": "poem" }),
            "/type",
        ),
        (&members, json!({ "email": "none", "name": "A" }), "/email"),
        (&members, json!({ "email": "a@b.example" }), "/name"),
        (&members, json!({ "email": "a@b.example", "name": "A", "role": "king" }), "/role"),
        (&members, json!({ "email": "a@b.example", "name": "A", "time_zone": "Moon/Sea" }), "/time_zone"),
        ("/api/integrations/tokens", json!({ "name": "a", "abilities": [] }), "/abilities"),
        ("/api/integrations/tokens", json!({ "name": "a", "abilities": ["world:rule"] }), "/abilities/0"),
        (
            "/api/integrations/tokens",
            json!({ "name": "a", "abilities": ["content:read"], "expires_at": "2020-01-01T00:00:00Z" }),
            "/expires_at",
        ),
        ("/api/integrations/webhooks", json!({ "url": "https://a.example", "events": ["course.burnt"] }), "/events/0"),
        (
            "/api/integrations/webhooks",
            json!({ "url": "https://a.example", "events": ["*"], "secret": "short" }),
            "/secret",
        ),
        (
            "/api/integrations/webhooks",
            json!({ "url": "https://a.example", "events": ["*"], "dialect": "latin" }),
            "/dialect",
        ),
        (
            "/api/integrations/webhooks",
            json!({ "url": "https://a.example", "events": ["*"], "scope": { "courses": ["external_id:none"] } }),
            "/scope/courses/0",
        ),
        ("/api/integrations/webhooks", json!({ "url": "http://127.0.0.1", "events": ["*"] }), "/url"),
        ("/api/integrations/webhooks", json!({ "url": "https://0x7f.1", "events": ["*"] }), "/url"),
        ("/api/integrations/webhooks", json!({ "url": "https://[::ffff:169.254.169.254]/", "events": ["*"] }), "/url"),
    ];
    for (path, body, pointer) in cases {
        let answer = house.admin().post(path, body.clone()).await;
        let (status, _, pointers) = answer.refusal();
        assert_eq!((status, pointers), (422, vec![pointer.to_owned()]), "{path} {body}: {}", answer.text());
    }
    assert_eq!(everything(&house), before);
}

/// Paths and queries are input as well.
#[actix_web::test]
async fn odd_paths_and_queries_are_refused() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for path in [
        "/api/courses/%00",
        "/api/courses/crs_1",
        "/api/courses/external_id:",
        "/api/courses/..%2f..%2fetc%2fpasswd",
        "/api/courses/%ff",
        "/api/integrations/webhooks/whk_1",
        "/api/nothing",
        "/",
        "/api/courses/crs_00000000000000000000000001",
    ] {
        assert_eq!(admin.get(path).await.refusal().0, 404, "{path}");
    }
    for (query, pointer) in [
        ("page=0", "?page"),
        ("page=-1", "?page"),
        ("page=x", "?page"),
        ("page=99999999999999999999", "?page"),
        ("per_page=0", "?per_page"),
        ("per_page=1001", "?per_page"),
        ("status=burnt", "?status"),
        ("updated_since=yesterday", "?updated_since"),
        ("colour=red", "?colour"),
        ("page=1&page=2", "?page"),
    ] {
        let (status, code, pointers) = admin.get(&format!("/api/courses?{query}")).await.refusal();
        assert_eq!((status, code.as_str()), (422, "validation_failed"), "{query}");
        assert_eq!(pointers, [pointer], "{query}");
    }
    let answer = admin.request(Method::PATCH, "/api/courses").send().await;
    assert_eq!(answer.refusal().0, 405);
    assert!(answer.header("allow").is_some_and(|allow| allow.contains("POST")));
}
