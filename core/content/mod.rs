//! What is learned: a course has lessons, a lesson has trainings, a training has items.
//!
//! Not here: who is on a course (`enrolments`) and where a learner stands (`progress`).
//!
//! A course may be a copy of one in the platform's library (`stoa_record::library`); such a copy is read like any other
//! and changed by nobody.
//!
//! Nothing is erased. What is deleted is gone for everybody, together with all that it holds, and leaves a
//! tombstone by which a client that keeps a copy learns of it. A deleted row's external id and slug may be given again.

pub mod courses;
pub mod items;
pub mod lessons;
pub mod trainings;

mod cefr;
mod noted;
mod outline;
mod removal;
mod totals;

pub use cefr::{Cefr, CefrRange};
pub use outline::{Depth, LessonOutline, TrainingOutline, lessons_with, outline, outline_to, trainings_with};
pub use totals::{Totals, totals};

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::{Code, Error, Result};

/// Where a part may stand within its whole.
const POSITIONS: RangeInclusive<i32> = 1..=100_000;
/// Longest summary or prompt, in characters.
const TEXT_MAX: usize = 20_000;

/// In which order lessons, trainings and items are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum PartSort {
    /// In the order of the course.
    #[serde(rename = "position")]
    Position,
    /// By title, as characters compare.
    #[serde(rename = "title")]
    Title,
    /// Longest unchanged first: the order for keeping a copy.
    #[serde(rename = "updated_at")]
    Updated,
    /// Last changed first.
    #[serde(rename = "-updated_at")]
    LastUpdatedFirst,
}

impl PartSort {
    fn or_by_change(sort: Option<Self>, updated_since: Option<DateTime<Utc>>) -> Self {
        sort.unwrap_or(if updated_since.is_some() { Self::Updated } else { Self::Position })
    }
}

/// What is a copy of the platform's follows its source, and nobody else changes it.
fn owned(source_id: Option<Uuid>) -> Result<()> {
    match source_id {
        None => Ok(()),
        Some(_) => {
            Err(Error::new(Code::Conflict, "the course is shared by the platform: it changes at its source alone"))
        }
    }
}
