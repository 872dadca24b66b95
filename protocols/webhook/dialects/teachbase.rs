//! Teachbase: the six statistics, flat, with integer ids.
//!
//! Not here: what makes a statistic (`core/progress`).
//!
//! # Shape
//! `{type, event, data}`; `type` is `course_stat`, `section_stat`, `quiz_stat`, `task_stat`, `scorm_stat` or
//! `material_stat`, `event` is `created` or `updated`. Times are ISO 8601 with offset and milliseconds, `progress` is
//! in whole per cent rounded down, `score` in points of its own scale, `time_spent` in seconds.
//!
//! # Rule
//! Teachbase signs nothing and gives an event no id. Standard Webhooks' headers are sent beside the body, where they
//! break nobody, so that a receiver can tell duplicates and, with a secret, the sender.
//!
//! # Source
//! help.teachbase.ru, managers/api-and-integrations/04, for the envelope and the six types; its API reference is not
//! public. `course_id`, `course_session_id` and `user_id` in `course_stat`, and the words of `status`, are read by
//! `alexleskov/tb-telegrambot-ruby` (`lib/webhooks/course_stat.rb`, `config/locales.yml`), the form of times in
//! `StanisLove/teachbase_api_client` (`spec/factories/items.json`). The other attributes are ours, in the same style.

use serde::Serialize;

use crate::{
    event::{Envelope, EventType, Phase, StandingStatus, StatKind, instant},
    webhook::{
        Audience, Dialect, DialectName, RenderError, Signing,
        dialect::{common_headers, required},
    },
};

/// The dialect.
#[derive(Debug)]
pub struct Teachbase;

#[derive(Serialize)]
struct Body {
    #[serde(rename = "type")]
    stat: &'static str,
    event: &'static str,
    data: Data,
}

/// A statistic. An id that its kind does not have is left out.
#[derive(Serialize)]
struct Data {
    id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    quiz_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scorm_package_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    material_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section_id: Option<i64>,
    course_id: i64,
    course_session_id: i64,
    user_id: i64,
    status: &'static str,
    progress: i32,
    score: Option<f64>,
    success: Option<bool>,
    attempts: i32,
    time_spent: i64,
    started_at: Option<String>,
    finished_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl Dialect for Teachbase {
    fn name(&self) -> DialectName {
        DialectName::Teachbase
    }

    fn speaks(&self, event_type: EventType) -> bool {
        event_type.stat().is_some()
    }

    /// An `updated`, because receivers greet the learner at a `created`.
    fn test_event(&self) -> EventType {
        EventType::CourseStatUpdated
    }

    fn rendering(&self, _webhook_id: &str, _api_version: Option<&str>) -> String {
        self.name().as_str().to_owned()
    }

    fn render(&self, event: &Envelope, _audience: &Audience<'_>) -> Result<Vec<u8>, RenderError> {
        let event_type = event.event_type;
        let (kind, phase) = event_type.stat().ok_or(RenderError::NotSpoken { dialect: self.name(), event_type })?;
        let body = Body { stat: type_word(kind), event: event_word(phase), data: data(kind, event)? };
        Ok(serde_json::to_vec(&body)?)
    }

    fn headers(&self, signing: &Signing<'_>) -> Vec<(&'static str, String)> {
        common_headers(signing)
    }
}

fn data(kind: StatKind, event: &Envelope) -> Result<Data, RenderError> {
    let facts = &event.data;
    let standing = required(facts.standing.as_ref(), "standing", event)?;
    let course = required(facts.course.as_deref(), "course", event)?;
    let user = required(facts.user.as_deref(), "user", event)?;
    let section_id = match kind {
        StatKind::Course => None,
        _ => Some(required(facts.lesson.as_deref(), "lesson", event)?.number),
    };
    let item_id = match kind {
        StatKind::Course | StatKind::Section => None,
        _ => Some(required(facts.item.as_deref(), "item", event)?.number),
    };
    let item_of = |wanted: StatKind| item_id.filter(|_| kind == wanted);
    Ok(Data {
        id: standing.number,
        quiz_id: item_of(StatKind::Quiz),
        task_id: item_of(StatKind::Task),
        scorm_package_id: item_of(StatKind::Scorm),
        material_id: item_of(StatKind::Material),
        section_id,
        course_id: course.number,
        // A course has one implicit session, known by the course's number.
        course_session_id: course.number,
        user_id: user.number,
        status: status_word(standing.status),
        progress: standing.progress.clamp(0, 10_000) / 100,
        score: standing.score.map(|score| score.raw),
        success: standing.success,
        attempts: standing.attempts,
        time_spent: standing.time_spent_seconds,
        started_at: standing.started_at.map(instant::with_offset),
        finished_at: standing.completed_at.map(instant::with_offset),
        created_at: instant::with_offset(standing.created_at),
        updated_at: instant::with_offset(standing.updated_at),
    })
}

const fn type_word(kind: StatKind) -> &'static str {
    match kind {
        StatKind::Course => "course_stat",
        StatKind::Section => "section_stat",
        StatKind::Quiz => "quiz_stat",
        StatKind::Task => "task_stat",
        StatKind::Scorm => "scorm_stat",
        StatKind::Material => "material_stat",
    }
}

const fn event_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Created => "created",
        Phase::Updated => "updated",
    }
}

/// Teachbase has two words more, `checking` and `declined`, of work that a person looks at; no standing says so yet.
const fn status_word(status: StandingStatus) -> &'static str {
    match status {
        StandingStatus::NotStarted => "new",
        StandingStatus::InProgress => "inprogress",
        StandingStatus::Completed => "completed",
        StandingStatus::Passed => "passed",
        StandingStatus::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::*;
    use crate::event::sample;

    fn data_of(status: StandingStatus, progress: i32) -> Value {
        let mut event = sample(EventType::QuizStatUpdated);
        let mut data = (*event.data).clone();
        let standing = data.standing.as_mut().unwrap();
        (standing.status, standing.progress) = (status, progress);
        event.data = Arc::new(data);
        let audience = Audience { webhook_id: "whk_1", api_version: None, base_url: "" };
        let body: Value = serde_json::from_slice(&Teachbase.render(&event, &audience).unwrap()).unwrap();
        body["data"].clone()
    }

    #[test]
    fn progress_is_rounded_down_so_that_a_hundred_means_complete() {
        for (basis_points, per_cent) in [(0, 0), (99, 0), (100, 1), (9_999, 99), (10_000, 100)] {
            assert_eq!(data_of(StandingStatus::InProgress, basis_points)["progress"], per_cent);
        }
    }

    #[test]
    fn status_is_in_teachbases_words() {
        let words = [
            (StandingStatus::NotStarted, "new"),
            (StandingStatus::InProgress, "inprogress"),
            (StandingStatus::Completed, "completed"),
            (StandingStatus::Passed, "passed"),
            (StandingStatus::Failed, "failed"),
        ];
        for (status, word) in words {
            assert_eq!(data_of(status, 0)["status"], word);
        }
    }

    #[test]
    fn a_statistic_has_the_ids_of_its_kind_alone() {
        let data = data_of(StandingStatus::Passed, 10_000);
        assert_eq!(data["course_session_id"], data["course_id"]);
        assert!(data["quiz_id"].is_i64() && data["section_id"].is_i64());
        assert_eq!((data.get("task_id"), data.get("material_id"), data.get("scorm_package_id")), (None, None, None));
    }
}
