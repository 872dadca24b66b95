//! The rows of letters: one for each, whatever becomes of it, and shown to whoever may look.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::{Ability, clock::Clock, staff::StaffRole};

use super::sink::Sink;
use crate::support::TestHouse;

const URL: &str = "smtp://app:secret@{}?tls=required";

/// Has a letter written to the admin at an address: a request of his is rejected.
pub(super) async fn write_to(house: &TestHouse, email: &str) {
    house.database.run(&format!(
        "UPDATE users SET email = '{email}', email_key = '{email}' WHERE id = '{}'",
        house.school.admin.id.uuid()
    ));
    write_again(house).await;
}

/// Has another letter written to the admin.
pub(super) async fn write_again(house: &TestHouse) {
    let target = house.receivers.at("https://hr.example/quizzes");
    let request = json!({ "reason": "Statistics", "items": [{ "url": target.url(), "events": ["*"] }] });
    let filed = house.admin().post("/api/integrations/subscription-requests", request).await.data();
    let nth = house.database.number("SELECT count(*) FROM staff");
    let vera = house.staff(&format!("vera{nth}"), StaffRole::Support).await;
    let one = format!("/api/support/subscription-requests/{}", filed["id"].as_str().unwrap());
    vera.post(&format!("{one}/reject"), json!({ "reason": "No" })).await.data();
    house.settle().await;
}

/// The newest letter, as an owner sees it.
pub(super) async fn newest(house: &TestHouse) -> Value {
    house.owner().get("/api/letters").await.data()[0].clone()
}

#[actix_web::test]
async fn a_letter_that_was_sent_is_shown_without_its_words() {
    let sink = Sink::start("starttls");
    let house = TestHouse::posting_by(sink.mailer(URL)).await;
    write_to(&house, "ana@example.com").await;
    let came = sink.next();
    let letter = newest(&house).await;
    let id = letter["id"].as_str().unwrap().to_owned();
    let message_id = format!("<{id}.{}@stoa.example>", house.school.tenant);
    assert_eq!(came["headers"]["Message-ID"], json!(message_id));
    let at = house.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let wanted = json!({
        "id": id, "kind": "subscription_request_decided", "member_id": house.school.admin.id.to_string(),
        "recipient": "a***@example.com", "language": "en", "status": "sent", "attempts": 1, "last_error": null,
        "created_at": at, "sent_at": at, "bounced_at": null, "address_suspended_at": null,
    });
    assert_eq!(letter, wanted);
    assert_eq!(house.owner().get(&format!("/api/letters/{id}")).await.data(), letter);
    assert_eq!(sink.so_far(), Vec::<Value>::new());
}

#[actix_web::test]
async fn a_letter_is_whole_in_its_readers_language_and_zone() {
    let sink = Sink::start("plain");
    let house = TestHouse::posting_by(sink.mailer("smtp://{}")).await;
    let speak = |locale: &str| {
        let admin = house.school.admin.id.uuid();
        house
            .database
            .run(&format!("UPDATE users SET locale = '{locale}', time_zone = 'Asia/Seoul' WHERE id = '{admin}'"));
    };
    speak("ko-KR");
    write_again(&house).await;
    let korean = sink.next();
    assert!(korean["headers"]["Subject"].as_str().unwrap().starts_with("구독 신청이 거절되었습니다: srq_"), "{korean}");
    let text = korean["parts"]["text/plain"].as_str().unwrap();
    assert!(text.contains("(한국 표준시)") && text.contains("이 메일을 보내 드립니다"), "{text}");
    // A language that we lack: the institution's.
    house.database.run("UPDATE institutions SET locale = 'he'");
    speak("it-IT");
    write_again(&house).await;
    let hebrew = sink.next();
    assert_eq!(hebrew["headers"]["Content-Language"], "he");
    assert!(hebrew["parts"]["text/html"].as_str().unwrap().contains(r#"<html lang="he" dir="rtl">"#));
    assert_eq!(newest(&house).await["language"], "he");
}

#[actix_web::test]
async fn what_is_refused_for_now_comes_later_and_once() {
    let sink = Sink::start("starttls");
    let house = TestHouse::posting_by(sink.mailer(URL)).await;
    write_to(&house, "later-ana@example.com").await;
    assert_eq!(sink.next()["refused"], "later-ana@example.com");
    let letter = newest(&house).await;
    assert_eq!((&letter["status"], &letter["attempts"]), (&json!("queued"), &json!(1)));
    assert!(letter["last_error"].as_str().unwrap().contains("451"), "{letter}");
    house.skip().await;
    assert_eq!(sink.next()["recipients"], json!(["later-ana@example.com"]));
    let letter = newest(&house).await;
    assert_eq!((&letter["status"], &letter["attempts"]), (&json!("sent"), &json!(2)));
    assert_eq!(house.skip().await, None);
    assert_eq!(sink.so_far(), Vec::<Value>::new());
}

#[actix_web::test]
async fn what_is_refused_for_good_is_never_tried_again() {
    let sink = Sink::start("starttls");
    let house = TestHouse::posting_by(sink.mailer(URL)).await;
    write_to(&house, "unwanted-ana@example.com").await;
    assert_eq!(sink.next()["refused"], "unwanted-ana@example.com");
    let letter = newest(&house).await;
    assert_eq!((&letter["status"], &letter["address_suspended_at"]), (&json!("refused"), &Value::Null));
    assert_eq!(house.skip().await, None);
}

#[actix_web::test]
async fn a_letter_that_is_sent_is_not_sent_again_by_a_job_that_runs_twice() {
    let sink = Sink::start("starttls");
    let house = TestHouse::posting_by(sink.mailer(URL)).await;
    write_to(&house, "ana@example.com").await;
    sink.next();
    // The server took it, and the job was lost before that was settled.
    let request = house.database.value("SELECT id::text FROM subscription_requests");
    let job = stoa_jobs::mail::SubscriptionRequestLetter {
        tenant: house.school.tenant,
        request: stoa_core::Id::from_uuid(request.as_str().unwrap().parse().unwrap()),
        reader: Some(house.school.admin.id),
    };
    let mut tx = house.db().house().await.unwrap();
    let job = stoa_jobs::queue::NewJob::of(house.school.tenant, &job).unwrap();
    stoa_jobs::queue::enqueue(&mut tx, job).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
    assert_eq!((newest(&house).await["attempts"].clone(), sink.so_far()), (json!(1), vec![]));
}

#[actix_web::test]
async fn a_dead_mail_server_delays_letters_and_nothing_else() {
    let sink = Sink::start("starttls");
    let mailer = sink.mailer(URL);
    let house = TestHouse::posting_by(mailer).await;
    let (course, learners) = house.class(&[&[]], &["a", "b", "c", "d", "e"]).await;
    let began = house.clock.now();
    sink.stop();
    write_to(&house, "ana@example.com").await;
    for (attempt, learner) in (1..).zip(&learners) {
        let letter = newest(&house).await;
        assert_eq!((&letter["status"], &letter["attempts"]), (&json!("queued"), &json!(attempt)));
        // Others are served, and their webhooks come.
        let hook = house.receivers.at(&format!("https://lms.example/{attempt}"));
        let wanted = json!({ "url": hook.url(), "events": ["*"], "coalesce_seconds": 0 });
        house.admin().post("/api/integrations/webhooks", wanted).await.data();
        let begun = json!({
            "id": format!("e{attempt}"), "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": learner.id },
            "object": { "kind": "course", "id": course.id }, "verb": "started",
        });
        house.admin().post("/api/progress-events", json!({ "events": [begun] })).await.data();
        house.settle().await;
        assert!(!hook.take().is_empty(), "attempt {attempt}");
        house.skip().await;
    }
    assert!(house.clock.now() - began > TimeDelta::minutes(2), "pauses grow");
}

#[actix_web::test]
async fn letters_are_for_whoever_reads_the_audit_log() {
    let house = TestHouse::new().await;
    write_again(&house).await;
    write_again(&house).await;
    let letters = house.owner().get("/api/letters?status=sent&kind=subscription_request_decided").await.data();
    assert_eq!(letters.as_array().unwrap().len(), 2);
    let path = format!("/api/letters/{}", letters[0]["id"].as_str().unwrap());
    assert_eq!(house.learner().get("/api/letters").await.status, 403);
    assert_eq!(house.token(&[Ability::MembersRead]).await.get(&path).await.status, 403);
    assert_eq!(house.stranger().get(&path).await.status, 404);
    assert_eq!(house.stranger().get("/api/letters").await.data(), json!([]));

    let first = house.owner().get("/api/letters?per_page=1").await.json();
    assert_eq!(first["data"][0], letters[0]);
    let next = first["links"]["next"].as_str().unwrap().split_once("/api/").unwrap().1.to_owned();
    let second = house.owner().get(&format!("/api/{next}")).await.json();
    assert_eq!((&second["data"][0], &second["links"]["next"]), (&letters[1], &Value::Null));
    let admin = house.school.admin.id;
    for (query, count) in
        [(format!("member={admin}"), 2), ("status=bounced".to_owned(), 0), ("kind=invitation".to_owned(), 0)]
    {
        let found = house.owner().get(&format!("/api/letters?{query}")).await.data();
        assert_eq!(found.as_array().unwrap().len(), count, "{query}");
    }
    assert_eq!(house.owner().get("/api/letters?status=lost").await.status, 422);
}

#[actix_web::test]
async fn letters_are_forgotten_with_age() {
    let house = TestHouse::new().await;
    write_again(&house).await;
    house.clock.advance(TimeDelta::days(179));
    write_again(&house).await;
    for (days, left) in [(0, 2), (2, 1)] {
        house.clock.advance(TimeDelta::days(days));
        let mut tx = house.db().house().await.unwrap();
        let job =
            stoa_jobs::queue::NewJob::of(stoa_jobs::queue::HOUSE, &stoa_jobs::housekeeping::ForgetOld {}).unwrap();
        stoa_jobs::queue::enqueue(&mut tx, job).await.unwrap();
        tx.commit().await.unwrap();
        house.settle().await;
        assert_eq!(house.database.number("SELECT count(*) FROM letters"), left);
    }
}
