//! What a job is: a payload, a policy and a body, in one file per job.
//!
//! Not here: the table that keeps it (`queue`) and who runs it (`worker`).

use std::{fmt, str::FromStr, time::Duration};

use chrono::TimeDelta;
use serde::{Serialize, de::DeserializeOwned};
use stoa_core::{Code, Error};

use crate::context::JobCtx;

/// A promise: what is to be done, kept as a row until it is.
///
/// # Rule
/// A job may run more than once, so its body is idempotent and says how in its module doc. The payload is what
/// old rows look like: a changed [`Job::sample`] means that rows of the old shape may still exist.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// Name in the registry, `area/verb_object`; stable while rows of it exist.
    const NAME: &'static str;
    /// The queue whose workers run it.
    const QUEUE: Queue;
    /// How often, how long and after which pauses it is tried.
    const POLICY: Policy;

    /// Does the work once.
    fn run(self, ctx: &JobCtx) -> impl Future<Output = Outcome> + Send;

    /// Names the work, so that at most one job of this name and key waits at any time; none for any number.
    fn unique_key(&self) -> Option<String> {
        None
    }

    /// An example payload, whose snapshot guards the rows already written.
    fn sample() -> Self;
}

/// What came of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The promise is kept; the row leaves.
    Done,
    /// Failed in a way that may heal: tried again after the policy's pause, while attempts are left.
    Again(String),
    /// Not now: tried again after this long, and the attempt does not count.
    Snooze(TimeDelta),
    /// Failed in a way that will not heal: discarded, and kept for the operator.
    Stop(String),
}

impl From<Error> for Outcome {
    /// Reads the house's error as an outcome: our own faults and outages may heal, a refusal does not.
    fn from(error: Error) -> Self {
        match (error.code(), error.retry_after()) {
            (Code::RateLimited, wait) => {
                let secs = wait.and_then(|secs| i64::try_from(secs).ok()).unwrap_or(1);
                Self::Snooze(TimeDelta::try_seconds(secs).unwrap_or(TimeDelta::MAX))
            }
            (code, _) if code.status() >= 500 => Self::Again(error.to_string()),
            (_, _) => Self::Stop(error.to_string()),
        }
    }
}

/// How a job is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Runs that may fail before the job is discarded, the first one included.
    pub attempts: u16,
    /// Longest run; after it the run is dropped and counts as failed.
    pub timeout: Duration,
    /// Pauses between attempts.
    pub backoff: Backoff,
}

/// Pauses that grow from one attempt to the next, with jitter so that what failed together does not return together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Pause after the first attempt, in milliseconds.
    pub first_ms: i64,
    /// Factor from one pause to the next; 1 keeps them equal.
    pub factor: i64,
    /// Longest pause, in milliseconds, before jitter.
    pub most_ms: i64,
    /// Spread to both sides, in thousandths of the pause.
    pub jitter_permille: i64,
}

impl Backoff {
    /// Doubles from the first pause up to the longest, spread by a fifth.
    pub const fn doubling(first_ms: i64, most_ms: i64) -> Self {
        Self { first_ms, factor: 2, most_ms, jitter_permille: 200 }
    }

    /// The pause after an attempt, counted from 1.
    ///
    /// # Shape
    /// `luck` picks the place within the spread: -1000 its lower end, 1000 its upper end.
    pub fn pause(self, attempt: i32, luck: i64) -> TimeDelta {
        let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0);
        let pause = self.first_ms.saturating_mul(self.factor.saturating_pow(doublings)).clamp(0, self.most_ms);
        let spread = pause.saturating_mul(self.jitter_permille) / 1000;
        let shift = spread.saturating_mul(luck.clamp(-1000, 1000)) / 1000;
        TimeDelta::milliseconds(pause.saturating_add(shift))
    }
}

/// Throws the dice for [`Backoff::pause`].
pub fn luck() -> i64 {
    rand::random_range(-1000..=1000)
}

macro_rules! queues {
    ($($variant:ident = $name:literal, $doc:literal;)*) => {
        /// Names whose workers run a job; one slow kind of work never waits behind another.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Queue { $(#[doc = $doc] $variant,)* }

        impl Queue {
            /// Every queue, in the order in which drained work is run.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in the rows, the metrics and the shell.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

queues! {
    Webhooks = "webhooks", "Deliveries to receivers: short, many, to slow strangers.";
    Mail = "mail", "Letters.";
    Housekeeping = "housekeeping", "The house's own upkeep.";
    Imports = "imports", "Files of people: long and heavy, in chunks, one of an institution at a time.";
    Exports = "exports", "Files of the record: long, one snapshot each.";
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Queue {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or_else(|| Error::not_found("queue"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let backoff = Backoff::doubling(1_000, 10_000);
        let pauses: Vec<i64> = (1..=6).map(|attempt| backoff.pause(attempt, 0).num_milliseconds()).collect();
        assert_eq!(pauses, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    }

    #[test]
    fn jitter_stays_within_its_spread() {
        let backoff = Backoff::doubling(1_000, 10_000);
        assert_eq!(backoff.pause(1, -1000), TimeDelta::milliseconds(800));
        assert_eq!(backoff.pause(1, 1000), TimeDelta::milliseconds(1_200));
        assert_eq!(backoff.pause(i32::MAX, 5_000), TimeDelta::milliseconds(12_000), "neither overflow nor excess");
    }

    #[test]
    fn errors_become_outcomes() {
        assert_eq!(
            Outcome::from(Error::new(Code::RateLimited, "slow down").retry_after_secs(7)),
            Outcome::Snooze(TimeDelta::seconds(7))
        );
        assert!(matches!(Outcome::from(Error::new(Code::UpstreamUnavailable, "gone")), Outcome::Again(_)));
        assert!(matches!(Outcome::from(Error::not_found("course")), Outcome::Stop(_)));
    }

    #[test]
    fn queues_have_names() {
        for queue in Queue::ALL {
            assert_eq!(queue.as_str().parse::<Queue>().unwrap(), *queue);
        }
    }
}
