//! Lessons: the parts of a course.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Key, Result,
    content::{
        Cefr, courses,
        lessons::{self, Lesson, LessonChange, LessonFilter, NewLesson},
    },
    id,
    time::Timestamp,
};

use super::tombstone::{Row, Tombstone};
use crate::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, Fresh, Listed, NoPath, NoQuery, Sample, sample},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Content";

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
            .errors(&[Code::Conflict]),
        Door::delete("/api/lessons/{id}", remove).needs(Ability::ContentWrite).named(
            "deleteLesson",
            TAG,
            "Deletes a lesson with its trainings and items",
        ),
    ]
}

/// Which lessons.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Of this course: its id, slug, or `external_id:` and the institution's own key.
    #[serde(default)]
    course_id: Option<Key<id::Course>>,
    /// Changed then or later; what was deleted since comes as a tombstone.
    #[serde(default)]
    updated_since: Option<Timestamp>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
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
            version: lesson.version,
            created_at: lesson.created_at,
            updated_at: lesson.updated_at,
        }
    }
}

fn row(lesson: Lesson) -> Row<LessonView> {
    match lesson.deleted_at {
        None => Row::Living(LessonView::of(lesson)),
        Some(deleted_at) => Row::Gone(Tombstone {
            id: lesson.id.to_string(),
            external_id: lesson.external_id,
            updated_at: lesson.updated_at,
            deleted_at,
        }),
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<Row<LessonView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let Listing { course_id, updated_since, page, per_page } = call.query;
    let course = match course_id {
        Some(key) => Some(courses::get(&mut tx, &key).await?.id.uuid()),
        None => None,
    };
    let filter = LessonFilter { course, updated_since: updated_since.map(Timestamp::utc) };
    Ok(Listed(lessons::list(&mut tx, &filter, asked(page, per_page)).await?.map(row)))
}

async fn show(call: Call<OneLesson>) -> Result<Fresh<Data<LessonView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Fresh(Data(LessonView::of(lessons::get(&mut tx, &call.path.id).await?))))
}

async fn create(call: Call<NoPath, NoQuery, NewLesson>) -> Result<Created<LessonView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let lesson = lessons::create(&mut tx, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/lessons/{}", lesson.id), LessonView::of(lesson)))
}

async fn change(call: Call<OneLesson, NoQuery, LessonChange>) -> Result<Data<LessonView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let lesson = lessons::change(&mut tx, &call.path.id, call.body).await?;
    tx.commit().await?;
    Ok(Data(LessonView::of(lesson)))
}

async fn remove(call: Call<OneLesson>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
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
            version: 1,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
