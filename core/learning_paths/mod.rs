//! Learning paths: several courses, one after the other.
//!
//! Not here: who is put on a path (`enrolments`), whose learners are put on each of its courses.

mod commands;
mod queries;
mod rows;

use schemars::JsonSchema;
use serde::Deserialize;

pub use commands::{Changed, change, create, remove};
pub use queries::{courses_after, find, get, list, list_after};
pub use rows::{LearningPath, PathCourse};

use crate::{fields::given, id, key::Key};

/// Most courses of a path.
pub const COURSES_MAX: usize = 50;

/// A learning path to be made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLearningPath {
    /// Shown to people, at most 255 characters.
    pub title: String,
    /// Its courses in their order, at most 50.
    #[serde(default)]
    pub course_ids: Vec<Key<id::Course>>,
    /// The institution's own key.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// What may be changed of a learning path. What is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LearningPathChange {
    /// Shown to people, at most 255 characters.
    #[serde(deserialize_with = "given")]
    pub title: Option<String>,
    /// Its courses in their order, at most 50. Whoever is on the path is put on those that are new.
    #[serde(deserialize_with = "given")]
    pub course_ids: Option<Vec<Key<id::Course>>>,
    /// The institution's own key.
    #[serde(deserialize_with = "given")]
    pub external_id: Option<Option<String>>,
}
