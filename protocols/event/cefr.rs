//! What events say of a learner's levels.
//!
//! Not here: the evidence itself, which stays in the record; its ids are told.
//!
//! # Source
//! Council of Europe, CEFR Companion Volume (2020), for the levels; the fields are those of our report.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The profile of a learner in a language, after evidence came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CefrFacts {
    /// `cfp_…` of the profile.
    pub id: String,
    /// Language that is learned.
    pub language: String,
    /// Level of the four skills together, `Pre-A1` to `C2`; null while too few of them have one.
    pub level: Option<String>,
    /// `assessed`, `provisional`, `insufficient_evidence` or `expired`.
    pub status: String,
    /// Level of each skill; null where nothing shows one.
    pub skills: BTreeMap<String, Option<String>>,
    /// What changed, the skills before the profile; absent when nothing did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<CefrChange>,
    /// Why: `evidence_recorded`, `evidence_withdrawn` or `items_graded`.
    pub reason: String,
    /// `evd_…` of the evidence that came or went; absent for graded items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_ids: Vec<String>,
}

/// One level that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CefrChange {
    /// The skill, or `overall`.
    pub skill: String,
    /// The level before; null for none.
    pub from: Option<String>,
    /// The level now; null for none.
    pub to: Option<String>,
}
