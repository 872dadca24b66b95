//! Courses over HTTP.

use actix_web::http::StatusCode;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::TestHouse;

#[actix_web::test]
async fn a_course_lives_and_goes() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let new = json!({
        "title": "  Korean for beginners ", "language": "KO", "cefr": { "to": "A1" }, "external_id": "ko-a1",
        "instructor_ids": ["external_id:home-manager"],
    });
    let made = admin.post("/api/courses", new).await.expect(StatusCode::CREATED);
    let course = made.data();
    assert_eq!(course["title"], "Korean for beginners");
    assert_eq!(course["slug"], "korean-for-beginners");
    assert_eq!(
        (&course["language"], &course["status"], &course["version"]),
        (&json!("ko"), &json!("draft"), &json!(1))
    );
    assert_eq!(course["author_id"], json!(house.school.admin.id));
    let path = format!("/api/courses/{}", course["id"].as_str().unwrap());
    assert!(made.header("location").unwrap().ends_with(&path));

    let change = json!({ "summary": "First words.", "cefr": null, "author_id": null });
    let changed = admin.patch(&path, change.clone()).await.data();
    assert_eq!((&changed["version"], &changed["author_id"]), (&json!(2), &Value::Null));
    assert_eq!(changed["cefr"], json!({ "from": null, "to": null }));
    assert_eq!(admin.patch(&path, change).await.data(), changed, "the same change changes nothing");

    admin.delete(&path).await.expect(StatusCode::NO_CONTENT);
    for gone in [admin.get(&path).await, admin.delete(&path).await, admin.patch(&path, json!({})).await] {
        assert_eq!(gone.refusal().1, "not_found");
    }
}

#[actix_web::test]
async fn a_course_opens_by_id_slug_and_external_id() {
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[]).await;
    let admin = house.admin();
    for key in [course.id.to_string(), "course-spanish".into(), "external_id:spanish".into()] {
        assert_eq!(admin.get(&format!("/api/courses/{key}")).await.data()["id"], json!(course.id), "{key}");
    }
    for key in
        ["spanish", "external_id:course-spanish", "external_id:", "lsn_01h455vb4pex5vsknk084sn02q", "a%00b", "%FF"]
    {
        assert_eq!(admin.get(&format!("/api/courses/{key}")).await.refusal().0, 404, "{key}");
    }
}

#[actix_web::test]
async fn the_whole_course_is_shown_in_order() {
    use stoa_protocols::event::ItemKind::{Material, Quiz};
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[&[Quiz, Material], &[Quiz]]).await;
    let whole = house.admin().get(&format!("/api/courses/{}", course.id)).await.data();
    assert_eq!(whole["lesson_count"], 2);
    assert_eq!(whole["completion"]["rule"], "required_lessons");
    let types: Vec<_> =
        whole["lessons"].as_array().unwrap().iter().map(|l| &l["trainings"][0]["items"][0]["type"]).collect();
    assert_eq!(types, ["quiz", "quiz"]);
    assert_eq!(whole["lessons"][0]["trainings"][0]["items"][1]["external_id"], "spanish/1/2");
}

#[actix_web::test]
async fn what_did_not_change_is_not_sent_again() {
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[]).await;
    let (admin, path) = (house.admin(), format!("/api/courses/{}", course.id));
    let first = admin.get(&path).await;
    let etag = first.header("etag").unwrap().to_owned();
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    let again = admin.request(actix_web::http::Method::GET, &path).header("if-none-match", &etag).send().await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    admin.patch(&path, json!({ "title": "Español" })).await.data();
    let changed = admin.request(actix_web::http::Method::GET, &path).header("if-none-match", &etag).send().await;
    assert_eq!(changed.status, 200);
}

#[actix_web::test]
async fn keys_are_unique_among_the_living() {
    let house = TestHouse::new().await;
    let (admin, stranger) = (house.admin(), house.stranger());
    let body = json!({ "title": "One", "slug": "one", "external_id": "x" });
    let one = admin.post("/api/courses", body.clone()).await.data();
    for (body, pointer) in [
        (json!({ "title": "Two", "slug": "one" }), "/slug"),
        (json!({ "title": "Two", "external_id": "x" }), "/external_id"),
    ] {
        let refusal = admin.post("/api/courses", body).await.refusal();
        assert_eq!(refusal, (409, "conflict".to_owned(), vec![pointer.to_owned()]));
    }
    stranger.post("/api/courses", body.clone()).await.expect(StatusCode::CREATED);
    let two = admin.post("/api/courses", json!({ "title": "Two" })).await.data();
    let path = format!("/api/courses/{}", two["id"].as_str().unwrap());
    assert_eq!(admin.patch(&path, json!({ "slug": "one" })).await.refusal().2, ["/slug"]);
    admin.delete(&format!("/api/courses/{}", one["id"].as_str().unwrap())).await.expect(StatusCode::NO_CONTENT);
    admin.post("/api/courses", body).await.expect(StatusCode::CREATED);
}

#[actix_web::test]
async fn equal_titles_get_different_slugs_also_at_once() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let made = join_all((0..8).map(|_| admin.post("/api/courses", json!({ "title": "한국어 첫걸음" })))).await;
    let mut slugs: Vec<String> = made.iter().map(|answer| answer.data()["slug"].as_str().unwrap().to_owned()).collect();
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 8, "{slugs:?}");
    assert!(slugs.contains(&"한국어-첫걸음".to_owned()) && slugs.contains(&"한국어-첫걸음-2".to_owned()), "{slugs:?}");
}

#[actix_web::test]
async fn changes_at_once_are_all_kept() {
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[]).await;
    let (admin, path) = (house.admin(), format!("/api/courses/{}", course.id));
    let changes = [
        json!({ "title": "Español" }),
        json!({ "summary": "s" }),
        json!({ "category": "c" }),
        json!({ "language": "es" }),
    ];
    join_all(changes.into_iter().map(|change| admin.patch(&path, change))).await;
    let after = admin.get(&path).await.data();
    assert_eq!((&after["title"], &after["summary"]), (&json!("Español"), &json!("s")));
    assert_eq!((&after["category"], &after["language"], &after["version"]), (&json!("c"), &json!("es"), &json!(5)));
}

#[actix_web::test]
async fn lists_are_filtered_and_sorted() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for body in [
        json!({ "title": "Русский", "language": "ru", "cefr": { "from": "A1", "to": "B1+" }, "external_id": "r" }),
        json!({ "title": "Português 100%", "language": "pt-br", "category": "travel", "status": "published" }),
        json!({ "title": "Korean", "language": "ko", "summary": "not RUSSIAN", "cefr": { "from": "B2" } }),
    ] {
        admin.post("/api/courses", body).await.expect(StatusCode::CREATED);
    }
    let id = admin.get("/api/courses/korean").await.data()["id"].as_str().unwrap().to_owned();
    for (query, titles) in [
        (String::new(), vec!["Русский", "Português 100%", "Korean"]),
        ("sort=title".into(), vec!["Korean", "Português 100%", "Русский"]),
        ("sort=-created_at".into(), vec!["Korean", "Português 100%", "Русский"]),
        ("language=PT".into(), vec!["Português 100%"]),
        ("status=published".into(), vec!["Português 100%"]),
        ("category=travel".into(), vec!["Português 100%"]),
        ("cefr=A2%2B".into(), vec!["Русский"]),
        ("cefr=B2".into(), vec!["Korean"]),
        ("cefr=C2".into(), vec![]),
        ("q=%D0%A0%D0%A3%D0%A1%D0%A1".into(), vec!["Русский"]),
        ("q=russian".into(), vec!["Korean"]),
        ("q=0%25".into(), vec!["Português 100%"]),
        ("q=_".into(), vec![]),
        (format!("ids={id},external_id:r,external_id:nothing"), vec!["Русский", "Korean"]),
        ("ids=".into(), vec![]),
        ("per_page=2&page=2".into(), vec!["Korean"]),
    ] {
        let list = admin.get(&format!("/api/courses?{query}")).await.expect(StatusCode::OK).json();
        let found: Vec<_> =
            list["data"].as_array().unwrap().iter().map(|course| course["title"].as_str().unwrap()).collect();
        assert_eq!(found, titles, "{query}");
    }
    house.settle().await;
}

#[actix_web::test]
async fn unknown_filters_are_refused_with_what_is_known() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for (query, pointer) in [
        ("status=open", "?status"),
        ("sort=price", "?sort"),
        ("cefr=a1", "?cefr"),
        ("ids=12", "?ids"),
        ("per_page=101", "?per_page"),
        ("page=0", "?page"),
        ("updated_since=yesterday", "?updated_since"),
        ("colour=red", "?colour"),
        ("q=a&q=b", "?q"),
        ("q=%00", "?q"),
    ] {
        let refusal = admin.get(&format!("/api/courses?{query}")).await.refusal();
        assert_eq!(refusal, (422, "validation_failed".to_owned(), vec![pointer.to_owned()]), "{query}");
    }
    let answer = admin.get("/api/courses?status=open").await.json();
    assert!(answer["errors"][0]["detail"].as_str().unwrap().contains("archived"), "{answer}");
}

#[actix_web::test]
async fn a_deleted_course_takes_all_of_it_along_and_leaves_tombstones() {
    use stoa_protocols::event::ItemKind::Quiz;
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[&[Quiz], &[Quiz]]).await;
    house.course("other", &[&[Quiz]]).await;
    let admin = house.admin();
    house.clock.advance(chrono::TimeDelta::hours(1));
    admin.delete("/api/courses/external_id:spanish").await.expect(StatusCode::NO_CONTENT);
    for (path, gone) in [("courses", 1), ("lessons", 2), ("trainings", 2), ("trainingItems", 2)] {
        let since = admin.get(&format!("/api/{path}?updated_since=2026-11-21T10:00:00Z")).await.json();
        let rows = since["data"].as_array().unwrap();
        assert_eq!(rows.len(), gone, "{path}: {since}");
        for row in rows {
            assert_eq!(row["deleted_at"], "2026-11-21T10:00:00Z");
            assert!(row.get("title").is_none(), "{row}");
        }
        let living = admin.get(&format!("/api/{path}")).await.json();
        assert_eq!(living["meta"]["total"], 1, "{path}: {living}");
    }
    let lesson = format!("/api/lessons/{}", course.lessons[0].id);
    assert_eq!(admin.get(&lesson).await.refusal().0, 404);
    let orphan = json!({ "course_id": course.id, "title": "Late" });
    assert_eq!(admin.post("/api/lessons", orphan).await.refusal().2, ["/course_id"]);
}

#[actix_web::test]
async fn bad_bodies_change_nothing() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for (body, pointers) in [
        (json!({}), vec!["/title"]),
        (json!({ "title": null }), vec!["/title"]),
        (json!({ "title": 7 }), vec!["/title"]),
        (json!({ "title": " \n" }), vec!["/title"]),
        (json!({ "title": "x".repeat(256) }), vec!["/title"]),
        (json!({ "title": "a\u{7}b" }), vec!["/title"]),
        (json!({ "title": "x", "colour": "red" }), vec!["/colour"]),
        (json!({ "title": "x", "slug": "No Slug" }), vec!["/slug"]),
        (json!({ "title": "x", "language": "english" }), vec!["/language"]),
        (json!({ "title": "x", "cefr": { "from": "B2", "to": "A1" } }), vec!["/cefr"]),
        (json!({ "title": "x", "cefr": { "from": "Z9" } }), vec!["/cefr/from"]),
        (json!({ "title": "x", "status": "open" }), vec!["/status"]),
        (json!({ "title": "x", "cover_url": "javascript:alert(1)" }), vec!["/cover_url"]),
        (json!({ "title": "x", "author_id": "external_id:nobody" }), vec!["/author_id"]),
        (
            json!({ "title": "x", "instructor_ids": ["owner@home.example", "no@home.example"] }),
            vec!["/instructor_ids/1"],
        ),
        (json!({ "title": "x", "prerequisite_ids": ["crs_01h455vb4pex5vsknk084sn02q"] }), vec!["/prerequisite_ids/0"]),
        (json!({ "title": "", "language": "?", "external_id": "" }), vec!["/title", "/language", "/external_id"]),
    ] {
        let (status, code, found) = admin.post("/api/courses", body.clone()).await.refusal();
        assert_eq!(
            (status, code.as_str(), found),
            (422, "validation_failed", pointers.iter().map(|p| (*p).to_owned()).collect()),
            "{body}"
        );
    }
    assert_eq!(house.database.number("SELECT count(*) FROM courses"), 0);
}

#[actix_web::test]
async fn a_submission_is_announced_each_time() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    let body = json!({ "title": "Draft", "reviewer_id": "owner@home.example" });
    admin.post("/api/courses", body).await.expect(StatusCode::CREATED);
    for status in ["submitted", "submitted", "draft", "submitted", "published"] {
        house.clock.advance(chrono::TimeDelta::minutes(1));
        admin.patch("/api/courses/draft", json!({ "status": status })).await.data();
    }
    let events = house.database.rows("SELECT data, revision FROM events WHERE type = 'course.submitted' ORDER BY id");
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let submission = &event["data"]["submission"];
            (
                submission["is_initial"].clone(),
                submission["submitter"]["email"].clone(),
                submission["reviewer"]["email"].clone(),
            )
        })
        .collect();
    let by = |is_initial: bool| (json!(is_initial), json!("admin@home.example"), json!("owner@home.example"));
    assert_eq!(told, [by(true), by(false)]);
    assert_eq!(admin.get("/api/courses/draft").await.data()["submitted_at"], "2026-11-21T09:01:00Z");
    house.settle().await;
}

#[actix_web::test]
async fn another_institutions_courses_do_not_exist() {
    let house = TestHouse::new().await;
    let course = house.course("spanish", &[&[]]).await;
    let stranger = house.stranger();
    let path = format!("/api/courses/{}", course.id);
    let unknown = "/api/courses/crs_01h455vb4pex5vsknk084sn02q";
    assert_eq!(stranger.get(&path).await.refusal(), stranger.get(unknown).await.refusal());
    assert_eq!(stranger.patch(&path, json!({ "title": "Mine" })).await.refusal().0, 404);
    assert_eq!(stranger.delete(&path).await.refusal().0, 404);
    let lesson = json!({ "course_id": course.id, "title": "Mine" });
    assert_eq!(stranger.post("/api/lessons", lesson).await.refusal().2, ["/course_id"]);
    assert_eq!(stranger.get("/api/courses").await.json()["meta"]["total"], 0);
    assert_eq!(house.admin().get(&path).await.data()["title"], "Course spanish");
}
