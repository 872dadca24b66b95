//! Courses: what a learner is enrolled on.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, Key, Result, Scope,
    content::{
        Cefr, Depth,
        courses::{self, Course, CourseChange, CourseFilter, CourseSort, CourseStatus, NewCourse},
        outline_to,
    },
    db::TenantTx,
    fields::Fields,
    id, members,
    time::Timestamp,
};
use uuid::Uuid;

use super::{
    TAG,
    sparse::{Sparse, Wanted, bounded},
    tombstone::{Row, Tombstone},
    views::{CourseRow, CourseView, LessonRow, WholeCourseView},
};
use crate::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, Fresh, IfMatch, Listed, NoPath, NoQuery},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/courses", list).needs(Ability::ContentRead).named("listCourses", TAG, "Lists courses"),
        Door::post("/api/courses", create)
            .needs(Ability::ContentWrite)
            .named("createCourse", TAG, "Makes a course")
            .errors(&[Code::Conflict]),
        Door::get("/api/courses/{id}", show).needs(Ability::ContentRead).named(
            "getCourse",
            TAG,
            "Shows a course with its lessons, trainings and items",
        ),
        Door::patch("/api/courses/{id}", change)
            .needs(Ability::ContentWrite)
            .named("changeCourse", TAG, "Changes the fields of a course that are given, its status among them")
            .errors(&[Code::Conflict, Code::PreconditionFailed]),
        Door::delete("/api/courses/{id}", remove)
            .needs(Ability::ContentWrite)
            .named("deleteCourse", TAG, "Deletes a course with all that it holds")
            .errors(&[Code::Conflict, Code::PreconditionFailed]),
    ]
}

/// Which courses.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Of this status.
    #[serde(default)]
    status: Option<CourseStatus>,
    /// Of this language; `pt` also finds `pt-BR`.
    #[serde(default)]
    language: Option<String>,
    /// Leading through this level.
    #[serde(default)]
    cefr: Option<Cefr>,
    /// Of this category.
    #[serde(default)]
    category: Option<String>,
    /// Part of the title, the summary, the slug or the external id, in any case.
    #[serde(default)]
    q: Option<String>,
    /// Changed then or later; what was deleted since comes as a tombstone.
    #[serde(default)]
    updated_since: Option<Timestamp>,
    /// These only, up to 100: ids, or `external_id:` and the institution's own keys, with commas between them.
    #[serde(default)]
    ids: Option<Vec<Key<id::Course>>>,
    /// In which order; by age if left out, by change with `updated_since`.
    #[serde(default)]
    sort: Option<CourseSort>,
    /// What is shown of each beside its id; all fields if left out.
    #[serde(default)]
    fields: Option<Vec<String>>,
    /// What each holds: `lessons`, their `trainings`, and the `items` of those. With it a page has at most 25 rows.
    #[serde(default)]
    include: Option<Vec<Include>>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

/// What a course holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IncludeOfCourse")]
enum Include {
    /// Its lessons.
    Lessons,
    /// And their trainings.
    Trainings,
    /// And the items of those.
    Items,
}

/// How much of a course.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Extent {
    /// What is shown of it beside its id; all fields if left out.
    #[serde(default)]
    fields: Option<Vec<String>>,
    /// How deep it is shown: `lessons`, their `trainings`, or the `items` of those; all if left out.
    #[serde(default)]
    include: Option<Vec<Include>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneCourse {
    /// Id, slug, or `external_id:` and the institution's own key.
    id: Key<id::Course>,
}

impl Body for NewCourse {
    fn example() -> Value {
        json!({
            "title": "Korean for beginners", "summary": "From the first letter to the first talk.", "language": "ko",
            "cefr": { "from": "Pre-A1", "to": "A1" }, "category": "languages", "status": "published",
            "external_id": "korean-a1",
        })
    }
}

impl Body for CourseChange {
    fn example() -> Value {
        json!({ "title": "Korean for absolute beginners", "cover_url": null, "status": "submitted" })
    }
}

impl Listing {
    fn filter(self) -> Result<CourseFilter> {
        let (mut ids, mut external_ids): (Vec<Uuid>, Vec<String>) = (Vec::new(), Vec::new());
        let picked = self.ids.is_some();
        let mut fields = Fields::new();
        let keys = self.ids.unwrap_or_default();
        if keys.len() > 100 {
            fields.fault("?ids", "length", "wanted at most 100");
        }
        for key in keys {
            match key {
                Key::Id(id) => ids.push(id.uuid()),
                Key::ExternalId(external_id) => external_ids.push(external_id),
                Key::Word(_) => fields.fault("?ids", "format", "wanted ids of courses, or external_id: and a key"),
            }
        }
        fields.finish()?;
        let by_change = if self.updated_since.is_some() { CourseSort::Updated } else { CourseSort::Created };
        Ok(CourseFilter {
            status: self.status,
            language: self.language,
            cefr: self.cefr,
            category: self.category,
            q: self.q,
            updated_since: self.updated_since.map(Timestamp::utc),
            ids: picked.then_some(ids),
            external_ids: picked.then_some(external_ids),
            sort: self.sort.unwrap_or(by_change),
        })
    }
}

fn depth(include: Option<Vec<Include>>) -> Option<Depth> {
    Some(match include?.into_iter().max()? {
        Include::Lessons => Depth::Lessons,
        Include::Trainings => Depth::Trainings,
        Include::Items => Depth::Items,
    })
}

fn row(course: Course, lessons: Option<Vec<LessonRow>>, wanted: &Wanted) -> Row<Sparse<CourseRow>> {
    match course.deleted_at {
        None => Row::Living(wanted.row(CourseRow::of(course, lessons))),
        Some(deleted_at) => Row::Gone(Tombstone {
            id: course.id.to_string(),
            external_id: course.external_id,
            updated_at: course.updated_at,
            deleted_at,
        }),
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Fresh<Listed<Row<Sparse<CourseRow>>>>> {
    let mut query = call.query;
    let wanted = Wanted::of::<CourseRow>(query.fields.take())?;
    let depth = depth(query.include.take());
    let request = bounded(asked(query.page, query.per_page), depth.is_some())?;
    let filter = query.filter()?;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = courses::list(&mut tx, &filter, request).await?;
    let mut lessons_of: HashMap<_, Vec<LessonRow>> = HashMap::new();
    if let Some(depth) = depth {
        let courses: Vec<_> = page.rows.iter().map(|course| course.id).collect();
        for outline in outline_to(&mut tx, &courses, depth).await? {
            let lessons = lessons_of.entry(outline.lesson.course_id).or_default();
            lessons.push(LessonRow::of(outline, depth, &call.scope));
        }
    }
    let mut lessons = |course| depth.map(|_| lessons_of.remove(&course).unwrap_or_default());
    Ok(Fresh(Listed(page.map(|course| {
        let lessons = lessons(course.id);
        row(course, lessons, &wanted)
    }))))
}

async fn show(call: Call<OneCourse, Extent>) -> Result<Fresh<Data<Sparse<WholeCourseView>>>> {
    let wanted = Wanted::of::<WholeCourseView>(call.query.fields)?;
    let depth = depth(call.query.include).unwrap_or(Depth::Items);
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::get(&mut tx, &call.path.id).await?;
    Ok(Fresh(Data(wanted.row(whole(&mut tx, course, (depth, &call.scope)).await?))))
}

/// A course with all that it holds, as somebody may see it.
async fn whole(tx: &mut TenantTx, course: Course, (depth, to): (Depth, &Scope)) -> Result<WholeCourseView> {
    let instructors: Vec<_> = course.instructor_ids.iter().map(|id| Key::Id(id::Id::from_uuid(*id))).collect();
    let instructors = members::find_all(tx, &instructors).await?.into_iter().flatten().collect();
    let lessons = outline_to(tx, &[course.id], depth).await?;
    let lessons = lessons.into_iter().map(|lesson| LessonRow::of(lesson, depth, to)).collect();
    Ok(WholeCourseView::of(course, instructors, lessons))
}

/// Holds the course where the caller says what it must be, and compares.
async fn compare(tx: &mut TenantTx, key: &Key<id::Course>, (if_match, to): (&IfMatch, &Scope)) -> Result<()> {
    if if_match.is_given() {
        let course = courses::hold(tx, key).await?.ok_or_else(|| Error::not_found("course"))?;
        if_match.check(whole(tx, course, (Depth::Items, to)).await?)?;
    }
    Ok(())
}

async fn create(call: Call<NoPath, NoQuery, NewCourse>) -> Result<Created<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::create(&mut tx, &call.scope, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/courses/{}", course.id), CourseView::of(course)))
}

async fn change(call: Call<OneCourse, NoQuery, CourseChange>) -> Result<Data<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    compare(&mut tx, &call.path.id, (&call.if_match, &call.scope)).await?;
    let course = courses::change(&mut tx, &call.scope, &call.path.id, call.body).await?;
    tx.commit().await?;
    Ok(Data(CourseView::of(course)))
}

async fn remove(call: Call<OneCourse>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    compare(&mut tx, &call.path.id, (&call.if_match, &call.scope)).await?;
    courses::remove(&mut tx, &call.path.id).await?;
    tx.commit().await?;
    Ok(Done)
}
