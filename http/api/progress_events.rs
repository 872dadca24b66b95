//! The way in: learners' activity.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use stoa_core::{
    Ability, Code, Error, Id, Result,
    progress::{EventOutcome, EventStatus, ProgressEvent, Submission, parse_event},
};

use crate::{
    body::Body,
    doors::{Call, Data, Door, NoPath, NoQuery, Sample, sample},
};

const TAG: &str = "Progress";
/// Most events of one request.
const EVENTS_MAX: usize = 500;

/// The door.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/progress-events", submit)
            .needs(Ability::ProgressWrite)
            .named(
                "submitProgressEvents",
                TAG,
                "Takes 1 to 500 events of learners' activity in; each counts once, for ever",
            )
            .errors(&[Code::UpstreamUnavailable]),
    ]
}

/// Events, in the order in which they count. A bad one is answered in its place and stops no other.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ProgressEvents {
    /// 1 to 500 events.
    #[schemars(with = "Vec<ProgressEvent>", length(min = 1, max = 500))]
    events: Vec<Box<RawValue>>,
}

impl Body for ProgressEvents {
    fn example() -> Value {
        json!({ "events": [{
            "id": "lms-7f3a-000017",
            "occurred_at": "2026-11-21T09:00:00.123Z",
            "user": { "external_id": "learner-0042" },
            "object": { "kind": "item", "external_id": "quiz-1" },
            "verb": "answered",
            "result": { "progress": 0.5, "score": { "raw": 8.0, "min": 0.0, "max": 10.0 }, "duration_seconds": 90.0, "attempt": 1 },
        }] })
    }
}

async fn submit(call: Call<NoPath, NoQuery, ProgressEvents>) -> Result<Data<Vec<EventOutcome>>> {
    let events = call.body.events;
    if events.is_empty() || events.len() > EVENTS_MAX {
        return Err(Error::invalid_field("/events", "length", format!("wanted 1 to {EVENTS_MAX} events")));
    }
    let now = call.app.db.clock().now();
    let events = events.iter().map(|event| parse_event(event, now)).collect();
    let submission = Submission { scope: call.scope.clone(), events };
    Ok(Data(call.app.road.recorder.submit(submission).await?))
}

impl Sample for Vec<EventOutcome> {
    fn sample() -> Self {
        let event = |id: &str, status| EventOutcome {
            id: Some(id.to_owned()),
            status,
            code: None,
            detail: None,
            events: vec![sample::id()],
        };
        vec![
            event("lms-7f3a-000017", EventStatus::Accepted),
            EventOutcome {
                code: Some(Code::NotEnrolled.as_str()),
                detail: Some("the learner is not enrolled on the course".into()),
                events: Vec::<Id<_>>::new(),
                ..event("lms-7f3a-000018", EventStatus::Rejected)
            },
        ]
    }
}
