//! Training items: what a learner does. Answer keys are shown only with `content:answers`.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, Id, Key, Result, Scope,
    content::{
        Cefr, PartSort, courses,
        items::{self, Item, ItemChange, ItemFilter, NewItem},
        lessons, trainings,
    },
    db::TenantTx,
    id,
    time::Timestamp,
};
use stoa_protocols::event::ItemKind;

use super::{
    TAG,
    sparse::{Sparse, Wanted, ids_of},
    tombstone::{Row, Tombstone},
};
use crate::{
    body::Body,
    doors::{Call, Changed, Created, Data, Done, Door, Fresh, IfMatch, Listed, NoPath, NoQuery, Sample, sample},
    page::{PageNumber, PerPage, asked},
};

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
            .errors(&[Code::Conflict, Code::PreconditionFailed]),
        Door::delete(one, remove)
            .needs(Ability::ContentWrite)
            .named(remove_name, TAG, "Deletes a training item")
            .errors(&[Code::Conflict, Code::PreconditionFailed]),
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
    /// Training this skill.
    #[serde(default)]
    skill: Option<String>,
    /// Of this level.
    #[serde(default)]
    cefr: Option<Cefr>,
    /// These only, up to 100.
    #[serde(default)]
    ids: Option<Vec<Key<id::Item>>>,
    /// Changed then or later; what was deleted since comes as a tombstone.
    #[serde(default)]
    updated_since: Option<Timestamp>,
    /// In which order; that of the course if left out, by change with `updated_since`.
    #[serde(default)]
    sort: Option<PartSort>,
    /// What is shown of each beside its id; all fields if left out.
    #[serde(default)]
    fields: Option<Vec<String>>,
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
    /// It is a part of a course that the platform shares: only to be read.
    is_shared: bool,
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
            is_shared: item.source_id.is_some(),
            version: item.version,
            created_at: item.created_at,
            updated_at: item.updated_at,
        }
    }
}

fn row(item: Item, (wanted, scope): (&Wanted, &Scope)) -> Row<Sparse<ItemView>> {
    match item.deleted_at {
        None => Row::Living(wanted.row(ItemView::of(item, scope))),
        Some(deleted_at) => Row::Gone(Tombstone {
            id: item.id.to_string(),
            external_id: item.external_id,
            updated_at: item.updated_at,
            deleted_at,
        }),
    }
}

async fn filter(tx: &mut TenantTx, listing: Listing) -> Result<ItemFilter> {
    let ids = ids_of(listing.ids)?;
    let trainings = match listing.training_id {
        Some(key) => Some(vec![trainings::get(tx, &key).await?.id.uuid()]),
        None => None,
    };
    let lessons = match listing.lesson_id {
        Some(key) => Some(vec![lessons::get(tx, &key).await?.id.uuid()]),
        None => None,
    };
    let courses = match listing.course_id {
        Some(key) => Some(vec![courses::get(tx, &key).await?.id.uuid()]),
        None => None,
    };
    Ok(ItemFilter {
        trainings,
        lessons,
        courses,
        kind: listing.kind,
        updated_since: listing.updated_since.map(Timestamp::utc),
        ids,
        skill: listing.skill,
        cefr: listing.cefr,
        sort: listing.sort,
    })
}

async fn list(call: Call<NoPath, Listing>) -> Result<Fresh<Listed<Row<Sparse<ItemView>>>>> {
    let mut query = call.query;
    let wanted = Wanted::of::<ItemView>(query.fields.take())?;
    let request = asked(query.page, query.per_page);
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let filter = filter(&mut tx, query).await?;
    let page = items::list(&mut tx, &filter, request).await?;
    Ok(Fresh(Listed(page.map(|item| row(item, (&wanted, &call.scope))))))
}

async fn show(call: Call<OneItem>) -> Result<Fresh<Data<ItemView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Fresh(Data(ItemView::of(items::get(&mut tx, &call.path.id).await?, &call.scope))))
}

/// Holds the item where the caller says what it must be, and compares.
async fn compare(tx: &mut TenantTx, key: &Key<id::Item>, (if_match, scope): (&IfMatch, &Scope)) -> Result<()> {
    if if_match.is_given() {
        let item = items::hold(tx, key).await?.ok_or_else(|| Error::not_found("training item"))?;
        if_match.check(ItemView::of(item, scope))?;
    }
    Ok(())
}

async fn create(call: Call<NoPath, NoQuery, NewItem>) -> Result<Created<ItemView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let item = items::create(&mut tx, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/trainingItems/{}", item.id), ItemView::of(item, &call.scope)))
}

async fn change(call: Call<OneItem, NoQuery, ItemChange>) -> Result<Changed<Data<ItemView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    compare(&mut tx, &call.path.id, (&call.if_match, &call.scope)).await?;
    let item = items::change(&mut tx, &call.path.id, call.body).await?;
    tx.commit().await?;
    Ok(Changed(Data(ItemView::of(item, &call.scope))))
}

async fn remove(call: Call<OneItem>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    compare(&mut tx, &call.path.id, (&call.if_match, &call.scope)).await?;
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
            is_shared: false,
            version: 1,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
