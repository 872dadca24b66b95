//! Teachbase: the six statistics, flat, with integer ids.
//!
//! Not here: what makes a statistic (`core/progress`), and its attributes ([`Stat`]).
//!
//! # Shape
//! `{type, event, data}`; `type` is `course_stat`, `section_stat`, `quiz_stat`, `task_stat`, `scorm_stat` or
//! `material_stat`, `event` is `created` or `updated`, `data` is a [`Stat`].
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

mod stat;

use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;
pub use stat::Stat;

use crate::{
    event::{Envelope, EventType, Phase, StatKind},
    webhook::{
        Audience, Dialect, DialectName, RenderError, Signing,
        dialect::{common_headers, say_constant},
    },
};

/// The dialect.
#[derive(Debug)]
pub struct Teachbase;

#[derive(Serialize, JsonSchema)]
struct Body {
    /// Which statistic it is.
    #[serde(rename = "type")]
    stat: &'static str,
    /// Is it new or changed.
    event: &'static str,
    /// The statistic, as the API answers it too.
    data: Stat,
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
        let data = Stat::of(kind, &event.data).map_err(|part| RenderError::Missing { event_type, part })?;
        let body = Body { stat: type_word(kind), event: event_word(phase), data };
        Ok(serde_json::to_vec(&body)?)
    }

    fn schema(&self, event_type: EventType, api_version: Option<&str>) -> Option<Schema> {
        let (kind, phase) = event_type.stat().filter(|_| api_version.is_none())?;
        let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Body>();
        say_constant(&mut schema, "type", type_word(kind));
        say_constant(&mut schema, "event", event_word(phase));
        Some(schema)
    }

    fn headers(&self, signing: &Signing<'_>) -> Vec<(&'static str, String)> {
        common_headers(signing)
    }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::*;
    use crate::event::{StandingStatus, sample};

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
