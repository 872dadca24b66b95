//! Courses: what a learner is enrolled on.

mod commands;
mod queries;
mod references;
mod review;
mod rows;
mod rules;
mod slug;
mod versions;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use commands::{change, create, remove};
pub(crate) use queries::resolve;
pub use queries::{find, find_all, find_many, get, get_numbered, hold, list, list_after};
pub use review::{Approval, Publication, Rejection, Submission, approve, archive, publish, reject, submit};
pub use rows::Course;
pub(crate) use rows::course_columns;
pub use rules::{CompletionRule, LessonOrder, NewCompletion};
pub use slug::retired;
pub use versions::{CourseVersion, VersionSummary, get_version, list_versions};

use super::{Cefr, CefrRange, TEXT_MAX};
use crate::{
    db::word_column,
    fields::{Fields, given},
    id,
    key::Key,
};

word_column!(CourseStatus);

/// Most prerequisites, and most instructors, of a course.
const REFERENCES_MAX: usize = 50;

/// Names where a course is on its way to the learners.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CourseStatus {
    /// Being written.
    #[default]
    Draft,
    /// Waits for review.
    Submitted,
    /// In the public catalogue.
    Published,
    /// Out of the catalogue; whoever is on it may finish.
    Archived,
}

impl CourseStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Submitted, Self::Published, Self::Archived];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }
}

impl FromStr for CourseStatus {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// A course to be made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCourse {
    /// Shown to people, at most 255 characters.
    pub title: String,
    /// Readable part of public addresses, unique in the institution; made from the title if left out.
    #[serde(default)]
    pub slug: Option<String>,
    /// One paragraph, plain text.
    #[serde(default)]
    pub summary: Option<String>,
    /// Tag of the language that is taught; `en` if left out.
    #[serde(default)]
    pub language: Option<String>,
    /// From which level to which it leads.
    #[serde(default)]
    pub cefr: Option<CefrRange>,
    /// Free word of the institution.
    #[serde(default)]
    pub category: Option<String>,
    /// Picture, an http or https address.
    #[serde(default)]
    pub cover_url: Option<String>,
    /// `draft` if left out.
    #[serde(default)]
    pub status: Option<CourseStatus>,
    /// Who wrote it; the person of the session if left out.
    #[serde(default)]
    pub author_id: Option<Key<id::User>>,
    /// Who is to review it.
    #[serde(default)]
    pub reviewer_id: Option<Key<id::User>>,
    /// Courses to be completed before.
    #[serde(default)]
    pub prerequisite_ids: Vec<Key<id::Course>>,
    /// Who teaches it.
    #[serde(default)]
    pub instructor_ids: Vec<Key<id::User>>,
    /// What completes it for a learner; all required lessons if left out.
    #[serde(default)]
    pub completion: Option<NewCompletion>,
    /// In which order its lessons may be done; `free` if left out.
    #[serde(default)]
    pub lesson_order: Option<LessonOrder>,
    /// The institution's own key.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// What may be changed of a course. What is absent stays as it is; null empties a field that may be empty.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CourseChange {
    /// Shown to people, at most 255 characters.
    #[serde(deserialize_with = "given")]
    pub title: Option<String>,
    /// Readable part of public addresses, unique in the institution.
    #[serde(deserialize_with = "given")]
    pub slug: Option<String>,
    /// One paragraph, plain text.
    #[serde(deserialize_with = "given")]
    pub summary: Option<String>,
    /// Tag of the language that is taught.
    #[serde(deserialize_with = "given")]
    pub language: Option<String>,
    /// From which level to which it leads.
    #[serde(deserialize_with = "given")]
    pub cefr: Option<Option<CefrRange>>,
    /// Free word of the institution.
    #[serde(deserialize_with = "given")]
    pub category: Option<Option<String>>,
    /// Picture, an http or https address.
    #[serde(deserialize_with = "given")]
    pub cover_url: Option<Option<String>>,
    /// Becoming `submitted` announces `course.submitted`.
    #[serde(deserialize_with = "given")]
    pub status: Option<CourseStatus>,
    /// Who wrote it.
    #[serde(deserialize_with = "given")]
    pub author_id: Option<Option<Key<id::User>>>,
    /// Who is to review it.
    #[serde(deserialize_with = "given")]
    pub reviewer_id: Option<Option<Key<id::User>>>,
    /// Courses to be completed before.
    #[serde(deserialize_with = "given")]
    pub prerequisite_ids: Option<Vec<Key<id::Course>>>,
    /// Who teaches it.
    #[serde(deserialize_with = "given")]
    pub instructor_ids: Option<Vec<Key<id::User>>>,
    /// What completes it for a learner. Who has completed it stays so.
    #[serde(deserialize_with = "given")]
    pub completion: Option<NewCompletion>,
    /// In which order its lessons may be done.
    #[serde(deserialize_with = "given")]
    pub lesson_order: Option<LessonOrder>,
    /// The institution's own key.
    #[serde(deserialize_with = "given")]
    pub external_id: Option<Option<String>>,
}

/// Which courses are wanted.
#[derive(Debug, Clone, Default)]
pub struct CourseFilter {
    /// Of this status.
    pub status: Option<CourseStatus>,
    /// Of this language; `pt` also finds `pt-BR`.
    pub language: Option<String>,
    /// Leading through this level.
    pub cefr: Option<Cefr>,
    /// Of this category.
    pub category: Option<String>,
    /// Part of the title, the summary, the slug or the external id.
    pub q: Option<String>,
    /// Changed then or later; the deleted come too, as tombstones.
    pub updated_since: Option<DateTime<Utc>>,
    /// One of these.
    pub ids: Option<Vec<Uuid>>,
    /// One of these external ids, beside the ids.
    pub external_ids: Option<Vec<String>>,
    /// In which order.
    pub sort: CourseSort,
}

/// In which order courses are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum CourseSort {
    /// Oldest first.
    #[default]
    #[serde(rename = "created_at")]
    Created,
    /// Newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
    /// Longest unchanged first: the order for keeping a copy.
    #[serde(rename = "updated_at")]
    Updated,
    /// Last changed first.
    #[serde(rename = "-updated_at")]
    LastUpdatedFirst,
    /// By title, as characters compare.
    #[serde(rename = "title")]
    Title,
    /// By title, backwards.
    #[serde(rename = "-title")]
    TitleBackwards,
}

/// Checks a course and writes its fields in their usual form.
fn check(fields: &mut Fields, course: &mut Course) {
    fields.name("/title", &mut course.title);
    slug::check(fields, &course.slug);
    fields.text("/summary", &mut course.summary, TEXT_MAX);
    fields.language("/language", &mut course.language);
    course.cefr().check(fields);
    fields.optional_name("/category", &mut course.category);
    fields.web_address("/cover_url", course.cover_url.as_deref());
    fields.external_id("/external_id", course.external_id.as_deref());
    for (pointer, ids) in [("/prerequisite_ids", &course.prerequisite_ids), ("/instructor_ids", &course.instructor_ids)]
    {
        if ids.len() > REFERENCES_MAX {
            fields.fault(pointer, "length", format!("wanted at most {REFERENCES_MAX}"));
        }
    }
    rules::check(fields, course);
    if course.prerequisite_ids.contains(&course.id.uuid()) {
        fields.fault("/prerequisite_ids", "value", "a course is not its own prerequisite");
    }
}
