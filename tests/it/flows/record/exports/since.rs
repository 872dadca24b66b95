//! Exports of what changed: whoever goes on from `next_since` misses nothing, whenever it was committed.

use chrono::TimeDelta;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use stoa_core::db::sql;
use stoa_protocols::event::ItemKind::Material;

use super::{PATH, ask, rows_of};
use crate::support::TestHouse;

/// The rows since a place, and the place from which to go on.
async fn since(house: &TestHouse, kind: &str, place: Option<&str>) -> (Vec<Value>, String) {
    house.clock.advance(TimeDelta::seconds(1));
    let id = ask(&house.admin(), json!({ "type": kind, "format": "jsonl", "since": place })).await;
    house.settle().await;
    let export = house.admin().get(&format!("{PATH}/{id}")).await.data();
    assert_eq!(export["since"], json!(place));
    (rows_of(&house.admin(), &id).await, export["next_since"].as_str().unwrap().to_owned())
}

fn named(rows: &[Value], column: &str) -> Vec<String> {
    let mut names: Vec<String> = rows.iter().map(|row| row[column].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[actix_web::test]
async fn a_change_that_is_committed_late_is_in_the_next_one() {
    let house = TestHouse::new().await;
    house.learners(&["ana", "ben"]).await;
    house.settle().await;
    // It is written before the first export, and stays open over it.
    let mut late = house.tx().await;
    let rename = sql("UPDATE users SET name = 'Late' WHERE tenant_id = $1 AND external_id = $2");
    let rename = rename.bind::<SqlUuid, _>(house.school.tenant).bind::<Text, _>("ana");
    rename.execute(late.connection()).await.unwrap();
    let (first, place) = since(&house, "members", None).await;
    assert!(first.iter().any(|row| row["external_id"] == "ana" && row["name"] == "ana Learner"), "{first:?}");
    late.commit().await.unwrap();
    house.past().await;
    let (changed, place) = since(&house, "members", Some(&place)).await;
    let ana = changed.iter().find(|row| row["external_id"] == "ana").expect("what was committed late");
    assert_eq!(ana["name"], "Late");
    let (nothing, place) = since(&house, "members", Some(&place)).await;
    assert_eq!(named(&nothing, "external_id"), [""; 0]);
    let members = format!("/api/institutions/{}/members", house.school.tenant);
    let ben = changed_id(&house, "ben");
    house.owner().delete(&format!("{members}/{ben}")).await;
    house.settle().await;
    let (gone, _) = since(&house, "members", Some(&place)).await;
    assert_eq!(named(&gone, "user_id"), [ben], "whoever left is told, so that a copy can follow");
    assert_eq!((&gone[0]["removed"], &gone[0]["status"]), (&json!(true), &json!("removed")));
    let (all, _) = since(&house, "members", None).await;
    assert!(all.iter().all(|row| row["removed"] == false));
}

fn changed_id(house: &TestHouse, external_id: &str) -> String {
    let found = house.database.value(&format!("SELECT id::text FROM users WHERE external_id = '{external_id}'"));
    stoa_core::Id::<stoa_core::id::User>::from_uuid(found.as_str().unwrap().parse().unwrap()).to_string()
}

#[actix_web::test]
async fn progress_that_changed_comes_with_the_lessons_that_it_changed_on() {
    let house = TestHouse::new().await;
    let (course, _) = house.class(&[&[Material], &[Material]], &["ana", "ben"]).await;
    house.past().await;
    let (all, place) = since(&house, "learner_progress", None).await;
    assert_eq!(all.len(), 4);
    let event = json!({ "id": "1", "occurred_at": "2026-11-21T08:00:00Z", "user": { "external_id": "ana" },
        "verb": "completed", "object": { "kind": "item", "external_id": "spanish/2/1" } });
    house.admin().post("/api/progress-events", json!({ "events": [event] })).await.data();
    house.settle().await;
    let (changed, place) = since(&house, "learner_progress", Some(&place)).await;
    assert_eq!(named(&changed, "lesson_external_id"), ["spanish/2"]);
    assert_eq!((&changed[0]["status"], &changed[0]["user_external_id"]), (&json!("completed"), &json!("ana")));
    house.admin().delete(&format!("/api/lessons/{}", course.lessons[0].id)).await;
    house.settle().await;
    let (gone, _) = since(&house, "learner_progress", Some(&place)).await;
    let removed: Vec<_> = gone.iter().filter(|row| row["removed"] == true).collect();
    assert_eq!(removed.len(), 2, "{gone:?}");
    assert!(removed.iter().all(|row| row["lesson_external_id"] == "spanish/1"));
}

#[actix_web::test]
async fn activity_is_told_from_the_place_on_and_none_twice_where_nothing_is_under_way() {
    let house = TestHouse::new().await;
    house.class(&[&[Material]], &["ana"]).await;
    let tell = |ids: Vec<String>| {
        let of = |id: &String| {
            json!({ "id": id, "occurred_at": "2026-11-21T08:00:00Z", "user": { "external_id": "ana" },
            "verb": "progressed", "object": { "kind": "item", "external_id": "spanish/1/1" } })
        };
        json!({ "events": ids.iter().map(of).collect::<Vec<_>>() })
    };
    let mut seen = Vec::new();
    let mut place: Option<String> = None;
    for round in 0..4 {
        let ids: Vec<String> = (0..round).map(|nth| format!("{round}-{nth}")).collect();
        if !ids.is_empty() {
            house.admin().post("/api/progress-events", tell(ids)).await.data();
            house.settle().await;
        }
        house.past().await;
        let (rows, next) = since(&house, "activity", place.as_deref()).await;
        seen.extend(named(&rows, "id"));
        place = Some(next);
    }
    assert_eq!(seen, ["1-0", "2-0", "2-1", "3-0", "3-1", "3-2"]);
}
