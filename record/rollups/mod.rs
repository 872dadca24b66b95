//! Roll-ups: what an institution reads of all its learners, added up as they go, so that reading costs the same for ten
//! learners and for a million.
//!
//! # Rule
//! A day is a civil date in the institution's zone; what was done counts on the date on which it happened, whenever it was
//! told. Being enrolled is no activity. A learner who left counts in the days on which he was here. An enrolment that was
//! taken off before it was completed counts no more, and counts again when it is put on again.
//!
//! # What is kept
//! | Table | For one institution |
//! |---|---|
//! | `activity_days` | what each learner did on each day in each course; all sums of activity follow from it |
//! | `activity_gaps` | learners of each day by the days since they were last active: different learners of *any* days are a sum |
//! | `activity_levels` | learners by their active days of four weeks, for every date |
//! | `activity_totals` | events, seconds and completions of each day and course |
//! | `activity_retention` | learners by the month in which they were first active and each in which they were |
//! | `enrolments_counted` | each enrolment as it stands in the sums |
//! | `course_starts` | enrolments of each date and course, and what became of them |
//! | `enrolments_due` | how many fell due, and how many of those were settled, on each day |
//!
//! Each table exists in editions, and `rollups` says which is read: `edition = (SELECT edition FROM rollups …)`, within the
//! statement that reads, as [`read`] does. A manager sees his own people in the two tables of people, and no sums.
//!
//! # How it is kept
//! [`Rollups`] follows activity and enrolments. A batch is added with a few statements whose cost is that of the batch: a
//! new day of a learner changes the gaps of itself and of the day after it, the levels of 28 dates, and nothing else.
//! Enrolments, and lessons completed, are not counted up but read as they stand, and the difference to what was counted is
//! added, so being told twice does no harm. [`rebuild`] makes a new edition from the rows of activity beside the one that
//! is read, by statements of its own, and so proves that both come to the same.
//!
//! Not here: what is made of the sums (`analytics`).

mod activity;
mod days;
mod editions;
mod enrolments;
pub mod read;
pub mod rebuild;
mod sums;

use stoa_core::{Result, db::TenantTx};

use crate::following::{Activity, ChangedEnrolment, Follower, Past};

pub use editions::{institutions, wanting};

/// The follower that adds activity and enrolments to the sums.
#[derive(Debug, Clone, Copy)]
pub struct Rollups;

impl Follower for Rollups {
    const NAME: &'static str = "rollups";
    // Whatever was there before is in the first edition that is rebuilt.
    const PAST: Past = Past::Skipped;
    const COUNTS_ENROLMENTS: bool = true;

    async fn take(&self, tx: &mut TenantTx, activities: &[Activity]) -> Result<()> {
        for edition in editions::followed(tx).await? {
            let learning: Vec<&Activity> = activities
                .iter()
                .filter(|activity| activity.is_learning() && edition.holds(activity.user_id.uuid()))
                .collect();
            if learning.is_empty() {
                continue;
            }
            let mut sums = sums::Sums::default();
            activity::add(tx, &edition, &learning, &mut sums).await?;
            let begun = activity::begun(&learning);
            enrolments::recount(tx, &edition, (&begun, enrolments::Which::NotStarted), &mut sums).await?;
            sums::write(tx, &edition, &sums).await?;
        }
        Ok(())
    }

    async fn take_enrolments(&self, tx: &mut TenantTx, changed: &[ChangedEnrolment]) -> Result<()> {
        for edition in editions::followed(tx).await? {
            let held: Vec<ChangedEnrolment> =
                changed.iter().filter(|one| edition.holds(one.user_id.uuid())).copied().collect();
            let mut sums = sums::Sums::default();
            enrolments::recount(tx, &edition, (&held, enrolments::Which::All), &mut sums).await?;
            sums::write(tx, &edition, &sums).await?;
        }
        Ok(())
    }
}
