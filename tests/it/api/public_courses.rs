//! The public catalogue: what everybody sees, and what nobody does.

use actix_web::http::Method;
use serde_json::json;
use stoa_protocols::event::ItemKind::Quiz;

use crate::support::TestHouse;

#[actix_web::test]
async fn published_courses_are_everybodys() {
    let house = TestHouse::new().await;
    house.course("spanish", &[&[Quiz]]).await;
    house.admin().post("/api/courses", json!({ "title": "Draft" })).await.data();
    let anybody = house.anonymous();
    for key in [house.school.tenant.to_string(), house.school.number.to_string(), "external_id:home".to_owned()] {
        let list = anybody.get(&format!("/api/public/courses?institution={key}")).await.json();
        assert_eq!(list["meta"]["total"], 1, "{key}: {list}");
        let course = &list["data"][0];
        assert_eq!((&course["slug"], &course["lesson_count"]), (&json!("course-spanish"), &json!(1)));
        assert!(course.get("id").is_none() && course.get("external_id").is_none(), "{course}");
    }
    let whole = anybody.get("/api/public/courses/course-spanish?institution=external_id:home").await.data();
    assert_eq!(
        whole["outline"],
        json!([{ "title": "Lesson 1", "duration_minutes": null, "trainings": ["Training 1"] }])
    );
}

#[actix_web::test]
async fn what_is_not_published_does_not_exist() {
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[]).await;
    house.admin().post("/api/courses", json!({ "title": "Draft", "external_id": "draft" })).await.data();
    let anybody = house.anonymous();
    let id = course.id.to_string();
    for slug in ["draft", "external_id:draft", "external_id:spanish", &id, "nothing"] {
        let answer = anybody.get(&format!("/api/public/courses/{slug}?institution=external_id:home")).await;
        assert_eq!(answer.refusal().0, 404, "{slug}");
    }
    assert_eq!(anybody.get("/api/public/courses/course-spanish?institution=external_id:abroad").await.refusal().0, 404);
    for institution in ["external_id:nowhere", "999999", "inst_01h455vb4pex5vsknk084sn02q", "home", ""] {
        let answer = anybody.get(&format!("/api/public/courses?institution={institution}")).await;
        assert_eq!(answer.refusal().0, 404, "{institution}");
    }
    assert_eq!(
        anybody.get("/api/public/courses").await.refusal(),
        (422, "validation_failed".into(), vec!["?institution".into()])
    );
}

#[actix_web::test]
async fn a_closed_institution_shows_nothing() {
    let house = TestHouse::new().await;
    house.course("spanish", &[]).await;
    house.database.run("UPDATE institutions SET status = 'suspended' WHERE external_id = 'home'");
    assert_eq!(house.anonymous().get("/api/public/courses?institution=external_id:home").await.refusal().0, 404);
}

#[actix_web::test]
async fn the_catalogue_may_be_kept_for_a_minute() {
    let house = TestHouse::new().await;
    house.course("spanish", &[]).await;
    let (anybody, path) = (house.anonymous(), "/api/public/courses?institution=external_id:home");
    let first = anybody.get(path).await;
    assert_eq!(first.header("cache-control"), Some("public, max-age=60"));
    let tag = first.header("etag").unwrap();
    let again = anybody.request(Method::GET, path).header("if-none-match", tag).send().await;
    assert_eq!((again.status, again.header("etag")), (304, Some(tag)));
}
