//! Buckets of whoever belongs to no institution: an address that signs in, one of the staff. Counted on this node.
//!
//! Not here: those of tokens, which the institution's actor has.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use stoa_actors::tenant::{Level, RateLimit, concerns::Rate};

/// Buckets that are kept at most. With more of them at once those that are nearly full are forgotten.
const KEPT: usize = 50_000;

/// Buckets by whose they are.
#[derive(Debug, Default)]
pub(super) struct LoneBuckets(Mutex<HashMap<String, Rate>>);

impl LoneBuckets {
    /// Takes one, if there is one.
    pub(super) fn spend(&self, now: DateTime<Utc>, key: String, limit: RateLimit) -> Level {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT && !buckets.contains_key(&key) {
            make_room(&mut buckets, now);
        }
        let rate = buckets.entry(key).or_default();
        let enough_at = rate.take(now, 1, limit).err();
        Level { limit, left: rate.there(now, limit), full_at: rate.full_at(now), enough_at }
    }
}

/// Forgets what is full, and where that is too little, the half that will be full first.
fn make_room(buckets: &mut HashMap<String, Rate>, now: DateTime<Utc>) {
    buckets.retain(|_, rate| !rate.is_full(now));
    if buckets.len() >= KEPT {
        let mut ends: Vec<DateTime<Utc>> = buckets.values().map(|rate| rate.full_at(now)).collect();
        let half = ends.len() / 2;
        let (_, median, _) = ends.select_nth_unstable(half);
        let median = *median;
        buckets.retain(|_, rate| rate.full_at(now) > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit { count: 2, window_secs: 60, burst: 2 };

    #[test]
    fn each_has_a_bucket_of_its_own() {
        let (buckets, now) = (LoneBuckets::default(), DateTime::UNIX_EPOCH);
        let goes = |key: &str| buckets.spend(now, key.to_owned(), LIMIT).enough_at.is_none();
        assert_eq!(["a", "a", "a", "b"].map(goes), [true, true, false, true]);
    }

    #[test]
    fn a_flood_of_addresses_does_not_fill_the_memory() {
        let (buckets, now) = (LoneBuckets::default(), DateTime::UNIX_EPOCH);
        for number in 0..=2 * KEPT {
            buckets.spend(now, number.to_string(), LIMIT);
        }
        assert!(buckets.0.lock().unwrap().len() <= KEPT);
    }
}
