//! One learner's standings, laid beside the lessons of the course. Pure.

use std::collections::HashMap;

use stoa_core::{
    Id,
    content::{
        courses::{CompletionRule, Course},
        lessons::Lesson,
    },
    id,
    progress::Standing,
    words,
};
use stoa_protocols::event::StandingStatus;
use uuid::Uuid;

use super::{beside, locks::locked};

/// Basis points of what is complete.
const COMPLETE: i32 = 10_000;

/// A lesson, and where a learner stands on it.
#[derive(Debug, Clone)]
pub struct LessonStanding {
    /// The lesson.
    pub lesson: Lesson,
    /// Where the learner stands; none who has not begun it.
    pub standing: Option<Standing>,
    /// The learner may not begin it yet.
    pub is_locked: bool,
}

words! {
    /// Names how far a learner is with a lesson.
    LessonStatus {
        /// Not to be begun yet.
        Locked = "locked",
        /// Nothing done yet.
        NotStarted = "not_started",
        /// Begun.
        InProgress = "in_progress",
        /// Completed, neither passed nor failed.
        Completed = "completed",
        /// Passed.
        Passed = "passed",
        /// Failed; whether it is completed says `completion`.
        Failed = "failed",
        /// Need not be done, and counts as if it were.
        Waived = "waived",
    }
}

words! {
    /// Names whence it is known how far a learner is with a lesson.
    StandingSource {
        /// What the learner did, by whatever way it was told.
        Activity = "activity",
        /// Somebody waived it.
        Waiver = "waiver",
    }
}

/// A course, and where a learner stands on it and its lessons.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Where the learner stands on the course; none who has not begun it.
    pub course: Option<Standing>,
    /// The lessons in the course's order.
    pub lessons: Vec<LessonStanding>,
    /// Courses to be completed before, which the learner has not.
    pub unmet_prerequisites: Vec<Id<id::Course>>,
    /// The lessons by which the course is completed, where it lists them.
    listed: Option<Vec<Uuid>>,
    /// Share of the weight that completes the course, where that is less than all: basis points.
    wanted_share: Option<i32>,
}

impl LessonStanding {
    /// How far, in one word.
    pub fn status(&self) -> LessonStatus {
        match self.standing.as_ref().map_or(StandingStatus::NotStarted, Standing::status) {
            StandingStatus::Completed => LessonStatus::Completed,
            StandingStatus::Passed => LessonStatus::Passed,
            _ if self.is_waived() => LessonStatus::Waived,
            StandingStatus::Failed => LessonStatus::Failed,
            StandingStatus::InProgress => LessonStatus::InProgress,
            StandingStatus::NotStarted if self.is_locked => LessonStatus::Locked,
            StandingStatus::NotStarted => LessonStatus::NotStarted,
        }
    }

    /// Something was done in it.
    pub fn is_begun(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.facts().started_at.is_some())
    }

    /// Need not be done.
    pub fn is_waived(&self) -> bool {
        self.standing.as_ref().is_some_and(Standing::is_waived)
    }

    /// Whence it is known that it is begun or done: from what the learner did, or from a waiver.
    pub fn source(&self) -> Option<StandingSource> {
        let is_waived = self.status() == LessonStatus::Waived;
        if is_waived { Some(StandingSource::Waiver) } else { self.is_begun().then_some(StandingSource::Activity) }
    }

    /// Was completed at some time.
    pub fn is_complete(&self) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.facts().completed_at.is_some())
    }
}

impl Outline {
    pub(super) fn of(
        course: &Course,
        lessons: &[Lesson],
        standings: Vec<Standing>,
        unmet_prerequisites: Vec<Id<id::Course>>,
    ) -> Self {
        let mut of: HashMap<Uuid, Standing> =
            standings.into_iter().map(|standing| (standing.object(), standing)).collect();
        let own = of.remove(&course.id.uuid());
        let mut lessons = beside(lessons, &of);
        let locked = locked(course, &lessons, !unmet_prerequisites.is_empty());
        for part in &mut lessons {
            part.is_locked = locked.contains(&part.lesson.id.uuid());
        }
        let lists = course.completion_rule == CompletionRule::ListedLessons;
        let listed = lists.then(|| course.completion_lesson_ids.clone());
        let wanted_share = course.completion_threshold.filter(|_| course.completion_rule == CompletionRule::Weight);
        Self { course: own, lessons, unmet_prerequisites, listed, wanted_share }
    }

    /// How far, in one word.
    pub fn status(&self) -> StandingStatus {
        self.course.as_ref().map_or(StandingStatus::NotStarted, Standing::status)
    }

    /// Whole percents of the course, rounded down; none where no lesson is required and nothing completed it.
    pub fn percent(&self) -> Option<i32> {
        let progress = self.course.as_ref().map_or(0, |course| course.facts().progress);
        let counts = progress == COMPLETE || self.lessons.iter().any(|part| self.counts(part));
        counts.then_some(progress / 100)
    }

    /// The course was completed, and has required lessons that this learner never did.
    pub fn content_changed_after_completion(&self) -> bool {
        let complete = self.course.as_ref().is_some_and(|course| course.facts().completed_at.is_some());
        let counting = || self.lessons.iter().filter(|part| self.counts(part));
        let is_done = |part: &&LessonStanding| part.is_complete() || part.is_waived();
        complete
            && match self.wanted_share {
                None => !counting().all(|part| is_done(&part)),
                Some(wanted) => {
                    let weight = |part: &LessonStanding| i64::from(part.lesson.weight);
                    let (done, all): (i64, i64) =
                        (counting().filter(is_done).map(weight).sum(), counting().map(weight).sum());
                    done * i64::from(COMPLETE) < all * i64::from(wanted)
                }
            }
    }

    /// The course is completed by it.
    fn counts(&self, part: &LessonStanding) -> bool {
        match &self.listed {
            Some(listed) => listed.contains(&part.lesson.id.uuid()),
            None => part.lesson.required,
        }
    }
}
