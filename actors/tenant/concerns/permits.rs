//! How many requests may be under way at once.
//!
//! Not here: for whom; an institution has one of these, and each of its receivers.
//!
//! # Rule
//! What is granted is taken back by the one who had it, who says when it was granted. What nobody takes back is
//! forgotten after a while: its holder is gone, and a lost permit must not be lost for ever.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

/// Seconds that are remembered as one moment.
const PERIOD_SECS: i64 = 20;
/// Periods after which a permit is lost. An attempt ends within 15 seconds; its permit lives at least 60.
const LOST_AFTER: u32 = 4;

/// A span of twenty seconds, by its number since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(u32);

impl Period {
    /// The one that a time is in.
    pub fn of(time: DateTime<Utc>) -> Self {
        Self(u32::try_from(time.timestamp().div_euclid(PERIOD_SECS)).unwrap_or_default())
    }
}

/// Permits that are out, by when they were granted.
#[derive(Debug, Default)]
pub struct Permits(VecDeque<(Period, u32)>);

impl Permits {
    /// How many are out.
    pub fn out(&mut self, now: DateTime<Utc>) -> u32 {
        let oldest = Period(Period::of(now).0.saturating_sub(LOST_AFTER));
        while self.0.front().is_some_and(|(period, _)| *period < oldest) {
            self.0.pop_front();
        }
        self.0.iter().map(|(_, count)| *count).sum()
    }

    /// How many more there may be.
    pub fn free(&mut self, now: DateTime<Utc>, limit: u32) -> u32 {
        limit.saturating_sub(self.out(now))
    }

    /// Hands some out. The caller has looked how many are free.
    pub fn grant(&mut self, now: DateTime<Utc>, count: u32) {
        let period = Period::of(now);
        match self.0.back_mut() {
            _ if count == 0 => {}
            // A clock that went back a little must not disturb the order.
            Some((last, out)) if *last >= period => *out = out.saturating_add(count),
            _ => self.0.push_back((period, count)),
        }
    }

    /// Takes some back that were granted in a period.
    pub fn give_back(&mut self, granted: Period, count: u32) {
        let mut left = count;
        let theirs = self.0.iter_mut().skip_while(|(period, _)| *period < granted);
        for (_, out) in theirs {
            let taken = left.min(*out);
            *out -= taken;
            left -= taken;
        }
        self.0.retain(|(_, out)| *out > 0);
    }

    /// Is there nothing to remember.
    pub fn is_idle(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    #[test]
    fn counts_what_is_out() {
        let mut permits = Permits::default();
        permits.grant(at(0), 3);
        permits.grant(at(1), 2);
        assert_eq!((permits.out(at(1)), permits.free(at(1), 64), permits.free(at(1), 4)), (5, 59, 0));
        permits.give_back(Period::of(at(0)), 5);
        assert!(permits.is_idle());
    }

    #[test]
    fn a_lost_permit_comes_back_though_the_traffic_never_stops() {
        let mut permits = Permits::default();
        permits.grant(at(0), 10);
        for second in 0..60 {
            permits.grant(at(second), 1);
            assert_eq!(permits.out(at(second)), 11, "at {second}");
            permits.give_back(Period::of(at(second)), 1);
        }
        assert_eq!(permits.out(at(60)), 10);
        assert_eq!(permits.out(at(100)), 0);
    }

    #[test]
    fn what_is_given_back_too_late_or_twice_takes_nothing_from_others() {
        let mut permits = Permits::default();
        permits.grant(at(0), 5);
        permits.give_back(Period::of(at(0)), 5);
        permits.give_back(Period::of(at(0)), 5);
        assert_eq!(permits.out(at(0)), 0);
    }

    #[test]
    fn a_clock_that_goes_back_is_survived() {
        let mut permits = Permits::default();
        permits.grant(at(100), 1);
        permits.grant(at(100) - TimeDelta::seconds(50), 1);
        permits.give_back(Period::of(at(50)), 1);
        assert_eq!(permits.out(at(100)), 1);
    }
}
