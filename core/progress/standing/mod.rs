//! Where a learner stands on one object, and how an event changes that. Pure.
//!
//! # Rule
//! Completion, success and score are three facts.
//! - *Completion* is reached by `completed`, `passed` or progress 1 and is never taken back; its first time never moves.
//! - *Success* is the newest verdict, but once passed stays passed. `failed` alone does not complete.
//! - *Score* is that of the newest attempt; the best one is kept beside it.
//!
//! An event older than the newest one applied adds what it proves (a completion, a pass, time, an earlier start,
//! a better score) and changes nothing else.

use chrono::{DateTime, Utc};
use stoa_protocols::event::{ObjectKind, Score, StandingFacts, StandingStatus};
use uuid::Uuid;

use super::activity::{Activity, Verb};
use crate::id::{self, Id, TenantId};

/// Progress of what is complete, in basis points.
pub(crate) const COMPLETE: i32 = 10_000;

/// Names a standing: the learner and the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) tenant: TenantId,
    pub(crate) user: Uuid,
    pub(crate) object: Uuid,
}

/// Where a learner stands on one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    pub(crate) key: Key,
    pub(crate) kind: ObjectKind,
    pub(crate) id: Id<id::Standing>,
    /// Given by the database; 0 until the row is there.
    pub(crate) number: i64,
    pub(crate) course: Uuid,
    pub(crate) progress: i32,
    pub(crate) success: Option<bool>,
    pub(crate) score: Option<Score>,
    pub(crate) best_score: Option<i32>,
    pub(crate) attempts: i32,
    pub(crate) time_spent_seconds: i64,
    /// Of the time spent, what came after the last announcement.
    pub(crate) untold_seconds: i64,
    pub(crate) revision: i32,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) completed_at: Option<DateTime<Utc>>,
    /// Since when the learner need not do it.
    pub(crate) waived_at: Option<DateTime<Utc>>,
    pub(crate) last_occurred_at: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What an event changed: five independent facts.
#[expect(clippy::struct_excessive_bools, reason = "they are independent, and each is asked by name")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Change {
    /// Something that a reader of the standing sees, time spent aside.
    pub(crate) visible: bool,
    /// Time spent.
    pub(crate) time: bool,
    /// The time of the newest activity.
    pub(crate) active: bool,
    /// Begun by this event.
    pub(crate) started: bool,
    /// Completed by this event.
    pub(crate) completed: bool,
}

impl Standing {
    /// Makes the standing of a learner who has done nothing yet.
    pub(crate) fn fresh(
        key: Key,
        kind: ObjectKind,
        course: Uuid,
        id: Id<id::Standing>,
        (at, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Self {
        Self {
            key,
            kind,
            id,
            number: 0,
            course,
            progress: 0,
            success: None,
            score: None,
            best_score: None,
            attempts: 0,
            time_spent_seconds: 0,
            untold_seconds: 0,
            revision: 0,
            started_at: None,
            completed_at: None,
            waived_at: None,
            last_occurred_at: at,
            created_at: now,
            updated_at: now,
        }
    }

    /// How far, in one word.
    pub fn status(&self) -> StandingStatus {
        match (self.completed_at, self.success, self.started_at) {
            (Some(_), Some(true), _) => StandingStatus::Passed,
            (_, Some(false), _) => StandingStatus::Failed,
            (Some(_), None, _) => StandingStatus::Completed,
            (None, _, Some(_)) => StandingStatus::InProgress,
            (None, _, None) => StandingStatus::NotStarted,
        }
    }

    /// The learner.
    pub const fn user(&self) -> Id<id::User> {
        Id::from_uuid(self.key.user)
    }

    /// The course, lesson, training or item.
    pub const fn object(&self) -> Uuid {
        self.key.object
    }

    /// Time of the newest event that was applied.
    pub const fn last_activity_at(&self) -> DateTime<Utc> {
        self.last_occurred_at
    }

    /// Need not be done by the learner.
    pub const fn is_waived(&self) -> bool {
        self.waived_at.is_some()
    }

    /// Is complete.
    pub(crate) const fn is_complete(&self) -> bool {
        self.completed_at.is_some()
    }

    /// Applies an event on this very object.
    pub(crate) fn apply(&mut self, activity: &Activity) -> Change {
        let before = self.clone();
        // Being put on a course is no activity: what was done before it and is told after it is the newest still.
        let newer = self.started_at.is_none() || activity.occurred_at >= self.last_occurred_at;
        self.begin(activity.occurred_at);
        self.spend(activity.duration_seconds);
        self.count_attempt(activity);
        if let Some(score) = activity.score {
            self.best_score = self.best_score.max(Some(score.basis_points()));
            if newer || self.score.is_none() {
                self.score = Some(score);
            }
        }
        match activity.success() {
            Some(true) => self.success = Some(true),
            Some(false) if self.success.is_none() => self.success = Some(false),
            Some(false) | None => {}
        }
        if let Some(progress) = activity.progress
            && newer
            && !self.is_complete()
        {
            self.progress = progress.min(COMPLETE - 1);
        }
        if activity.completes() {
            self.complete(activity.occurred_at);
        }
        self.touch(&before, activity.occurred_at)
    }

    /// Marks that something inside of this object was done at a time.
    pub(crate) fn apply_inside(&mut self, occurred_at: DateTime<Utc>, duration_seconds: i64) -> Change {
        let before = self.clone();
        self.begin(occurred_at);
        self.spend(duration_seconds);
        self.touch(&before, occurred_at)
    }

    /// Takes over how much of what is inside is complete, in basis points; all of it completes this object.
    pub(crate) fn apply_share(&mut self, share: i32, occurred_at: DateTime<Utc>) -> Change {
        let before = self.clone();
        self.begin(occurred_at);
        if share >= COMPLETE {
            self.complete(occurred_at);
        } else if !self.is_complete() {
            self.progress = self.progress.max(share);
        }
        self.touch(&before, occurred_at)
    }

    /// Takes over how much of what is inside is complete or waived. It is no activity: nothing begins by it but what it
    /// completes, and what is taken back is taken off again.
    pub(crate) fn apply_credit(&mut self, share: i32, at: DateTime<Utc>) -> Change {
        let before = self.clone();
        if share >= COMPLETE {
            self.begin(at);
            self.complete(at);
        } else if !self.is_complete() {
            self.progress = share;
        }
        let completed = self.is_complete() && !before.is_complete();
        Change { visible: self.seen() != before.seen(), completed, ..Change::default() }
    }

    fn begin(&mut self, at: DateTime<Utc>) {
        self.started_at = Some(self.started_at.map_or(at, |first| first.min(at)));
    }

    fn spend(&mut self, seconds: i64) {
        self.time_spent_seconds = self.time_spent_seconds.saturating_add(seconds);
        self.untold_seconds = self.untold_seconds.saturating_add(seconds);
    }

    fn complete(&mut self, at: DateTime<Utc>) {
        self.completed_at.get_or_insert(at);
        self.progress = COMPLETE;
    }

    fn count_attempt(&mut self, activity: &Activity) {
        let counts = matches!(activity.verb, Verb::Submitted | Verb::Completed | Verb::Passed | Verb::Failed);
        let given = activity.attempt.unwrap_or(i32::from(counts));
        self.attempts = self.attempts.max(given);
    }

    fn touch(&mut self, before: &Self, occurred_at: DateTime<Utc>) -> Change {
        self.last_occurred_at = match before.started_at {
            Some(_) => before.last_occurred_at.max(occurred_at),
            None => occurred_at,
        };
        Change {
            visible: self.seen() != before.seen(),
            time: self.time_spent_seconds != before.time_spent_seconds,
            active: self.last_occurred_at != before.last_occurred_at,
            started: before.started_at.is_none(),
            completed: self.is_complete() && !before.is_complete(),
        }
    }

    fn seen(&self) -> impl PartialEq + use<> {
        let scores = (self.score, self.best_score, self.attempts);
        (self.status(), self.progress, self.success, scores, self.started_at)
    }

    /// Counts the change that is about to be announced.
    pub(crate) fn tell(&mut self, now: DateTime<Utc>) {
        self.revision += 1;
        self.updated_at = now;
        self.untold_seconds = 0;
    }

    /// The standing as it was last told: without the time that was spent since.
    pub(crate) fn told(&self) -> StandingFacts {
        StandingFacts { time_spent_seconds: self.time_spent_seconds - self.untold_seconds, ..self.facts() }
    }

    /// The standing as it is told.
    pub fn facts(&self) -> StandingFacts {
        StandingFacts {
            id: self.id.to_string(),
            number: self.number,
            status: self.status(),
            progress: self.progress,
            success: self.success,
            score: self.score,
            best_score: self.best_score,
            attempts: self.attempts,
            time_spent_seconds: self.time_spent_seconds,
            started_at: self.started_at,
            completed_at: self.completed_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

#[cfg(test)]
mod tests;
