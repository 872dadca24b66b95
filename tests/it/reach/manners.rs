//! Every refusal in this surface's own words, and the version in every answer.

use actix_web::http::Method;
use serde_json::json;
use stoa_core::Ability;

use super::steps::refusal;
use crate::support::{TestHouse, callers::Caller, node::BODY_LIMIT_BYTES};

const PATHS: [&str; 6] = ["/webhooks", "/users", "/courses", "/groups", "/learning-paths", "/reports/activity"];

#[actix_web::test]
async fn each_refusal_has_this_shape() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let (nobody, weak) = (house.anonymous(), house.token(&[Ability::CefrRead]).await);
    for path in PATHS {
        let cases = [
            (nobody.get(path).await, 401, "unauthenticated"),
            (weak.get(path).await, 403, "ability_missing"),
            (admin.request(Method::PATCH, path).send().await, 405, "method_not_allowed"),
            (admin.get(&format!("{path}/nothing/at/all")).await, 404, "not_found"),
            (admin.get(&format!("{path}?limit=0")).await, 400, "validation_failed"),
        ];
        for (answer, status, code) in cases {
            assert_eq!(refusal(&answer), (status, code.to_owned()), "{path}");
            assert_eq!(answer.header("api-version"), Some("2023-04-04"), "{path} {status}");
        }
    }
}

#[actix_web::test]
async fn each_missing_thing_has_its_code() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[], &["ana"]).await;
    let (course, user) = (course.id, learners[0].id);
    let admin = house.admin();
    let put = async |path: String| admin.put(&path, json!({})).await;
    let cases = [
        (admin.get("/webhooks/whk_00000000000000000000000001").await, "webhook_not_found"),
        (admin.get("/webhooks/nothing").await, "webhook_not_found"),
        (admin.get("/users/usr_00000000000000000000000001").await, "user_not_found"),
        (admin.get("/users/nobody/groups").await, "user_not_found"),
        (admin.get("/courses/nothing").await, "course_not_found"),
        (admin.get("/groups/nothing").await, "group_not_found"),
        (admin.get("/groups/nothing/users").await, "group_not_found"),
        (admin.get("/learning-paths/nothing").await, "learning_path_not_found"),
        (admin.get("/learning-paths/nothing/courses").await, "learning_path_not_found"),
        (admin.get("/reports/courses/nothing").await, "course_not_found"),
        (admin.get("/reports/learners/nobody").await, "user_not_found"),
        (put(format!("/courses/nothing/users/{user}")).await, "course_not_found"),
        (put(format!("/courses/{course}/users/nobody")).await, "user_not_found"),
        (put(format!("/courses/{course}/groups/nothing")).await, "group_not_found"),
        (put(format!("/learning-paths/nothing/users/{user}")).await, "learning_path_not_found"),
        (put("/learning-paths/nothing/groups/everyone".to_owned()).await, "learning_path_not_found"),
        (admin.delete(&format!("/courses/nothing/users/{user}")).await, "course_not_found"),
        (admin.delete(&format!("/courses/{course}/users/nobody")).await, "user_not_found"),
        (admin.delete(&format!("/courses/{course}/groups/nothing")).await, "group_not_found"),
    ];
    for (answer, code) in cases {
        assert_eq!(refusal(&answer), (404, code.to_owned()));
    }
}

#[actix_web::test]
async fn bodies_are_refused_in_this_shape_too() {
    let house = TestHouse::new().await;
    let post = || house.admin().request(Method::POST, "/webhooks");
    let long = format!("{{\"targetUrl\":\"{}\"}}", "x".repeat(BODY_LIMIT_BYTES));
    let cases = [
        (post().bytes("application/json", "{").send().await, 400, "malformed_body"),
        (post().bytes("application/json", "{\"a\":1,\"a\":2}").send().await, 400, "malformed_body"),
        (post().bytes("text/plain", "{}").send().await, 415, "unsupported_media_type"),
        (post().bytes("application/json", long).send().await, 413, "body_too_large"),
        (post().bytes("application/json", "[]").send().await, 400, "validation_failed"),
    ];
    for (answer, status, code) in cases {
        assert_eq!(refusal(&answer), (status, code.to_owned()));
        assert_eq!(answer.header("api-version"), Some("2023-04-04"));
    }
}

/// An outage is told in this shape as well: with the pool closed, nothing can be asked.
#[actix_web::test]
async fn a_fault_of_ours_has_this_shape() {
    let house = TestHouse::new().await;
    house.database.run("ALTER TABLE groups RENAME TO elsewhere");
    let answer = house.admin().get("/groups").await;
    assert_eq!(refusal(&answer), (500, "internal".to_owned()));
    assert!(!answer.text().contains("groups\""), "the inside stays inside: {}", answer.text());
    house.database.run("ALTER TABLE elsewhere RENAME TO groups");
}

async fn with_version(caller: &Caller, path: &str, version: &str) -> (u16, Option<String>) {
    let answer = caller.request(Method::GET, path).header("api-version", version).send().await;
    if answer.status == 400 {
        assert_eq!(refusal(&answer), (400, "invalid_api_version".to_owned()), "{path} {version}");
    }
    (answer.status, answer.header("api-version").map(str::to_owned))
}

#[actix_web::test]
async fn every_answer_names_its_version() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for path in PATHS {
        assert_eq!(admin.get(path).await.header("api-version"), Some("2023-04-04"));
        for version in ["2023-04-04", "2023-05-04"] {
            assert_eq!(with_version(&admin, path, version).await, (200, Some(version.to_owned())), "{path}");
        }
        for version in ["2020-07-16", "", "latest", "2023-05-04, 2023-04-04"] {
            assert_eq!(
                with_version(&admin, path, version).await,
                (400, Some("2023-04-04".to_owned())),
                "{path} {version}"
            );
        }
    }
    let nowhere = admin.request(Method::GET, "/users/nobody").header("api-version", "2023-05-04").send().await;
    assert_eq!((nowhere.status, nowhere.header("api-version")), (404, Some("2023-05-04")));
    assert_eq!(house.admin().get("/api/courses").await.header("api-version"), None, "the house has no versions");
}

/// Who calls is asked before the version, so that nobody learns anything without a key.
#[actix_web::test]
async fn a_key_comes_before_a_version() {
    let house = TestHouse::new().await;
    let answer = house.anonymous().request(Method::GET, "/users").header("api-version", "1").send().await;
    assert_eq!(refusal(&answer), (401, "unauthenticated".to_owned()));
    assert!(answer.header("www-authenticate").is_some());
}
