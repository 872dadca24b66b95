//! Training items: what a learner does.
//!
//! An answer key is the institution's own; it is kept as it is given and shown only to who may see answers.

mod commands;
mod queries;
mod rows;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use stoa_protocols::event::ItemKind;
use uuid::Uuid;

pub use commands::{change, create, remove};
pub use queries::{find, get, hold, list};
pub use rows::Item;

use super::{Cefr, POSITIONS, PartSort, TEXT_MAX};
use crate::{
    error::Result,
    fields::{Fields, given},
    id,
    key::Key,
};

/// Largest answer key, written as JSON.
const ANSWER_KEY_MAX_BYTES: usize = 65_536;
/// Highest score, and longest duration in seconds: twelve days.
const SCORE_MAX: f64 = 1_000_000.0;
const SECONDS_MAX: i32 = 1_000_000;

/// An item to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// The training.
    pub training_id: Key<id::Training>,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ItemKind,
    /// Shown to people, at most 255 characters.
    pub title: String,
    /// What the learner is asked; never the answer.
    #[serde(default)]
    pub prompt: Option<String>,
    /// Right answers in the institution's own form, at most 64 KiB.
    #[serde(default)]
    pub answer_key: Option<Value>,
    /// Order within the training, from 1; behind the last if left out. Equals keep the order of making.
    #[serde(default)]
    pub position: Option<i32>,
    /// Counts towards the lesson's progress; true if left out.
    #[serde(default)]
    pub required: Option<bool>,
    /// Highest raw score, above 0; left out if it is not scored.
    #[serde(default)]
    pub max_score: Option<f64>,
    /// Estimated.
    #[serde(default)]
    pub estimated_seconds: Option<i32>,
    /// Skills that it trains.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Level.
    #[serde(default)]
    pub cefr: Option<Cefr>,
    /// The institution's own key.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// What may be changed of an item; its kind may not. What is absent stays as it is; null empties a field that may be
/// empty.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ItemChange {
    /// Shown to people, at most 255 characters.
    #[serde(deserialize_with = "given")]
    pub title: Option<String>,
    /// What the learner is asked; never the answer.
    #[serde(deserialize_with = "given")]
    pub prompt: Option<String>,
    /// Right answers in the institution's own form, at most 64 KiB.
    #[serde(deserialize_with = "given")]
    pub answer_key: Option<Option<Value>>,
    /// Order within the training, from 1.
    #[serde(deserialize_with = "given")]
    pub position: Option<i32>,
    /// Counts towards the lesson's progress.
    #[serde(deserialize_with = "given")]
    pub required: Option<bool>,
    /// Highest raw score, above 0.
    #[serde(deserialize_with = "given")]
    pub max_score: Option<Option<f64>>,
    /// Estimated.
    #[serde(deserialize_with = "given")]
    pub estimated_seconds: Option<Option<i32>>,
    /// Skills that it trains.
    #[serde(deserialize_with = "given")]
    pub skills: Option<Vec<String>>,
    /// Level.
    #[serde(deserialize_with = "given")]
    pub cefr: Option<Option<Cefr>>,
    /// The institution's own key.
    #[serde(deserialize_with = "given")]
    pub external_id: Option<Option<String>>,
}

/// Which items are wanted.
#[derive(Debug, Clone, Default)]
pub struct ItemFilter {
    /// Of these trainings.
    pub trainings: Option<Vec<Uuid>>,
    /// Of trainings of these lessons.
    pub lessons: Option<Vec<Uuid>>,
    /// Of these courses.
    pub courses: Option<Vec<Uuid>>,
    /// Of this kind.
    pub kind: Option<ItemKind>,
    /// Changed then or later; the deleted come too, as tombstones.
    pub updated_since: Option<DateTime<Utc>>,
    /// One of these.
    pub ids: Option<Vec<Uuid>>,
    /// Training this skill.
    pub skill: Option<String>,
    /// Of this level.
    pub cefr: Option<Cefr>,
    /// In which order.
    pub sort: Option<PartSort>,
}

impl ItemChange {
    fn apply(self, item: &mut Item) {
        if let Some(title) = self.title {
            item.title = title;
        }
        if let Some(prompt) = self.prompt {
            item.prompt = prompt;
        }
        if let Some(skills) = self.skills {
            item.skills = skills;
        }
        item.answer_key = self.answer_key.unwrap_or_else(|| item.answer_key.take());
        item.position = self.position.unwrap_or(item.position);
        item.required = self.required.unwrap_or(item.required);
        item.max_score = self.max_score.unwrap_or(item.max_score);
        item.estimated_seconds = self.estimated_seconds.unwrap_or(item.estimated_seconds);
        item.cefr = self.cefr.unwrap_or(item.cefr);
        item.external_id = self.external_id.unwrap_or_else(|| item.external_id.take());
    }
}

/// Checks an item and writes its fields in their usual form.
fn check(item: &mut Item) -> Result<()> {
    let mut fields = Fields::new();
    fields.name("/title", &mut item.title);
    fields.text("/prompt", &mut item.prompt, TEXT_MAX);
    fields.within("/position", &item.position, &POSITIONS);
    if item.max_score.is_some_and(|score| !(score > 0.0 && score <= SCORE_MAX)) {
        fields.fault("/max_score", "range", format!("wanted above 0, at most {SCORE_MAX}"));
    }
    if let Some(seconds) = &item.estimated_seconds {
        fields.within("/estimated_seconds", seconds, &(0..=SECONDS_MAX));
    }
    if item.answer_key.as_ref().is_some_and(|key| key.to_string().len() > ANSWER_KEY_MAX_BYTES) {
        fields.fault("/answer_key", "length", format!("wanted at most {ANSWER_KEY_MAX_BYTES} bytes"));
    }
    fields.words("/skills", &mut item.skills);
    fields.external_id("/external_id", item.external_id.as_deref());
    fields.finish()
}
