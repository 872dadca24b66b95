//! Lessons: the parts of a course.

mod commands;
mod queries;
mod rows;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

pub use commands::{change, create, remove};
pub(crate) use queries::find_all;
pub use queries::hold;
pub use queries::{find, get, list, of_course};
pub use rows::Lesson;

use super::{Cefr, POSITIONS, PartSort};
use crate::{
    fields::{Fields, given},
    id,
    key::Key,
};

/// What a lesson is called when nobody says.
const KIND: &str = "lesson";

/// A lesson to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLesson {
    /// The course.
    pub course_id: Key<id::Course>,
    /// Shown to people, at most 255 characters.
    pub title: String,
    /// Free word: lesson, webinar, exam; `lesson` if left out.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Order within the course, from 1; behind the last if left out. Equals keep the order of making.
    #[serde(default)]
    pub position: Option<i32>,
    /// Counts towards the course's progress; true if left out.
    #[serde(default)]
    pub required: Option<bool>,
    /// Share in the course's progress, 0 to 1000000; 1 if left out.
    #[serde(default)]
    pub weight: Option<i32>,
    /// Estimated, at most 100000.
    #[serde(default)]
    pub duration_minutes: Option<i32>,
    /// Skills that it trains.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Level.
    #[serde(default)]
    pub cefr: Option<Cefr>,
    /// The institution's own key.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// What may be changed of a lesson. What is absent stays as it is; null empties a field that may be empty.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LessonChange {
    /// Shown to people, at most 255 characters.
    #[serde(deserialize_with = "given")]
    pub title: Option<String>,
    /// Free word: lesson, webinar, exam.
    #[serde(deserialize_with = "given", rename = "type")]
    pub kind: Option<String>,
    /// Order within the course, from 1.
    #[serde(deserialize_with = "given")]
    pub position: Option<i32>,
    /// Counts towards the course's progress.
    #[serde(deserialize_with = "given")]
    pub required: Option<bool>,
    /// Share in the course's progress, 0 to 1000000.
    #[serde(deserialize_with = "given")]
    pub weight: Option<i32>,
    /// Estimated, at most 100000.
    #[serde(deserialize_with = "given")]
    pub duration_minutes: Option<Option<i32>>,
    /// Skills that it trains.
    #[serde(deserialize_with = "given")]
    pub skills: Option<Vec<String>>,
    /// Level.
    #[serde(deserialize_with = "given")]
    pub cefr: Option<Option<Cefr>>,
    /// The institution's own key.
    #[serde(deserialize_with = "given")]
    pub external_id: Option<Option<String>>,
}

/// Which lessons are wanted.
#[derive(Debug, Clone, Default)]
pub struct LessonFilter {
    /// Of these courses.
    pub courses: Option<Vec<Uuid>>,
    /// Changed then or later; the deleted come too, as tombstones.
    pub updated_since: Option<DateTime<Utc>>,
    /// One of these.
    pub ids: Option<Vec<Uuid>>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Required, or not.
    pub required: Option<bool>,
    /// Training this skill.
    pub skill: Option<String>,
    /// Of this level.
    pub cefr: Option<Cefr>,
    /// In which order.
    pub sort: Option<PartSort>,
}

impl LessonChange {
    fn apply(self, lesson: &mut Lesson) {
        if let Some(title) = self.title {
            lesson.title = title;
        }
        if let Some(kind) = self.kind {
            lesson.kind = kind;
        }
        if let Some(skills) = self.skills {
            lesson.skills = skills;
        }
        lesson.position = self.position.unwrap_or(lesson.position);
        lesson.required = self.required.unwrap_or(lesson.required);
        lesson.weight = self.weight.unwrap_or(lesson.weight);
        lesson.duration_minutes = self.duration_minutes.unwrap_or(lesson.duration_minutes);
        lesson.cefr = self.cefr.unwrap_or(lesson.cefr);
        lesson.external_id = self.external_id.unwrap_or_else(|| lesson.external_id.take());
    }
}

/// Checks a lesson and writes its fields in their usual form.
fn check(lesson: &mut Lesson) -> crate::error::Result<()> {
    let mut fields = Fields::new();
    fields.name("/title", &mut lesson.title);
    fields.name("/type", &mut lesson.kind);
    fields.within("/position", &lesson.position, &POSITIONS);
    fields.within("/weight", &lesson.weight, &(0..=1_000_000));
    if let Some(minutes) = &lesson.duration_minutes {
        fields.within("/duration_minutes", minutes, &(0..=100_000));
    }
    fields.words("/skills", &mut lesson.skills);
    fields.external_id("/external_id", lesson.external_id.as_deref());
    fields.finish()
}
