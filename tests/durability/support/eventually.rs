//! Waiting for what happens in other processes.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

const LOOK: Duration = Duration::from_millis(20);

/// Waits until a look finds what it wants, and fails with the reason of the last look when the time is over.
///
/// Nothing tells a test when another process has come so far, so this looks again and again. It is the one place
/// that does, and it never stands for "long enough": it goes on at the first look that is satisfied.
pub(crate) async fn eventually<T, E: Display>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let began = Instant::now();
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match look().await {
            Ok(found) => return found,
            Err(why) if began.elapsed() > within => panic!("{what}: not within {within:?}: {why}"),
            Err(_) => {}
        }
    }
}
