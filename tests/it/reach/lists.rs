//! Every list: its bounds, its pages, its filters.

use chrono::TimeDelta;
use serde_json::json;

use super::steps::{delete, group, learning_path, path_of, put, refusal, walk};
use crate::support::TestHouse;

#[actix_web::test]
async fn limits_have_bounds() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[], &["ana"]).await;
    let group = group(&house, "A", &[]).await;
    let path = learning_path(&house, "P", &[course.id.to_string()]).await;
    let user = &learners[0].id;
    let short = [
        "/users".to_owned(),
        format!("/users/{user}/groups"),
        format!("/users/{user}/favorites"),
        "/courses".to_owned(),
        "/groups".to_owned(),
        format!("/groups/{group}/users"),
        "/groups/everyone/users".to_owned(),
        "/learning-paths".to_owned(),
        format!("/learning-paths/{path}/courses"),
    ];
    let long = [
        "/reports/activity".to_owned(),
        format!("/reports/courses/{}", course.id),
        format!("/reports/learners/{user}"),
        "/webhooks".to_owned(),
    ];
    let all = short.iter().map(|path| (path, 100)).chain(long.iter().map(|path| (path, 2000)));
    for (path, most) in all {
        for good in [1, most] {
            let answer = house.admin().get(&format!("{path}?limit={good}")).await;
            assert_eq!(answer.status, 200, "{path} {good}: {}", answer.text());
        }
        for bad in [0, most + 1, -5] {
            let answer = house.admin().get(&format!("{path}?limit={bad}")).await;
            assert_eq!(refusal(&answer), (400, "validation_failed".to_owned()), "{path} {bad}");
        }
        let broken = house.admin().get(&format!("{path}?cursor=nonsense")).await;
        assert_eq!(refusal(&broken), (400, "validation_failed".to_owned()), "{path}");
        let unknown = house.admin().get(&format!("{path}?page=2")).await;
        assert_eq!(refusal(&unknown), (400, "validation_failed".to_owned()), "{path}");
    }
}

#[actix_web::test]
async fn pages_of_users_stay_as_they_are_while_people_come_and_go() {
    let house = TestHouse::new().await;
    let before = walk(&house.admin(), ("/users", "users"), async |_| {}).await;
    // Of what is made in one millisecond by two processes, either may be the first.
    house.clock.advance(TimeDelta::seconds(1));
    let first = house.learners(&["a", "b", "c", "d", "e"]).await;
    let admin = house.admin();
    let found = walk(&admin, ("/users?limit=2", "users"), async |page| {
        if page == 1 {
            house.learners(&["late"]).await;
            let path = format!("/api/institutions/{}/members/{}", house.school.tenant, first[4].id);
            assert_eq!(admin.delete(&path).await.status, 204);
        }
    })
    .await;
    let mut wanted = before;
    wanted.extend(first[..4].iter().map(|learner| learner.id.to_string()));
    assert_eq!(found[..wanted.len()], wanted);
    assert_eq!(found.len(), wanted.len() + 1, "who came late is there, who left is not");
    house.settle().await;
}

#[actix_web::test]
async fn a_place_is_good_for_one_list_of_one_institution() {
    let house = TestHouse::new().await;
    house.learners(&["a", "b"]).await;
    house.settle().await;
    let next = house.admin().get("/users?limit=1").await.json()["nextUrl"].clone();
    let path = path_of(&next).to_owned();
    assert_eq!(house.admin().get(&path).await.status, 200);
    assert_eq!(refusal(&house.stranger().get(&path).await), (400, "validation_failed".to_owned()));
    let (_, cursor) = path.split_once("cursor=").expect("a cursor");
    for other in ["/courses", "/groups", "/webhooks", "/reports/activity"] {
        let answer = house.admin().get(&format!("{other}?cursor={cursor}")).await;
        assert_eq!(refusal(&answer).0, 400, "{other}");
    }
    let mut forged = cursor.to_owned();
    forged.replace_range(40..41, if &cursor[40..41] == "A" { "B" } else { "A" });
    assert_eq!(refusal(&house.admin().get(&format!("/users?cursor={forged}")).await).0, 400);
}

#[actix_web::test]
async fn users_are_found_by_address() {
    let house = TestHouse::new().await;
    let ana = house.learners(&["ana"]).await.remove(0);
    house.settle().await;
    for address in ["ana@home.example", "ANA@Home.Example"] {
        let body = house.admin().get(&format!("/users?email={address}")).await.json();
        assert_eq!(body["users"].as_array().expect("a list").len(), 1, "{body}");
        assert_eq!(body["users"][0]["id"], json!(ana.id));
        assert_eq!(body["nextUrl"], json!(null));
    }
    for address in ["ana", "nobody@home.example", "", "%00"] {
        let answer = house.admin().get(&format!("/users?email={address}")).await;
        assert!(answer.status == 400 || answer.json()["users"] == json!([]), "{address}: {}", answer.text());
    }
}

#[actix_web::test]
async fn a_user_is_shown_whole() {
    let house = TestHouse::new().await;
    let ana = house.learners(&["ana"]).await.remove(0);
    house.settle().await;
    let own = format!("https://stoa.example/users/{}", ana.id);
    let wanted = json!({
        "email": "ana@home.example",
        "firstName": "ana",
        "groupsUrl": format!("{own}/groups"),
        "id": ana.id,
        "lastName": "Learner",
        "learnerReportUrl": format!("https://stoa.example/reports/learners/{}", ana.id),
        "role": "learner",
        "url": own,
        "favoritesUrl": format!("{own}/favorites"),
        "lastActiveAt": null,
        "articulate360User": false,
    });
    assert_eq!(house.admin().get(path_of(&json!(own))).await.json(), wanted);
}

#[actix_web::test]
async fn courses_and_their_filter() {
    let house = TestHouse::new().await;
    let first = house.course("spanish", &[]).await;
    let second = house.course("korean", &[]).await;
    let ids = |body: &serde_json::Value| {
        let rows = body["courses"].as_array().expect("a list");
        rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    for filter in ["", "?contentType=all", "?contentType=imported"] {
        let body = house.admin().get(&format!("/courses{filter}")).await.json();
        assert_eq!(ids(&body), [first.id.to_string(), second.id.to_string()], "{filter}");
        assert_eq!(body["courses"][0]["contentType"], "IMPORTED");
    }
    let body = house.admin().get("/courses?contentType=rise").await.json();
    assert_eq!(body, json!({ "courses": [], "nextUrl": null }));
    assert_eq!(refusal(&house.admin().get("/courses?contentType=other").await).0, 400);
    let shown = house.admin().get(&format!("/courses/{}", first.id)).await.json();
    assert_eq!(
        (&shown["title"], &shown["coverImageUrl"], &shown["authorUrl"]),
        (&json!("Course spanish"), &json!(null), &json!(null))
    );
}

#[actix_web::test]
async fn groups_and_who_is_in_them() {
    let house = TestHouse::new().await;
    let people = house.learners(&["ana", "ben", "cy"]).await;
    house.settle().await;
    let ids: Vec<String> = people.iter().map(|person| person.id.to_string()).collect();
    let evening = group(&house, "Evening", &ids[..2]).await;
    let morning = group(&house, "Morning", &ids[1..]).await;
    let admin = house.admin();
    assert_eq!(walk(&admin, ("/groups?limit=1", "groups"), async |_| {}).await, [evening.clone(), morning.clone()]);
    let named = admin.get("/groups?name=Morning").await.json();
    let own = format!("https://stoa.example/groups/{morning}");
    let wanted = json!({ "id": morning, "name": "Morning", "url": own, "membersUrl": format!("{own}/users") });
    assert_eq!(named["groups"], json!([wanted]));
    assert_eq!(admin.get(&format!("/groups/{morning}")).await.json(), wanted);
    let members = walk(&admin, (&format!("/groups/{evening}/users?limit=1"), "users"), async |_| {}).await;
    assert_eq!(members, ids[..2]);
    let of_ben = walk(&admin, (&format!("/users/{}/groups?limit=1", ids[1]), "groups"), async |_| {}).await;
    assert_eq!(of_ben, [evening, morning]);
    assert_eq!(admin.get("/groups/everyone").await.json()["id"], "everyone");
    let all = walk(&admin, ("/groups/everyone/users?limit=3", "users"), async |_| {}).await;
    assert_eq!(all, walk(&admin, ("/users", "users"), async |_| {}).await);
}

#[actix_web::test]
async fn learning_paths_and_their_courses_in_order() {
    let house = TestHouse::new().await;
    let courses = [house.course("a", &[]).await, house.course("b", &[]).await, house.course("c", &[]).await];
    let order = [&courses[2], &courses[0], &courses[1]].map(|course| course.id.to_string());
    let path = learning_path(&house, "All", &order).await;
    let admin = house.admin();
    assert_eq!(
        walk(&admin, ("/learning-paths?limit=1", "learningPaths"), async |_| {}).await,
        std::slice::from_ref(&path)
    );
    let listed = walk(&admin, (&format!("/learning-paths/{path}/courses?limit=1"), "courses"), async |page| {
        if page == 1 {
            // The row that the page ended with is gone; the next page begins after its place.
            admin.delete(&format!("/api/courses/{}", order[0])).await;
        }
    })
    .await;
    assert_eq!(listed, order);
    let own = format!("https://stoa.example/learning-paths/{path}");
    let wanted = json!({ "id": path, "title": "All", "url": own, "coursesUrl": format!("{own}/courses") });
    assert_eq!(admin.get(path_of(&json!(own))).await.json(), wanted);
}

#[actix_web::test]
async fn favorites_are_an_honest_empty_list() {
    let house = TestHouse::new().await;
    let ana = house.learners(&["ana"]).await.remove(0);
    house.settle().await;
    let body = house.admin().get(&format!("/users/{}/favorites", ana.id)).await.json();
    assert_eq!(body, json!({ "courses": [], "nextUrl": null }));
}

/// What tells of somebody who has left still leads to him; he is in no list.
#[actix_web::test]
async fn who_has_left_is_found_by_his_links_alone() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[], &["ana"]).await;
    let ana = &learners[0];
    put(&house, &format!("/courses/{}/users/{}", course.id, ana.id)).await;
    delete(&house, &format!("/api/institutions/{}/members/{}", house.school.tenant, ana.id)).await;
    for path in ["", "/groups", "/favorites"] {
        assert_eq!(house.admin().get(&format!("/users/{}{path}", ana.id)).await.status, 200, "{path}");
    }
    let report = house.admin().get(&format!("/reports/learners/{}", ana.id)).await.json();
    assert_eq!(report["userDeleted"], true);
    let again = house.admin().put(&format!("/courses/{}/users/{}", course.id, ana.id), json!({})).await;
    assert_eq!(refusal(&again), (404, "user_not_found".to_owned()));
    assert_eq!(house.admin().get("/users?email=ana@home.example").await.json()["users"], json!([]));
    house.settle().await;
}
