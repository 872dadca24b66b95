//! How much in how much time.
//!
//! Not here: what is counted, and the answer to whoever has had too much.
//!
//! # Source
//! ATM Forum TM 4.1, generic cell rate algorithm: a bucket of tokens kept as one moment, the one at which it will
//! be full again.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use stoa_core::tokens::Quota;

/// A bucket's size and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RateLimit {
    /// Tokens that come back in a window.
    pub count: u32,
    /// The window, in seconds.
    pub window_secs: u32,
    /// Tokens at most.
    pub burst: u32,
}

impl RateLimit {
    /// So many in a second, evenly spread: what gathers during a rest is a tenth of a second's worth.
    pub const fn even(per_second: u32) -> Self {
        Self { count: per_second, window_secs: 1, burst: if per_second < 20 { 1 } else { per_second / 10 } }
    }

    /// How long so many tokens take to come back.
    pub fn time_for(self, tokens: u32) -> TimeDelta {
        let micros = u64::from(tokens).saturating_mul(u64::from(self.window_secs)).saturating_mul(1_000_000);
        let micros = micros / u64::from(self.count.max(1));
        TimeDelta::microseconds(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// How many come back in so long.
    fn tokens_in(self, micros: i64) -> u32 {
        let whole = i128::from(micros) * i128::from(self.count) / (i128::from(self.window_secs.max(1)) * 1_000_000);
        u32::try_from(whole).unwrap_or(u32::MAX)
    }
}

/// A quota is a bucket of that size, which fills in its window.
impl From<Quota> for RateLimit {
    fn from(Quota { quota, window_seconds }: Quota) -> Self {
        Self { count: quota, window_secs: window_seconds, burst: quota }
    }
}

/// A bucket of tokens, full at first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rate {
    full_at: DateTime<Utc>,
}

impl Rate {
    /// Takes tokens, all or none.
    ///
    /// # Errors
    /// When there will be enough. To want more than the bucket holds is to want it full.
    pub fn take(&mut self, now: DateTime<Utc>, count: u32, limit: RateLimit) -> Result<(), DateTime<Utc>> {
        let full_at = self.full_at.max(now) + limit.time_for(count.min(limit.burst));
        let enough_at = full_at - limit.time_for(limit.burst);
        if enough_at > now {
            return Err(enough_at);
        }
        self.full_at = full_at;
        Ok(())
    }

    /// Takes as many of some tokens as there are. Where that is not all, tells when a handful of the rest will be
    /// there: not the next one only, or whoever takes many would come for each by itself.
    pub fn take_up_to(&mut self, now: DateTime<Utc>, count: u32, limit: RateLimit) -> (u32, Option<DateTime<Utc>>) {
        let there = self.there(now, limit).min(count);
        self.full_at = self.full_at.max(now) + limit.time_for(there);
        let handful = (count - there).min(limit.burst.div_ceil(2));
        let enough_at = self.full_at + limit.time_for(handful) - limit.time_for(limit.burst);
        (there, (there < count).then_some(enough_at))
    }

    /// Puts tokens back that were taken and not used.
    pub fn put_back(&mut self, count: u32, limit: RateLimit) {
        self.full_at -= limit.time_for(count);
    }

    /// Is the bucket full, so that nothing need be remembered.
    pub fn is_full(&self, now: DateTime<Utc>) -> bool {
        self.full_at <= now
    }

    /// When the bucket is full again, if nobody takes more.
    pub fn full_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.full_at.max(now)
    }

    /// How many tokens there are.
    pub fn there(self, now: DateTime<Utc>, limit: RateLimit) -> u32 {
        let room = limit.time_for(limit.burst) - (self.full_at.max(now) - now);
        let micros = room.num_microseconds().unwrap_or_default().max(0);
        let whole = limit.tokens_in(micros).min(limit.burst);
        // Rounded down on the way there and back, the last one may just fit.
        let one_more = whole.saturating_add(1).min(limit.burst);
        if room >= limit.time_for(one_more) { one_more } else { whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit { count: 10, window_secs: 1, burst: 5 };

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn a_burst_then_a_steady_flow() {
        let mut rate = Rate::default();
        assert_eq!((0..7).filter(|_| rate.take(at(0), 1, LIMIT).is_ok()).count(), 5);
        assert_eq!(rate.take(at(0), 1, LIMIT), Err(at(100)));
        assert_eq!(rate.take(at(100), 1, LIMIT), Ok(()));
        assert_eq!(rate.take(at(100), 3, LIMIT), Err(at(400)));
        // A refusal costs nothing.
        assert_eq!(rate.take(at(400), 3, LIMIT), Ok(()));
    }

    #[test]
    fn rest_fills_it_to_the_brim_and_no_further() {
        let mut rate = Rate::default();
        assert_eq!(rate.take(at(0), 5, LIMIT), Ok(()));
        assert_eq!(rate.take(at(60_000), 5, LIMIT), Ok(()));
        assert_eq!(rate.take(at(60_000), 1, LIMIT), Err(at(60_100)));
    }

    #[test]
    fn more_than_the_bucket_holds_is_the_bucket() {
        let mut rate = Rate::default();
        assert_eq!(rate.take(at(0), 1000, LIMIT), Ok(()));
        assert_eq!(rate.take(at(0), 1000, LIMIT), Err(at(500)));
    }

    #[test]
    fn takes_what_is_there_and_says_when_to_come_again() {
        let mut rate = Rate::default();
        assert_eq!(rate.take_up_to(at(0), 3, LIMIT), (3, None));
        assert_eq!(rate.take_up_to(at(0), 9, LIMIT), (2, Some(at(300))), "a handful at a time");
        assert_eq!(rate.take_up_to(at(100), 1, LIMIT), (1, None));
        assert_eq!(rate.take_up_to(at(100), 1, LIMIT), (0, Some(at(200))));
        rate.put_back(1, LIMIT);
        assert_eq!(rate.take_up_to(at(100), 1, LIMIT), (1, None), "what was not used is there again");
        assert!(!rate.is_full(at(599)) && rate.is_full(at(600)));
    }

    #[test]
    fn an_even_rate_has_no_rush_after_a_rest() {
        let mut rate = Rate::default();
        let three = RateLimit::even(3);
        let mut went = Vec::new();
        for milli in 0..2_000 {
            went.extend((0..rate.take_up_to(at(milli), 64, three).0).map(|_| milli));
        }
        assert_eq!(went, [0, 334, 668, 1_002, 1_336, 1_670], "{went:?}");
        assert_eq!([RateLimit::even(1).burst, RateLimit::even(20).burst, RateLimit::even(10_000).burst], [1, 2, 1_000]);
    }

    #[test]
    fn a_rate_of_nothing_does_not_divide_by_it() {
        let mut rate = Rate::default();
        let nothing = RateLimit { count: 0, window_secs: 1, burst: 1 };
        assert_eq!(rate.take(at(0), 1, nothing), Ok(()));
        assert_eq!(rate.take(at(0), 1, nothing), Err(at(1000)));
    }
}
