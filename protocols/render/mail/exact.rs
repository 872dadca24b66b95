//! Times that are to be copied into a call.
//!
//! Not here: times to be read, which the layout writes in the reader's form (`| when`).
//!
//! # Source
//! RFC 3339.

use chrono::{DateTime, Utc};
use serde::Serializer;

/// As a call wants it, to the second before.
pub(super) fn exact<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&instant.format("%Y-%m-%dT%H:%M:%SZ"))
}
