//! One statistic, as a receiver gets it and as the API answers it: the same bytes, because it is the same code.
//!
//! Not here: which standing is which statistic ([`EventType::stat`](crate::event::EventType::stat)).
//!
//! # Shape
//! Flat, with integer ids. Times are ISO 8601 with offset and milliseconds, `progress` is in whole per cent rounded
//! down, `score` in points of its own scale, `time_spent` in seconds. An id that the kind does not have is left out.
//!
//! # Source
//! help.teachbase.ru, managers/api-and-integrations/04: `data` has the attributes of the matching API answer. Which
//! they are is told in the module above.

use schemars::JsonSchema;
use serde::Serialize;

use crate::event::{EventData, StandingStatus, StatKind, instant};

/// Where a learner stands on a course, a section, a quiz, a task, a SCORM package or a material.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Stat {
    /// Integer id of the statistic.
    pub id: i64,
    /// The quiz, of a `quiz_stat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiz_id: Option<i64>,
    /// The task, of a `task_stat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<i64>,
    /// The SCORM package, of a `scorm_stat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scorm_package_id: Option<i64>,
    /// The material, of a `material_stat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub material_id: Option<i64>,
    /// The section, of all but a `course_stat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_id: Option<i64>,
    /// The course.
    pub course_id: i64,
    /// Its one session.
    pub course_session_id: i64,
    /// The learner.
    pub user_id: i64,
    /// `new`, `inprogress`, `completed`, `passed` or `failed`.
    pub status: &'static str,
    /// Whole per cent, rounded down: 100 only when complete.
    pub progress: i32,
    /// Points of the latest attempt.
    pub score: Option<f64>,
    /// Passed or failed; null while unknown.
    pub success: Option<bool>,
    /// Attempts so far.
    pub attempts: i32,
    /// Seconds.
    pub time_spent: i64,
    /// First activity.
    pub started_at: Option<String>,
    /// First completion.
    pub finished_at: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}

impl Stat {
    /// Says the facts of an event, or of a row, as a statistic.
    ///
    /// # Errors
    /// The name of the part that is missing.
    pub fn of(kind: StatKind, facts: &EventData) -> Result<Self, &'static str> {
        let standing = facts.standing.as_ref().ok_or("standing")?;
        let course = facts.course.as_deref().ok_or("course")?;
        let user = facts.user.as_deref().ok_or("user")?;
        let section_id = match kind {
            StatKind::Course => None,
            _ => Some(facts.lesson.as_deref().ok_or("lesson")?.number),
        };
        let item_id = match kind {
            StatKind::Course | StatKind::Section => None,
            _ => Some(facts.item.as_deref().ok_or("item")?.number),
        };
        let item_of = |wanted: StatKind| item_id.filter(|_| kind == wanted);
        Ok(Self {
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
