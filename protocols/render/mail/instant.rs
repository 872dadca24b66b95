//! How times stand in a letter.
//!
//! Not here: times in payloads (`event::instant`).
//!
//! # Source
//! ISO 8601 for the order of the parts, which every language reads; RFC 3339 for what is to be copied into a call.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

/// To the minute.
pub(super) fn minute<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&instant.format("%Y-%m-%d %H:%M UTC"))
}

/// To the minute, where there is one.
#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
pub(super) fn minute_option<S: Serializer>(instant: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    instant.map(|instant| instant.format("%Y-%m-%d %H:%M UTC").to_string()).serialize(serializer)
}

/// As a call wants it, to the second before.
pub(super) fn exact<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&instant.format("%Y-%m-%dT%H:%M:%SZ"))
}
