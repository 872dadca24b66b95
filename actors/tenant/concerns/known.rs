//! What is known of the rows, how old it is, and whether it is time to read them again.
//!
//! Not here: reading (`actor` begins it, the house does it).
//!
//! # Rule
//! One reading at a time. News that comes while one is under way may be younger than what is read, so it is read once
//! more after it. What was read is believed for a while even without news, and after a failure the last that is known
//! stays, however old.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// Names how an actor stands with what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warmth {
    /// Nothing was read yet.
    Cold,
    /// The first reading is under way.
    Warming,
    /// It was read, and nothing is known to have changed since.
    Warm,
    /// It was read; a younger reading is under way.
    Refreshing,
    /// It was read; a younger reading failed and is tried again.
    Stale,
    /// Nothing was read yet, and trying failed; it is tried again.
    Unreachable,
}

/// When what is known is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// Age at which it is read again without news.
    pub at_most: TimeDelta,
    /// Rest after a failure; twice as long after each further one, up to a bound.
    pub after_failure: TimeDelta,
    /// Rest after a success, for every millisecond that the reading took; so the dear ones are rare.
    pub rest: i32,
}

/// Something read, with the time of its transaction and how long it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read<T> {
    /// What was read.
    pub what: T,
    /// As of when.
    pub at: DateTime<Utc>,
    /// How long that took.
    pub took: TimeDelta,
}

/// What is known of one thing.
#[derive(Debug)]
pub struct Known<T> {
    last: Option<Read<T>>,
    reading: bool,
    /// There was news since the reading under way began, or since the last one.
    news: bool,
    /// Not before.
    rest_until: Option<DateTime<Utc>>,
    failures: u32,
    reads: u32,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self { last: None, reading: false, news: false, rest_until: None, failures: 0, reads: 0 }
    }
}

/// What there is to see of something known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KnownObservation {
    /// How it stands.
    pub state: Warmth,
    /// Its age; none where nothing was read.
    pub age_ms: Option<i64>,
    /// How long the last reading took.
    pub took_ms: Option<i64>,
    /// Readings in this life that succeeded.
    pub reads: u32,
    /// Readings that failed since the last that succeeded.
    pub failures: u32,
}

impl<T> Known<T> {
    /// What was read last.
    pub fn last(&self) -> Option<&T> {
        self.last.as_ref().map(|read| &read.what)
    }

    /// Is a reading under way.
    pub fn is_reading(&self) -> bool {
        self.reading
    }

    /// Notes that rows changed.
    pub fn heard(&mut self) {
        self.news = true;
    }

    /// Begins a reading if it is time for one and none is under way.
    pub fn begin(&mut self, now: DateTime<Utc>, freshness: &Freshness) -> bool {
        let old = self.last.as_ref().is_none_or(|read| now - read.at >= freshness.at_most);
        let rested = self.rest_until.is_none_or(|until| until <= now);
        let begins = !self.reading && (self.news || old) && rested;
        if begins {
            (self.reading, self.news) = (true, false);
        }
        begins
    }

    /// When the next reading is due that waits for its rest; none where nothing waits.
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        let waits = !self.reading && (self.news || self.failures > 0);
        self.rest_until.filter(|_| waits)
    }

    /// Takes in how a reading ended; an older one than the last is left out.
    pub fn learn(&mut self, read: Option<Read<T>>, begun: DateTime<Utc>, freshness: &Freshness) {
        self.reading = false;
        let Some(read) = read else {
            self.failures = self.failures.saturating_add(1);
            self.news = true;
            self.rest_until = Some(begun + freshness.after_failure * 2_i32.pow(self.failures.min(8) - 1));
            return;
        };
        self.failures = 0;
        self.reads = self.reads.wrapping_add(1);
        self.rest_until = Some(read.at + read.took * freshness.rest);
        if self.last.as_ref().is_none_or(|last| last.at <= read.at) {
            self.last = Some(read);
        }
    }

    /// What there is to see.
    pub fn observe(&self, now: DateTime<Utc>) -> KnownObservation {
        let state = match (&self.last, self.reading, self.failures) {
            (None, true, _) => Warmth::Warming,
            (None, false, 0) => Warmth::Cold,
            (None, false, _) => Warmth::Unreachable,
            (Some(_), true, _) => Warmth::Refreshing,
            (Some(_), false, 0) => Warmth::Warm,
            (Some(_), false, _) => Warmth::Stale,
        };
        KnownObservation {
            state,
            age_ms: self.last.as_ref().map(|read| (now - read.at).num_milliseconds().max(0)),
            took_ms: self.last.as_ref().map(|read| read.took.num_milliseconds()),
            reads: self.reads,
            failures: self.failures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESHNESS: Freshness =
        Freshness { at_most: TimeDelta::seconds(60), after_failure: TimeDelta::seconds(1), rest: 50 };

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    fn read(what: u32, millis: i64) -> Read<u32> {
        Read { what, at: at(millis), took: TimeDelta::milliseconds(2) }
    }

    #[test]
    fn reads_once_at_a_time_and_again_for_news_that_came_meanwhile() {
        let mut known = Known::default();
        assert_eq!(known.observe(at(0)).state, Warmth::Cold);
        assert!(known.begin(at(0), &FRESHNESS));
        assert!(!known.begin(at(0), &FRESHNESS), "one at a time");
        assert_eq!(known.observe(at(0)).state, Warmth::Warming);
        known.heard();
        known.heard();
        known.learn(Some(read(1, 0)), at(0), &FRESHNESS);
        assert!(!known.begin(at(99), &FRESHNESS), "a rest of fifty times what it took");
        assert_eq!(known.due_at(), Some(at(100)));
        assert!(known.begin(at(100), &FRESHNESS), "what was read may be older than the news");
        assert_eq!(known.observe(at(100)).state, Warmth::Refreshing);
        known.learn(Some(read(2, 100)), at(100), &FRESHNESS);
        assert!(!known.begin(at(10_000), &FRESHNESS));
        assert_eq!((known.last(), known.due_at()), (Some(&2), None));
    }

    #[test]
    fn what_grew_old_is_read_again_without_news() {
        let mut known = Known::default();
        assert!(known.begin(at(0), &FRESHNESS));
        known.learn(Some(read(1, 0)), at(0), &FRESHNESS);
        assert!(!known.begin(at(59_999), &FRESHNESS));
        assert!(known.begin(at(60_000), &FRESHNESS));
    }

    #[test]
    fn a_failure_leaves_what_is_known_and_is_tried_again() {
        let mut known = Known::default();
        assert!(known.begin(at(0), &FRESHNESS));
        known.learn(None, at(0), &FRESHNESS);
        assert_eq!(known.observe(at(1)).state, Warmth::Unreachable);
        assert!(!known.begin(at(999), &FRESHNESS));
        assert!(known.begin(at(1_000), &FRESHNESS));
        known.learn(Some(read(1, 1_000)), at(1_000), &FRESHNESS);
        known.heard();
        assert!(known.begin(at(2_000), &FRESHNESS));
        known.learn(None, at(2_000), &FRESHNESS);
        let seen = known.observe(at(2_500));
        assert_eq!((seen.state, seen.failures, seen.age_ms), (Warmth::Stale, 1, Some(1_500)));
        assert_eq!((known.last(), known.due_at()), (Some(&1), Some(at(3_000))));
    }

    #[test]
    fn an_older_reading_does_not_undo_a_younger_one() {
        let mut known = Known::default();
        known.learn(Some(read(2, 50)), at(50), &FRESHNESS);
        known.learn(Some(read(1, 10)), at(10), &FRESHNESS);
        assert_eq!(known.last(), Some(&2));
    }
}
