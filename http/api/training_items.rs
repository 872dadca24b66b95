//! Training items: what a learner does. Answer keys are shown only with `content:answers`.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Key, Result, Scope,
    content::{
        Cefr, courses,
        items::{self, Item, ItemChange, ItemFilter, NewItem},
        lessons, trainings,
    },
    db::TenantTx,
    id,
    time::Timestamp,
};
use stoa_protocols::event::ItemKind;

use super::tombstone::{Row, Tombstone};
use crate::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, Fresh, Listed, NoPath, NoQuery, Sample, sample},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Content";

/// The doors, under the path of the source system and under one in the style of the others.
pub(super) fn doors() -> Vec<Door> {
    let camel = doors_at(
        "/api/trainingItems",
        "/api/trainingItems/{id}",
        ["listTrainingItems", "createTrainingItem", "getTrainingItem", "changeTrainingItem", "deleteTrainingItem"],
    );
    let kebab = doors_at(
        "/api/training-items",
        "/api/training-items/{id}",
        [
            "listTrainingItemsKebab",
            "createTrainingItemKebab",
            "getTrainingItemKebab",
            "changeTrainingItemKebab",
            "deleteTrainingItemKebab",
        ],
    );
    camel.into_iter().chain(kebab).collect()
}

fn doors_at(all: &'static str, one: &'static str, names: [&'static str; 5]) -> [Door; 5] {
    let [list_name, create_name, show_name, change_name, remove_name] = names;
    [
        Door::get(all, list).needs(Ability::ContentRead).named(
            list_name,
            TAG,
            "Lists training items in the order of their training, or by change with `updated_since`",
        ),
        Door::post(all, create)
            .needs(Ability::ContentWrite)
            .named(create_name, TAG, "Makes a training item")
            .errors(&[Code::Conflict]),
        Door::get(one, show).needs(Ability::ContentRead).named(show_name, TAG, "Shows a training item"),
        Door::patch(one, change)
            .needs(Ability::ContentWrite)
            .named(change_name, TAG, "Changes the fields of a training item that are given")
            .errors(&[Code::Conflict]),
        Door::delete(one, remove).needs(Ability::ContentWrite).named(remove_name, TAG, "Deletes a training item"),
    ]
}

/// Which items.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Of this training: its id, or `external_id:` and the institution's own key.
    #[serde(default)]
    training_id: Option<Key<id::Training>>,
    /// Of trainings of this lesson: its id, or `external_id:` and the institution's own key.
    #[serde(default)]
    lesson_id: Option<Key<id::Lesson>>,
    /// Of lessons of this course: its id, slug, or `external_id:` and the institution's own key.
    #[serde(default)]
    course_id: Option<Key<id::Course>>,
    /// Of this kind.
    #[serde(default, rename = "type")]
    kind: Option<ItemKind>,
    /// Changed then or later; what was deleted since comes as a tombstone.
    #[serde(default)]
    updated_since: Option<Timestamp>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneItem {
    /// Id, or `external_id:` and the institution's own key.
    id: Key<id::Item>,
}

impl Body for NewItem {
    fn example() -> Value {
        json!({
            "training_id": "external_id:korean-a1-1-1", "type": "quiz", "title": "Greetings",
            "prompt": "What do you say in the morning?", "answer_key": { "right": "annyeong" }, "max_score": 10.0,
            "estimated_seconds": 60, "skills": ["reading"], "cefr": "A1", "external_id": "korean-a1-1-1-1",
        })
    }
}

impl Body for ItemChange {
    fn example() -> Value {
        json!({ "prompt": "What do you say in the evening?", "answer_key": null, "max_score": 5.0 })
    }
}

/// A training item.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TrainingItem")]
pub(super) struct ItemView {
    /// Id.
    id: Id<id::Item>,
    /// Integer id.
    number: i64,
    /// The institution's own key.
    external_id: Option<String>,
    /// The training.
    training_id: Id<id::Training>,
    /// Order within the training, from 1.
    position: i32,
    /// Its kind.
    #[serde(rename = "type")]
    kind: ItemKind,
    /// Shown to people.
    title: String,
    /// What the learner is asked.
    prompt: String,
    /// Right answers in the institution's own form; only with `content:answers`, and only if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_key: Option<Value>,
    /// Counts towards the lesson's progress.
    required: bool,
    /// Highest raw score; null if it is not scored.
    max_score: Option<f64>,
    /// Estimated.
    estimated_seconds: Option<i32>,
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

impl ItemView {
    pub(super) fn of(item: Item, scope: &Scope) -> Self {
        Self {
            id: item.id,
            number: item.number,
            external_id: item.external_id,
            training_id: item.training_id,
            position: item.position,
            kind: item.kind,
            title: item.title,
            prompt: item.prompt,
            answer_key: item.answer_key.filter(|_| scope.may(Ability::ContentAnswers)),
            required: item.required,
            max_score: item.max_score,
            estimated_seconds: item.estimated_seconds,
            skills: item.skills,
            cefr: item.cefr,
            version: item.version,
            created_at: item.created_at,
            updated_at: item.updated_at,
        }
    }
}

fn row(item: Item, scope: &Scope) -> Row<ItemView> {
    match item.deleted_at {
        None => Row::Living(ItemView::of(item, scope)),
        Some(deleted_at) => Row::Gone(Tombstone {
            id: item.id.to_string(),
            external_id: item.external_id,
            updated_at: item.updated_at,
            deleted_at,
        }),
    }
}

async fn filter(tx: &mut TenantTx, listing: Listing) -> Result<ItemFilter> {
    let training = match listing.training_id {
        Some(key) => Some(trainings::get(tx, &key).await?.id.uuid()),
        None => None,
    };
    let lesson = match listing.lesson_id {
        Some(key) => Some(lessons::get(tx, &key).await?.id.uuid()),
        None => None,
    };
    let course = match listing.course_id {
        Some(key) => Some(courses::get(tx, &key).await?.id.uuid()),
        None => None,
    };
    let updated_since = listing.updated_since.map(Timestamp::utc);
    Ok(ItemFilter { training, lesson, course, kind: listing.kind, updated_since })
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<Row<ItemView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let request = asked(call.query.page, call.query.per_page);
    let filter = filter(&mut tx, call.query).await?;
    Ok(Listed(items::list(&mut tx, &filter, request).await?.map(|item| row(item, &call.scope))))
}

async fn show(call: Call<OneItem>) -> Result<Fresh<Data<ItemView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Fresh(Data(ItemView::of(items::get(&mut tx, &call.path.id).await?, &call.scope))))
}

async fn create(call: Call<NoPath, NoQuery, NewItem>) -> Result<Created<ItemView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let item = items::create(&mut tx, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/trainingItems/{}", item.id), ItemView::of(item, &call.scope)))
}

async fn change(call: Call<OneItem, NoQuery, ItemChange>) -> Result<Data<ItemView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let item = items::change(&mut tx, &call.path.id, call.body).await?;
    tx.commit().await?;
    Ok(Data(ItemView::of(item, &call.scope)))
}

async fn remove(call: Call<OneItem>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    items::remove(&mut tx, &call.path.id).await?;
    tx.commit().await?;
    Ok(Done)
}

impl Sample for ItemView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            number: 91,
            external_id: Some("korean-a1-1-1-1".into()),
            training_id: sample::id(),
            position: 1,
            kind: ItemKind::Quiz,
            title: "Greetings".into(),
            prompt: "What do you say in the morning?".into(),
            answer_key: None,
            required: true,
            max_score: Some(10.0),
            estimated_seconds: Some(60),
            skills: vec!["reading".into()],
            cefr: Some(Cefr::A1),
            version: 1,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
