//! The public catalogue: what everybody sees, and what nobody does.

use actix_web::http::{Method, StatusCode};
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

#[actix_web::test]
async fn an_old_slug_leads_to_the_new_one_until_another_course_has_it() {
    let house = TestHouse::new().await;
    house.course("spanish", &[]).await;
    let (admin, anybody) = (house.admin(), house.anonymous());
    let (old, query) = ("/api/public/courses/course-spanish", "?institution=external_id:home");
    for slug in ["español", "español-a1"] {
        admin.patch("/api/courses/external_id:spanish", json!({ "slug": slug })).await.expect(StatusCode::OK);
    }
    let moved = anybody.get(&format!("{old}{query}")).await;
    let to = "https://stoa.example/api/public/courses/espa%C3%B1ol-a1?institution=external_id:home";
    assert_eq!((moved.status, moved.header("location")), (301, Some(to)));
    assert_eq!(moved.header("cache-control"), Some("public, max-age=60"), "not for ever");
    let there = anybody.get(to.trim_start_matches("https://stoa.example")).await.expect(StatusCode::OK).data();
    assert_eq!(there["title"], "Course spanish");
    let new = json!({ "title": "Another", "slug": "course-spanish", "status": "published" });
    admin.post("/api/courses", new).await.expect(StatusCode::CREATED);
    assert_eq!(anybody.get(&format!("{old}{query}")).await.data()["title"], "Another", "the living goes first");
    admin.patch("/api/courses/external_id:spanish", json!({ "status": "archived" })).await.expect(StatusCode::OK);
    let gone = anybody.get(&format!("/api/public/courses/espa%C3%B1ol{query}")).await;
    assert_eq!(gone.refusal().0, 404, "an old slug shows nothing that is not published");
    assert_eq!(anybody.get(&format!("{old}?institution=external_id:abroad")).await.refusal().0, 404);
    house.settle().await;
}

#[actix_web::test]
async fn the_host_names_the_institution() {
    let house = TestHouse::new().await;
    house.course("spanish", &[]).await;
    let slug = house.database.value("SELECT slug FROM institutions WHERE external_id = 'home'");
    let host = format!("{}.stoa.example", slug.as_str().unwrap());
    let at = |host: &str| {
        let request = house.anonymous().request(Method::GET, "/api/public/courses").header("host", host);
        async move { request.send().await }
    };
    assert_eq!(at(&host).await.expect(StatusCode::OK).json()["meta"]["total"], 1);
    assert_eq!(at("nobody.stoa.example").await.refusal().0, 404);
    for other in ["stoa.example", "a.b.stoa.example", "evilstoa.example"] {
        assert_eq!(at(other).await.refusal().2, ["?institution"], "{other}");
    }
}

#[actix_web::test]
async fn search_engines_are_told_what_it_is() {
    let house = TestHouse::new().await;
    house.course("spanish", &[]).await;
    let one = house.anonymous().get("/api/public/courses/course-spanish?institution=external_id:home").await.data();
    let told = &one["json_ld"];
    assert_eq!((&told["@type"], &told["name"]), (&json!("Course"), &json!("Course spanish")));
    assert_eq!(told["provider"]["@type"], "Organization");
}
