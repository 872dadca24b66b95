//! When a failed delivery is tried again.
//!
//! Not here: the clock, the random number and the queue, which the caller brings; who counts the attempts.
//!
//! # Source
//! `two_minutes`: Teachbase, help.teachbase.ru, managers/api-and-integrations/04 ("up to 5 times within 2 minutes",
//! read as five after the first). `backoff3`: Talktiko ("up to 3 times with exponential backoff") in the steps of
//! spatie/laravel-webhook-server, powers of ten seconds. `extended`: Standard Webhooks specification, "Deliverability
//! and reliability". `Retry-After`: RFC 9110 section 10.2.3.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names a retry schedule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryPolicy {
    /// Up to five more attempts, all begun within 120 seconds of the first.
    #[default]
    TwoMinutes,
    /// Three more attempts, after about 10, 100 and 1000 seconds.
    Backoff3,
    /// Ten attempts in all, over three days.
    Extended,
}

/// Reports a name that is no retry policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a retry policy")]
pub struct UnknownRetryPolicy;

/// What has been tried of one delivery.
#[derive(Debug, Clone, Copy)]
pub struct Tries {
    /// Attempts so far, the first among them.
    pub attempts_made: u32,
    /// Start of the first attempt: the window counts from here.
    pub first_attempt_at: DateTime<Utc>,
    /// The time now, at the end of the latest attempt.
    pub now: DateTime<Utc>,
    /// What the receiver asked for, as [`retry_after`] reads it.
    pub retry_after: Option<TimeDelta>,
    /// A random number in 0..1, drawn anew for every attempt.
    pub jitter: f64,
}

/// When the retries of a policy are due: the n-th entry is the n-th retry.
enum Steps {
    /// Seconds after the first attempt, so that slow answers do not push the later ones out of the window.
    SinceFirst(&'static [u64]),
    /// Seconds after the latest attempt.
    SinceLatest(&'static [u64]),
}

struct Schedule {
    steps: Steps,
    /// The last moment at which an attempt is planned, in seconds after the first.
    window_seconds: i64,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Planned two seconds inside the promised 120, for the time from "due" to "begun".
const TWO_MINUTES: Schedule = Schedule { steps: Steps::SinceFirst(&[5, 15, 35, 65, 105]), window_seconds: 118 };
const BACKOFF3: Schedule = Schedule { steps: Steps::SinceLatest(&[10, 100, 1_000]), window_seconds: 3_600 };
/// The steps add up to 75 h 35 min; with all jitter upward and slow answers they stay below the window's 84 h.
const EXTENDED: Schedule = Schedule {
    steps: Steps::SinceLatest(&[
        5,
        5 * MINUTE,
        30 * MINUTE,
        2 * HOUR,
        5 * HOUR,
        10 * HOUR,
        14 * HOUR,
        20 * HOUR,
        24 * HOUR,
    ]),
    window_seconds: 84 * 3_600,
};

/// Share of a step by which it is moved at most, up or down.
const JITTER: f64 = 0.1;
/// A retry never follows sooner, even if it is overdue.
const SHORTEST_PAUSE: TimeDelta = TimeDelta::seconds(1);

impl RetryPolicy {
    /// All policies, in the order in which an error lists them.
    pub const ALL: [Self; 3] = [Self::TwoMinutes, Self::Backoff3, Self::Extended];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TwoMinutes => "two_minutes",
            Self::Backoff3 => "backoff3",
            Self::Extended => "extended",
        }
    }

    /// Attempts of a delivery at most, the first among them.
    pub fn attempts(self) -> u32 {
        let retries = match self.schedule().steps {
            Steps::SinceFirst(steps) | Steps::SinceLatest(steps) => steps.len(),
        };
        u32::try_from(retries).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The last moment at which an attempt is planned, counted from the start of the first.
    pub fn window(self) -> TimeDelta {
        TimeDelta::seconds(self.schedule().window_seconds)
    }

    /// Says when the next attempt is due after a failed one; `None` when there is none and the delivery is exhausted.
    ///
    /// # Rule
    /// The step of the policy, moved by up to a tenth either way, or what the receiver asked for with `Retry-After`
    /// if that is later. A time past the window becomes the window's end, because one last attempt is better than
    /// none for a receiver that asks for more time than the policy has. Once that end is reached, nothing more is
    /// tried.
    pub fn next_attempt(self, tries: &Tries) -> Option<DateTime<Utc>> {
        let Some(retries_made) = tries.attempts_made.checked_sub(1) else { return Some(tries.now) };
        let last = tries.first_attempt_at.checked_add_signed(self.window())?;
        let earliest = tries.now.checked_add_signed(SHORTEST_PAUSE)?;
        if earliest > last {
            return None;
        }
        let planned = self.planned(usize::try_from(retries_made).ok()?, tries)?;
        let asked =
            tries.retry_after.map_or(earliest, |pause| later(tries.now, pause.min(self.window()), tries.jitter));
        Some(planned.max(asked).max(earliest).min(last))
    }

    fn planned(self, retries_made: usize, tries: &Tries) -> Option<DateTime<Utc>> {
        let (from, seconds) = match self.schedule().steps {
            Steps::SinceFirst(steps) => (tries.first_attempt_at, steps.get(retries_made)?),
            Steps::SinceLatest(steps) => (tries.now, steps.get(retries_made)?),
        };
        let factor = 1.0 + JITTER * (2.0 * share(tries.jitter) - 1.0);
        let pause = TimeDelta::from_std(Duration::from_secs(*seconds).mul_f64(factor)).ok()?;
        from.checked_add_signed(pause)
    }

    const fn schedule(self) -> &'static Schedule {
        match self {
            Self::TwoMinutes => &TWO_MINUTES,
            Self::Backoff3 => &BACKOFF3,
            Self::Extended => &EXTENDED,
        }
    }
}

/// Reads a `Retry-After` header, seconds or a date; `None` when it is neither. A date in the past is no pause.
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit is still a receiver that asks for longer than any window.
        let seconds = header.parse::<u32>().unwrap_or(u32::MAX);
        return Some(TimeDelta::seconds(i64::from(seconds)));
    }
    let date = DateTime::parse_from_rfc2822(header).ok()?.with_timezone(&Utc);
    Some((date - now).max(TimeDelta::zero()))
}

/// `pause` after `now`, and up to a tenth of it more, so that all whom a receiver sent away do not return at once.
fn later(now: DateTime<Utc>, pause: TimeDelta, jitter: f64) -> DateTime<Utc> {
    let pause = pause.to_std().unwrap_or_default();
    let spread = pause.mul_f64(1.0 + JITTER * share(jitter));
    TimeDelta::from_std(spread).ok().and_then(|pause| now.checked_add_signed(pause)).unwrap_or(now)
}

/// The random number, made harmless if it is none of 0..1.
fn share(jitter: f64) -> f64 {
    if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 }
}

impl fmt::Display for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RetryPolicy {
    type Err = UnknownRetryPolicy;
    fn from_str(text: &str) -> Result<Self, UnknownRetryPolicy> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text).ok_or(UnknownRetryPolicy)
    }
}

#[cfg(test)]
mod tests;
