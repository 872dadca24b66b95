//! The streak: dates with activity, one after the other, as a fold over dates.
//!
//! # Rule
//! - A date is a civil date of the zone in which it was counted; it keeps that zone for ever.
//! - A date that passes without activity is covered by a freeze if one is left: the run goes on, and is not longer for it.
//!   Else the run ends. A date that a zone skipped altogether is not missed.
//! - Going east may skip a date: where the zone is another one and fewer than 36 hours passed, the gap is bridged.
//!   As long as it might be, nothing is judged.
//! - Going west may repeat one, which changes nothing. Where the zone is another one, a date counts from 20 hours after
//!   the one before was credited, and not earlier.
//! - The first date ever grants a freeze, and so does every seventh of a run, up to the most that may be kept.
//! - Activity counts for a streak if it is told within 48 hours after its date. So a date more than [`OPEN_DAYS`] ago
//!   changes no more: the streak after it is kept, and only what came later is folded again.
//!
//! Not here: rows (`days`, `games`), and what is told of a change (`tell`).

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::history::Zone;

/// Dates that may still change.
pub const OPEN_DAYS: i64 = 7;
/// How long after its date activity may be told and count for a streak.
pub const TOLD_WITHIN: TimeDelta = TimeDelta::hours(48);
/// Dates of a run for which a freeze is granted.
const FREEZE_EVERY: i32 = 7;
/// A gap that is shorter is bridged where the zone is another one.
const TRAVEL: TimeDelta = TimeDelta::hours(36);
/// Least time between two credited dates of different zones.
const APART: TimeDelta = TimeDelta::hours(20);

/// A date with activity that was told in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveDay {
    /// The date.
    pub date: NaiveDate,
    /// The zone in which it was that date.
    pub zone: Zone,
    /// The first activity.
    pub first_at: DateTime<Utc>,
    /// The last activity.
    pub last_at: DateTime<Utc>,
}

/// The newest credited date, and what matters of it for the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newest {
    /// The date.
    pub date: NaiveDate,
    /// Name of its zone.
    pub tz: String,
    /// When it was credited.
    pub credited_at: DateTime<Utc>,
    /// The last activity since, on that date or on one that was not credited.
    pub last_at: DateTime<Utc>,
}

/// A streak as it stands after some date.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Streak {
    /// Dates with activity in the run; 0 without one.
    pub current: i32,
    /// First date of the run.
    pub started_on: Option<NaiveDate>,
    /// Last date that the run reaches to, covered ones included.
    pub covered: Option<NaiveDate>,
    /// The newest credited date, also of a run that ended.
    pub newest: Option<Newest>,
    /// The longest run.
    pub longest: i32,
    /// Freezes that are left.
    pub freezes: i32,
}

/// What happens to dates without activity.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Most freezes that are kept; with 0 none is used.
    pub freezes_max: i32,
    /// Dates that a freeze covered already; it stays spent, whatever the terms are now.
    pub frozen: BTreeSet<NaiveDate>,
}

/// A streak now, and how it came to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The streak.
    pub streak: Streak,
    /// The streak after the newest credited date that changes no more; none where there is no such date.
    pub settled: Option<Streak>,
    /// Dates that freezes cover.
    pub frozen: Vec<NaiveDate>,
    /// Dates that were skipped by travelling.
    pub travelled: Vec<NaiveDate>,
    /// The first date that nothing covered, of the newest run that ended.
    pub missed: Option<NaiveDate>,
    /// When the next date ends that has to be covered, or the run ends; none without a run.
    pub due_at: Option<DateTime<Utc>>,
}

/// Where and when the fold ends.
#[derive(Debug, Clone, Copy)]
pub struct Present {
    /// The time.
    pub now: DateTime<Utc>,
    /// The learner's zone.
    pub zone: Zone,
}

impl Streak {
    /// Folds later dates onto a streak, in their order, up to the present.
    pub fn fold(self, days: &[ActiveDay], terms: &Terms, present: Present) -> Folded {
        let today = present.zone.date(present.now);
        let closed = today - TimeDelta::days(OPEN_DAYS);
        let mut folding = Folding { terms, folded: Folded { streak: self, ..Folded::default() } };
        for day in days {
            folding.pass(day.date, day.zone, Some(day));
            folding.credit(day);
            if day.date < closed && folding.folded.streak.newest.as_ref().is_some_and(|newest| newest.date == day.date)
            {
                folding.folded.settled = Some(folding.folded.streak.clone());
            }
        }
        folding.until(present, today);
        folding.folded
    }

    /// Has activity been credited on a date.
    pub fn reached(&self, date: NaiveDate) -> bool {
        self.newest.as_ref().is_some_and(|newest| newest.date >= date)
    }
}

struct Folding<'a> {
    terms: &'a Terms,
    folded: Folded,
}

impl Folding<'_> {
    /// Judges the dates between the last covered one and another.
    fn pass(&mut self, end: NaiveDate, zone: Zone, by: Option<&ActiveDay>) {
        let (Some(covered), true) = (self.folded.streak.covered, self.folded.streak.current > 0) else { return };
        let travels = by.is_some_and(|day| {
            let newest = self.folded.streak.newest.as_ref();
            newest.is_some_and(|newest| newest.tz != day.zone.name() && day.first_at - newest.last_at < TRAVEL)
        });
        let missed = covered.iter_days().skip(1).take_while(|date| *date < end);
        for date in missed.filter(|date| exists(zone, *date)) {
            let used = self.terms.frozen.contains(&date);
            if travels {
                self.folded.travelled.push(date);
            } else if used || (self.folded.streak.freezes > 0 && self.terms.freezes_max > 0) {
                self.folded.streak.freezes = (self.folded.streak.freezes - 1).max(0);
                self.folded.frozen.push(date);
            } else {
                self.folded.missed = Some(date);
                self.folded.streak.current = 0;
                self.folded.streak.started_on = None;
                return;
            }
            self.folded.streak.covered = Some(date);
        }
    }

    fn credit(&mut self, day: &ActiveDay) {
        let streak = &mut self.folded.streak;
        let mut credited_at = day.first_at;
        if let Some(newest) = &mut streak.newest {
            let from = newest.credited_at + APART;
            if newest.date >= day.date {
                return;
            }
            if newest.tz != day.zone.name() {
                if day.last_at < from {
                    newest.last_at = newest.last_at.max(day.last_at);
                    return;
                }
                credited_at = credited_at.max(from);
            }
        }
        let is_first = streak.newest.is_none();
        streak.current += 1;
        streak.started_on.get_or_insert(day.date);
        streak.covered = Some(day.date);
        streak.longest = streak.longest.max(streak.current);
        let tz = day.zone.name().to_owned();
        streak.newest = Some(Newest { date: day.date, tz, credited_at, last_at: day.last_at });
        if (is_first || streak.current % FREEZE_EVERY == 0) && streak.freezes < self.terms.freezes_max {
            streak.freezes += 1;
        }
    }

    /// Judges the dates that are over now. Whoever may be travelling is not judged yet.
    fn until(&mut self, present: Present, today: NaiveDate) {
        let newest = self.folded.streak.newest.clone();
        let travelling = newest.filter(|newest| newest.tz != present.zone.name()).map(|newest| newest.last_at + TRAVEL);
        let undecided = travelling.filter(|until| *until > present.now);
        if undecided.is_none() {
            self.pass(today, present.zone, None);
        }
        if let (Some(covered), true) = (self.folded.streak.covered, self.folded.streak.current > 0) {
            let next = covered.iter_days().skip(1).find(|date| exists(present.zone, *date)).unwrap_or(covered);
            let ends = present.zone.starts(next.succ_opt().unwrap_or(next));
            self.folded.due_at = Some(undecided.map_or(ends, |until| ends.max(until)));
        }
    }
}

/// Was there such a date: a zone that changes sides of the date line skips one.
fn exists(zone: Zone, date: NaiveDate) -> bool {
    date.succ_opt().is_some_and(|next| zone.starts(date) < zone.starts(next))
}
