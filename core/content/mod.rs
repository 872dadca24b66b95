//! What is learned: a course has lessons, a lesson has trainings, a training has items.
//!
//! Not here: who is on a course (`enrolments`) and where a learner stands (`progress`).
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
pub use outline::{LessonOutline, TrainingOutline, outline};
pub use totals::{Totals, totals};

use std::ops::RangeInclusive;

/// Where a part may stand within its whole.
const POSITIONS: RangeInclusive<i32> = 1..=100_000;
/// Longest summary or prompt, in characters.
const TEXT_MAX: usize = 20_000;
