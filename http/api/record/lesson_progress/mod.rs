//! Where learners stand in a course, lesson by lesson: one learner, or all of a group.

mod samples;
mod views;

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Ability, Code, Id, Key, Result,
    content::courses,
    enrolments::{EnrolmentFilter, EnrolmentStatus},
    groups, id,
};
use stoa_record::{
    lesson_progress,
    subject::{SubjectKey, subject},
};

pub(super) use views::SubjectView;
use views::{LessonProgressView, RowView};

use super::TAG;
use crate::{
    doors::{Call, Data, Door, Listed},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/courses/{course}/lesson-progress", show)
            .named(
                "getLessonProgress",
                TAG,
                "Shows where a learner stands in a course, lesson by lesson; that of others needs `progress:read`",
            )
            .errors(&[Code::AbilityMissing, Code::NotEnrolled, Code::SubjectRequired]),
        Door::get("/api/courses/{course}/lesson-progress/matrix", matrix).needs(Ability::ProgressRead).named(
            "listLessonProgress",
            TAG,
            "Shows where all learners of a course stand, or those of a group: a row for each, the longest there first",
        ),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneCourse {
    /// Id of the course, slug, or `external_id:` and the institution's own key.
    course: Key<id::Course>,
}

/// Whose progress; the caller's own if neither is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Whose {
    /// Id of the learner.
    #[serde(default)]
    user_id: Option<Id<id::User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    external_id: Option<String>,
}

/// Which learners.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Of this group or cohort: its id, or `external_id:` and the institution's own key; everybody on the course if
    /// left out.
    #[serde(default)]
    group: Option<Key<id::Group>>,
    /// Whose enrolment has this status; all but the removed if left out.
    #[serde(default)]
    status: Option<EnrolmentStatus>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

async fn show(call: Call<OneCourse, Whose>) -> Result<Data<LessonProgressView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let Whose { user_id, external_id } = call.query;
    let learner = subject(&mut tx, &call.scope, (SubjectKey { user_id, external_id }, Ability::ProgressRead)).await?;
    let course = courses::get(&mut tx, &call.path.course).await?;
    Ok(Data(LessonProgressView::of(lesson_progress::lesson_progress(&mut tx, &course, learner).await?)))
}

async fn matrix(call: Call<OneCourse, Listing>) -> Result<Listed<RowView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let Listing { group, status, page, per_page } = call.query;
    let course = courses::get(&mut tx, &call.path.course).await?;
    let group = match group {
        Some(key) => Some(groups::get(&mut tx, &key).await?.id),
        None => None,
    };
    let filter = EnrolmentFilter { status, updated_since: None, group };
    let matrix = lesson_progress::matrix(&mut tx, &course, &filter, asked(page, per_page)).await?;
    let now = tx.now();
    Ok(Listed(matrix.map(|row| RowView::of(row, now))))
}
