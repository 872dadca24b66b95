//! Tags: what did not change is not sent again, and what changed meanwhile is not written over.

use actix_web::http::{Method, StatusCode};
use serde_json::json;
use stoa_protocols::event::ItemKind::Quiz;

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
};

/// Everything of course `spanish`.
const PARTS: [&str; 4] = [
    "/api/courses/external_id:spanish",
    "/api/lessons/external_id:spanish%2F1",
    "/api/trainings/external_id:spanish%2F1",
    "/api/trainingItems/external_id:spanish%2F1%2F1",
];

async fn with(caller: &Caller, (method, path): (Method, &str), (header, tag): (&str, &str)) -> Answer {
    let request = caller.request(method.clone(), path).header(header, tag);
    let is_change = method == Method::PATCH;
    if is_change { request.json(&json!({ "title": "Another" })).send().await } else { request.send().await }
}

#[actix_web::test]
async fn lists_and_single_things_are_not_sent_twice() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[Quiz]]).await;
    let admin = house.admin();
    let lists = ["/api/courses?include=items", "/api/lessons", "/api/trainings", "/api/trainingItems?fields=title"];
    for path in PARTS.into_iter().chain(lists) {
        let first = admin.get(path).await.expect(StatusCode::OK);
        let tag = first.header("etag").expect("a tag").to_owned();
        assert!(tag.starts_with('"'), "{path}: a strong tag");
        let again = with(&admin, (Method::GET, path), ("if-none-match", &tag)).await;
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag.as_str())), "{path}");
    }
    let tag = admin.get("/api/lessons").await.header("etag").unwrap().to_owned();
    admin.patch("/api/lessons/external_id:spanish%2F1", json!({ "weight": 7 })).await.expect(StatusCode::OK);
    assert_eq!(with(&admin, (Method::GET, "/api/lessons"), ("if-none-match", &tag)).await.status, 200);
}

#[actix_web::test]
async fn what_changed_since_it_was_read_is_not_changed() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[Quiz]]).await;
    let admin = house.admin();
    for path in PARTS {
        let read = admin.get(path).await.header("etag").unwrap().to_owned();
        let changed = with(&admin, (Method::PATCH, path), ("if-match", &read)).await.expect(StatusCode::OK);
        if let Some(tag) = changed.header("etag") {
            assert_eq!(admin.get(path).await.header("etag"), Some(tag), "{path}: the tag of the next reading");
        }
        let now = admin.get(path).await.text();
        for method in [Method::PATCH, Method::DELETE] {
            let late = with(&admin, (method, path), ("if-match", &read)).await;
            assert_eq!((late.refusal().0, late.refusal().1.as_str()), (412, "precondition_failed"), "{path}");
        }
        assert_eq!(admin.get(path).await.text(), now, "{path}");
        with(&admin, (Method::PATCH, path), ("if-match", "*")).await.expect(StatusCode::OK);
    }
    let gone = with(&admin, (Method::PATCH, "/api/lessons/external_id:none"), ("if-match", "*")).await;
    assert_eq!(gone.refusal().0, 404);
}

#[actix_web::test]
async fn a_course_is_read_with_all_that_it_holds() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[Quiz]]).await;
    let (admin, course) = (house.admin(), PARTS[0]);
    let read = admin.get(course).await.header("etag").unwrap().to_owned();
    admin.patch(PARTS[3], json!({ "answer_key": [1] })).await.expect(StatusCode::OK);
    assert_eq!(with(&admin, (Method::PATCH, course), ("if-match", &read)).await.refusal().0, 412);
    house.settle().await;
}

#[actix_web::test]
async fn of_two_who_read_the_same_one_changes_it() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[Quiz]]).await;
    let admin = house.admin();
    let read = admin.get(PARTS[1]).await.header("etag").unwrap().to_owned();
    let change = |title: &str| {
        let request = admin.request(Method::PATCH, PARTS[1]).header("if-match", &read);
        request.json(&json!({ "title": title })).send()
    };
    let (one, other) = futures::future::join(change("Uno"), change("Eins")).await;
    let mut answers = [one.status, other.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 412]);
    house.settle().await;
}
