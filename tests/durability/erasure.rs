//! The server is killed again and again while a person is erased: in the end nothing tells who it was, and the receipt
//! counts each row once.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::support::{
    database::Database,
    eventually, seed,
    server::{Server, signal},
    site::Site,
    wire::Channel,
};

const EVENTS: usize = 20_000;
const OF_A_REQUEST: usize = 100;
const KILLS: usize = 5;
/// Each of this number takes PostgreSQL along.
const POWER_FAILS: usize = 2;
/// Longest life of a server, from when it is ready: a few handfuls of rows.
const LIFE_MS: u64 = 1_500;
/// From the word that somebody shall be erased to the first row that goes.
const FIRST_ROW_AFTER: Duration = Duration::from_secs(10);
const ENDS_WITHIN: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_person_is_erased() {
    let mut dice = StdRng::seed_from_u64(seed());
    let mut server = Server::start(Site::new("erasure").with("STOA__PRIVACY__GRACE_HOURS", "0"));
    server.ready().await;
    let token = server.site.token();
    let database = Database::of(&server.site).await;
    let item = database.texts("SELECT external_id FROM training_items ORDER BY 1 LIMIT 1").await.remove(0);
    let him = "external_id:erased-qzkey";
    let member =
        json!({ "email": "qzmarker@school.example", "name": "Qzmarker Qzname", "external_id": "erased-qzkey" });
    call(&server, "POST /api/institutions/external_id:demo/members", &token, &member).await;
    let course = "SELECT c.external_id FROM courses c JOIN lessons l ON l.course_id = c.id
        JOIN trainings t ON t.lesson_id = l.id JOIN training_items i ON i.training_id = t.id ORDER BY i.external_id LIMIT 1";
    let course = database.texts(course).await.remove(0);
    let enrolled = format!("POST /api/courses/external_id:{course}/enrollments");
    call(&server, &enrolled, &token, &json!({ "user": { "external_id": "erased-qzkey" } })).await;
    let mut channel = Channel::open(server.site.address).await.expect("the server listens");
    for request in 0..EVENTS / OF_A_REQUEST {
        let body = activity(request, &item).to_string();
        let answer = channel.call("POST /api/progress-events", Some(&token), &body).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{}", answer.text());
        assert_eq!(answer.json()["data"][0]["status"], "accepted", "{}", answer.text());
    }
    let asked =
        call(&server, &format!("POST /api/users/{him}/erasure"), &token, &json!({ "reason": "By letter" })).await;
    let erasure = format!("GET /api/erasures/{}", asked["id"].as_str().expect("an id"));
    tokio::time::sleep(FIRST_ROW_AFTER).await;
    let mut seen = Vec::new();
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(dice.random_range(50..LIFE_MS))).await;
        if kill % POWER_FAILS == 0 {
            let (postmaster, _) = server.site.postmaster().expect("PostgreSQL runs");
            signal("KILL", postmaster);
        }
        server.kill();
        server.restart();
        server.ready().await;
        let left = Database::of(&server.site).await;
        seen.push(left.numbers::<1>("SELECT count(*) FROM progress_events WHERE client_id LIKE 'qzkey-%'").await[0]);
    }
    println!("left after each kill: {seen:?}");
    let ended = eventually("the erasing ends", ENDS_WITHIN, async || {
        let erasure = call(&server, &erasure, &token, &Value::Null).await;
        if erasure["status"] == "completed" { Ok(erasure) } else { Err(erasure.to_string()) }
    })
    .await;
    let activity = rows_of(&ended["receipt"], "progress_events");
    assert_eq!(activity, i64::try_from(EVENTS).expect("a count"), "each row is counted once: {ended}");
    let database = Database::of(&server.site).await;
    let left = "SELECT (SELECT count(*) FROM users WHERE users::text ~* 'qzmarker|qzname|qzkey'),
        (SELECT count(*) FROM events WHERE events::text ~* 'qzmarker|qzname|qzkey'),
        (SELECT count(*) FROM progress_events WHERE client_id ~* 'qzkey'),
        (SELECT count(*) FROM audit_log WHERE audit_log::text ~* 'qzmarker|qzname|qzkey'),
        (SELECT count(*) FROM erasures WHERE erasures::text ~* 'qzmarker|qzname|qzkey')";
    assert_eq!(database.numbers(left).await, [0, 0, 0, 0, 0]);
    let told = "SELECT count(*) FILTER (WHERE type = 'erasure.completed'), count(*) FILTER (WHERE type = 'user.deleted') FROM events";
    assert_eq!(database.numbers(told).await, [1, 1]);
    server.close().await;
}

/// What he did, told a hundred at a time.
fn activity(request: usize, item: &str) -> Value {
    let event = |nth: usize| {
        json!({
            "id": format!("qzkey-{request}-{nth}"), "occurred_at": "2026-11-01T08:00:00Z", "verb": "progressed",
            "user": { "external_id": "erased-qzkey" }, "object": { "kind": "item", "external_id": item },
            "result": { "duration_seconds": 1 },
        })
    };
    json!({ "events": (0..OF_A_REQUEST).map(event).collect::<Vec<_>>() })
}

fn rows_of(receipt: &Value, table: &str) -> i64 {
    let erased = receipt["erased"].as_array().expect("tables");
    erased.iter().find(|part| part["table"] == table).and_then(|part| part["rows"].as_i64()).expect("rows")
}

async fn call(server: &Server, what: &str, token: &str, body: &Value) -> Value {
    let mut channel = Channel::open(server.site.address).await.expect("the server listens");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = channel.call(what, Some(token), &body).await.expect("an answer");
    assert!((200..300).contains(&answer.status()), "{what}: {}", answer.text());
    answer.json()["data"].clone()
}
