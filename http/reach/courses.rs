//! `/courses`: what can be learned.
//!
//! # Source
//! The course of access.articulate.com, "Reach 360: Webhook Events"; `contentType` and its filter as
//! nimit2801/mcp-articulate-reach360 has them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{
    Ability, Code, Result,
    content::courses::{self, Course},
};
use stoa_protocols::{
    event::{CourseFacts, EventType, sample},
    webhook::dialects::reach360::objects::{self, Links},
};

use super::{
    keys::{self, OneCourse},
    listing::{Cursor, Limit, List, NoHead, One, Shown},
    version::Client,
};
use crate::{
    body::NoBody,
    doors::{Call, Door, NoPath, NoQuery},
};

const TAG: &str = "Reach 360";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/courses", list).needs(Ability::ContentRead).named(
            "reachListCourses",
            TAG,
            "Lists courses, the oldest first",
        ),
        Door::get("/courses/{courseId}", show)
            .needs(Ability::ContentRead)
            .named("reachGetCourse", TAG, "Answers a course")
            .errors(&[Code::CourseNotFound]),
    ]
}

/// Which courses.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Listing {
    /// Most courses of the page.
    #[serde(default)]
    limit: Limit,
    /// By the vendor's authoring tools. All of ours are `imported`.
    #[serde(default)]
    content_type: ContentType,
    /// Where the page begins; stands in `nextUrl`.
    #[serde(default)]
    cursor: Option<String>,
}

/// Names with what a course was made, in the words of the filter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum ContentType {
    /// Any.
    #[default]
    All,
    /// The vendor's own tool.
    Rise,
    /// The vendor's own tool.
    Storyline,
    /// The vendor's own tool.
    Microlearning,
    /// Any other.
    Imported,
}

/// A course.
#[derive(Debug)]
pub(super) struct CourseView {
    facts: Arc<CourseFacts>,
    place: uuid::Uuid,
}

/// A course, and with what it was made.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReachCourseListed")]
pub(super) struct Listed<'a> {
    #[serde(flatten)]
    course: objects::Course<'a>,
    /// Always `IMPORTED`: the others name the vendor's authoring tools.
    content_type: &'static str,
}

impl CourseView {
    pub(super) fn of(course: &Course) -> Self {
        Self { facts: course.facts(), place: course.id.uuid() }
    }

    /// Of a list that is sorted otherwise than by age.
    pub(super) fn at(course: &Course, place: uuid::Uuid) -> Self {
        Self { facts: course.facts(), place }
    }

    /// What the list is sorted by.
    pub(super) const fn place(&self) -> uuid::Uuid {
        self.place
    }
}

impl Shown for CourseView {
    const PLURAL: &'static str = "courses";
    type Object<'a> = Listed<'a>;

    fn show<'a>(&'a self, links: Links<'_>) -> Listed<'a> {
        Listed { course: objects::Course::new(&self.facts, links), content_type: "IMPORTED" }
    }

    fn sample() -> Self {
        let event = sample(EventType::CourseCompleted);
        let facts = event.data.course.clone().unwrap_or_else(|| unreachable!("its sample has a course"));
        Self { facts, place: uuid::Uuid::nil() }
    }
}

async fn list(call: Call<NoPath, Listing, NoBody, Client>) -> Result<List<CourseView>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, "courses");
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let found = match call.query.content_type {
        ContentType::All | ContentType::Imported => courses::list_after(&mut tx, (after, limit + 1)).await?,
        ContentType::Rise | ContentType::Storyline | ContentType::Microlearning => Vec::new(),
    };
    cursor.page(found.iter().map(CourseView::of).collect(), (NoHead, limit), CourseView::place)
}

async fn show(call: Call<OneCourse, NoQuery, NoBody, Client>) -> Result<One<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    Ok(One(CourseView::of(&keys::course(&mut tx, &call.path.course_id).await?)))
}
