//! What events say of erasing a person.
//!
//! Not here: the person, which is a part of its own (`payload`), and after the erasing tells no more than the two ids.
//!
//! # Source
//! Ours; the right behind it is article 17 of Regulation (EU) 2016/679.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant;

/// The erasing of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErasureFacts {
    /// `ers_…`
    pub id: String,
    /// `requested`, `scheduled` or `completed`.
    pub status: String,
    /// When it was asked for.
    #[serde(serialize_with = "instant::serialize")]
    pub requested_at: DateTime<Utc>,
    /// Until then it can be cancelled; null while nobody of the institution has said that it shall be.
    #[serde(serialize_with = "instant::serialize_option")]
    pub erase_after: Option<DateTime<Utc>>,
    /// When nothing was left.
    #[serde(serialize_with = "instant::serialize_option")]
    pub completed_at: Option<DateTime<Utc>>,
}
