//! One learner's standings, laid beside the lessons of the course. Pure.

use std::collections::HashMap;

use stoa_core::{Id, content::lessons::Lesson, id, progress::Standing};
use stoa_protocols::event::StandingStatus;
use uuid::Uuid;

use super::beside;

/// Basis points of what is complete.
const COMPLETE: i32 = 10_000;

/// A lesson, and where a learner stands on it.
#[derive(Debug, Clone)]
pub struct LessonStanding {
    /// The lesson.
    pub lesson: Lesson,
    /// Where the learner stands; none who has not begun it.
    pub standing: Option<Standing>,
}

/// A course, and where a learner stands on it and its lessons.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Where the learner stands on the course; none who has not begun it.
    pub course: Option<Standing>,
    /// The lessons in the course's order.
    pub lessons: Vec<LessonStanding>,
}

impl LessonStanding {
    /// How far, in one word.
    pub fn status(&self) -> StandingStatus {
        self.standing.as_ref().map_or(StandingStatus::NotStarted, Standing::status)
    }

    /// Was completed at some time.
    pub fn is_complete(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.facts().completed_at.is_some())
    }
}

impl Outline {
    pub(super) fn of(course: Id<id::Course>, lessons: &[Lesson], standings: Vec<Standing>) -> Self {
        let mut of: HashMap<Uuid, Standing> =
            standings.into_iter().map(|standing| (standing.object(), standing)).collect();
        let course = of.remove(&course.uuid());
        Self { course, lessons: beside(lessons, &of) }
    }

    /// How far, in one word.
    pub fn status(&self) -> StandingStatus {
        self.course.as_ref().map_or(StandingStatus::NotStarted, Standing::status)
    }

    /// Whole percents of the course, rounded down; none where no lesson is required and nothing completed it.
    pub fn percent(&self) -> Option<i32> {
        let progress = self.course.as_ref().map_or(0, |course| course.facts().progress);
        let counts = progress == COMPLETE || self.lessons.iter().any(|part| part.lesson.required);
        counts.then_some(progress / 100)
    }

    /// The course was completed, and has required lessons that this learner never did.
    pub fn content_changed_after_completion(&self) -> bool {
        let complete = self.course.as_ref().is_some_and(|course| course.facts().completed_at.is_some());
        complete && self.lessons.iter().any(|part| part.lesson.required && !part.is_complete())
    }
}
