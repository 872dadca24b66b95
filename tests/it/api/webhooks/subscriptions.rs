//! Subscriptions over HTTP: made, shown, listed, changed, ended; whose they are.
//!
//! Not here: what they lead to (`flows::matching`), and how support makes them (`support`).

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use stoa_core::{Id, id};
use stoa_webhooks as webhooks;
use stoa_webhooks::{Hand, NewSubscription, Origin, Source, SubscriptionChange};

use crate::support::TestHouse;

const WEBHOOKS: &str = "/api/integrations/webhooks";

async fn hook(house: &TestHouse) -> (Id<id::Webhook>, String) {
    let new = json!({ "url": "https://lms.example/hooks", "events": ["course.completed"] });
    let hook = house.admin().post(WEBHOOKS, new).await.expect(StatusCode::CREATED).data();
    let text = hook["id"].as_str().expect("an id");
    (text.parse().expect("an id"), format!("{WEBHOOKS}/{text}"))
}

async fn by_support(house: &TestHouse, hook: Id<id::Webhook>) -> Id<id::Subscription> {
    let mut tx = house.tx().await;
    let origin = Origin { source: Source::Support, request: None, by: None };
    let new = NewSubscription { events: vec!["lesson.completed".to_owned()], scope: None };
    let made = webhooks::subscribe(&mut tx, hook, origin, new).await.expect("a subscription");
    tx.commit().await.expect("a subscription");
    made.id
}

#[actix_web::test]
async fn a_subscription_is_made_shown_changed_and_ended() {
    let house = TestHouse::new().await;
    let (_, path) = hook(&house).await;
    let course = house.course("spanish", &[&[]]).await;
    let all = format!("{path}/subscriptions");
    let new = json!({ "events": ["quiz_stat.created", "*"], "scope": { "courses": ["external_id:spanish"] } });
    let answer = house.admin().post(&all, new).await.expect(StatusCode::CREATED);
    let made = answer.data();
    let one = format!("{all}/{}", made["id"].as_str().unwrap());
    assert!(answer.header("location").is_some_and(|place| place.ends_with(&one)));
    assert_eq!(made["scope"], json!({ "courses": [course.id], "lessons": [], "items": [] }));
    assert_eq!((&made["source"], &made["events"]), (&json!("institution"), &json!(["*", "quiz_stat.created"])));
    assert_eq!(house.admin().get(&one).await.data(), made);
    let listed = house.admin().get(&all).await.json();
    assert_eq!((&listed["meta"]["total"], &listed["data"][1]), (&json!(2), &made), "the oldest first");
    let second = house.admin().get(&format!("{all}?per_page=1&page=2")).await.json();
    assert_eq!((&second["data"][0], &second["meta"]["last_page"]), (&made, &json!(2)));
    assert_eq!(house.admin().get(&path).await.data()["subscriptions"], listed["data"]);
    let changed = house.admin().patch(&one, json!({ "events": ["lesson.started"] })).await.data();
    assert_eq!((&changed["events"], &changed["scope"]), (&json!(["lesson.started"]), &made["scope"]));
    let lifted = house.admin().patch(&one, json!({ "scope": null })).await.data();
    assert_eq!((&lifted["events"], &lifted["scope"]), (&json!(["lesson.started"]), &Value::Null));
    assert_eq!(house.admin().delete(&one).await.status, 204);
    let gone = (404, "not_found".to_owned(), Vec::new());
    assert_eq!(house.admin().delete(&one).await.refusal(), gone);
    assert_eq!(house.admin().get(&one).await.refusal(), gone);
    assert_eq!(house.admin().get(&all).await.json()["meta"]["total"], 1);
}

#[actix_web::test]
async fn what_cannot_be_subscribed_to_is_named() {
    let house = TestHouse::new().await;
    let (_, path) = hook(&house).await;
    let all = format!("{path}/subscriptions");
    for (body, pointer) in [
        (json!({ "events": [] }), "/events"),
        (json!({ "events": ["course.burnt"] }), "/events/0"),
        (json!({}), "/events"),
        (json!({ "events": ["*"], "scope": {} }), "/scope"),
        (json!({ "events": ["*"], "scope": { "lessons": ["external_id:none"] } }), "/scope/lessons/0"),
        (json!({ "events": ["*"], "source": "support" }), "/source"),
    ] {
        let (status, code, pointers) = house.admin().post(&all, body.clone()).await.refusal();
        assert_eq!((status, code.as_str(), pointers), (422, "validation_failed", vec![pointer.to_owned()]), "{body}");
    }
    let nowhere = format!("{WEBHOOKS}/whk_00000000000000000000000001/subscriptions");
    let (status, code, _) = house.admin().post(&nowhere, json!({ "events": ["*"] })).await.refusal();
    assert_eq!((status, code.as_str()), (404, "webhook_not_found"));
}

/// The fields of a webhook are those of its own first subscription; others stay as they are.
#[actix_web::test]
async fn a_change_of_the_webhook_writes_its_own_first_subscription() {
    let house = TestHouse::new().await;
    let (id, path) = hook(&house).await;
    let supports = by_support(&house, id).await;
    let changed = house.admin().patch(&path, json!({ "events": ["*"] })).await.data();
    assert_eq!(changed["events"], json!(["*"]));
    let told: Vec<_> = changed["subscriptions"].as_array().unwrap().iter().map(|one| &one["events"]).collect();
    assert_eq!(told, [&json!(["*"]), &json!(["lesson.completed"])]);
    // Without one of its own, the events of a change make one.
    let own = changed["subscriptions"][0]["id"].as_str().unwrap();
    assert_eq!(house.admin().delete(&format!("{path}/subscriptions/{own}")).await.status, 204);
    let bare = house.admin().get(&path).await.data();
    assert_eq!((&bare["events"], &bare["subscriptions"][0]["id"]), (&json!([]), &json!(supports)));
    assert_eq!(house.admin().patch(&path, json!({ "scope": null })).await.refusal().2, ["/events"]);
    let again = house.admin().patch(&path, json!({ "events": ["user.created"] })).await.data();
    assert_eq!((&again["events"], again["subscriptions"].as_array().unwrap().len()), (&json!(["user.created"]), 2));
}

#[actix_web::test]
async fn what_support_made_is_shown_and_support_alone_changes_it() {
    let house = TestHouse::new().await;
    let (id, path) = hook(&house).await;
    let made = by_support(&house, id).await;
    let one = format!("{path}/subscriptions/{made}");
    assert_eq!(house.admin().get(&one).await.data()["source"], "support");
    for answer in [house.admin().patch(&one, json!({ "events": ["*"] })).await, house.admin().delete(&one).await] {
        let (status, code, _) = answer.refusal();
        assert_eq!((status, code.as_str()), (409, "conflict"));
        assert!(answer.text().contains("only support changes it"), "{}", answer.text());
    }
    // The institution may stop the whole at once.
    assert_eq!(house.admin().patch(&path, json!({ "status": "paused" })).await.data()["status"], "paused");
    let mut tx = house.tx().await;
    let change = SubscriptionChange { events: Some(vec!["*".to_owned()]), scope: None };
    let changed = webhooks::change_subscription(&mut tx, (id, made), Hand::Support, change).await.unwrap();
    assert_eq!(changed.events, ["*"]);
    let own = house.admin().get(&path).await.data()["subscriptions"][0]["id"].as_str().unwrap().parse().unwrap();
    let refused = webhooks::unsubscribe(&mut tx, (id, own), Hand::Support).await.unwrap_err();
    assert_eq!(refused.code().as_str(), "conflict", "nor does support change what is the institution's");
    webhooks::unsubscribe(&mut tx, (id, made), Hand::Support).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(house.admin().get(&one).await.status, 404);
    assert_eq!(house.admin().delete(&path).await.status, 204);
}

#[actix_web::test]
async fn an_endpoint_is_found_by_its_address_or_made() {
    let house = TestHouse::new().await;
    let (id, _) = hook(&house).await;
    let scope = house.scope();
    let policy = webhooks::target::TargetPolicy::default();
    let mut tx = house.tx().await;
    let at = |url: &str, dialect| webhooks::NewEndpoint::at(url, dialect);
    let sealer = stoa_core::sealed::Sealer::new("a key");
    let with = (&scope, &sealer, &policy);
    let talktiko = stoa_protocols::webhook::DialectName::Talktiko;
    let (found, secret) =
        webhooks::endpoint_for(&mut tx, with, at("https://LMS.example:443/hooks", talktiko)).await.unwrap();
    assert_eq!((found.id, secret), (id, None), "two spellings of one address");
    let teachbase = stoa_protocols::webhook::DialectName::Teachbase;
    let other = webhooks::endpoint_for(&mut tx, with, at("https://lms.example/hooks", teachbase)).await.unwrap_err();
    assert_eq!(other.code().as_str(), "conflict");
    let (made, secret) =
        webhooks::endpoint_for(&mut tx, with, at("https://lms.example/quizzes", teachbase)).await.unwrap();
    assert!(secret.is_some() && made.subscriptions.is_empty());
}
