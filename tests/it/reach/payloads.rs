//! All four events with their full objects, and where their links lead.

use serde_json::{Value, json};
use stoa_protocols::{
    event::EventType,
    webhook::{DialectName, dialects::reach360::Version},
};

use super::steps::{group, learning_path, path_of, put, subscribe};
use crate::support::{TestHouse, callers::Caller, receivers::Receiver};

/// Every `…Url` and `url` of a tree.
fn links(tree: &Value, into: &mut Vec<Value>) {
    match tree {
        Value::Object(members) => {
            for (name, member) in members {
                if (name == "url" || name.ends_with("Url")) && name != "coverImageUrl" && !member.is_null() {
                    into.push(member.clone());
                } else {
                    links(member, into);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| links(item, into)),
        _ => {}
    }
}

/// Follows every link, and every link of what is found there; answers how many there were.
async fn follow(caller: &Caller, body: &Value) -> usize {
    let mut found = Vec::new();
    links(body, &mut found);
    let mut count = 0;
    for link in found {
        let answer = caller.get(path_of(&link)).await;
        assert_eq!(answer.status, 200, "{link}: {}", answer.text());
        count += 1;
        let mut further = Vec::new();
        links(&answer.json(), &mut further);
        for link in further {
            assert_eq!(caller.get(path_of(&link)).await.status, 200, "{link}");
            count += 1;
        }
    }
    count
}

/// Makes all of it happen: people, a course with an author, groups, a path, a completion, a submission.
async fn a_busy_day(house: &TestHouse) -> Receiver {
    let admin = house.admin();
    let receiver = subscribe(house, "https://hooks.example/all").await;
    let learners = house.learners(&["ana", "ben"]).await;
    let members: Vec<String> = learners.iter().map(|learner| learner.id.to_string()).collect();
    let new = json!({
        "title": "Spanish", "author_id": house.school.manager.id, "status": "submitted",
        "reviewer_id": house.school.owner.id, "cover_url": "https://pictures.example/a.png",
    });
    let course = admin.post("/api/courses", new).await.data();
    let course = course["id"].as_str().expect("an id").to_owned();
    let group = group(house, "Evening", &members).await;
    let path = learning_path(house, "Languages", std::slice::from_ref(&course)).await;
    put(house, &format!("/courses/{course}/users/{}", members[0])).await;
    put(house, &format!("/courses/{course}/groups/{group}")).await;
    put(house, &format!("/courses/{course}/groups/everyone")).await;
    put(house, &format!("/learning-paths/{path}/users/{}", members[0])).await;
    put(house, &format!("/learning-paths/{path}/groups/{group}")).await;
    let done = json!({
        "id": "e1", "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": members[0] },
        "object": { "kind": "course", "id": course }, "verb": "completed",
    });
    admin.post("/api/progress-events", json!({ "events": [done] })).await.data();
    house.settle().await;
    receiver
}

#[actix_web::test]
async fn every_link_of_every_delivery_leads_somewhere() {
    let house = TestHouse::new().await;
    let receiver = a_busy_day(&house).await;
    let token = house
        .token(&[stoa_core::Ability::MembersRead, stoa_core::Ability::ContentRead, stoa_core::Ability::ProgressRead])
        .await;
    let calls = receiver.take();
    let mut types: Vec<String> = calls.iter().map(crate::support::receivers::Call::event_type).collect();
    types.sort();
    types.dedup();
    assert_eq!(types, ["course.completed", "course.submitted", "enrollments.created", "user.created"]);
    let mut followed = 0;
    for call in &calls {
        followed += follow(&token, &call.json()).await;
    }
    assert!(followed > 100, "{followed}");
}

#[actix_web::test]
async fn all_six_parts_of_the_envelope_are_always_there() {
    let house = TestHouse::new().await;
    let receiver = a_busy_day(&house).await;
    for call in receiver.take() {
        let body = call.json();
        let names: Vec<&String> = body.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["id", "createdAt", "type", "webhookId", "apiVersion", "data"]);
        assert_eq!(body["createdAt"], "2026-11-21T09:00:00.000Z");
        assert_eq!(call.header("webhook-id"), body["id"].as_str());
    }
}

#[actix_web::test]
async fn a_submission_tells_of_course_submitter_and_reviewer() {
    let house = TestHouse::new().await;
    let receiver = a_busy_day(&house).await;
    let calls = receiver.take();
    let submitted = calls.iter().find(|call| call.event_type() == "course.submitted").expect("a submission").json();
    let data = &submitted["data"];
    assert_eq!(data["isInitialSubmission"], true);
    assert_eq!(data["submitter"]["id"], json!(house.school.admin.id));
    assert_eq!(data["reviewer"]["id"], json!(house.school.owner.id));
    assert_eq!(data["course"]["coverImageUrl"], "https://pictures.example/a.png");
    assert_eq!(path_of(&data["course"]["authorUrl"]), format!("/users/{}", house.school.manager.id));
    for part in ["submitter", "reviewer"] {
        assert_eq!(data[part].as_object().expect("a user").len(), 11, "{part} is a whole user");
    }
    let mut keys: Vec<&String> = data.as_object().expect("an object").keys().collect();
    keys.sort();
    assert_eq!(keys, ["course", "isInitialSubmission", "reviewer", "submitter"]);
}

#[actix_web::test]
async fn an_enrolment_on_a_path_has_no_course() {
    let house = TestHouse::new().await;
    let receiver = a_busy_day(&house).await;
    let calls = receiver.take();
    let acts: Vec<Value> = calls
        .iter()
        .filter(|call| call.event_type() == "enrollments.created")
        .map(|call| call.json()["data"].clone())
        .collect();
    for data in &acts {
        let names: Vec<&String> = data.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["course", "learningPath", "enrolledBy", "groups", "users"]);
        assert_ne!(data["course"].is_null(), data["learningPath"].is_null(), "{data}");
        assert_eq!(data["enrolledBy"]["id"], json!(house.school.admin.id));
    }
    let on_path: Vec<_> = acts.iter().filter(|data| data["course"].is_null()).collect();
    assert_eq!(on_path.len(), 2, "a user and a group");
    assert!(on_path.iter().all(|data| data["learningPath"]["title"] == "Languages"));
}

/// What a receiver reads is what the schema of its version says.
#[actix_web::test]
async fn deliveries_keep_to_the_schema_of_their_version() {
    let house = TestHouse::new().await;
    let receiver = a_busy_day(&house).await;
    let dialect = DialectName::Reach360.dialect();
    assert_eq!(dialect.versions(), Version::NAMES);
    for call in receiver.take() {
        let known: EventType = dialect.event_named(&call.event_type()).expect("a type");
        let schema = dialect.schema(known, call.json()["apiVersion"].as_str()).expect("a schema").to_value();
        for required in schema["required"].as_array().expect("required keys") {
            assert!(call.json().get(required.as_str().expect("a name")).is_some(), "{required}");
        }
    }
}
