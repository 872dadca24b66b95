//! Trainings: the blocks of a lesson.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, Id, Key, Result, Scope,
    content::{
        PartSort, TrainingOutline, courses, lessons,
        trainings::{self, NewTraining, Training, TrainingChange, TrainingFilter},
        trainings_with,
    },
    db::{Paged, TenantTx},
    id,
    time::Timestamp,
};

use super::{
    TAG,
    sparse::{Sparse, Wanted, bounded, ids_of},
    tombstone::{Row, Tombstone},
    views::TrainingRow,
};
use crate::{
    body::Body,
    doors::{Call, Changed, Created, Data, Done, Door, Fresh, IfMatch, Listed, NoPath, NoQuery, Sample, sample},
    page::{PageNumber, PerPage, asked},
};

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
            .errors(&[Code::Conflict, Code::PreconditionFailed]),
        Door::delete("/api/trainings/{id}", remove)
            .needs(Ability::ContentWrite)
            .named("deleteTraining", TAG, "Deletes a training with its items")
            .errors(&[Code::Conflict, Code::PreconditionFailed]),
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
    /// Of this kind.
    #[serde(default)]
    kind: Option<String>,
    /// These only, up to 100.
    #[serde(default)]
    ids: Option<Vec<Key<id::Training>>>,
    /// Changed then or later; what was deleted since comes as a tombstone.
    #[serde(default)]
    updated_since: Option<Timestamp>,
    /// In which order; that of the course if left out, by change with `updated_since`.
    #[serde(default)]
    sort: Option<PartSort>,
    /// What is shown of each beside its id; all fields if left out.
    #[serde(default)]
    fields: Option<Vec<String>>,
    /// What each holds: `items`. With it a page has at most 25 rows.
    #[serde(default)]
    include: Option<Vec<Include>>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

/// What a training holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IncludeOfTraining")]
enum Include {
    /// Its items.
    Items,
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
    /// It is a part of a course that the platform shares: only to be read.
    is_shared: bool,
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
            is_shared: training.source_id.is_some(),
            version: training.version,
            created_at: training.created_at,
            updated_at: training.updated_at,
        }
    }
}

fn row(outline: TrainingOutline, (includes, wanted, scope): (bool, &Wanted, &Scope)) -> Row<Sparse<TrainingRow>> {
    match outline.training.deleted_at {
        None => Row::Living(wanted.row(TrainingRow::of(outline, includes.then_some(scope)))),
        Some(deleted_at) => Row::Gone(Tombstone {
            id: outline.training.id.to_string(),
            external_id: outline.training.external_id,
            updated_at: outline.training.updated_at,
            deleted_at,
        }),
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Fresh<Listed<Row<Sparse<TrainingRow>>>>> {
    let query = call.query;
    let wanted = Wanted::of::<TrainingRow>(query.fields)?;
    let includes = query.include.is_some_and(|include| !include.is_empty());
    let request = bounded(asked(query.page, query.per_page), includes)?;
    let ids = ids_of(query.ids)?;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let lessons = match query.lesson_id {
        Some(key) => Some(vec![lessons::get(&mut tx, &key).await?.id.uuid()]),
        None => None,
    };
    let courses = match query.course_id {
        Some(key) => Some(vec![courses::get(&mut tx, &key).await?.id.uuid()]),
        None => None,
    };
    let updated_since = query.updated_since.map(Timestamp::utc);
    let filter = TrainingFilter { lessons, courses, updated_since, ids, kind: query.kind, sort: query.sort };
    let Paged { rows, total, request } = trainings::list(&mut tx, &filter, request).await?;
    let page = Paged { rows: trainings_with(&mut tx, rows, includes).await?, total, request };
    Ok(Fresh(Listed(page.map(|training| row(training, (includes, &wanted, &call.scope))))))
}

async fn show(call: Call<OneTraining>) -> Result<Fresh<Data<TrainingView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Fresh(Data(TrainingView::of(trainings::get(&mut tx, &call.path.id).await?))))
}

/// Holds the training where the caller says what it must be, and compares.
async fn compare(tx: &mut TenantTx, key: &Key<id::Training>, if_match: &IfMatch) -> Result<()> {
    if if_match.is_given() {
        let training = trainings::hold(tx, key).await?.ok_or_else(|| Error::not_found("training"))?;
        if_match.check(TrainingView::of(training))?;
    }
    Ok(())
}

async fn create(call: Call<NoPath, NoQuery, NewTraining>) -> Result<Created<TrainingView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let training = trainings::create(&mut tx, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/trainings/{}", training.id), TrainingView::of(training)))
}

async fn change(call: Call<OneTraining, NoQuery, TrainingChange>) -> Result<Changed<Data<TrainingView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    compare(&mut tx, &call.path.id, &call.if_match).await?;
    let training = trainings::change(&mut tx, &call.path.id, call.body).await?;
    tx.commit().await?;
    Ok(Changed(Data(TrainingView::of(training))))
}

async fn remove(call: Call<OneTraining>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    compare(&mut tx, &call.path.id, &call.if_match).await?;
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
            is_shared: false,
            version: 1,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
