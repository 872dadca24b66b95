//! Lists of members: filters, search, order, pages and cursors.

use std::fmt::Write;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa_core::Role;

use super::{MEMBERS, group, somebody};
use crate::support::{TestHouse, callers::Caller};

/// The external ids of a whole list, by its cursor, three at a time.
async fn walk(caller: &Caller, query: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = caller.get(&format!("{MEMBERS}?per_page=3&cursor={cursor}&{query}")).await.json();
        assert!(page["meta"].get("total").is_none(), "nothing is counted");
        let rows = page["data"].as_array().unwrap_or_else(|| panic!("{page}"));
        found.extend(rows.iter().map(|row| row["external_id"].as_str().unwrap_or_default().to_owned()));
        let Some(next) = page["meta"]["next_cursor"].as_str() else {
            assert_eq!(page["links"]["next"], Value::Null);
            return found;
        };
        assert_eq!(rows.len(), 3);
        assert!(page["links"]["next"].as_str().unwrap().contains(&format!("cursor={next}")));
        cursor = next.to_owned();
    }
}

/// All of a list, by its pages.
async fn paged(caller: &Caller, query: &str) -> Vec<String> {
    let page = caller.get(&format!("{MEMBERS}?per_page=100&{query}")).await.json();
    let rows = page["data"].as_array().unwrap_or_else(|| panic!("{page}"));
    assert_eq!(page["meta"]["total"], rows.len(), "{query}");
    assert_eq!(page["meta"]["total_is_estimate"], false);
    rows.iter().map(|row| row["external_id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[actix_web::test]
async fn every_order_is_the_same_by_pages_and_by_cursor() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben", "eva", "zoe", "kim", "lea", "max"]).await;
    house.clock.advance(TimeDelta::hours(1));
    let admin = house.admin();
    admin.patch(&format!("{MEMBERS}/external_id:ben"), json!({ "name": "Aaron" })).await.data();
    for sort in ["joined_at", "updated_at", "name", "email"] {
        let up = paged(&admin, &format!("sort={sort}")).await;
        assert_eq!(up.len(), 11, "{sort}");
        assert_eq!(walk(&admin, &format!("sort={sort}")).await, up, "{sort}");
        let mut down = paged(&admin, &format!("sort=-{sort}")).await;
        assert_eq!(walk(&admin, &format!("sort=-{sort}")).await, down, "-{sort}");
        down.reverse();
        assert_eq!(down, up, "{sort}");
    }
    assert_eq!(paged(&admin, "sort=name").await[0], "ben");
    assert_eq!(paged(&admin, "sort=-updated_at").await[0], "ben");
    for (query, pointer) in [
        ("sort=age", "?sort"),
        ("cursor=x", "?cursor"),
        ("cursor=&page=2", "?page"),
        ("per_page=101", "?per_page"),
        ("page=9999", "?page"),
    ] {
        let refusal = admin.get(&format!("{MEMBERS}?{query}")).await.refusal();
        assert_eq!((refusal.0, refusal.2), (422, vec![pointer.to_owned()]), "{query}");
    }
    let page = admin.get(&format!("{MEMBERS}?per_page=3&sort=name")).await.json();
    let cursor = page["meta"]["next_cursor"].as_str().unwrap();
    let other = admin.get(&format!("{MEMBERS}?sort=email&cursor={cursor}")).await.refusal();
    assert_eq!(other.2, ["?cursor"], "a place of another order");
    house.settle().await;
}

#[actix_web::test]
async fn filters_narrow_together() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben", "eva"]).await;
    let spring = group(&house, "spring", &["ana", "eva", "home-manager"]).await;
    let admin = house.admin();
    admin.patch(&format!("{MEMBERS}/external_id:eva"), json!({ "status": "deactivated" })).await.data();
    for (query, expected) in [
        (format!("group={spring}"), vec!["ana", "eva", "home-manager"]),
        ("group=external_id:spring&role=learner".to_owned(), vec!["ana", "eva"]),
        (format!("group={spring}&status=active&role=learner"), vec!["ana"]),
        (format!("group={spring}&q=ev"), vec!["eva"]),
        ("role=owner".to_owned(), vec!["home-owner"]),
        ("status=deactivated".to_owned(), vec!["eva"]),
    ] {
        let mut found = paged(&admin, &query).await;
        assert_eq!(walk(&admin, &query).await, found, "{query}");
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
    assert_eq!(admin.get(&format!("{MEMBERS}?group=external_id:none")).await.refusal().0, 404);
    let rows = admin.get(&format!("{MEMBERS}?q=ana")).await.data();
    assert_eq!(rows[0]["groups"], json!([{ "id": spring, "name": "Group spring" }]));
    assert_eq!((&rows[0]["seat"], &rows[0]["invited_at"]), (&json!("in_use"), &Value::Null));
    house.settle().await;
}

#[actix_web::test]
async fn words_are_found_by_how_they_begin_in_any_script() {
    let house = TestHouse::new().await;
    let admin = house.admin();
    for (name, email, key) in [
        ("Ольга Иванова", "olga@school.example", "s-1815"),
        ("Ivan Ivanov", "iv@school.example", "s-1816"),
        ("Jean-Luc Iványi", "jl@school.example", "x-1"),
    ] {
        admin.post(MEMBERS, json!({ "name": name, "email": email, "external_id": key })).await.data();
    }
    let kim = json!({ "name": "김민준", "first_name": "민준", "last_name": "김", "email": "mj@school.example", "external_id": "k" });
    admin.post(MEMBERS, kim).await.data();
    for (q, expected) in [
        ("ива", vec!["s-1815"]),
        ("ОЛЬГА ив", vec!["s-1815"]),
        ("ив ольга", vec!["s-1815"]),
        ("iva", vec!["s-1816"]),
        ("IV", vec!["s-1816", "x-1"]),
        ("iv@school", vec!["s-1816"]),
        ("s-18", vec!["s-1815", "s-1816"]),
        ("luc jean", vec!["x-1"]),
        ("jean-l", vec!["x-1"]),
        ("민준", vec!["k"]),
        ("김", vec!["k"]),
        ("olga ivan", vec![]),
        ("%", vec![]),
        ("_", vec![]),
    ] {
        let query = format!("q={}", url(q));
        assert_eq!(paged(&admin, &query).await, expected, "{q}");
        assert_eq!(walk(&admin, &query).await, expected, "{q}");
        let mut by_name = paged(&admin, &format!("{query}&sort=-name")).await;
        by_name.sort();
        let mut sorted = expected.clone();
        sorted.sort_unstable();
        assert_eq!(by_name, sorted, "{q}");
    }
    admin.patch(&format!("{MEMBERS}/external_id:s-1815"), json!({ "name": "Ольга Петрова" })).await.data();
    assert!(paged(&admin, &format!("q={}", url("ива"))).await.is_empty(), "the old name finds nobody");
    assert_eq!(paged(&admin, &format!("q={}", url("пет"))).await, ["s-1815"]);
    assert_eq!(admin.get(&format!("{MEMBERS}?q=a+b+c+d+e+f+g+h+i")).await.refusal().2, ["?q"]);
    assert_eq!(paged(&admin, "q=").await.len(), 8);
    assert_eq!(
        house.stranger().get("/api/institutions/external_id:abroad/members?q=iv").await.json()["meta"]["total"],
        0
    );
    house.settle().await;
}

fn url(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        let _ = write!(escaped, "%{byte:02X}");
        escaped
    })
}

#[actix_web::test]
async fn changes_are_followed_with_those_who_left() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben", "eva"]).await;
    house.clock.advance(TimeDelta::hours(1));
    let admin = house.admin();
    admin.delete(&format!("{MEMBERS}/external_id:ben")).await;
    house.clock.advance(TimeDelta::minutes(1));
    admin.patch(&format!("{MEMBERS}/external_id:ana"), json!({ "role": "support" })).await.data();
    let since = "updated_since=2026-11-21T09:30:00Z";
    assert_eq!(paged(&admin, since).await, ["ben", "ana"]);
    assert_eq!(walk(&admin, since).await, ["ben", "ana"]);
    let gone = admin.get(&format!("{MEMBERS}?{since}")).await.data()[0].clone();
    assert_eq!((&gone["status"], &gone["seat"]), (&json!("removed"), &Value::Null));
    assert_eq!(gone["removed_at"], "2026-11-21T10:00:00Z");
    assert_eq!(paged(&admin, &format!("{since}&status=active")).await, ["ana"]);
    house.settle().await;
}

/// The last activity is the last learning, and nobody's sign-in.
#[actix_web::test]
async fn activity_is_learning() {
    let house = TestHouse::new().await;
    let (course, learners) = house.class(&[&[stoa_protocols::event::ItemKind::Quiz]], &["ana", "ben"]).await;
    house.clock.advance(TimeDelta::hours(1));
    let event = json!({ "id": "e1", "occurred_at": "2026-11-21T09:30:00Z", "verb": "completed",
        "user": { "id": learners[0].id }, "object": { "kind": "item", "id": course.lessons[0].items[0].id } });
    house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    house.settle().await;
    let (_, support) = somebody(&house, "sam", Role::Support).await;
    support.get("/api/auth/me").await.data();
    for (name, at) in [("ana", json!("2026-11-21T09:30:00Z")), ("ben", Value::Null), ("sam", Value::Null)] {
        let one = house.admin().get(&format!("{MEMBERS}/external_id:{name}")).await.data();
        assert_eq!(one["last_active_at"], at, "{name}");
        let row = house.admin().get(&format!("{MEMBERS}?q={name}")).await.data()[0].clone();
        assert_eq!(row, one);
    }
    house.settle().await;
}

#[actix_web::test]
async fn long_lists_are_counted_so_far() {
    let house = TestHouse::new().await;
    let tenant = house.school.tenant.uuid();
    house.database.run(&format!(
        "INSERT INTO users (tenant_id, id, external_id, email, email_key, name, first_name, last_name, created_at, updated_at)
         SELECT '{tenant}', ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'p' || n, 'p' || n || '@b.example',
           'p' || n || '@b.example', 'Crowd ' || n, 'Crowd', n::text, now(), now() FROM generate_series(1, 10100) n"
    ));
    house.database.run(&format!(
        "INSERT INTO memberships (tenant_id, user_id, role, created_at, updated_at)
         SELECT '{tenant}', id, 'learner', now(), now() FROM users WHERE name LIKE 'Crowd %'"
    ));
    let admin = house.admin();
    let page = admin.get(&format!("{MEMBERS}?per_page=100&page=100")).await.json();
    assert_eq!((&page["meta"]["total"], &page["meta"]["total_is_estimate"]), (&json!(10_000), &json!(true)));
    assert_eq!(page["meta"]["last_page"], 100);
    let next = page["links"]["next"].as_str().unwrap().to_owned();
    let path = next.split_once("/api").map(|(_, path)| format!("/api{path}")).unwrap();
    let rest = admin.get(&path).await.json();
    assert_eq!(rest["data"].as_array().unwrap().len(), 100);
    let found = admin.get(&format!("{MEMBERS}?q=crowd")).await.json();
    assert_eq!((&found["meta"]["total"], &found["meta"]["total_is_estimate"]), (&json!(1_000), &json!(true)));
    assert_eq!(admin.get(&format!("{MEMBERS}?q=crowd+10100")).await.json()["meta"]["total"], 1);
    house.settle().await;
}
