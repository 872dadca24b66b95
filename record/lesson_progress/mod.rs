//! Where learners stand in a course, lesson by lesson.
//!
//! # Rule
//! - Completion, success and score are three facts; a learner may complete and fail.
//! - The course's progress is the weight of its completed required lessons over that of all required ones, as the
//!   standing keeps it: rounded down, 100 % only when complete, and none where no lesson is required.
//! - Nothing that was completed is taken back. Whoever completed a course that has got required lessons since is told
//!   so by `content_changed_after_completion`.
//! - A lesson may be waived for a learner: it counts as if it were done. One that he may not begin yet is locked.
//! - Somebody who is not on the course has no progress in it: `not_enrolled`.
//!
//! Not here: how activity changes a standing (`stoa_core::progress`).

mod locks;
mod matrix;
mod outline;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use stoa_core::{
    Code, Error, Id, Result,
    content::{
        courses::Course,
        lessons::{self, Lesson},
    },
    db::TenantTx,
    enrolments::{self, Enrolment},
    id,
    members::Member,
    progress::{Standing, standings_of},
};

pub use locks::{Unmet, unmet};
pub use matrix::{MatrixRow, matrix};
pub use outline::{LessonStanding, LessonStatus, Outline, StandingSource};

/// A learner's progress in a course.
#[derive(Debug, Clone)]
pub struct LessonProgress {
    /// The learner.
    pub learner: Member,
    /// The enrolment.
    pub enrolment: Enrolment,
    /// How the learner stands.
    pub outline: Outline,
    /// When it was read.
    pub as_of: DateTime<Utc>,
}

/// Reads a learner's progress in a course.
///
/// # Errors
/// `not_enrolled`.
pub async fn lesson_progress(tx: &mut TenantTx, course: &Course, learner: Member) -> Result<LessonProgress> {
    let enrolment = enrolments::find(tx, course.id, learner.id).await?;
    let enrolment = enrolment.ok_or_else(|| Error::new(Code::NotEnrolled, "the learner is not on this course"))?;
    let lessons = lessons::of_course(tx, course.id).await?;
    let standings = standings_of(tx, course.id, &[learner.id]).await?;
    let unmet = unmet(tx, course, &[learner.id]).await?.remove(&learner.id).unwrap_or_default();
    let as_of = tx.now();
    let outline = Outline::of(course, &lessons, standings, unmet);
    Ok(LessonProgress { learner, enrolment, outline, as_of })
}

/// Is past the day by which it should have been done.
pub fn is_overdue(due_at: Option<DateTime<Utc>>, completed_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    completed_at.is_none() && due_at.is_some_and(|due| due < now)
}

/// The standings of many learners, each learner's own.
fn by_learner(standings: Vec<Standing>) -> HashMap<Id<id::User>, Vec<Standing>> {
    let mut of = HashMap::<_, Vec<_>>::new();
    for standing in standings {
        of.entry(standing.user()).or_default().push(standing);
    }
    of
}

/// The lessons with the standing of one learner on each.
fn beside(lessons: &[Lesson], standings: &HashMap<uuid::Uuid, Standing>) -> Vec<LessonStanding> {
    lessons
        .iter()
        .map(|lesson| LessonStanding {
            lesson: lesson.clone(),
            standing: standings.get(&lesson.id.uuid()).cloned(),
            is_locked: false,
        })
        .collect()
}
