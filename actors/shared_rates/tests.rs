//! Without Redis. With a real one: `tests/it/flows/shared_limits.rs`.

use std::time::{Duration, Instant};

use super::*;
use crate::tenant::RateLimit;

fn bucket() -> Bucket {
    Bucket { key: "{a}:read".to_owned(), limit: RateLimit { count: 1, window_secs: 1, burst: 1 } }
}

#[tokio::test]
async fn who_never_connected_waits_for_nothing() {
    let rates = SharedRates::new("redis://127.0.0.1:1", Duration::from_mins(1)).unwrap();
    let started = Instant::now();
    assert_eq!(rates.spend(DateTime::UNIX_EPOCH, &[bucket()]).await, None);
    assert!(started.elapsed() < Duration::from_secs(1));
    assert!(!rates.is_up());
}

#[test]
fn an_address_is_one_of_redis() {
    for address in ["", "127.0.0.1", "http://127.0.0.1", "postgres://127.0.0.1"] {
        assert!(SharedRates::new(address, Duration::from_millis(25)).is_err(), "{address}");
    }
    assert!(SharedRates::new("rediss://:secret@redis.example:6380/2", Duration::from_millis(25)).is_ok());
}
