//! Reading one event: what can be checked without the database. A bad event rejects itself alone.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::activity::{ActivityKind, ActivityScore, ProgressEvent, Rejection, Verb};
use crate::{error::FieldFault, json, time::Timestamp};

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
    check_event(event, now)
}

/// Checks what can be checked without the database, also of an event that never was a text: what a reader of its text
/// would refuse is refused in the same words, and its time is cut in the same way.
///
/// # Errors
/// A rejection that names each field by JSON Pointer, from the event.
pub fn check_event(mut event: ProgressEvent, now: DateTime<Utc>) -> Result<ProgressEvent, Rejection> {
    let faults = match written(&event) {
        Ok(at) => {
            event.occurred_at = at;
            faults_of(&event, now)
        }
        Err(fault) => vec![fault],
    };
    if faults.is_empty() { Ok(event) } else { Err(Rejection::invalid(Some(event.id), &faults)) }
}

/// When it happened, as a reader of its text takes it; or the first thing that such a reader refuses.
fn written(event: &ProgressEvent) -> Result<Timestamp, FieldFault> {
    let has_no_nul = |pointer: &str, text: Option<&str>| match text {
        Some(text) if text.contains('\0') => Err(FieldFault::new(pointer, "nul", "a NUL character")),
        _ => Ok(()),
    };
    has_no_nul("/id", Some(&event.id))?;
    let at = Timestamp::shaped(event.occurred_at.utc());
    let at = at.map_err(|why| FieldFault::new("/occurred_at", "format", why.to_string()))?;
    has_no_nul("/user/external_id", event.user.external_id.as_deref())?;
    has_no_nul("/user/email", event.user.email.as_deref())?;
    has_no_nul("/object/id", event.object.id.as_deref())?;
    has_no_nul("/object/external_id", event.object.external_id.as_deref())?;
    Ok(at)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{ActivityObject, ActivityResult, ActivityUser};

    fn event(at: &str) -> ProgressEvent {
        ProgressEvent {
            id: "e-1".into(),
            occurred_at: Timestamp::from(at.parse::<DateTime<Utc>>().unwrap()),
            user: ActivityUser { id: None, external_id: Some("ana".into()), email: None },
            object: ActivityObject { kind: ActivityKind::Lesson, id: None, external_id: Some("one".into()) },
            verb: Verb::Completed,
            result: Some(ActivityResult { progress: Some(0.1 + 0.2), ..ActivityResult::default() }),
        }
    }

    #[test]
    fn an_event_means_the_same_whether_it_came_as_text_or_not() {
        let now = "2026-11-21T09:00:00Z".parse().unwrap();
        let with = |change: fn(&mut ProgressEvent)| {
            let mut event = event("2026-11-21T08:00:00Z");
            change(&mut event);
            event
        };
        let times = [
            "1970-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999999Z",
            "2026-11-21T08:00:00.123456789Z",
            "2026-11-22T09:00:00.000000999Z",
            "2026-11-22T09:00:01Z",
            "2016-12-31T23:59:60Z",
            "2100-12-31T23:59:59Z",
            "2101-01-01T00:00:00Z",
            "+12026-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
        ];
        let others = [
            with(|event| event.id = "a\0b".into()),
            with(|event| event.id = "a\u{1}b".into()),
            with(|event| event.id.clear()),
            with(|event| event.user.external_id = Some("\0".into())),
            with(|event| event.user.email = Some("ana\0@school.example".into())),
            with(|event| event.user.external_id = None),
            with(|event| event.object.id = Some("\0".into())),
            with(|event| event.object.external_id = Some("\0".into())),
            with(|event| event.object.external_id = Some("x".repeat(256))),
            with(|event| (event.verb, event.result) = (Verb::Enrolled, None)),
            with(|event| {
                let score = ActivityScore { raw: 7.0, min: Some(1.0), max: Some(5.0) };
                event.result =
                    Some(ActivityResult { score: Some(score), attempt: Some(0), ..ActivityResult::default() });
            }),
            ProgressEvent { id: "\0".into(), ..event("1900-01-01T00:00:00Z") },
            ProgressEvent {
                user: ActivityUser { id: None, external_id: Some("\0".into()), email: Some("\0".into()) },
                ..event("1900-01-01T00:00:00Z")
            },
        ];
        let (mut taken, mut refused) = (0, 0);
        for event in times.into_iter().map(event).chain(others) {
            let text = serde_json::value::to_raw_value(&event).unwrap();
            let checked = check_event(event, now);
            assert_eq!(checked, parse_event(&text, now), "{text}");
            *if checked.is_ok() { &mut taken } else { &mut refused } += 1;
        }
        assert_eq!((taken, refused), (3, 20));
    }
}
