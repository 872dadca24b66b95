//! Instants as text, always with milliseconds, so that a receiver may compare them as text.
//!
//! Not here: which dialect wants which form.
//!
//! # Source
//! RFC 3339 section 5.6, which is a profile of ISO 8601.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serializer;

/// `2026-11-21T09:00:00.123Z`
pub(crate) fn with_z(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `2026-11-21T09:00:00.123+00:00`
pub(crate) fn with_offset(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, false)
}

/// [`with_z`] for serde's `serialize_with`.
pub(super) fn serialize<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&with_z(*instant))
}

/// [`with_z`] for serde's `serialize_with`, null if there is none.
#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
pub(super) fn serialize_option<S: Serializer>(
    instant: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match instant {
        Some(instant) => serialize(instant, serializer),
        None => serializer.serialize_none(),
    }
}
