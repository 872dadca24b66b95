//! The public catalogue: what an institution shows to everybody. Nobody has said who he is, so the institution is
//! named in the query or by the host below the server's own, and an institution that does not exist, is closed, or has
//! published nothing of that name is the same 404.
//!
//! A slug that a course had leads to the one that it has, for good: 301. A living course with that slug goes first.

use actix_web::{HttpResponse, http::header};
use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Error, Key, Result, Scope,
    content::{
        Cefr, CefrRange, Depth, LessonOutline,
        courses::{self, Course, CourseFilter, CourseStatus},
        outline_to,
    },
    db::TenantTx,
    id, institutions,
};

use crate::{
    App,
    doors::{Data, Door, Listed, NoPath, Public, Reply, Sample, Visit, Wire, sample},
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
    /// Whose: an institution's id, number, slug, or `external_id:` and the operator's key of it. May be left out where the
    /// host is the institution's own: its slug and a full stop before the server's.
    #[serde(default)]
    institution: Option<Key<id::Institution>>,
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
    /// An institution's id, number, slug, or `external_id:` and the operator's key of it. May be left out where the host is
    /// the institution's own: its slug and a full stop before the server's.
    #[serde(default)]
    institution: Option<Key<id::Institution>>,
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
    /// The same as a `Course` of schema.org, to be put into a page for search engines.
    json_ld: Value,
}

/// A course, or the way to where it is now.
enum Found<R> {
    Here(R),
    Moved { path: String },
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

impl<R: Reply> Reply for Found<R> {
    const STATUS: u16 = R::STATUS;
    const MEDIA: &'static str = R::MEDIA;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        R::shape(schemas)
    }

    fn example(path: &str) -> Option<Value> {
        R::example(path)
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        match self {
            Self::Here(reply) => reply.write(wire),
            Self::Moved { path } => {
                let query = if wire.query.is_empty() { String::new() } else { format!("?{}", wire.query) };
                let mut moved = HttpResponse::MovedPermanently();
                // Not for ever, as a redirect would be kept: another course may get the slug one day.
                moved.insert_header((header::CACHE_CONTROL, "public, max-age=60"));
                Ok(moved.insert_header((header::LOCATION, format!("{}{path}{query}", wire.base))).finish())
            }
        }
    }
}

/// A slug as it stands in an address.
fn escaped(slug: &str) -> String {
    let escape = |byte: u8| match byte {
        b'-' | b'0'..=b'9' | b'a'..=b'z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    slug.bytes().map(escape).collect()
}

/// # Source
/// schema.org, type `Course`.
fn json_ld(course: &Course, institution: &str) -> Value {
    json!({
        "@context": "https://schema.org", "@type": "Course", "name": course.title, "description": course.summary,
        "inLanguage": course.language, "educationalLevel": course.cefr_to, "image": course.cover_url,
        "timeRequired": format!("PT{}M", course.duration_minutes), "dateModified": course.updated_at,
        "provider": { "@type": "Organization", "name": institution },
    })
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

/// Goes behind the wall of an institution as the house, for what everybody may see; answers its name too.
async fn enter(app: &App, named: Option<Key<id::Institution>>, host: Option<&str>) -> Result<(TenantTx, String)> {
    let key = named.or_else(|| host.map(|slug| Key::Word(slug.to_owned())));
    let missing = || Error::invalid_field("?institution", "required", "wanted, as the host names no institution");
    let key = key.ok_or_else(missing)?;
    let mut house = app.db.house().await?;
    let found = institutions::find(&mut house, &key).await?;
    house.commit().await?;
    match found.filter(|institution| institution.status.is_open()) {
        Some(institution) => Ok((app.db.tenant(&Scope::house(institution.tenant_id)).await?, institution.name)),
        None => Err(Error::not_found("institution")),
    }
}

async fn list(call: Visit<NoPath, Listing>) -> Result<Public<Listed<PublicCourseView>>> {
    let Listing { institution, q, language, level, page, per_page } = call.query;
    let (mut tx, _) = enter(&call.app, institution, call.subdomain.as_deref()).await?;
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

async fn show(call: Visit<OneSlug, Whose>) -> Result<Found<Public<Data<PublicOutlineView>>>> {
    let (mut tx, name) = enter(&call.app, call.query.institution, call.subdomain.as_deref()).await?;
    // Only a slug opens here: ids and the institution's own keys are not for everybody.
    let Key::<id::Course>::Word(slug) = Key::read(&call.path.slug) else { return Err(Error::not_found("course")) };
    let found = courses::find(&mut tx, &Key::Word(slug.clone())).await?;
    let Some(course) = found.filter(|course| course.status == CourseStatus::Published) else {
        let present = courses::retired(&mut tx, &slug).await?.ok_or_else(|| Error::not_found("course"))?;
        return Ok(Found::Moved { path: format!("/api/public/courses/{}", escaped(&present)) });
    };
    let outline = outline_to(&mut tx, &[course.id], Depth::Trainings).await?;
    let outline = outline.into_iter().map(PublicLessonView::of).collect();
    let (json_ld, course) = (json_ld(&course, &name), PublicCourseView::of(course));
    Ok(Found::Here(Public(Data(PublicOutlineView { course, outline, json_ld }))))
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
        let course = json!({ "@context": "https://schema.org", "@type": "Course", "name": "Korean for beginners" });
        Self { course: PublicCourseView::sample(), outline: vec![lesson], json_ld: course }
    }
}
