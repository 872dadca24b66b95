//! Learning paths: several courses, one after the other.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Key, Result, id,
    learning_paths::{self, Changed, LearningPath, LearningPathChange, NewLearningPath},
};

use crate::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, Listed, NoPath, NoQuery, Sample, sample},
    page::Paging,
    waves,
};

const TAG: &str = "Learning paths";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/learning-paths", list).needs(Ability::ContentRead).named(
            "listLearningPaths",
            TAG,
            "Lists learning paths, the oldest first",
        ),
        Door::post("/api/learning-paths", create)
            .needs(Ability::ContentWrite)
            .named("createLearningPath", TAG, "Makes a learning path of courses that are there")
            .errors(&[Code::Conflict]),
        Door::get("/api/learning-paths/{path}", show).needs(Ability::ContentRead).named(
            "getLearningPath",
            TAG,
            "Answers a learning path",
        ),
        Door::patch("/api/learning-paths/{path}", change)
            .needs(Ability::ContentWrite)
            .named(
                "changeLearningPath",
                TAG,
                "Changes a learning path; whoever is on it is put on the courses that are new to it",
            )
            .errors(&[Code::Conflict]),
        Door::delete("/api/learning-paths/{path}", remove).needs(Ability::ContentWrite).named(
            "deleteLearningPath",
            TAG,
            "Deletes a learning path; whoever was on it leaves the courses that nothing else gives him",
        ),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OnePath {
    /// Id of the learning path, or `external_id:` and the institution's own key.
    path: Key<id::LearningPath>,
}

/// A learning path.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LearningPath")]
struct PathView {
    /// Id.
    id: Id<id::LearningPath>,
    /// The institution's own key.
    external_id: Option<String>,
    /// Shown to people.
    title: String,
    /// Its courses in their order.
    course_ids: Vec<Id<id::Course>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

impl PathView {
    fn of(path: LearningPath) -> Self {
        Self {
            id: path.id,
            external_id: path.external_id,
            title: path.title,
            course_ids: path.course_ids.into_iter().map(Id::from_uuid).collect(),
            created_at: path.created_at,
            updated_at: path.updated_at,
        }
    }
}

async fn list(call: Call<NoPath, Paging>) -> Result<Listed<PathView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = learning_paths::list(&mut tx, call.query.asked()).await?;
    Ok(Listed(page.map(PathView::of)))
}

async fn create(call: Call<NoPath, NoQuery, NewLearningPath>) -> Result<Created<PathView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let path = learning_paths::create(&mut tx, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/learning-paths/{}", path.id), PathView::of(path)))
}

async fn show(call: Call<OnePath>) -> Result<Data<PathView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(PathView::of(learning_paths::get(&mut tx, &call.path.path).await?)))
}

async fn change(call: Call<OnePath, NoQuery, LearningPathChange>) -> Result<Data<PathView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let Changed { path, grew, left } = learning_paths::change(&mut tx, &call.path.path, call.body).await?;
    if grew {
        waves::spread_path(&mut tx, &call.scope, path.id).await?;
    }
    if !left.is_empty() {
        waves::sweep(&mut tx, &call.scope, left).await?;
    }
    tx.commit().await?;
    waves::wake(&call.app);
    Ok(Data(PathView::of(path)))
}

async fn remove(call: Call<OnePath>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let courses = learning_paths::remove(&mut tx, &call.path.path).await?;
    waves::sweep(&mut tx, &call.scope, courses).await?;
    tx.commit().await?;
    waves::wake(&call.app);
    Ok(Done)
}

impl Body for NewLearningPath {
    fn example() -> Value {
        json!({ "title": "Korean for beginners", "course_ids": [], "external_id": "korean-beginners" })
    }
}

impl Body for LearningPathChange {
    fn example() -> Value {
        json!({ "title": "Korean, the first year" })
    }
}

impl Sample for PathView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            external_id: Some("korean-beginners".into()),
            title: "Korean for beginners".into(),
            course_ids: vec![sample::id()],
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
