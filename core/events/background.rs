//! Events that wait in the background: recorded by work that many events tell of, such as a file of people.
//!
//! Not here: who relays them (`stoa_jobs::relay`).
//!
//! # Rule
//! They stand in the outbox behind all others, whatever the time, in a lane of their own that begins in the year 9000: so
//! what anybody records meanwhile, on whatever node, goes before them.

use chrono::{DateTime, Utc};

/// Where the lane begins in the order of the outbox: 9000-01-01.
const LANE_SECS: i64 = 221_845_392_000;

/// Where the lane begins in the order of the outbox.
pub fn background_lane() -> DateTime<Utc> {
    DateTime::from_timestamp(LANE_SECS, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The place in the lane of what is recorded now.
pub(crate) fn place_in_background(now: DateTime<Utc>) -> DateTime<Utc> {
    background_lane() + (now - DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lane_is_behind_everything_and_in_order() {
        let now: DateTime<Utc> = "2026-11-21T09:00:00Z".parse().unwrap();
        assert_eq!(background_lane().to_rfc3339(), "9000-01-01T00:00:00+00:00");
        let (one, other) = (place_in_background(now), place_in_background(now + chrono::TimeDelta::microseconds(1)));
        assert!(background_lane() < one && one < other);
    }
}
