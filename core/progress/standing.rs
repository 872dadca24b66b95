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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_764_000_000 + second, 0).unwrap()
    }

    fn fresh() -> Standing {
        let key = Key { tenant: Id::from_uuid(Uuid::nil()), user: Uuid::nil(), object: Uuid::nil() };
        Standing::fresh(key, ObjectKind::Item, Uuid::nil(), Id::from_uuid(Uuid::nil()), (at(0), at(0)))
    }

    fn activity(verb: Verb, second: i64) -> Activity {
        Activity { verb, occurred_at: at(second), ..Activity::default() }
    }

    #[test]
    fn what_was_done_before_the_enrolment_and_told_after_it_counts_in_its_own_order() {
        let mut standing = fresh();
        for (second, raw) in [(-200, 3.0), (-100, 7.0), (-300, 1.0)] {
            let score = Some(Score { raw, min: 0.0, max: 10.0 });
            standing.apply(&Activity { score, ..activity(Verb::Submitted, second) });
        }
        assert_eq!((standing.score.map(|score| score.raw), standing.last_occurred_at), (Some(7.0), at(-100)));
    }

    #[test]
    fn completion_success_and_score_are_three_facts() {
        let mut standing = fresh();
        standing.apply(&Activity { success: Some(false), ..activity(Verb::Completed, 1) });
        assert_eq!(
            (standing.status(), standing.is_complete(), standing.success),
            (StandingStatus::Failed, true, Some(false))
        );
        standing.apply(&activity(Verb::Passed, 2));
        assert_eq!((standing.status(), standing.completed_at), (StandingStatus::Passed, Some(at(1))));
        standing.apply(&activity(Verb::Failed, 3));
        assert_eq!(standing.status(), StandingStatus::Passed);
    }

    #[test]
    fn failing_does_not_complete() {
        let mut standing = fresh();
        let change = standing.apply(&activity(Verb::Failed, 1));
        assert_eq!((standing.status(), change.completed), (StandingStatus::Failed, false));
    }

    #[test]
    fn a_late_event_adds_what_it_proves_and_downgrades_nothing() {
        let mut standing = fresh();
        standing.apply(&Activity { progress: Some(8_000), ..activity(Verb::Progressed, 100) });
        let late = Activity { progress: Some(2_000), duration_seconds: 30, ..activity(Verb::Progressed, 50) };
        let change = standing.apply(&late);
        // The earlier start is seen, nothing else.
        assert_eq!((standing.progress, standing.time_spent_seconds, change.visible), (8_000, 30, true));
        assert_eq!((standing.started_at, standing.last_occurred_at), (Some(at(50)), at(100)));
        standing.apply(&activity(Verb::Completed, 60));
        assert_eq!((standing.progress, standing.completed_at), (COMPLETE, Some(at(60))));
        standing.apply(&Activity { progress: Some(9_000), ..activity(Verb::Progressed, 200) });
        assert_eq!(standing.progress, COMPLETE);
    }

    #[test]
    fn progress_one_completes_and_less_never_reaches_it() {
        let mut standing = fresh();
        standing.apply(&Activity { progress: Some(COMPLETE), ..activity(Verb::Progressed, 1) });
        assert!(standing.is_complete());
    }

    #[test]
    fn the_newest_score_is_shown_and_the_best_kept() {
        let mut standing = fresh();
        let score = |raw| Some(Score { raw, min: 0.0, max: 10.0 });
        standing.apply(&Activity { score: score(9.0), ..activity(Verb::Answered, 2) });
        standing.apply(&Activity { score: score(4.0), ..activity(Verb::Answered, 3) });
        standing.apply(&Activity { score: score(10.0), ..activity(Verb::Answered, 1) });
        assert_eq!((standing.score.map(|s| s.raw), standing.best_score), (Some(4.0), Some(10_000)));
    }

    #[test]
    fn what_was_told_stays_as_it_was_until_it_is_told_anew() {
        let mut standing = fresh();
        standing.apply(&Activity { duration_seconds: 60, ..activity(Verb::Started, 1) });
        standing.tell(at(1));
        let told = standing.facts();
        standing.apply_inside(at(2), 30);
        assert_eq!((standing.told(), standing.facts().time_spent_seconds), (told, 90));
        standing.tell(at(2));
        assert_eq!(standing.told(), standing.facts());
    }

    fn any_activity() -> impl Strategy<Value = Activity> {
        let verb = prop::sample::select(Verb::ALL.to_vec());
        (verb, 0_i64..50, prop::option::of(0..=COMPLETE), prop::option::of(any::<bool>())).prop_map(
            |(verb, second, progress, success)| Activity {
                verb,
                occurred_at: at(second),
                progress,
                success,
                ..Activity::default()
            },
        )
    }

    proptest! {
        #[test]
        fn completion_and_pass_do_not_depend_on_the_order(mut events in prop::collection::vec(any_activity(), 1..8)) {
            let fold = |events: &[Activity]| {
                let mut standing = fresh();
                for event in events { standing.apply(event); }
                (standing.is_complete(), standing.success == Some(true), standing.started_at, standing.last_occurred_at)
            };
            let forward = fold(&events);
            events.reverse();
            prop_assert_eq!(forward, fold(&events));
        }

        #[test]
        fn nothing_is_ever_taken_back(events in prop::collection::vec(any_activity(), 1..12)) {
            let mut standing = fresh();
            for event in &events {
                let before = standing.clone();
                standing.apply(event);
                prop_assert!(!before.is_complete() || standing.completed_at == before.completed_at);
                prop_assert!(before.success != Some(true) || standing.success == Some(true));
                prop_assert!(standing.progress < COMPLETE || standing.is_complete());
                prop_assert!(standing.best_score >= before.best_score);
            }
        }
    }
}
