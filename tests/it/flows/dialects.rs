//! What each kind of receiver gets, byte for byte, and signatures as a receiver verifies them.
//!
//! The bytes are written out here from the vendors' examples, with the ids of the run filled in; the signatures are
//! computed here from the secret and the raw body, not by the code under test.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;

use super::steps::{accept, course, event, item, small_class, subscribe};
use crate::support::{TestHouse, node::BASE_URL, receivers::Call};

fn sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Verifies the headers of Standard Webhooks as its libraries do; answers the id of the message.
pub(super) fn verify_standard(call: &Call, secret: &str) -> String {
    let key = secret.strip_prefix("whsec_").map_or(secret.as_bytes().to_vec(), |text| STANDARD.decode(text).unwrap());
    let id = call.header("webhook-id").expect("an id").to_owned();
    let timestamp = call.header("webhook-timestamp").expect("a timestamp");
    assert_eq!(timestamp, call.at.timestamp().to_string(), "signed when it was sent");
    let message = [id.as_bytes(), b".", timestamp.as_bytes(), b".", &call.body].concat();
    let signature = format!("v1,{}", STANDARD.encode(sha256(&key, &message)));
    assert_eq!(call.header("webhook-signature"), Some(signature.as_str()));
    id
}

fn only(calls: Vec<Call>) -> Call {
    let [call] = <[Call; 1]>::try_from(calls).expect("one call");
    assert_eq!(call.header("content-type"), Some("application/json"));
    call
}

fn body(call: &Call) -> &str {
    std::str::from_utf8(&call.body).expect("UTF-8")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}"))
}

#[actix_web::test]
async fn talktiko_gets_its_bytes() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let (receiver, webhook) = subscribe(&house, "https://a.example", json!({ "events": ["lesson.started"] })).await;
    let secret = text(&webhook, "secret");
    let outcome = accept(&house, vec![event(&house, "e1", &ana, item(&built, (0, 0)), "started")]).await.remove(0);
    house.settle().await;
    let call = only(receiver.take());
    let standing = house.database.rows("SELECT id, number FROM standings WHERE object_kind = 'lesson'").remove(0);
    let standing_id: stoa_core::Id<stoa_core::id::Standing> =
        stoa_core::Id::from_uuid(text(&standing, "id").parse().unwrap());
    let (tenant, lesson) = (house.school.tenant, &built.lessons[0]);
    let id = verify_standard(&call, secret);
    assert!(outcome["events"].as_array().unwrap().contains(&json!(id)));
    let wanted = format!(
        concat!(
            r#"{{"id":"{}","type":"lesson.started","api_version":"2026-11-21","created_at":"2026-11-21T09:00:00.000Z","#,
            r#""institution_id":"{}","object":{{"type":"standing","id":"{}","revision":1}},"test":false,"data":{{"#,
            r#""user":{{"id":"{}","number":{},"external_id":"ana","email":"ana@home.example","name":"ana Learner","#,
            r#""first_name":"ana","last_name":"Learner","role":"learner"}},"#,
            r#""course":{{"id":"{}","number":{},"external_id":"spanish","slug":"course-spanish","title":"Course spanish","#,
            r#""cover_url":null,"author_id":null}},"#,
            r#""lesson":{{"id":"{}","number":{},"external_id":"spanish/1","title":"Lesson 1","position":1}},"#,
            r#""standing":{{"id":"{}","number":{},"status":"in_progress","progress":0,"success":null,"score":null,"#,
            r#""best_score":null,"attempts":0,"time_spent_seconds":0,"started_at":"2026-11-21T09:00:00.000Z","#,
            r#""completed_at":null,"created_at":"2026-11-21T09:00:00.000Z","updated_at":"2026-11-21T09:00:00.000Z"}}}}}}"#,
        ),
        id,
        tenant,
        standing_id,
        ana.id,
        ana.number,
        built.id,
        built.number,
        lesson.id,
        lesson.number,
        standing_id,
        standing["number"],
    );
    assert_eq!(body(&call), wanted);
    // The header of the dialect is keyed by the secret as it is shown, over the body alone.
    let signature = format!("sha256={}", hex::encode(sha256(secret.as_bytes(), &call.body)));
    assert_eq!(call.header("x-signature-256"), Some(signature.as_str()));
}

#[actix_web::test]
async fn teachbase_gets_its_bytes() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    // One address for a type, another for the rest, as its subscriptions have them.
    let more = json!({ "dialect": "teachbase", "events": ["quiz_stat.created", "quiz_stat.updated"] });
    let (quizzes, webhook) = subscribe(&house, "https://b.example/quizzes", more).await;
    let more = json!({ "dialect": "teachbase", "events": ["course_stat.updated", "section_stat.created"] });
    let (receiver, _) = subscribe(&house, "https://b.example/rest", more).await;
    let mut answered = event(&house, "e1", &ana, item(&built, (0, 0)), "answered");
    answered["result"] =
        json!({ "progress": 0.57, "score": { "raw": 8, "min": 0, "max": 10 }, "duration_seconds": 90, "attempt": 1 });
    accept(&house, vec![answered]).await;
    house.settle().await;
    let call = only(quizzes.take());
    let stat = house.database.number("SELECT number FROM standings WHERE object_kind = 'item'");
    let (lesson, quiz) = (built.lessons[0].number, built.lessons[0].items[0].number);
    let wanted = format!(
        concat!(
            r#"{{"type":"quiz_stat","event":"created","data":{{"id":{},"quiz_id":{},"section_id":{},"course_id":{},"#,
            r#""course_session_id":{},"user_id":{},"status":"inprogress","progress":57,"score":8.0,"success":null,"attempts":1,"#,
            r#""time_spent":90,"started_at":"2026-11-21T09:00:00.000+00:00","finished_at":null,"#,
            r#""created_at":"2026-11-21T09:00:00.000+00:00","updated_at":"2026-11-21T09:00:00.000+00:00"}}}}"#,
        ),
        stat, quiz, lesson, built.number, built.number, ana.number,
    );
    assert_eq!(body(&call), wanted);
    verify_standard(&call, text(&webhook, "secret"));
    let mut others: Vec<String> = receiver.take().iter().map(|call| body(call)[..40].to_owned()).collect();
    others.sort();
    assert!(others[0].starts_with(r#"{"type":"course_stat","event":"updated""#), "{others:?}");
    assert!(others[1].starts_with(r#"{"type":"section_stat","event":"created"#), "{others:?}");
    assert_eq!(others.len(), 2);
}

#[actix_web::test]
async fn reach_360_gets_its_bytes() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let more = json!({ "dialect": "reach360", "events": ["course.completed"], "secret": "a-secret-of-ours", "api_version": "2023-05-04" });
    let (receiver, webhook) = subscribe(&house, "https://c.example", more).await;
    let mut passed = event(&house, "e1", &ana, item(&built, (0, 0)), "passed");
    passed["result"] = json!({ "score": { "raw": 8 } });
    accept(&house, vec![passed]).await;
    house.settle().await;
    let call = only(receiver.take());
    let id = verify_standard(&call, "a-secret-of-ours");
    let wanted = format!(
        concat!(
            r#"{{"id":"{id}","createdAt":"2026-11-21T09:00:00.000Z","type":"course.completed","webhookId":"{webhook}","#,
            r#""apiVersion":"2023-05-04","data":{{"course":{{"authorUrl":null,"coverImageUrl":null,"id":"{course}","#,
            r#""courseReportUrl":"{base}/reports/courses/{course}","title":"Course spanish","url":"{base}/courses/{course}","#,
            r#""quiz":{{"passed":true,"score":80}}}},"user":{{"email":"ana@home.example","firstName":"ana","#,
            r#""groupsUrl":"{base}/users/{user}/groups","id":"{user}","lastName":"Learner","#,
            r#""learnerReportUrl":"{base}/reports/learners/{user}","role":"learner","url":"{base}/users/{user}","#,
            r#""favoritesUrl":"{base}/users/{user}/favorites","lastActiveAt":"2026-11-21T09:00:00.000Z","#,
            r#""articulate360User":false}}}}}}"#,
        ),
        id = id,
        webhook = text(&webhook, "id"),
        base = BASE_URL,
        course = built.id,
        user = ana.id,
    );
    assert_eq!(body(&call), wanted);
    assert_eq!(call.header("api-version"), Some("2023-05-04"));
    let signature = hex::encode(sha1(b"a-secret-of-ours", &call.body));
    assert_eq!(call.header("x-hook-signature"), Some(signature.as_str()));
}

#[actix_web::test]
async fn reach_360_reads_an_empty_quiz_where_there_is_none() {
    let house = TestHouse::new().await;
    let (built, ana) = small_class(&house).await;
    let more = json!({ "dialect": "reach360", "events": ["course.completed"] });
    let (receiver, _) = subscribe(&house, "https://c.example", more).await;
    accept(&house, vec![event(&house, "e1", &ana, course(&built), "completed")]).await;
    house.settle().await;
    let call = only(receiver.take());
    assert_eq!(call.json()["data"]["course"]["quiz"], json!({}));
    assert_eq!(call.json()["apiVersion"], "2023-04-04");
    assert_eq!(call.header("api-version"), Some("2023-04-04"));
}
