//! What the matrix of samples does not show: the empty quiz, versions, many learners, missing parts.
//!
//! # Source
//! The vendor's pages, in the module above.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::event::{Score, sample};

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
    let mut event = sample(EventType::EnrollmentCreated);
    let mut data = (*event.data).clone();
    let learner = data.user.take().unwrap();
    data.users = vec![Arc::clone(&learner), learner];
    event.data = Arc::new(data);
    let body = render(&event, None).unwrap();
    assert_eq!(body["type"], "enrollments.created");
    assert_eq!(body["data"]["users"].as_array().unwrap().len(), 2);
    assert_eq!(body["data"]["learningPath"], Value::Null);
    assert_eq!(body["data"]["groups"], json!([]));
}

#[test]
fn what_must_be_said_and_is_not_known_is_an_error() {
    let mut event = sample(EventType::CourseCompleted);
    event.data = Arc::default();
    assert_eq!(render(&event, None).unwrap_err().to_string(), "course.completed has no standing");
}
