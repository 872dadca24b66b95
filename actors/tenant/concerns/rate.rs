//! How much in how much time.
//!
//! Not here: what is counted, and the answer to whoever has had too much.
//!
//! # Source
//! ATM Forum TM 4.1, generic cell rate algorithm: a bucket of tokens kept as one moment, the one at which it will
//! be full again.

use chrono::{DateTime, TimeDelta, Utc};

/// A bucket's size and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Tokens that come back in a second.
    pub per_second: u32,
    /// Tokens at most.
    pub burst: u32,
}

impl RateLimit {
    fn time_for(self, tokens: u32) -> TimeDelta {
        let micros = u64::from(tokens).saturating_mul(1_000_000) / u64::from(self.per_second.max(1));
        TimeDelta::microseconds(i64::try_from(micros).unwrap_or(i64::MAX))
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
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit { per_second: 10, burst: 5 };

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
    fn a_rate_of_nothing_does_not_divide_by_it() {
        let mut rate = Rate::default();
        let nothing = RateLimit { per_second: 0, burst: 1 };
        assert_eq!(rate.take(at(0), 1, nothing), Ok(()));
        assert_eq!(rate.take(at(0), 1, nothing), Err(at(1000)));
    }
}
