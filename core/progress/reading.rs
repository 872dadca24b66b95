//! Reading one event: what can be checked without the database. A bad event rejects itself alone.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::activity::{ActivityKind, ActivityScore, ProgressEvent, Rejection, Verb};
use crate::{error::FieldFault, json};

/// Longest client id, in characters.
const CLIENT_ID_MAX: usize = 128;
/// Longest key of an institution's own, in characters.
const KEY_MAX: usize = 255;
/// How far ahead of our clock a sender's may be.
const AHEAD_MAX: TimeDelta = TimeDelta::hours(24);
/// Longest duration of one event, in seconds: a week.
const DURATION_MAX: f64 = 604_800.0;
/// Highest attempt number.
const ATTEMPT_MAX: i32 = 10_000;

/// Reads one event and checks what can be checked without the database.
///
/// # Errors
/// A rejection that names each field by JSON Pointer, from the event.
pub fn parse_event(value: &serde_json::value::RawValue, now: DateTime<Utc>) -> Result<ProgressEvent, Rejection> {
    #[derive(Deserialize)]
    struct OnlyId {
        id: Option<String>,
    }
    let id = || serde_json::from_str::<OnlyId>(value.get()).ok().and_then(|only| only.id).filter(|id| id.len() <= 512);
    let event: ProgressEvent = json::read(value.get()).map_err(|fault| Rejection::invalid(id(), &[fault]))?;
    let faults = faults_of(&event, now);
    if faults.is_empty() { Ok(event) } else { Err(Rejection::invalid(Some(event.id), &faults)) }
}

fn faults_of(event: &ProgressEvent, now: DateTime<Utc>) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, pointer: &str, code: &'static str, detail: &str| {
        if !holds {
            faults.push(FieldFault::new(pointer, code, detail));
        }
    };
    let text =
        |text: &str, max: usize| !text.is_empty() && text.chars().count() <= max && !text.contains(char::is_control);
    check(text(&event.id, CLIENT_ID_MAX), "/id", "length", "wanted 1 to 128 characters, no control characters");
    check(event.occurred_at.utc() <= now + AHEAD_MAX, "/occurred_at", "range", "more than a day in the future");
    let user = &event.user;
    let keys = [user.id.is_some(), user.external_id.is_some(), user.email.is_some()];
    check(
        keys.iter().filter(|given| **given).count() == 1,
        "/user",
        "required",
        "wanted one of id, external_id, email",
    );
    check(
        user.external_id.as_deref().is_none_or(|key| text(key, KEY_MAX)),
        "/user/external_id",
        "length",
        "wanted 1 to 255 characters",
    );
    check(
        user.email.as_deref().is_none_or(|key| text(key, KEY_MAX)),
        "/user/email",
        "length",
        "wanted 1 to 255 characters",
    );
    let object = &event.object;
    check(object.id.is_some() != object.external_id.is_some(), "/object", "required", "wanted one of id, external_id");
    check(
        object.external_id.as_deref().is_none_or(|key| text(key, KEY_MAX)),
        "/object/external_id",
        "length",
        "wanted 1 to 255 characters",
    );
    let enrols_course = event.verb != Verb::Enrolled || object.kind == ActivityKind::Course;
    check(enrols_course, "/verb", "conflict", "a learner is enrolled on a course");
    if let Some(result) = &event.result {
        check(
            result.progress.is_none_or(|share| (0.0..=1.0).contains(&share)),
            "/result/progress",
            "range",
            "wanted 0 to 1",
        );
        check(
            result.score.is_none_or(score_is_sound),
            "/result/score",
            "range",
            "wanted finite min < max and raw between them",
        );
        let duration = result.duration_seconds.is_none_or(|seconds| (0.0..=DURATION_MAX).contains(&seconds));
        check(duration, "/result/duration_seconds", "range", "wanted 0 to 604800");
        let attempt = result.attempt.is_none_or(|number| (1..=ATTEMPT_MAX).contains(&number));
        check(attempt, "/result/attempt", "range", "wanted 1 to 10000");
    }
    faults
}

fn score_is_sound(score: ActivityScore) -> bool {
    let (min, max) = (score.min.unwrap_or(0.0), score.max.unwrap_or(f64::MAX));
    [score.raw, min, max].iter().all(|part| part.is_finite()) && min < max && (min..=max).contains(&score.raw)
}
