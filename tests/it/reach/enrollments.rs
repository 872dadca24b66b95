//! Users and groups on courses and learning paths, and what each act announces.

use serde_json::{Value, json};

use super::steps::{delete, group, learning_path, on_course, put, subscribe_to};
use crate::support::{TestHouse, builders::BuiltLearner, receivers::Receiver};

const ACTS: [&str; 1] = ["enrollments.created"];

async fn people(house: &TestHouse, keys: &[&str]) -> (String, Vec<BuiltLearner>) {
    let course = house.course("spanish", &[]).await;
    let learners = house.learners(keys).await;
    house.settle().await;
    (course.id.to_string(), learners)
}

fn ids(learners: &[BuiltLearner]) -> Vec<String> {
    learners.iter().map(|learner| learner.id.to_string()).collect()
}

/// What each act told: names of the users, ids of the groups, sorted.
async fn acts(house: &TestHouse, receiver: &Receiver) -> Vec<(Vec<String>, Vec<String>)> {
    house.settle().await;
    let texts = |list: &Value, name: &str| {
        let rows = list.as_array().expect("a list");
        let mut texts: Vec<String> = rows.iter().map(|row| row[name].as_str().expect("a text").to_owned()).collect();
        texts.sort();
        texts
    };
    let mut acts: Vec<_> = receiver
        .take()
        .iter()
        .map(|call| call.json()["data"].clone())
        .map(|data| (texts(&data["users"], "firstName"), texts(&data["groups"], "id")))
        .collect();
    acts.sort();
    acts
}

fn act(users: &[&str], groups: &[&str]) -> (Vec<String>, Vec<String>) {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    (own(users), own(groups))
}

#[actix_web::test]
async fn a_user_is_put_on_a_course_and_taken_off() {
    let house = TestHouse::new().await;
    let (course, learners) = people(&house, &["ana"]).await;
    let receiver = subscribe_to(&house, "https://hooks.example/a", &ACTS).await;
    let path = format!("/courses/{course}/users/{}", learners[0].id);
    put(&house, &path).await;
    put(&house, &path).await;
    assert_eq!(on_course(&house, &course).await, ["ana"]);
    assert_eq!(acts(&house, &receiver).await, [act(&["ana"], &[])], "the second time nothing happened");
    delete(&house, &path).await;
    delete(&house, &path).await;
    assert_eq!(on_course(&house, &course).await, [""; 0]);
    assert_eq!(acts(&house, &receiver).await, [], "nobody is told of leaving");
    put(&house, &path).await;
    assert_eq!(acts(&house, &receiver).await, [act(&["ana"], &[])], "coming back is an act");
}

#[actix_web::test]
async fn a_group_is_put_on_a_course_and_so_is_who_joins_later() {
    let house = TestHouse::new().await;
    let (course, learners) = people(&house, &["ana", "ben", "cy"]).await;
    let members = ids(&learners);
    let group = group(&house, "Evening", &members[..2]).await;
    let receiver = subscribe_to(&house, "https://hooks.example/a", &ACTS).await;
    let path = format!("/courses/{course}/groups/{group}");
    put(&house, &path).await;
    put(&house, &path).await;
    assert_eq!(on_course(&house, &course).await, ["ana", "ben"]);
    assert_eq!(acts(&house, &receiver).await, [act(&["ana", "ben"], &[&group])]);
    let join = format!("/api/groups/{group}/members/{}", members[2]);
    put(&house, &join).await;
    put(&house, &join).await;
    assert_eq!(on_course(&house, &course).await, ["ana", "ben", "cy"]);
    assert_eq!(acts(&house, &receiver).await, [act(&["cy"], &[&group])]);
}

#[actix_web::test]
async fn an_empty_group_is_an_act_too() {
    let house = TestHouse::new().await;
    let (course, _) = people(&house, &[]).await;
    let group = group(&house, "Nobody yet", &[]).await;
    let receiver = subscribe_to(&house, "https://hooks.example/a", &ACTS).await;
    put(&house, &format!("/courses/{course}/groups/{group}")).await;
    assert_eq!(acts(&house, &receiver).await, [act(&[], &[&group])]);
}

/// Who came by a group goes with it, unless he was named by himself, has completed, or another group gives it too.
#[actix_web::test]
async fn a_group_takes_along_whom_nothing_else_keeps() {
    let house = TestHouse::new().await;
    let (course, learners) = people(&house, &["ana", "ben", "cy", "dee"]).await;
    let members = ids(&learners);
    let (evening, morning) = (group(&house, "Evening", &members).await, group(&house, "Morning", &members[1..2]).await);
    put(&house, &format!("/courses/{course}/groups/{evening}")).await;
    put(&house, &format!("/courses/{course}/groups/{morning}")).await;
    put(&house, &format!("/courses/{course}/users/{}", members[2])).await;
    let done = json!({
        "id": "e1", "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": members[3] },
        "object": { "kind": "course", "id": course }, "verb": "completed",
    });
    house.admin().post("/api/progress-events", json!({ "events": [done] })).await.data();
    delete(&house, &format!("/courses/{course}/groups/{evening}")).await;
    assert_eq!(on_course(&house, &course).await, ["ben", "cy", "dee"]);
    delete(&house, &format!("/api/groups/{morning}/members/{}", members[1])).await;
    assert_eq!(on_course(&house, &course).await, ["cy", "dee"], "leaving the group is leaving its courses");
    house.settle().await;
}

#[actix_web::test]
async fn a_deleted_group_takes_along_its_members() {
    let house = TestHouse::new().await;
    let (course, learners) = people(&house, &["ana"]).await;
    let group = group(&house, "Evening", &ids(&learners)).await;
    put(&house, &format!("/courses/{course}/groups/{group}")).await;
    assert_eq!(on_course(&house, &course).await, ["ana"]);
    delete(&house, &format!("/api/groups/{group}")).await;
    assert_eq!(on_course(&house, &course).await, [""; 0]);
    house.settle().await;
}

#[actix_web::test]
async fn a_learning_path_brings_all_its_courses() {
    let house = TestHouse::new().await;
    let (first, learners) = people(&house, &["ana", "ben"]).await;
    let second = house.course("korean", &[]).await.id.to_string();
    let third = house.course("latin", &[]).await.id.to_string();
    let members = ids(&learners);
    let path = learning_path(&house, "Languages", &[first.clone(), second.clone()]).await;
    let group = group(&house, "Evening", &members[1..]).await;
    let receiver = subscribe_to(&house, "https://hooks.example/a", &ACTS).await;
    put(&house, &format!("/learning-paths/{path}/users/{}", members[0])).await;
    put(&house, &format!("/learning-paths/{path}/groups/{group}")).await;
    assert_eq!(on_course(&house, &first).await, ["ana", "ben"]);
    assert_eq!(on_course(&house, &second).await, ["ana", "ben"]);
    house.settle().await;
    let told = receiver.take();
    assert_eq!(told.len(), 2, "one act each, whatever the number of courses");
    for call in told {
        let data = &call.json()["data"];
        assert_eq!((&data["course"], &data["learningPath"]["id"]), (&json!(null), &json!(path)));
    }
    // The path changes: those on it come to what is new, and leave what is gone.
    let change = json!({ "course_ids": [second, third] });
    house.admin().patch(&format!("/api/learning-paths/{path}"), change).await.data();
    house.settle().await;
    assert_eq!(on_course(&house, &third).await, ["ana", "ben"]);
    assert_eq!(on_course(&house, &first).await, [""; 0]);
    delete(&house, &format!("/learning-paths/{path}/users/{}", members[0])).await;
    assert_eq!(on_course(&house, &third).await, ["ben"]);
    delete(&house, &format!("/api/learning-paths/{path}")).await;
    house.settle().await;
    assert_eq!(on_course(&house, &third).await, [""; 0]);
    house.settle().await;
}

/// Our own surface and activity tell of their acts as well.
#[actix_web::test]
async fn every_way_of_enrolling_is_an_act() {
    let house = TestHouse::new().await;
    let (course, learners) = people(&house, &["ana", "ben", "cy"]).await;
    let receiver = subscribe_to(&house, "https://hooks.example/a", &ACTS).await;
    let users = json!({ "users": [{ "id": learners[0].id }, { "id": learners[1].id }] });
    let path = format!("/api/courses/{course}/enrollments");
    house.admin().post(&path, users.clone()).await.data();
    house.admin().post(&path, users).await.data();
    assert_eq!(acts(&house, &receiver).await, [act(&["ana", "ben"], &[])], "one act for both");
    let begun = json!({
        "id": "e1", "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": learners[2].id },
        "object": { "kind": "course", "id": course }, "verb": "enrolled",
    });
    house.admin().post("/api/progress-events", json!({ "events": [begun] })).await.data();
    assert_eq!(acts(&house, &receiver).await, [act(&["cy"], &[])], "activity enrols one by one");
}

#[actix_web::test]
async fn who_did_it_is_told_where_it_was_a_person() {
    let house = TestHouse::new().await;
    let (course, learners) = people(&house, &["ana", "ben"]).await;
    let receiver = subscribe_to(&house, "https://hooks.example/a", &ACTS).await;
    put(&house, &format!("/courses/{course}/users/{}", learners[0].id)).await;
    let token = house.token(&[stoa_core::Ability::MembersWrite]).await;
    token.put(&format!("/courses/{course}/users/{}", learners[1].id), json!({})).await;
    house.settle().await;
    let mut by: Vec<Value> =
        receiver.take().iter().map(|call| call.json()["data"]["enrolledBy"]["id"].clone()).collect();
    by.sort_by_key(Value::is_null);
    assert_eq!(by, [json!(house.school.admin.id), json!(null)]);
}

#[actix_web::test]
async fn strangers_enrol_nobody() {
    let house = TestHouse::new().await;
    let (course, learners) = people(&house, &["ana"]).await;
    let group = group(&house, "Evening", &ids(&learners)).await;
    for path in [format!("/courses/{course}/users/{}", learners[0].id), format!("/courses/{course}/groups/{group}")] {
        let answer = house.stranger().put(&path, json!({})).await;
        assert_eq!(super::steps::refusal(&answer), (404, "course_not_found".to_owned()));
    }
    assert_eq!(on_course(&house, &course).await, [""; 0]);
}
