//! Whether a receiver is worth trying now.
//!
//! Not here: when a delivery is due again (`stoa_protocols::webhook`), and switching a webhook off for good
//! (`stoa_webhooks`).
//!
//! # Rule
//! Closed, everything goes. After so many failures or timeouts in a row it opens, and nothing goes for a while that
//! doubles each time. Then one probe goes; its success closes the breaker, its failure opens it again.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Tally;

/// When a breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerLimits {
    /// Failures in a row, timeouts among them.
    pub failures: u32,
    /// Timeouts in a row; fewer, as each holds a permit for many seconds.
    pub timeouts: u32,
    /// First pause.
    pub shortest: TimeDelta,
    /// Longest pause.
    pub longest: TimeDelta,
    /// After this time without a word a probe is lost and another may go.
    pub probe_within: TimeDelta,
}

impl Default for BreakerLimits {
    fn default() -> Self {
        Self {
            failures: 5,
            timeouts: 3,
            shortest: TimeDelta::seconds(5),
            longest: TimeDelta::seconds(60),
            probe_within: TimeDelta::seconds(20),
        }
    }
}

/// What is remembered of a receiver's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Breaker {
    /// Everything goes.
    Closed {
        /// Failures since the last success.
        failures: u32,
        /// Of them, timeouts.
        timeouts: u32,
    },
    /// Nothing goes.
    Open {
        /// When a probe may go.
        until: DateTime<Utc>,
        /// Pauses since the last success.
        pauses: u32,
    },
    /// One probe is under way.
    Probing {
        /// When it counts as lost.
        until: DateTime<Utc>,
        /// Pauses since the last success.
        pauses: u32,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0, timeouts: 0 }
    }
}

impl Breaker {
    /// How many of so many may go, and when to ask again if not all.
    pub fn let_through(&self, now: DateTime<Utc>, want: u32) -> (u32, Option<DateTime<Utc>>) {
        match *self {
            Self::Closed { .. } => (want, None),
            Self::Open { until, .. } | Self::Probing { until, .. } if now < until => (0, Some(until)),
            Self::Open { .. } | Self::Probing { .. } => (want.min(1), None),
        }
    }

    /// Notes that some went.
    pub fn went(&mut self, now: DateTime<Utc>, count: u32, limits: &BreakerLimits) {
        match *self {
            Self::Open { pauses, .. } | Self::Probing { pauses, .. } if count > 0 => {
                *self = Self::Probing { until: now + limits.probe_within, pauses };
            }
            _ => {}
        }
    }

    /// Learns how they fared.
    pub fn learn(&mut self, now: DateTime<Utc>, tally: Tally, limits: &BreakerLimits) {
        let failed = tally.failed.saturating_add(tally.timed_out);
        // The order within a tally is not known; a success shows that the receiver lives.
        if tally.received > 0 {
            *self = Self::default();
        } else if failed > 0 {
            *self = self.after_failures(now, failed, tally.timed_out, limits);
        }
    }

    fn after_failures(self, now: DateTime<Utc>, failed: u32, timed_out: u32, limits: &BreakerLimits) -> Self {
        match self {
            Self::Closed { failures, timeouts } => {
                let failures = failures.saturating_add(failed);
                let timeouts = timeouts.saturating_add(timed_out);
                if failures >= limits.failures || timeouts >= limits.timeouts {
                    Self::Open { until: now + limits.shortest, pauses: 1 }
                } else {
                    Self::Closed { failures, timeouts }
                }
            }
            // Stragglers from before it opened tell nothing new.
            open @ Self::Open { .. } => open,
            Self::Probing { pauses, .. } => {
                let pause = limits.shortest * (1 << pauses.min(10));
                Self::Open { until: now + pause.min(limits.longest), pauses: pauses.saturating_add(1) }
            }
        }
    }

    /// Is there nothing to remember.
    pub fn is_idle(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BreakerLimits = BreakerLimits {
        failures: 5,
        timeouts: 3,
        shortest: TimeDelta::seconds(5),
        longest: TimeDelta::seconds(60),
        probe_within: TimeDelta::seconds(20),
    };
    const GOOD: Tally = Tally { received: 1, failed: 0, timed_out: 0, unused: 0 };
    const BAD: Tally = Tally { received: 0, failed: 1, timed_out: 0, unused: 0 };
    const SLOW: Tally = Tally { received: 0, failed: 0, timed_out: 1, unused: 0 };

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    fn after(tallies: &[Tally]) -> Breaker {
        let mut breaker = Breaker::default();
        for tally in tallies {
            breaker.learn(at(0), *tally, &LIMITS);
        }
        breaker
    }

    #[test]
    fn opens_after_so_many_failures_in_a_row() {
        assert_eq!(after(&[BAD; 4]).let_through(at(0), 9), (9, None));
        assert_eq!(after(&[BAD; 5]).let_through(at(0), 9), (0, Some(at(5))));
        assert_eq!(after(&[BAD, BAD, BAD, BAD, GOOD, BAD]).let_through(at(0), 9), (9, None));
        assert_eq!(after(&[Tally { failed: 64, ..GOOD }]).let_through(at(0), 9), (9, None));
    }

    #[test]
    fn opens_sooner_by_timeouts() {
        assert_eq!(after(&[SLOW; 2]).let_through(at(0), 9), (9, None));
        assert_eq!(after(&[SLOW; 3]).let_through(at(0), 9), (0, Some(at(5))));
        assert_eq!(after(&[BAD, BAD, BAD, SLOW, SLOW]).let_through(at(0), 9), (0, Some(at(5))));
    }

    #[test]
    fn one_probe_goes_and_a_lost_one_is_replaced() {
        let mut breaker = after(&[BAD; 5]);
        assert_eq!(breaker.let_through(at(4), 9), (0, Some(at(5))));
        assert_eq!(breaker.let_through(at(5), 9), (1, None));
        breaker.went(at(5), 1, &LIMITS);
        assert_eq!(breaker.let_through(at(6), 9), (0, Some(at(25))));
        assert_eq!(breaker.let_through(at(25), 9), (1, None));
        breaker.learn(at(26), GOOD, &LIMITS);
        assert!(breaker.is_idle());
    }

    #[test]
    fn pauses_double_to_a_limit() {
        let mut breaker = after(&[BAD; 5]);
        let mut now = at(0);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let (_, until) = breaker.let_through(now, 1);
            pauses.push((until.unwrap() - now).num_seconds());
            now = until.unwrap();
            breaker.went(now, 1, &LIMITS);
            breaker.learn(now, SLOW, &LIMITS);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn stragglers_do_not_lengthen_a_pause_but_a_success_ends_it() {
        let mut breaker = after(&[BAD; 50]);
        assert_eq!(breaker.let_through(at(0), 1), (0, Some(at(5))));
        breaker.learn(at(1), GOOD, &LIMITS);
        assert_eq!(breaker.let_through(at(1), 9), (9, None));
    }

    #[test]
    fn what_was_never_sent_teaches_nothing() {
        let mut breaker = after(&[BAD; 5]);
        breaker.went(at(5), 1, &LIMITS);
        let probing = breaker;
        breaker.learn(at(6), Tally { unused: 1, ..Tally::default() }, &LIMITS);
        assert_eq!(breaker, probing);
    }
}
