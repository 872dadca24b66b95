//! After an erasure nothing in the whole database tells who that was: every column of every table is looked through for
//! words that were written through everything that takes any.

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_actors::egress::Outcome;
use stoa_core::staff::StaffRole;

use crate::support::{TestHouse, callers::Caller, database::schools, schools::PASSWORD};

/// Words that stand nowhere else: parts of names, addresses and keys, in two scripts, as they are and as they were.
const MARKERS: [&str; 7] = ["qzmarker", "qznachname", "칠성표지", "qzkey", "학번표지", "qzformer", "qzoldkey"];
const NAME: &str = "칠성표지 Qznachname";
const EMAIL: &str = "Qzmarker@marker.example";
const KEY: &str = "학번표지-qzkey-4711";

/// Where markers stand: table, column and how many rows.
fn found(house: &TestHouse) -> Vec<String> {
    let tenant = house.school.tenant.uuid();
    let columns = house.database.rows(
        "SELECT c.relname AS table, a.attname AS column, a.atttypid = 'bytea'::regtype AS bytes,
           EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id') AS walled
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2",
    );
    let mut places = Vec::new();
    for column in &columns {
        let (table, name) = (column["table"].as_str().unwrap(), column["column"].as_str().unwrap());
        let holds = |marker: &&str| {
            if column["bytes"] == true {
                format!("position(convert_to('{marker}', 'UTF8') IN {name}) > 0")
            } else {
                format!("{name}::text ILIKE '%{marker}%'")
            }
        };
        let any: Vec<String> = MARKERS.iter().map(holds).collect();
        let own = if column["walled"] == true { format!("tenant_id = '{tenant}'") } else { "true".to_owned() };
        let rows =
            house.database.number(&format!("SELECT count(*) FROM {table} WHERE {own} AND ({})", any.join(" OR ")));
        if rows > 0 {
            places.push(format!("{table}.{name}: {rows}"));
        }
    }
    places
}

fn echo(body: &str) -> Outcome {
    Outcome::Response { status: 500, excerpt: body.to_owned(), retry_after: None, location: None }
}

/// The person, by every way in, and words about him wherever words can be written.
async fn write_everywhere(house: &TestHouse) -> (String, Caller) {
    let (admin, owner) = (house.admin(), house.owner());
    let members = format!("/api/institutions/{}/members", house.school.tenant);
    let hook = house.receivers.at("https://lms.example/hooks");
    let made =
        json!({ "url": hook.url(), "events": ["*"], "coalesce_seconds": 0, "description": format!("For {NAME}") });
    admin.post("/api/integrations/webhooks", made).await.data();
    // As he was, and as he is.
    let first = json!({ "email": "qzformer@marker.example", "name": "Qzformer", "external_id": "qzoldkey-1", "time_zone": "Asia/Seoul" });
    let person = admin.post(&members, first).await.data()["id"].as_str().unwrap().to_owned();
    let change = json!({ "email": EMAIL, "name": NAME, "external_id": KEY, "role": "integrator" });
    admin.patch(&format!("{members}/{person}"), change).await.data();
    house.settle().await;
    hook.then([echo(&format!("{{\"received\": \"{NAME}\"}}")), echo(EMAIL)]);
    let him = signed_in(house, &person).await;
    let course = house.course("spanish", &[&[stoa_protocols::event::ItemKind::Quiz]]).await;
    learn(house, &him, &course.id.to_string()).await;
    write_about(house, &person).await;
    // What he did himself.
    let token = json!({ "name": format!("Sync of {NAME}"), "abilities": ["content:read"] });
    him.request(Method::POST, "/api/integrations/tokens")
        .header("Idempotency-Key", "qz-1")
        .json(&token)
        .send()
        .await
        .data();
    let request = json!({ "reason": format!("{NAME} wants it"), "items": [{ "url": hook.url(), "events": ["*"] }] });
    him.post("/api/integrations/subscription-requests", request).await.data();
    let file =
        format!("external_id,email,name\n{KEY},{EMAIL},Qznachname 칠성표지\nqzkey-wrong,not an address qzmarker,X\n");
    let bulk = format!("{members}/bulk");
    let sent = owner.request(Method::POST, &bulk).bytes("text/csv", file).send().await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    house.settle().await;
    house.anonymous().post("/api/auth/password-reset", json!({ "email": EMAIL })).await.expect(StatusCode::ACCEPTED);
    house.settle().await;
    house.take_letters();
    (person, him)
}

async fn signed_in(house: &TestHouse, person: &str) -> Caller {
    let letter_to_him = format!("/api/institutions/{}/members/{person}", house.school.tenant);
    assert_eq!(house.admin().get(&letter_to_him).await.data()["name"], NAME);
    // He chooses a password by the letter of whoever lost one.
    house.anonymous().post("/api/auth/password-reset", json!({ "email": EMAIL })).await.expect(StatusCode::ACCEPTED);
    house.settle().await;
    let letters = house.take_letters();
    let text = &letters.iter().find(|letter| letter.to.address == EMAIL).expect("a letter").text;
    let token =
        text.split("#token=").nth(1).unwrap().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap();
    let chosen = json!({ "token": token, "password": PASSWORD });
    house.anonymous().post("/api/auth/password-reset/complete", chosen).await;
    let sign_in = json!({ "email": EMAIL, "password": PASSWORD, "device_name": "Qzmarker's phone" });
    let session = house.anonymous().post("/api/auth/sign-in", sign_in).await.data();
    house.caller(session["token"].as_str())
}

async fn learn(house: &TestHouse, him: &Caller, course: &str) {
    let admin = house.admin();
    let user = json!({ "external_id": KEY });
    admin.post(&format!("/api/courses/{course}/enrollments"), json!({ "user": user })).await.data();
    let event = |nth: u32, verb: &str| {
        json!({
            "id": format!("{KEY}/event-{nth}"), "occurred_at": "2026-11-21T08:00:00Z", "user": user, "verb": verb,
            "object": { "kind": "item", "external_id": "spanish/1/1" }, "result": { "score": { "raw": 7 + nth }, "duration_seconds": 60 },
        })
    };
    let events = json!({ "events": [event(1, "started"), event(2, "passed")] });
    admin.post("/api/progress-events", events.clone()).await.data();
    him.request(Method::POST, "/api/progress-events").header("Idempotency-Key", "qz-2").json(&events).send().await;
    let piece = json!({
        "user": format!("external_id:{KEY}"), "language": "en", "skill": "reading", "source": "teacher", "level": "B1",
        "occurred_at": "2026-11-20T09:00:00Z", "external_id": format!("{KEY}-talk"), "note": format!("{NAME} reads well"),
    });
    admin.post("/api/cefr/evidence", json!({ "evidence": [piece] })).await.data();
    admin
        .put("/api/cefr/target", json!({ "user": format!("external_id:{KEY}"), "language": "en", "level": "B2" }))
        .await
        .data();
    house.settle().await;
}

/// What others wrote of him.
async fn write_about(house: &TestHouse, person: &str) {
    let admin = house.admin();
    let group = admin.post("/api/groups", json!({ "name": format!("Tutoring {NAME}") })).await.data();
    let group = group["id"].as_str().unwrap();
    admin.put(&format!("/api/groups/{group}/members/{person}"), json!({})).await;
    let ana = &house.learners(&["ana"]).await[0];
    let piece = json!({
        "user": ana.id, "language": "en", "skill": "reading", "source": "teacher", "level": "B1",
        "occurred_at": "2026-11-20T09:00:00Z", "note": format!("as good as {NAME}"),
    });
    admin.post("/api/cefr/evidence", json!({ "evidence": [piece] })).await.data();
    let hold = format!("/api/users/{person}/legal-hold");
    admin.put(&hold, json!({ "reason": format!("Case of {EMAIL}") })).await.data();
    admin.delete(&hold).await;
    admin.post("/api/integrations/exports", json!({ "type": "members" })).await.data();
    let operator = house.staff("olga", StaffRole::Operator).await;
    operator.post(&format!("/api/institutions/{}/export", house.school.tenant), Value::Null).await.data();
    house.settle().await;
}

#[actix_web::test]
async fn nothing_in_the_database_tells_who_was_erased() {
    let house = TestHouse::new().await;
    let (person, him) = write_everywhere(&house).await;
    let namesake = json!({ "email": EMAIL, "name": NAME, "external_id": KEY });
    let abroad = format!("/api/institutions/{}/members", schools().abroad.tenant);
    let namesake = house.stranger().post(&abroad, namesake).await.data()["id"].as_str().unwrap().to_owned();
    house.settle().await;
    let before = found(&house);
    for place in [
        "users.email",
        "events.data",
        "payloads.body",
        "attempts.response",
        "audit_log.actor_name",
        "import_file_parts.bytes",
        "import_rows.email_key",
        "progress_events.client_id",
        "cefr_evidence.note",
        "groups.name",
        "webhooks.description",
        "tokens.name",
        "subscription_requests.filed_name",
        "user_words.word",
        "legal_holds.reason",
    ] {
        let is_there = before.iter().any(|found| found.starts_with(&format!("{place}:")));
        assert!(is_there || place == "legal_holds.reason", "the test writes nothing into {place}: {before:#?}");
    }

    let asked = json!({ "reason": format!("{NAME} asked by letter") });
    let asked = house.admin().post(&format!("/api/users/{person}/erasure"), asked).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    let erasure = format!("/api/erasures/{}", asked.data()["id"].as_str().unwrap());
    assert_eq!(him.get("/api/auth/me").await.status, 401, "he is out at once");
    house.settle().await;
    house.advance(TimeDelta::hours(72)).await;
    for _ in 0..20 {
        if house.admin().get(&erasure).await.data()["status"] == "completed" {
            break;
        }
        house.advance(TimeDelta::minutes(1)).await;
    }
    let over = house.admin().get(&erasure).await.data();
    assert_eq!(over["status"], "completed", "{over}");
    assert_eq!(found(&house), [""; 0]);

    let there = house.stranger().get(&format!("{abroad}/{namesake}")).await.data();
    assert_eq!((&there["name"], &there["email"], &there["external_id"]), (&json!(NAME), &json!(EMAIL), &json!(KEY)));
}
