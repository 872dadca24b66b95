//! Groups of people, who are put on courses together.
//!
//! Not here: what a group is put on (`enrolments`).
//!
//! A cohort is a group that learns for a time. Groups have managers: somebody whose role is manager sees the people of
//! the groups that he leads alone, which is kept by the wall (`db::tenancy`).
//!
//! `everyone` is a group too: it stands for the whole institution, has no rows of members, is made when somebody first
//! names it, and appears in no list.

mod commands;
mod joining;
mod managers;
mod queries;
mod rows;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;

pub use commands::{add_members, change, create, remove, remove_member};
pub(crate) use commands::{admit, arrived};
pub(crate) use joining::{busy, hold};
pub use managers::{appoint, dismiss, list_managers};
pub(crate) use queries::resolve;
pub use queries::{everyone, find, find_by_id, get, list, list_after, members_after, of_member};
pub use rows::Group;

use crate::{fields::given, words};

/// The word that names the whole institution.
pub const EVERYONE: &str = "everyone";

/// Most people of one request.
pub const MEMBERS_MAX: usize = 100;

words! {
    /// Names the kinds of groups.
    GroupKind {
        /// People who belong together.
        Group = "group",
        /// People who learn together for a time.
        Cohort = "cohort",
    }
}

/// A group to be made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Shown to people, at most 255 characters.
    pub name: String,
    /// The institution's own key.
    #[serde(default)]
    pub external_id: Option<String>,
    /// `group` if left out.
    #[serde(default)]
    pub kind: Option<GroupKind>,
    /// First day of a cohort, in the institution's time zone.
    #[serde(default)]
    pub starts_on: Option<NaiveDate>,
    /// Last day of a cohort.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
}

/// What may be changed of a group. What is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupChange {
    /// Shown to people, at most 255 characters.
    #[serde(deserialize_with = "given")]
    pub name: Option<String>,
    /// The institution's own key.
    #[serde(deserialize_with = "given")]
    pub external_id: Option<Option<String>>,
    /// A cohort that becomes a group has no days.
    #[serde(deserialize_with = "given")]
    pub kind: Option<GroupKind>,
    /// First day of a cohort.
    #[serde(deserialize_with = "given")]
    pub starts_on: Option<Option<NaiveDate>>,
    /// Last day of a cohort.
    #[serde(deserialize_with = "given")]
    pub ends_on: Option<Option<NaiveDate>>,
}
