//! Courses, their sections and their one session, for clients that turn the ids of a statistic into names.
//!
//! Not here: our own, fuller surface of the same (`http::api::courses`).
//!
//! # Source
//! The paths that `nelyj/teachbaser`, `cepjant/teachbaseclient` and `Alexander-Fedorovtsev/teachbase_apiclient` call.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Ability, Error, Id, Key, Result,
    content::{
        courses::{self, Course, CourseFilter},
        lessons::{self, LessonFilter},
        totals,
    },
    db::{Paged, TenantTx},
    id::User,
    institutions,
    members::{self, Member},
};

use super::{
    TAG,
    client::Client,
    reply::{Bare, Listing, Rows, TokenOnly},
    views::{Around, CourseView, SectionView, SessionView},
};
use crate::{
    body::NoBody,
    doors::{Call, Door, NoPath},
};

pub(super) fn doors() -> Vec<Door> {
    let doors = [
        Door::get("/endpoint/v1/courses", list).named("listEndpointCourses", TAG, "Lists the courses"),
        Door::get("/endpoint/v1/courses/{course_id}", show).named("getEndpointCourse", TAG, "Shows a course"),
        Door::get("/endpoint/v1/courses/{course_id}/sections", sections).named(
            "listSections",
            TAG,
            "Lists the sections of a course, in order",
        ),
        Door::get("/endpoint/v1/courses/{course_id}/course_sessions", sessions).named(
            "listCourseSessions",
            TAG,
            "Lists the sessions of a course: the one that each has",
        ),
    ];
    doors.into_iter().map(|door| door.needs(Ability::ContentRead)).collect()
}

/// A course, by its integer id.
#[derive(Debug, Deserialize, JsonSchema)]
struct OneCourse {
    /// Integer id of the course.
    course_id: i64,
}

async fn list(call: Call<NoPath, Listing, NoBody, Client>) -> Result<Rows<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope.0).await?;
    let found = courses::list(&mut tx, &CourseFilter::default(), call.query.asked()).await?;
    let rows = with_surroundings(&mut tx, &found.rows, CourseView::of).await?;
    Ok(Rows(Paged { rows, total: found.total, request: found.request }))
}

async fn show(call: Call<OneCourse, TokenOnly, NoBody, Client>) -> Result<Bare<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope.0).await?;
    let course = courses::get_numbered(&mut tx, call.path.course_id).await?;
    let mut shown = with_surroundings(&mut tx, &[course], CourseView::of).await?;
    shown.pop().map(Bare).ok_or_else(|| Error::not_found("course"))
}

async fn sections(call: Call<OneCourse, Listing, NoBody, Client>) -> Result<Rows<SectionView>> {
    let mut tx = call.app.db.tenant(&call.scope.0).await?;
    let course = courses::get_numbered(&mut tx, call.path.course_id).await?;
    let filter = LessonFilter { courses: Some(vec![course.id.uuid()]), ..LessonFilter::default() };
    let found = lessons::list(&mut tx, &filter, call.query.asked()).await?;
    Ok(Rows(found.map(|lesson| SectionView::of(lesson, course.number))))
}

async fn sessions(call: Call<OneCourse, Listing, NoBody, Client>) -> Result<Rows<SessionView>> {
    let mut tx = call.app.db.tenant(&call.scope.0).await?;
    let course = courses::get_numbered(&mut tx, call.path.course_id).await?;
    let mut rows = with_surroundings(&mut tx, &[course], SessionView::of).await?;
    let request = call.query.asked();
    if request.offset() > 0 {
        rows.clear();
    }
    Ok(Rows(Paged { rows, total: 1, request }))
}

/// Shows courses with all that is told around them, by one statement for each kind of thing.
async fn with_surroundings<T>(
    tx: &mut TenantTx,
    found: &[Course],
    show: impl Fn(&Course, Around<'_>) -> T,
) -> Result<Vec<T>> {
    let tenant = tx.tenant();
    let account = institutions::own(tx, &Key::Id(tenant)).await?.number;
    let totals = totals(tx, &found.iter().map(|course| course.id).collect::<Vec<_>>()).await?;
    let people = people(tx, found).await?;
    let shown = found.iter().map(|course| {
        let around = Around {
            account,
            totals: totals.get(&course.id).copied().unwrap_or_default(),
            owner: course.author_id.and_then(|author| people.get(&author)),
            authors: course.instructor_ids.iter().filter_map(|id| people.get(&Id::from_uuid(*id))).collect(),
        };
        show(course, around)
    });
    Ok(shown.collect())
}

async fn people(tx: &mut TenantTx, found: &[Course]) -> Result<HashMap<Id<User>, Member>> {
    let named = found.iter().flat_map(|course| {
        course.author_id.into_iter().chain(course.instructor_ids.iter().map(|id| Id::from_uuid(*id)))
    });
    let mut ids: Vec<Id<User>> = named.collect();
    ids.sort_unstable();
    ids.dedup();
    let keys: Vec<Key<User>> = ids.into_iter().map(Key::Id).collect();
    let members = members::find_all(tx, &keys).await?;
    Ok(members.into_iter().flatten().map(|member| (member.id, member)).collect())
}
