//! Following: what is worked out from learners' activity is worked out after it, and each activity counts once.
//!
//! # Rule
//! Whoever takes activity in writes down nothing for those who count it, but the place at which it arrived. A [`Follower`]
//! has come to a place in each institution; a [step](Followed::step) gives it what arrived behind that place, in
//! order, and moves the place in the same transaction. Whatever crashes, no activity is taken twice and none is left out. A
//! place is shown once every transaction that might still write below it has ended, as in the feed of events.
//!
//! Order is that of arrival. What was done a year ago and told today comes today: a follower has to be indifferent to it,
//! and to the same learner's activity of one moment coming in two steps. Rows from before there were places come first,
//! learner by learner as it happened.
//!
//! # To follow
//! Implement [`Follower`], put it into `stoa_jobs::record::followers`, and write in [`Follower::take`] with a few statements
//! over all that is given, never one for each activity. In tests `house.follow()` runs all of them until nothing is left.
//!
//! Not here: when steps are made (`stoa_jobs::record`).

mod poll;
mod read;
mod step;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use chrono::{DateTime, Utc};
use stoa_core::{Id, Result, db::TenantTx, id, progress::Verb};
use uuid::Uuid;

pub use poll::{Due, due};
pub use step::{Step, Taken};
pub(crate) use step::{hold, let_go_on};

/// Most activities of one step; more only where one transaction brought more.
pub const STEP_MAX: i64 = 10_000;

/// What works something out from learners' activity.
pub trait Follower: Send + Sync + 'static {
    /// Its name in the rows, for good.
    const NAME: &'static str;
    /// What it makes of activity from before there were places.
    const PAST: Past = Past::Walked;
    /// It counts enrolments too. One follower may: a change that it was given is forgotten.
    const COUNTS_ENROLMENTS: bool = false;

    /// Takes activity of the transaction's institution, each once. Whatever it writes stands or falls with the place to
    /// which it has come. What it records as events is told after the commit.
    fn take(&self, tx: &mut TenantTx, activities: &[Activity]) -> impl Future<Output = Result<()>> + Send;

    /// Takes enrolments that changed: made, removed, completed, due at another time. Read the row; it tells how it stands.
    fn take_enrolments(
        &self,
        tx: &mut TenantTx,
        changed: &[ChangedEnrolment],
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (tx, changed);
        async { Ok(()) }
    }
}

/// What becomes of rows from before there were places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// They are given to the follower first, learner by learner as it happened.
    Walked,
    /// The follower looks after them by itself.
    Skipped,
}

/// What was acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// A course.
    Course(Id<id::Course>),
    /// A lesson.
    Lesson(Id<id::Lesson>),
    /// An item.
    Item(Id<id::Item>),
}

impl Object {
    /// Its bits.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Course(id) => id.uuid(),
            Self::Lesson(id) => id.uuid(),
            Self::Item(id) => id.uuid(),
        }
    }
}

/// Something that a learner did.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// The learner.
    pub user_id: Id<id::User>,
    /// What was acted on.
    pub object: Object,
    /// The course, also where its content was removed since; none where nothing tells it any more.
    pub course_id: Option<Id<id::Course>>,
    /// The lesson of a lesson or an item.
    pub lesson_id: Option<Id<id::Lesson>>,
    /// What was done. Being [enrolled](Verb::Enrolled) is not learning.
    pub verb: Verb,
    /// Reported duration in whole seconds, at most a week.
    pub seconds: i64,
    /// Share done, 0 to 1, if it was told.
    pub progress: Option<f64>,
    /// Score as a share of its scale, 0 to 1, if it was told.
    pub score: Option<f64>,
    /// Passed or failed, if it was told.
    pub success: Option<bool>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was accepted.
    pub received_at: DateTime<Utc>,
    /// The sender's own id of it, unique in the institution.
    pub client_id: String,
    /// Place in the order of arrival; 0 for what came before there were places.
    pub position: i64,
}

impl Activity {
    /// It is something that a learner did, and not what was done with him.
    pub fn is_learning(&self) -> bool {
        self.verb != Verb::Enrolled
    }

    /// It completes what was acted on.
    pub fn completes(&self) -> bool {
        matches!(self.verb, Verb::Completed | Verb::Passed) || self.progress.is_some_and(|share| share >= 1.0)
    }
}

/// An enrolment that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangedEnrolment {
    /// The course.
    pub course_id: Id<id::Course>,
    /// The learner.
    pub user_id: Id<id::User>,
}

/// A follower among others. Cheap to clone.
#[derive(Clone)]
pub struct Followed {
    name: &'static str,
    past: Past,
    counts_enrolments: bool,
    follower: Arc<dyn Erased>,
}

impl Followed {
    /// A follower, about to be put beside others.
    pub fn by<F: Follower>(follower: F) -> Self {
        Self { name: F::NAME, past: F::PAST, counts_enrolments: F::COUNTS_ENROLMENTS, follower: Arc::new(follower) }
    }

    /// Its name in the rows and on the metrics.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Followed").field("name", &self.name).finish_non_exhaustive()
    }
}

type Taking<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// A follower whose type is forgotten.
trait Erased: Send + Sync {
    fn take<'a>(&'a self, tx: &'a mut TenantTx, activities: &'a [Activity]) -> Taking<'a>;
    fn take_enrolments<'a>(&'a self, tx: &'a mut TenantTx, changed: &'a [ChangedEnrolment]) -> Taking<'a>;
}

impl<F: Follower> Erased for F {
    fn take<'a>(&'a self, tx: &'a mut TenantTx, activities: &'a [Activity]) -> Taking<'a> {
        Box::pin(Follower::take(self, tx, activities))
    }

    fn take_enrolments<'a>(&'a self, tx: &'a mut TenantTx, changed: &'a [ChangedEnrolment]) -> Taking<'a> {
        Box::pin(Follower::take_enrolments(self, tx, changed))
    }
}
