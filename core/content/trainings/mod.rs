//! Trainings: the blocks of a lesson.

mod commands;
mod queries;
mod rows;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

pub use commands::{change, create, remove};
pub use queries::hold;
pub use queries::{find, get, list};
pub use rows::Training;

use super::{POSITIONS, PartSort};
use crate::{
    error::Result,
    fields::{Fields, given},
    id,
    key::Key,
};

/// What a training is called when nobody says.
const KIND: &str = "practice";

/// A training to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTraining {
    /// The lesson.
    pub lesson_id: Key<id::Lesson>,
    /// Shown to people, at most 255 characters.
    pub title: String,
    /// Free word: practice, review, exam; `practice` if left out.
    #[serde(default)]
    pub kind: Option<String>,
    /// Order within the lesson, from 1; behind the last if left out. Equals keep the order of making.
    #[serde(default)]
    pub position: Option<i32>,
    /// Score to pass, in basis points of the highest, 0 to 10000; left out if nothing is to be passed.
    #[serde(default)]
    pub pass_score: Option<i32>,
    /// The institution's own key.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// What may be changed of a training. What is absent stays as it is; null empties a field that may be empty.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingChange {
    /// Shown to people, at most 255 characters.
    #[serde(deserialize_with = "given")]
    pub title: Option<String>,
    /// Free word: practice, review, exam.
    #[serde(deserialize_with = "given")]
    pub kind: Option<String>,
    /// Order within the lesson, from 1.
    #[serde(deserialize_with = "given")]
    pub position: Option<i32>,
    /// Score to pass, in basis points of the highest, 0 to 10000.
    #[serde(deserialize_with = "given")]
    pub pass_score: Option<Option<i32>>,
    /// The institution's own key.
    #[serde(deserialize_with = "given")]
    pub external_id: Option<Option<String>>,
}

/// Which trainings are wanted.
#[derive(Debug, Clone, Default)]
pub struct TrainingFilter {
    /// Of these lessons.
    pub lessons: Option<Vec<Uuid>>,
    /// Of lessons of these courses.
    pub courses: Option<Vec<Uuid>>,
    /// Changed then or later; the deleted come too, as tombstones.
    pub updated_since: Option<DateTime<Utc>>,
    /// One of these.
    pub ids: Option<Vec<Uuid>>,
    /// Of this kind.
    pub kind: Option<String>,
    /// In which order.
    pub sort: Option<PartSort>,
}

impl TrainingChange {
    fn apply(self, training: &mut Training) {
        if let Some(title) = self.title {
            training.title = title;
        }
        if let Some(kind) = self.kind {
            training.kind = kind;
        }
        training.position = self.position.unwrap_or(training.position);
        training.pass_score = self.pass_score.unwrap_or(training.pass_score);
        training.external_id = self.external_id.unwrap_or_else(|| training.external_id.take());
    }
}

/// Checks a training and writes its fields in their usual form.
fn check(training: &mut Training) -> Result<()> {
    let mut fields = Fields::new();
    fields.name("/title", &mut training.title);
    fields.name("/kind", &mut training.kind);
    fields.within("/position", &training.position, &POSITIONS);
    if let Some(score) = &training.pass_score {
        fields.within("/pass_score", score, &(0..=10_000));
    }
    fields.external_id("/external_id", training.external_id.as_deref());
    fields.finish()
}
