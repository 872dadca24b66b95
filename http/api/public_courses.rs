//! The public catalogue: what an institution shows to everybody. Nobody has said who he is, so the institution is
//! named in the query, and an institution that does not exist, is closed, or has published nothing of that name is
//! the same 404.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{
    Error, Key, Result, Scope,
    content::{
        Cefr, CefrRange, LessonOutline,
        courses::{self, Course, CourseFilter, CourseStatus},
        outline,
    },
    db::TenantTx,
    id, institutions,
};

use crate::{
    App,
    doors::{Data, Door, Listed, NoPath, Public, Sample, Visit, sample},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Public catalogue";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/public/courses", list).named(
            "listPublicCourses",
            TAG,
            "Lists the published courses of an institution, by title",
        ),
        Door::get("/api/public/courses/{slug}", show).named(
            "getPublicCourse",
            TAG,
            "Shows a published course and the titles of its lessons",
        ),
    ]
}

/// Which courses.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Whose: an institution's id, number, or `external_id:` and the operator's key of it.
    institution: Key<id::Institution>,
    /// Part of the title, the summary or the slug, in any case.
    #[serde(default)]
    q: Option<String>,
    /// Of this language; `pt` also finds `pt-BR`.
    #[serde(default)]
    language: Option<String>,
    /// Leading through this level.
    #[serde(default)]
    level: Option<Cefr>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

/// Whose course.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Whose {
    /// An institution's id, number, or `external_id:` and the operator's key of it.
    institution: Key<id::Institution>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneSlug {
    /// Slug of the course.
    slug: String,
}

/// A published course.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PublicCourse")]
struct PublicCourseView {
    /// Readable part of its address.
    slug: String,
    /// Shown to people.
    title: String,
    /// One paragraph, plain text.
    summary: String,
    /// Tag of the language that is taught.
    language: String,
    /// From which level to which it leads.
    cefr: CefrRange,
    /// Free word of the institution.
    category: Option<String>,
    /// Estimated.
    duration_minutes: i64,
    /// Lessons in it.
    lesson_count: i64,
    /// Picture.
    cover_url: Option<String>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// A published course with the titles of what it holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PublicCourseOutline")]
struct PublicOutlineView {
    #[serde(flatten)]
    course: PublicCourseView,
    /// Its lessons, in order.
    outline: Vec<PublicLessonView>,
}

/// A lesson, by title.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PublicLesson")]
struct PublicLessonView {
    /// Shown to people.
    title: String,
    /// Estimated.
    duration_minutes: Option<i32>,
    /// Titles of its trainings, in order.
    trainings: Vec<String>,
}

impl PublicCourseView {
    fn of(course: Course) -> Self {
        Self {
            cefr: course.cefr(),
            slug: course.slug,
            title: course.title,
            summary: course.summary,
            language: course.language,
            category: course.category,
            duration_minutes: course.duration_minutes,
            lesson_count: course.lesson_count,
            cover_url: course.cover_url,
            updated_at: course.updated_at,
        }
    }
}

impl PublicLessonView {
    fn of(LessonOutline { lesson, trainings }: LessonOutline) -> Self {
        let trainings = trainings.into_iter().map(|outline| outline.training.title).collect();
        Self { title: lesson.title, duration_minutes: lesson.duration_minutes, trainings }
    }
}

/// Goes behind the wall of an institution as the house, for what everybody may see.
async fn enter(app: &App, key: &Key<id::Institution>) -> Result<TenantTx> {
    let mut house = app.db.house().await?;
    let found = institutions::find(&mut house, key).await?;
    house.commit().await?;
    match found.filter(|institution| institution.status.is_open()) {
        Some(institution) => app.db.tenant(&Scope::house(institution.tenant_id)).await,
        None => Err(Error::not_found("institution")),
    }
}

async fn list(call: Visit<NoPath, Listing>) -> Result<Public<Listed<PublicCourseView>>> {
    let Listing { institution, q, language, level, page, per_page } = call.query;
    let mut tx = enter(&call.app, &institution).await?;
    let filter = CourseFilter {
        status: Some(CourseStatus::Published),
        language,
        cefr: level,
        q,
        sort: courses::CourseSort::Title,
        ..CourseFilter::default()
    };
    let page = courses::list(&mut tx, &filter, asked(page, per_page)).await?;
    Ok(Public(Listed(page.map(PublicCourseView::of))))
}

async fn show(call: Visit<OneSlug, Whose>) -> Result<Public<Data<PublicOutlineView>>> {
    let mut tx = enter(&call.app, &call.query.institution).await?;
    // Only a slug opens here: ids and the institution's own keys are not for everybody.
    let found = match Key::read(&call.path.slug) {
        slug @ Key::Word(_) => courses::find(&mut tx, &slug).await?,
        Key::Id(_) | Key::ExternalId(_) => None,
    };
    let course = found.filter(|course| course.status == CourseStatus::Published);
    let course = course.ok_or_else(|| Error::not_found("course"))?;
    let outline = outline(&mut tx, course.id).await?.into_iter().map(PublicLessonView::of).collect();
    Ok(Public(Data(PublicOutlineView { course: PublicCourseView::of(course), outline })))
}

impl Sample for PublicCourseView {
    fn sample() -> Self {
        Self {
            slug: "korean-for-beginners".into(),
            title: "Korean for beginners".into(),
            summary: "From the first letter to the first talk.".into(),
            language: "ko".into(),
            cefr: CefrRange { from: Some(Cefr::PreA1), to: Some(Cefr::A1) },
            category: Some("languages".into()),
            duration_minutes: 20,
            lesson_count: 1,
            cover_url: None,
            updated_at: sample::time(),
        }
    }
}

impl Sample for PublicOutlineView {
    fn sample() -> Self {
        let lesson = PublicLessonView {
            title: "First words".into(),
            duration_minutes: Some(20),
            trainings: vec!["Listen and repeat".into()],
        };
        Self { course: PublicCourseView::sample(), outline: vec![lesson] }
    }
}
