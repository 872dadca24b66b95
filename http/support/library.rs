//! The platform's library: which institutions are one, and which courses of it others are given.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{
    Code, Error, Id, Key, Result, content::courses::CourseStatus, db::TenantTx, id, institutions, staff::StaffRole,
};
use stoa_record::library::{self, Share};

use super::TAG;
use crate::{
    App,
    body::NoBody,
    caller::Staff,
    doors::{Call, Done, Door, Listed, NoQuery, Put, Sample, sample},
    page::Paging,
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let library = "/api/support/institutions/{institution}/library";
    let shared = "/api/support/institutions/{institution}/shared-courses/{course}";
    vec![
        Door::put(library, mark).staffed_by(StaffRole::Operator).named(
            "makeLibrary",
            TAG,
            "Makes an institution a library of the platform, whose courses may be shared to others",
        ),
        Door::delete(library, unmark)
            .staffed_by(StaffRole::Operator)
            .named("endLibrary", TAG, "Makes an institution no longer a library; first its courses are taken back")
            .errors(&[Code::Conflict]),
        Door::get("/api/support/institutions/{institution}/shared-courses", list).named(
            "listSharedCourses",
            TAG,
            "Lists the courses of the library that an institution was given",
        ),
        Door::put(shared, share)
            .staffed_by(StaffRole::Operator)
            .named("shareCourse", TAG, "Gives an institution a copy of a course of the library, which follows it")
            .errors(&[Code::Conflict]),
        Door::delete(shared, end).staffed_by(StaffRole::Operator).named(
            "unshareCourse",
            TAG,
            "Takes a shared course back: the copy is archived, and learners keep their record",
        ),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id, number, slug, or `external_id:` and the operator's key of the institution.
    institution: Key<id::Institution>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneShare {
    /// Id, number, slug, or `external_id:` and the operator's key of the institution that is given the course.
    institution: Key<id::Institution>,
    /// Id of the course in the library.
    course: Id<id::Course>,
}

/// A course of the library that an institution was given.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SharedCourse")]
struct ShareView {
    /// The course in the library.
    source_id: Id<id::Course>,
    /// The institution's copy; null until the source is published for the first time.
    course_id: Option<Id<id::Course>>,
    /// Title of the copy.
    title: Option<String>,
    /// Status of the copy.
    status: Option<CourseStatus>,
    /// Published version of the source that it is a copy of.
    source_edition: Option<i32>,
    /// When it was shared.
    shared_at: DateTime<Utc>,
    /// When it was taken back.
    ended_at: Option<DateTime<Utc>>,
    /// When the content was last copied.
    copied_at: Option<DateTime<Utc>>,
}

impl From<Share> for ShareView {
    fn from(share: Share) -> Self {
        Self {
            source_id: share.source_id,
            course_id: share.course_id,
            title: share.title,
            status: share.status,
            source_edition: share.source_edition,
            shared_at: share.shared_at,
            ended_at: share.ended_at,
            copied_at: share.copied_at,
        }
    }
}

async fn mark(call: Call<OneInstitution, NoQuery, NoBody, Staff>) -> Result<Done> {
    set(&call.app, &call.scope, (&call.path.institution, true)).await
}

async fn unmark(call: Call<OneInstitution, NoQuery, NoBody, Staff>) -> Result<Done> {
    set(&call.app, &call.scope, (&call.path.institution, false)).await
}

async fn set(app: &App, staff: &Staff, (key, is_library): (&Key<id::Institution>, bool)) -> Result<Done> {
    let mut tx = begin(app, staff, key).await?;
    let mut house = app.db.house().await?;
    library::mark(&mut tx, &mut house, is_library).await?;
    house.commit().await?;
    tx.commit().await?;
    Ok(Done)
}

async fn list(call: Call<OneInstitution, Paging, NoBody, Staff>) -> Result<Listed<ShareView>> {
    let mut tx = begin(&call.app, &call.scope, &call.path.institution).await?;
    Ok(Listed(library::list(&mut tx, call.query.asked()).await?.map(ShareView::from)))
}

/// The copy is made at once, so that it can be shown; were it to fail, the job that follows sources makes it.
async fn share(call: Call<OneShare, NoQuery, NoBody, Staff>) -> Result<Put<ShareView>> {
    let (app, db) = (&call.app, &call.app.db);
    let mut tx = begin(app, &call.scope, &call.path.institution).await?;
    let mut house = db.house().await?;
    let source = library::source(&mut house, call.path.course).await?;
    house.commit().await?;
    let is_new = library::share(&mut tx, &source).await?;
    let copy = source.copy_of(tx.tenant());
    tx.commit().await?;
    library::follow(db, copy).await?;
    let mut tx = begin(app, &call.scope, &call.path.institution).await?;
    Ok(Put { data: library::get(&mut tx, source.id).await?.into(), is_new })
}

async fn end(call: Call<OneShare, NoQuery, NoBody, Staff>) -> Result<Done> {
    let mut tx = begin(&call.app, &call.scope, &call.path.institution).await?;
    library::end(&mut tx, call.path.course).await?;
    tx.commit().await?;
    Ok(Done)
}

/// Begins a transaction inside the institution that is named.
async fn begin(app: &App, staff: &Staff, key: &Key<id::Institution>) -> Result<TenantTx> {
    let mut house = app.db.house().await?;
    let found = institutions::find(&mut house, key).await?.ok_or_else(|| Error::not_found("institution"))?;
    house.commit().await?;
    app.db.tenant(&staff.on_behalf_of(found.tenant_id)).await
}

impl Sample for ShareView {
    fn sample() -> Self {
        Self {
            source_id: sample::id(),
            course_id: Some(sample::id()),
            title: Some("Korean for beginners".into()),
            status: Some(CourseStatus::Published),
            source_edition: Some(2),
            shared_at: sample::time(),
            ended_at: None,
            copied_at: Some(sample::time()),
        }
    }
}
