//! Courses: what a learner is enrolled on.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Key, Result,
    content::{
        Cefr,
        courses::{self, Course, CourseChange, CourseFilter, CourseSort, CourseStatus, NewCourse},
        outline,
    },
    fields::Fields,
    id, members,
    time::Timestamp,
};
use uuid::Uuid;

use super::{
    course_views::{CourseView, WholeCourseView},
    tombstone::{Row, Tombstone},
};
use crate::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, Fresh, Listed, NoPath, NoQuery},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Content";

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
            .errors(&[Code::Conflict]),
        Door::delete("/api/courses/{id}", remove).needs(Ability::ContentWrite).named(
            "deleteCourse",
            TAG,
            "Deletes a course with all that it holds",
        ),
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
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
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

fn row(course: Course) -> Row<CourseView> {
    match course.deleted_at {
        None => Row::Living(CourseView::of(course)),
        Some(deleted_at) => Row::Gone(Tombstone {
            id: course.id.to_string(),
            external_id: course.external_id,
            updated_at: course.updated_at,
            deleted_at,
        }),
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<Row<CourseView>>> {
    let request = asked(call.query.page, call.query.per_page);
    let filter = call.query.filter()?;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Listed(courses::list(&mut tx, &filter, request).await?.map(row)))
}

async fn show(call: Call<OneCourse>) -> Result<Fresh<Data<WholeCourseView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::get(&mut tx, &call.path.id).await?;
    let instructors: Vec<_> = course.instructor_ids.iter().map(|id| Key::Id(id::Id::from_uuid(*id))).collect();
    let instructors = members::find_all(&mut tx, &instructors).await?.into_iter().flatten().collect();
    let lessons = outline(&mut tx, course.id).await?;
    Ok(Fresh(Data(WholeCourseView::of(course, instructors, lessons, &call.scope))))
}

async fn create(call: Call<NoPath, NoQuery, NewCourse>) -> Result<Created<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::create(&mut tx, &call.scope, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/courses/{}", course.id), CourseView::of(course)))
}

async fn change(call: Call<OneCourse, NoQuery, CourseChange>) -> Result<Data<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::change(&mut tx, &call.scope, &call.path.id, call.body).await?;
    tx.commit().await?;
    Ok(Data(CourseView::of(course)))
}

async fn remove(call: Call<OneCourse>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    courses::remove(&mut tx, &call.path.id).await?;
    tx.commit().await?;
    Ok(Done)
}
