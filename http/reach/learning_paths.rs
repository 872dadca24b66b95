//! `/learning-paths`: several courses, one after the other.
//!
//! # Source
//! The paths of mindcloud-inc/universal-api-reference; the object is not publicly known and follows the others.

use std::sync::Arc;

use stoa_core::{
    Ability, Code, Result,
    learning_paths::{self, LearningPath},
};
use stoa_protocols::{
    event::LearningPathFacts,
    webhook::dialects::reach360::objects::{self, Links},
};

use super::{
    courses::CourseView,
    keys::{self, OnePath},
    listing::{Cursor, List, NoHead, One, Shown},
    users::Paging,
    version::Client,
};
use crate::{
    body::NoBody,
    doors::{Call, Door, NoPath, NoQuery, sample},
};

const TAG: &str = "Reach 360";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/learning-paths", list).needs(Ability::ContentRead).named(
            "reachListLearningPaths",
            TAG,
            "Lists learning paths, the oldest first",
        ),
        Door::get("/learning-paths/{learningPathId}", show)
            .needs(Ability::ContentRead)
            .named("reachGetLearningPath", TAG, "Answers a learning path")
            .errors(&[Code::LearningPathNotFound]),
        Door::get("/learning-paths/{learningPathId}/courses", list_courses)
            .needs(Ability::ContentRead)
            .named("reachListCoursesOfLearningPath", TAG, "Lists the courses of a learning path in their order")
            .errors(&[Code::LearningPathNotFound]),
    ]
}

/// A learning path.
#[derive(Debug)]
pub(super) struct PathView {
    facts: Arc<LearningPathFacts>,
    id: uuid::Uuid,
}

impl PathView {
    fn of(path: &LearningPath) -> Self {
        Self { facts: path.facts(), id: path.id.uuid() }
    }
}

impl Shown for PathView {
    const PLURAL: &'static str = "learningPaths";
    type Object<'a> = objects::LearningPath<'a>;

    fn show<'a>(&'a self, links: Links<'_>) -> objects::LearningPath<'a> {
        objects::LearningPath::new(&self.facts, links)
    }

    fn sample() -> Self {
        let id: stoa_core::Id<stoa_core::id::LearningPath> = sample::id();
        let facts = LearningPathFacts { id: id.to_string(), external_id: None, title: "Korean for beginners".into() };
        Self { facts: Arc::new(facts), id: uuid::Uuid::nil() }
    }
}

async fn list(call: Call<NoPath, Paging, NoBody, Client>) -> Result<List<PathView>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, "learning-paths");
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let found = learning_paths::list_after(&mut tx, (after, limit + 1)).await?;
    cursor.page(found.iter().map(PathView::of).collect(), (NoHead, limit), |path| path.id)
}

async fn show(call: Call<OnePath, NoQuery, NoBody, Client>) -> Result<One<PathView>> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    Ok(One(PathView::of(&keys::path(&mut tx, &call.path.learning_path_id).await?)))
}

/// Sorted by their place in the path, which the cursor holds instead of an id.
async fn list_courses(call: Call<OnePath, Paging, NoBody, Client>) -> Result<List<CourseView>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let path = keys::path(&mut tx, &call.path.learning_path_id).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, &format!("learning-paths/{}/courses", path.id));
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let after = after.and_then(|place| i32::try_from(place.as_u128()).ok()).unwrap_or_default();
    let found = learning_paths::courses_after(&mut tx, path.id, (after, limit + 1)).await?;
    let place = |position: i32| uuid::Uuid::from_u128(u128::try_from(position).unwrap_or_default());
    let views = found.iter().map(|row| CourseView::at(&row.course, place(row.position))).collect();
    cursor.page(views, (NoHead, limit), CourseView::place)
}
