//! Rows of lists that also tell what is gone.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::doors::Sample;

/// A row, or what is left of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(super) enum Row<T> {
    /// It is there.
    Living(T),
    /// It is gone; only lists with `updated_since` say so.
    Gone(Tombstone),
}

/// What is left of a deleted row.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tombstone {
    /// Id.
    pub(super) id: String,
    /// The institution's own key, which something else may have by now.
    pub(super) external_id: Option<String>,
    /// When it last changed: when it was deleted.
    pub(super) updated_at: DateTime<Utc>,
    /// When it was deleted.
    pub(super) deleted_at: DateTime<Utc>,
}

impl<T: Sample> Sample for Row<T> {
    fn sample() -> Self {
        Self::Living(T::sample())
    }
}
