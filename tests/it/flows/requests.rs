//! Subscriptions that support was asked for: from filing to the first delivery, and what everybody is told on the way.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::staff::StaffRole;
use stoa_jobs::{
    housekeeping::ExpireSubscriptionRequests,
    queue::{HOUSE, NewJob, enqueue},
};
use stoa_protocols::event::ItemKind;

use super::steps::{accept, event, item, subscribe};
use crate::support::{TestHouse, receivers::Receiver};

const REQUESTS: &str = "/api/integrations/subscription-requests";
const QUEUE: &str = "/api/support/subscription-requests";
const REASON: &str = "Результаты тестов нужны отделу кадров.";

/// What a receiver was told, `type event` of Teachbase's bodies.
fn stats(receiver: &Receiver) -> Vec<String> {
    let line = |body: Value| format!("{} {}", body["type"].as_str().unwrap(), body["event"].as_str().unwrap());
    let mut stats: Vec<String> = receiver.take().iter().map(|call| line(call.json())).collect();
    stats.sort();
    stats
}

/// The hourly look for requests whose time is over.
async fn look_for_overdue(house: &TestHouse) {
    let mut tx = house.db().house().await.unwrap();
    enqueue(&mut tx, NewJob::of(HOUSE, &ExpireSubscriptionRequests {}).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    house.settle().await;
}

#[actix_web::test]
async fn from_filing_to_the_first_delivery() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&[ItemKind::Quiz, ItemKind::Task]], &["ana"]).await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let (news, _) =
        subscribe(&house, "https://news.example/", json!({ "events": ["subscription_request.approved"] })).await;
    let hr = house.receivers.at("https://hr.example/quizzes");
    let tasks = house.receivers.at("https://hr.example/tasks");

    let quiz = course.lessons[0].items[0].number;
    let request = json!({ "reason": REASON, "items": [
        { "url": hr.url(), "events": ["quiz_stat"], "scope": { "quizzes": [quiz] } },
        { "url": tasks.url(), "events": ["task_stat.created"] },
    ] });
    let filed = house.admin().post(REQUESTS, request).await.data();
    let one = format!("{QUEUE}/{}", filed["id"].as_str().unwrap());
    house.clock.advance(TimeDelta::hours(2));
    let queued = vera.get(QUEUE).await.data();
    assert_eq!(queued[0]["id"], filed["id"]);
    vera.post(&format!("{one}/test"), json!({})).await.data();
    assert_eq!(stats(&hr), ["quiz_stat created"], "a realistic sample of what was asked for");
    tasks.take();
    vera.post(&format!("{one}/approve"), json!({})).await.data();
    house.settle().await;

    // By webhook.
    let told = news.take().remove(0).json();
    let facts = &told["data"]["subscription_request"];
    assert_eq!((&told["type"], &facts["status"]), (&json!("subscription_request.approved"), &json!("approved")));
    assert_eq!((&facts["reason"], &facts["items"][1]["outcome"]), (&json!(REASON), &json!("approved")));
    assert_eq!(told["object"], json!({ "type": "subscription_request", "id": filed["id"], "revision": 1 }));
    // By letter, to who filed it and to nobody else.
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to.address, "admin@home.example");
    assert!(letters[0].subject.starts_with("Your subscription request was approved: srq_"), "{}", letters[0].subject);
    assert!(letters[0].text.contains(REASON) && letters[0].text.contains("by vera"), "{}", letters[0].text);

    // And the activity comes, in Teachbase's dialect, where it was asked for and nowhere else.
    accept(&house, vec![event(&house, "e1", &learners[0], item(&course, (0, 0)), "started")]).await;
    house.settle().await;
    let bodies = hr.take();
    let body = bodies[0].json();
    assert_eq!((&body["type"], &body["event"]), (&json!("quiz_stat"), &json!("created")));
    assert_eq!((&body["data"]["quiz_id"], &body["data"]["user_id"]), (&json!(quiz), &json!(learners[0].number)));
    assert!(tasks.take().is_empty());
    accept(&house, vec![event(&house, "e2", &learners[0], item(&course, (0, 1)), "started")]).await;
    house.settle().await;
    assert_eq!((stats(&hr), stats(&tasks)), (Vec::new(), vec!["task_stat created".to_owned()]));
}

#[actix_web::test]
async fn half_of_it() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&[ItemKind::Quiz, ItemKind::Task]], &["ana"]).await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let hr = house.receivers.at("https://hr.example/all");
    let request = json!({ "reason": REASON, "items": [{ "url": hr.url(), "events": ["quiz_stat", "task_stat"] }] });
    let filed = house.admin().post(REQUESTS, request).await.data();
    let approve = format!("{QUEUE}/{}/approve", filed["id"].as_str().unwrap());
    let why = "Tasks are graded by hand and hold names.";
    vera.post(&approve, json!({ "events": ["quiz_stat"], "reason": why })).await.data();
    house.settle().await;
    let letter = house.take_letters().remove(0);
    assert!(letter.subject.starts_with("Your subscription request was approved in part"), "{}", letter.subject);
    for words in [
        why,
        "Approved: quiz_stat.created, quiz_stat.updated",
        "Not approved: task_stat.created, task_stat.updated",
        "/secret/rotate",
    ] {
        assert!(letter.text.contains(words), "{words} is not in {}", letter.text);
    }
    let started = [(0, 0), (0, 1)].map(|place| item(&course, place));
    for (id, object) in ["e1", "e2"].into_iter().zip(started) {
        accept(&house, vec![event(&house, id, &learners[0], object, "started")]).await;
    }
    house.settle().await;
    assert_eq!(stats(&hr), ["quiz_stat created"]);
}

#[actix_web::test]
async fn a_rejection_is_explained_in_everybodys_words() {
    let house = TestHouse::new().await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let (news, _) = subscribe(&house, "https://news.example/", json!({})).await;
    let request = json!({ "external_id": "тикет-7", "reason": REASON, "items": [{ "url": "https://hr.example", "events": ["*"] }] });
    // Filed by an integration, which reads no letters: those who look after integrations do.
    let robot = house.token(&[stoa_core::Ability::WebhooksWrite]).await;
    let filed = robot.post(REQUESTS, request).await.data();
    let reject = format!("{QUEUE}/{}/reject", filed["id"].as_str().unwrap());
    let why = "Адрес отвечает страницей входа.";
    vera.post(&reject, json!({ "reason": why })).await.data();
    house.settle().await;
    let told =
        news.take().into_iter().map(|call| call.json()).find(|body| body["type"] == "subscription_request.rejected");
    let told = told.expect("the event");
    assert_eq!(told["data"]["subscription_request"]["decision"], why);
    let mut letters = house.take_letters();
    letters.sort_by(|one, other| one.to.address.cmp(&other.to.address));
    let readers: Vec<&str> = letters.iter().map(|letter| letter.to.address.as_str()).collect();
    assert_eq!(readers, ["admin@home.example", "owner@home.example"]);
    for letter in &letters {
        assert_eq!(letter.subject, "Your subscription request was rejected: тикет-7");
        for words in [REASON, why, "Not approved: all types", "by a test"] {
            assert!(
                letter.text.contains(words) && letter.html.contains(words.trim_start_matches("Not approved: ")),
                "{words}"
            );
        }
    }
}

#[actix_web::test]
async fn nobody_decides() {
    let house = TestHouse::new().await;
    let (news, _) = subscribe(&house, "https://news.example/", json!({})).await;
    let request = json!({ "reason": REASON, "items": [{ "url": "https://hr.example", "events": ["*"] }] });
    let filed = house.admin().post(REQUESTS, request.clone()).await.data();
    assert_eq!(filed["expires_at"], "2026-12-21T09:00:00Z");
    house.clock.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
    house.admin().post(REQUESTS, request).await.data();
    look_for_overdue(&house).await;
    let one = format!("{REQUESTS}/{}", filed["id"].as_str().unwrap());
    assert_eq!(house.admin().get(&one).await.data()["status"], "requested");
    house.clock.advance(TimeDelta::seconds(1));
    look_for_overdue(&house).await;
    look_for_overdue(&house).await;
    let expired = house.admin().get(&one).await.data();
    assert_eq!((&expired["status"], &expired["items"][0]["outcome"]), (&json!("expired"), &json!("pending")));
    assert_eq!(news.take_types(), ["subscription_request.expired"], "told once");
    let letters = house.take_letters();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].text.contains("Nobody decided") && letters[0].text.contains(REASON), "{}", letters[0].text);
    let open = house.admin().get(&format!("{REQUESTS}?status=requested")).await.json();
    assert_eq!(open["meta"]["total"], 1, "the later one has its own time");
    let entry = house.owner().get("/api/audit-log?action=subscription_request.expired").await.data();
    assert_eq!(entry[0]["actor"], json!({ "kind": "house", "id": null, "name": "Stoa" }));
}

#[actix_web::test]
async fn what_support_does_by_itself_is_told() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
    let vera = house.staff("vera", StaffRole::Support).await;
    let (news, _) =
        subscribe(&house, "https://news.example/", json!({ "events": ["webhook.subscribed", "webhook.unsubscribed"] }))
            .await;
    let hr = house.receivers.at("https://hr.example/in");
    let all = format!("/api/support/institutions/{}/subscriptions", house.school.tenant);
    let new = json!({ "url": hr.url(), "events": ["quiz_stat"], "reason": "By telephone" });
    let made = vera.post(&all, new).await.data();
    house.settle().await;
    let told = news.take().remove(0).json();
    assert_eq!((&told["type"], &told["object"]["id"]), (&json!("webhook.subscribed"), &made["id"]));
    let facts = &told["data"]["subscription"];
    assert_eq!((&facts["by"], &facts["reason"]), (&json!("vera"), &json!("By telephone")));
    accept(&house, vec![event(&house, "e1", &learners[0], item(&course, (0, 0)), "started")]).await;
    house.settle().await;
    assert_eq!(stats(&hr), ["quiz_stat created"]);
    vera.delete(&format!("{all}/{}?reason=Moved", made["id"].as_str().unwrap())).await;
    house.settle().await;
    let told = news.take().remove(0).json();
    assert_eq!(
        (&told["type"], &told["data"]["subscription"]["reason"]),
        (&json!("webhook.unsubscribed"), &json!("Moved"))
    );
    let entries = house.owner().get("/api/audit-log?action=subscription").await.data();
    let actors: Vec<&Value> = entries.as_array().unwrap().iter().map(|entry| &entry["actor"]["name"]).collect();
    assert_eq!(actors, [&json!("vera"), &json!("vera")]);
}
