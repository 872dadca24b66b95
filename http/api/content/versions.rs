//! The published versions of a course.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Id, Key, Result,
    content::courses::{self, CourseVersion, VersionSummary},
    id,
};

use super::TAG;
use crate::{
    doors::{Call, Data, Door, Fresh, Listed, Sample, sample},
    page::Paging,
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/courses/{id}/versions", list).needs(Ability::ContentRead).named(
            "listCourseVersions",
            TAG,
            "Lists the published versions of a course with what changed, the newest first",
        ),
        Door::get("/api/courses/{id}/versions/{edition}", show).needs(Ability::ContentRead).named(
            "getCourseVersion",
            TAG,
            "Shows a course as it was when it was published",
        ),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneCourse {
    /// Id, slug, or `external_id:` and the institution's own key.
    id: Key<id::Course>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneVersion {
    /// Id, slug, or `external_id:` and the institution's own key.
    id: Key<id::Course>,
    /// Number of the version, from 1.
    edition: i32,
}

/// A published version.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CourseVersion")]
struct VersionView {
    /// Number of the version, from 1.
    edition: i32,
    /// The `version` that the course had then.
    course_version: i32,
    /// What differs from the version before, part by part: `[{object, id, change, fields}]`, where `change` is `added`,
    /// `changed` or `removed`. Without `fields` it is a key to answers that changed. Empty for the first version.
    changes: Value,
    /// Words of whoever published it.
    note: Option<String>,
    /// Who published it; null for an integration.
    published_by: Option<Id<id::User>>,
    /// When it was published.
    published_at: DateTime<Utc>,
}

/// A published version with all that the course held, without keys to answers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WholeCourseVersion")]
struct WholeVersionView {
    #[serde(flatten)]
    version: VersionView,
    /// `{course, lessons, trainings, items}`.
    content: Value,
}

impl From<VersionSummary> for VersionView {
    fn from(version: VersionSummary) -> Self {
        Self {
            edition: version.edition,
            course_version: version.course_version,
            changes: version.changes,
            note: version.note,
            published_by: version.published_by,
            published_at: version.published_at,
        }
    }
}

async fn list(call: Call<OneCourse, Paging>) -> Result<Fresh<Listed<VersionView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::get(&mut tx, &call.path.id).await?;
    let page = courses::list_versions(&mut tx, course.id, call.query.asked()).await?;
    Ok(Fresh(Listed(page.map(VersionView::from))))
}

async fn show(call: Call<OneVersion>) -> Result<Fresh<Data<WholeVersionView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::get(&mut tx, &call.path.id).await?;
    let CourseVersion { summary, content } = courses::get_version(&mut tx, course.id, call.path.edition).await?;
    Ok(Fresh(Data(WholeVersionView { version: summary.into(), content })))
}

impl Sample for VersionView {
    fn sample() -> Self {
        Self {
            edition: 2,
            course_version: 7,
            changes: json!([{
                "object": "lesson", "id": sample::id::<id::Lesson>(), "change": "changed", "fields": ["title", "weight"],
            }]),
            note: Some("Two new lessons".into()),
            published_by: Some(sample::id()),
            published_at: sample::time(),
        }
    }
}

impl Sample for WholeVersionView {
    fn sample() -> Self {
        let course = json!({ "id": sample::id::<id::Course>(), "title": "Korean for beginners" });
        let content = json!({ "course": course, "lessons": [], "trainings": [], "items": [] });
        Self { version: VersionView::sample(), content }
    }
}
