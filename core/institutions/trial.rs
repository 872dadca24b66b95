//! The one trial of an institution, as it stands at a time.
//!
//! # Rule
//! A trial that is over ends nothing by itself: it only shows.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Institution, InstitutionStatus};
use crate::words;

/// From when on a trial is about to end.
const ENDING_SOON: TimeDelta = TimeDelta::days(3);
const DAY_SECS: i64 = 24 * 60 * 60;

words! {
    /// Names where a trial is.
    TrialStatus {
        /// There never was one.
        None = "none",
        /// It runs.
        Active = "active",
        /// It ends within three days.
        EndingSoon = "ending_soon",
        /// It is over, and nothing was bought.
        Expired = "expired",
        /// It became a contract.
        Converted = "converted",
        /// It ended with the institution.
        Canceled = "canceled",
    }
}

/// A trial, as it stands at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// Where it is.
    pub status: TrialStatus,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ends, or ended.
    pub ends_at: Option<DateTime<Utc>>,
    /// Days that are left, begun ones counted; 0 only when it is over.
    pub days_remaining: Option<i64>,
}

impl Institution {
    /// The trial at a time.
    pub fn trial(&self, now: DateTime<Utc>) -> Trial {
        let (started_at, ends_at) = (self.trial_started_at, self.trial_ends_at);
        let Some(end) = ends_at else {
            return Trial { status: TrialStatus::None, started_at, ends_at, days_remaining: None };
        };
        let left = (end - now).num_seconds().max(0);
        // Where it stood before it was suspended or began to leave.
        let standing = [self.suspended_from, self.closing_from].into_iter().flatten().last().unwrap_or(self.status);
        let status = match (self.status, standing) {
            (InstitutionStatus::Closed, _) => TrialStatus::Canceled,
            (_, InstitutionStatus::Active) => TrialStatus::Converted,
            _ if now >= end => TrialStatus::Expired,
            _ if now + ENDING_SOON >= end => TrialStatus::EndingSoon,
            _ => TrialStatus::Active,
        };
        let runs = matches!(status, TrialStatus::Active | TrialStatus::EndingSoon);
        let days = if runs { (left.saturating_add(DAY_SECS - 1) / DAY_SECS).max(1) } else { 0 };
        Trial { status, started_at, ends_at, days_remaining: Some(days) }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::rows::tests::demo, *};

    fn at(hours: i64, status: InstitutionStatus) -> (TrialStatus, Option<i64>) {
        let start = DateTime::UNIX_EPOCH;
        let institution = Institution {
            status,
            trial_started_at: Some(start),
            trial_ends_at: Some(start + TimeDelta::days(14)),
            ..demo()
        };
        let trial = institution.trial(start + TimeDelta::hours(hours));
        (trial.status, trial.days_remaining)
    }

    #[test]
    fn begun_days_count() {
        use InstitutionStatus as I;
        assert_eq!(at(0, I::Trial), (TrialStatus::Active, Some(14)));
        assert_eq!(at(1, I::Trial), (TrialStatus::Active, Some(14)));
        assert_eq!(at(11 * 24, I::Trial), (TrialStatus::EndingSoon, Some(3)));
        assert_eq!(at(14 * 24 - 1, I::Trial), (TrialStatus::EndingSoon, Some(1)));
        assert_eq!(at(14 * 24, I::Trial), (TrialStatus::Expired, Some(0)));
        assert_eq!(at(24, I::Active), (TrialStatus::Converted, Some(0)));
        assert_eq!(at(24, I::Closed), (TrialStatus::Canceled, Some(0)));
        assert_eq!(demo().trial(DateTime::UNIX_EPOCH).status, TrialStatus::None);
    }

    #[test]
    fn a_trial_that_is_suspended_runs_on() {
        let start = DateTime::UNIX_EPOCH;
        let institution = Institution {
            status: InstitutionStatus::Suspended,
            suspended_from: Some(InstitutionStatus::Closing),
            closing_from: Some(InstitutionStatus::Trial),
            trial_started_at: Some(start),
            trial_ends_at: Some(start + TimeDelta::days(14)),
            ..demo()
        };
        assert_eq!(institution.trial(start).status, TrialStatus::Active);
    }
}
