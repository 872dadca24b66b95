//! Lessons: the parts of a course.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, Id, Key, Result, Scope,
    content::{
        Cefr, Depth, LessonOutline, PartSort, courses,
        lessons::{self, Lesson, LessonChange, LessonFilter, NewLesson},
        lessons_with,
    },
    db::{Paged, TenantTx},
    id,
    time::Timestamp,
};

use super::{
    TAG,
    sparse::{Sparse, Wanted, bounded, ids_of},
    tombstone::{Row, Tombstone},
    views::LessonRow,
};
use crate::{
    body::Body,
    doors::{Call, Changed, Created, Data, Done, Door, Fresh, IfMatch, Listed, NoPath, NoQuery, Sample, sample},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/lessons", list).needs(Ability::ContentRead).named(
            "listLessons",
            TAG,
            "Lists lessons in the order of their course, or by change with `updated_since`",
        ),
        Door::post("/api/lessons", create)
            .needs(Ability::ContentWrite)
            .named("createLesson", TAG, "Makes a lesson")
            .errors(&[Code::Conflict]),
        Door::get("/api/lessons/{id}", show).needs(Ability::ContentRead).named("getLesson", TAG, "Shows a lesson"),
        Door::patch("/api/lessons/{id}", change)
            .needs(Ability::ContentWrite)
            .named("changeLesson", TAG, "Changes the fields of a lesson that are given")
            .errors(&[Code::Conflict, Code::PreconditionFailed]),
        Door::delete("/api/lessons/{id}", remove)
            .needs(Ability::ContentWrite)
            .named("deleteLesson", TAG, "Deletes a lesson with its trainings and items")
            .errors(&[Code::Conflict, Code::PreconditionFailed]),
    ]
}

/// Which lessons.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Of this course: its id, slug, or `external_id:` and the institution's own key.
    #[serde(default)]
    course_id: Option<Key<id::Course>>,
    /// Of this type.
    #[serde(default, rename = "type")]
    kind: Option<String>,
    /// Required, or not.
    #[serde(default)]
    required: Option<bool>,
    /// Training this skill.
    #[serde(default)]
    skill: Option<String>,
    /// Of this level.
    #[serde(default)]
    cefr: Option<Cefr>,
    /// These only, up to 100.
    #[serde(default)]
    ids: Option<Vec<Key<id::Lesson>>>,
    /// Changed then or later; what was deleted since comes as a tombstone.
    #[serde(default)]
    updated_since: Option<Timestamp>,
    /// In which order; that of the course if left out, by change with `updated_since`.
    #[serde(default)]
    sort: Option<PartSort>,
    /// What is shown of each beside its id; all fields if left out.
    #[serde(default)]
    fields: Option<Vec<String>>,
    /// What each holds: `trainings`, and their `items`. With it a page has at most 25 rows.
    #[serde(default)]
    include: Option<Vec<Include>>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

/// What a lesson holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IncludeOfLesson")]
enum Include {
    /// Its trainings.
    Trainings,
    /// And their items.
    Items,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneLesson {
    /// Id, or `external_id:` and the institution's own key.
    id: Key<id::Lesson>,
}

impl Body for NewLesson {
    fn example() -> Value {
        json!({
            "course_id": "external_id:korean-a1", "title": "First words", "position": 1, "duration_minutes": 20,
            "skills": ["listening"], "cefr": "A1", "external_id": "korean-a1-1",
        })
    }
}

impl Body for LessonChange {
    fn example() -> Value {
        json!({ "title": "First words and greetings", "required": false, "duration_minutes": null })
    }
}

/// A lesson.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Lesson")]
pub(super) struct LessonView {
    /// Id.
    id: Id<id::Lesson>,
    /// Integer id.
    number: i64,
    /// The institution's own key.
    external_id: Option<String>,
    /// The course.
    course_id: Id<id::Course>,
    /// Order within the course, from 1.
    position: i32,
    /// Shown to people.
    title: String,
    /// Free word.
    #[serde(rename = "type")]
    kind: String,
    /// Estimated.
    duration_minutes: Option<i32>,
    /// Counts towards the course's progress.
    required: bool,
    /// Share in the course's progress.
    weight: i32,
    /// Has required items, by which a learner completes it.
    completable: bool,
    /// Skills that it trains.
    skills: Vec<String>,
    /// Level.
    cefr: Option<Cefr>,
    /// It is a part of a course that the platform shares: only to be read.
    is_shared: bool,
    /// Counts changes.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

impl LessonView {
    pub(super) fn of(lesson: Lesson) -> Self {
        Self {
            id: lesson.id,
            number: lesson.number,
            external_id: lesson.external_id,
            course_id: lesson.course_id,
            position: lesson.position,
            title: lesson.title,
            kind: lesson.kind,
            duration_minutes: lesson.duration_minutes,
            required: lesson.required,
            weight: lesson.weight,
            completable: lesson.completable,
            skills: lesson.skills,
            cefr: lesson.cefr,
            is_shared: lesson.source_id.is_some(),
            version: lesson.version,
            created_at: lesson.created_at,
            updated_at: lesson.updated_at,
        }
    }
}

fn row(lesson: LessonOutline, depth: Depth, (wanted, scope): (&Wanted, &Scope)) -> Row<Sparse<LessonRow>> {
    match lesson.lesson.deleted_at {
        None => Row::Living(wanted.row(LessonRow::of(lesson, depth, scope))),
        Some(deleted_at) => Row::Gone(Tombstone {
            id: lesson.lesson.id.to_string(),
            external_id: lesson.lesson.external_id,
            updated_at: lesson.lesson.updated_at,
            deleted_at,
        }),
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Fresh<Listed<Row<Sparse<LessonRow>>>>> {
    let query = call.query;
    let wanted = Wanted::of::<LessonRow>(query.fields)?;
    let depth = match query.include.and_then(|include| include.into_iter().max()) {
        None => Depth::Lessons,
        Some(Include::Trainings) => Depth::Trainings,
        Some(Include::Items) => Depth::Items,
    };
    let request = bounded(asked(query.page, query.per_page), depth > Depth::Lessons)?;
    let ids = ids_of(query.ids)?;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let courses = match query.course_id {
        Some(key) => Some(vec![courses::get(&mut tx, &key).await?.id.uuid()]),
        None => None,
    };
    let filter = LessonFilter {
        courses,
        updated_since: query.updated_since.map(Timestamp::utc),
        ids,
        kind: query.kind,
        required: query.required,
        skill: query.skill,
        cefr: query.cefr,
        sort: query.sort,
    };
    let Paged { rows, total, request } = lessons::list(&mut tx, &filter, request).await?;
    let page = Paged { rows: lessons_with(&mut tx, rows, depth).await?, total, request };
    Ok(Fresh(Listed(page.map(|lesson| row(lesson, depth, (&wanted, &call.scope))))))
}

async fn show(call: Call<OneLesson>) -> Result<Fresh<Data<LessonView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Fresh(Data(LessonView::of(lessons::get(&mut tx, &call.path.id).await?))))
}

/// Holds the lesson where the caller says what it must be, and compares.
async fn compare(tx: &mut TenantTx, key: &Key<id::Lesson>, if_match: &IfMatch) -> Result<()> {
    if if_match.is_given() {
        let lesson = lessons::hold(tx, key).await?.ok_or_else(|| Error::not_found("lesson"))?;
        if_match.check(LessonView::of(lesson))?;
    }
    Ok(())
}

async fn create(call: Call<NoPath, NoQuery, NewLesson>) -> Result<Created<LessonView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let lesson = lessons::create(&mut tx, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/lessons/{}", lesson.id), LessonView::of(lesson)))
}

async fn change(call: Call<OneLesson, NoQuery, LessonChange>) -> Result<Changed<Data<LessonView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    compare(&mut tx, &call.path.id, &call.if_match).await?;
    let lesson = lessons::change(&mut tx, &call.path.id, call.body).await?;
    tx.commit().await?;
    Ok(Changed(Data(LessonView::of(lesson))))
}

async fn remove(call: Call<OneLesson>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    compare(&mut tx, &call.path.id, &call.if_match).await?;
    lessons::remove(&mut tx, &call.path.id).await?;
    tx.commit().await?;
    Ok(Done)
}

impl Sample for LessonView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            number: 12,
            external_id: Some("korean-a1-1".into()),
            course_id: sample::id(),
            position: 1,
            title: "First words".into(),
            kind: "lesson".into(),
            duration_minutes: Some(20),
            required: true,
            weight: 1,
            completable: true,
            skills: vec!["listening".into()],
            cefr: Some(Cefr::A1),
            is_shared: false,
            version: 1,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
