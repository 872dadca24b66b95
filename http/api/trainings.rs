//! Trainings: the blocks of a lesson.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Key, Result,
    content::{
        courses, lessons,
        trainings::{self, NewTraining, Training, TrainingChange, TrainingFilter},
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
        Door::get("/api/trainings", list).needs(Ability::ContentRead).named(
            "listTrainings",
            TAG,
            "Lists trainings in the order of their lesson, or by change with `updated_since`",
        ),
        Door::post("/api/trainings", create)
            .needs(Ability::ContentWrite)
            .named("createTraining", TAG, "Makes a training")
            .errors(&[Code::Conflict]),
        Door::get("/api/trainings/{id}", show).needs(Ability::ContentRead).named(
            "getTraining",
            TAG,
            "Shows a training",
        ),
        Door::patch("/api/trainings/{id}", change)
            .needs(Ability::ContentWrite)
            .named("changeTraining", TAG, "Changes the fields of a training that are given")
            .errors(&[Code::Conflict]),
        Door::delete("/api/trainings/{id}", remove).needs(Ability::ContentWrite).named(
            "deleteTraining",
            TAG,
            "Deletes a training with its items",
        ),
    ]
}

/// Which trainings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Of this lesson: its id, or `external_id:` and the institution's own key.
    #[serde(default)]
    lesson_id: Option<Key<id::Lesson>>,
    /// Of lessons of this course: its id, slug, or `external_id:` and the institution's own key.
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
struct OneTraining {
    /// Id, or `external_id:` and the institution's own key.
    id: Key<id::Training>,
}

impl Body for NewTraining {
    fn example() -> Value {
        json!({
            "lesson_id": "external_id:korean-a1-1", "title": "Listen and repeat", "kind": "practice",
            "pass_score": 7000, "external_id": "korean-a1-1-1",
        })
    }
}

impl Body for TrainingChange {
    fn example() -> Value {
        json!({ "title": "Listen, repeat, write", "position": 2, "pass_score": null })
    }
}

/// A training.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Training")]
pub(super) struct TrainingView {
    /// Id.
    id: Id<id::Training>,
    /// The institution's own key.
    external_id: Option<String>,
    /// The lesson.
    lesson_id: Id<id::Lesson>,
    /// Order within the lesson, from 1.
    position: i32,
    /// Shown to people.
    title: String,
    /// Free word.
    kind: String,
    /// Items in it.
    item_count: i64,
    /// Score to pass, in basis points of the highest; null if nothing is to be passed.
    pass_score: Option<i32>,
    /// Counts changes.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

impl TrainingView {
    pub(super) fn of(training: Training) -> Self {
        Self {
            id: training.id,
            external_id: training.external_id,
            lesson_id: training.lesson_id,
            position: training.position,
            title: training.title,
            kind: training.kind,
            item_count: training.item_count,
            pass_score: training.pass_score,
            version: training.version,
            created_at: training.created_at,
            updated_at: training.updated_at,
        }
    }
}

fn row(training: Training) -> Row<TrainingView> {
    match training.deleted_at {
        None => Row::Living(TrainingView::of(training)),
        Some(deleted_at) => Row::Gone(Tombstone {
            id: training.id.to_string(),
            external_id: training.external_id,
            updated_at: training.updated_at,
            deleted_at,
        }),
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<Row<TrainingView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let Listing { lesson_id, course_id, updated_since, page, per_page } = call.query;
    let lesson = match lesson_id {
        Some(key) => Some(lessons::get(&mut tx, &key).await?.id.uuid()),
        None => None,
    };
    let course = match course_id {
        Some(key) => Some(courses::get(&mut tx, &key).await?.id.uuid()),
        None => None,
    };
    let filter = TrainingFilter { lesson, course, updated_since: updated_since.map(Timestamp::utc) };
    Ok(Listed(trainings::list(&mut tx, &filter, asked(page, per_page)).await?.map(row)))
}

async fn show(call: Call<OneTraining>) -> Result<Fresh<Data<TrainingView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Fresh(Data(TrainingView::of(trainings::get(&mut tx, &call.path.id).await?))))
}

async fn create(call: Call<NoPath, NoQuery, NewTraining>) -> Result<Created<TrainingView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let training = trainings::create(&mut tx, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/trainings/{}", training.id), TrainingView::of(training)))
}

async fn change(call: Call<OneTraining, NoQuery, TrainingChange>) -> Result<Data<TrainingView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let training = trainings::change(&mut tx, &call.path.id, call.body).await?;
    tx.commit().await?;
    Ok(Data(TrainingView::of(training)))
}

async fn remove(call: Call<OneTraining>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    trainings::remove(&mut tx, &call.path.id).await?;
    tx.commit().await?;
    Ok(Done)
}

impl Sample for TrainingView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            external_id: Some("korean-a1-1-1".into()),
            lesson_id: sample::id(),
            position: 1,
            title: "Listen and repeat".into(),
            kind: "practice".into(),
            item_count: 4,
            pass_score: Some(7_000),
            version: 1,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
