//! What the matrix of samples does not show: the empty quiz, versions, many learners, missing parts.
//!
//! # Source
//! The vendor's pages, in the module above.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::event::{LearningPathFacts, Score, sample};

fn render(event: &Envelope, api_version: Option<&str>) -> Result<Value, RenderError> {
    let audience = Audience { webhook_id: "whk_1", api_version, base_url: "https://stoa.example.com/" };
    Ok(serde_json::from_slice(&Reach360.render(event, &audience)?).unwrap())
}

fn completed(success: Option<bool>, score: Option<Score>) -> Value {
    let mut event = sample(EventType::CourseCompleted);
    let mut data = (*event.data).clone();
    let standing = data.standing.as_mut().unwrap();
    (standing.success, standing.score) = (success, score);
    event.data = Arc::new(data);
    render(&event, None).unwrap()["data"]["course"]["quiz"].take()
}

#[test]
fn the_quiz_has_both_its_parts_or_none() {
    let score = Some(Score { raw: 7.99, min: 0.0, max: 10.0 });
    assert_eq!(completed(Some(true), score), json!({"passed": true, "score": 79}));
    assert_eq!(completed(None, None), json!({}));
    assert_eq!(completed(None, score), json!({}));
    assert_eq!(completed(Some(false), None), json!({}));
}

#[test]
fn the_pinned_version_is_in_the_body_and_an_unknown_one_is_refused() {
    let event = sample(EventType::UserCreated);
    assert_eq!(render(&event, None).unwrap()["apiVersion"], "2023-04-04");
    assert_eq!(render(&event, Some("2023-05-04")).unwrap()["apiVersion"], "2023-05-04");
    let refused = render(&event, Some("2020-07-16")).unwrap_err();
    assert_eq!(refused.to_string(), r#"reach360 has no version "2020-07-16""#);
}

#[test]
fn one_act_of_enrolling_names_all_its_learners() {
    let mut event = sample(EventType::EnrollmentsCreated);
    let mut data = (*event.data).clone();
    data.users.extend(data.users.clone());
    event.data = Arc::new(data);
    let body = render(&event, None).unwrap();
    assert_eq!(body["type"], "enrollments.created");
    assert_eq!(body["data"]["users"].as_array().unwrap().len(), 2);
    assert_eq!(body["data"]["learningPath"], Value::Null);
    let group = &body["data"]["groups"][0];
    assert_eq!(group["membersUrl"], json!(format!("{}/users", group["url"].as_str().unwrap())));
}

#[test]
fn on_a_learning_path_the_course_is_null() {
    let mut event = sample(EventType::EnrollmentsCreated);
    let mut data = (*event.data).clone();
    data.learning_path =
        Some(Arc::new(LearningPathFacts { id: "lpt_1".into(), external_id: None, title: "Beginners".into() }));
    (data.groups, data.enrolled_by) = (Vec::new(), None);
    event.data = Arc::new(data);
    let data = render(&event, None).unwrap()["data"].take();
    assert_eq!((&data["course"], &data["enrolledBy"]), (&Value::Null, &Value::Null));
    assert_eq!(data["groups"], json!([]));
    let path = json!({
        "id": "lpt_1",
        "title": "Beginners",
        "url": "https://stoa.example.com/learning-paths/lpt_1",
        "coursesUrl": "https://stoa.example.com/learning-paths/lpt_1/courses",
    });
    assert_eq!(data["learningPath"], path);
}

/// Every key that a version's sample has is in that version's schema, and every key of the schema is in the sample.
#[test]
fn each_version_has_a_schema_that_its_sample_keeps_to() {
    for version in Version::ALL {
        for known in EventType::ALL.iter().copied().filter(|known| Reach360.speaks(*known)) {
            let schema = Reach360.schema(known, Some(version.as_str())).expect("a schema").to_value();
            let body = render(&sample(known), Some(version.as_str())).unwrap();
            keeps_to(&body, &schema, &schema, known.as_str());
        }
        assert!(Reach360.schema(EventType::WebhookPing, Some(version.as_str())).is_none());
    }
    assert!(Reach360.schema(EventType::UserCreated, Some("2020-07-16")).is_none());
}

fn keeps_to(value: &Value, schema: &Value, root: &Value, place: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).expect("a definition"),
        None => schema,
    };
    if let Some(either) = schema["anyOf"].as_array() {
        let other = either.iter().find(|one| one["type"] != "null").expect("not only null");
        if !value.is_null() {
            keeps_to(value, other, root, place);
        }
        return;
    }
    match value {
        Value::Object(members) => {
            let known = schema["properties"].as_object().unwrap_or_else(|| panic!("{place} is no object: {schema}"));
            for required in schema["required"].as_array().into_iter().flatten() {
                assert!(members.contains_key(required.as_str().unwrap()), "{place} lacks {required}");
            }
            for (name, member) in members {
                assert!(known.contains_key(name), "{place} has {name}, which the schema does not know");
                keeps_to(member, &known[name], root, &format!("{place}/{name}"));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keeps_to(item, &schema["items"], root, place)),
        _ => {}
    }
}

#[test]
fn what_must_be_said_and_is_not_known_is_an_error() {
    let mut event = sample(EventType::CourseCompleted);
    event.data = Arc::default();
    assert_eq!(render(&event, None).unwrap_err().to_string(), "course.completed has no standing");
}
