//! Groups of people, who are put on courses together.
//!
//! Not here: what a group is put on (`enrolments`).
//!
//! `everyone` is a group too: it stands for the whole institution, has no rows of members, is made when somebody first
//! names it, and appears in no list.

mod commands;
mod queries;
mod rows;

use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) use commands::arrived;
pub use commands::{add_members, change, create, remove, remove_member};
pub use queries::{everyone, find, find_by_id, get, list, list_after, list_members, members_after, of_member};
pub use rows::Group;

use crate::fields::given;

/// The word that names the whole institution.
pub const EVERYONE: &str = "everyone";

/// Most people of one request.
pub const MEMBERS_MAX: usize = 100;

/// A group to be made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Shown to people, at most 255 characters.
    pub name: String,
    /// The institution's own key.
    #[serde(default)]
    pub external_id: Option<String>,
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
}
