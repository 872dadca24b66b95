//! The rows of training items.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    deserialize::{self, FromSql},
    pg::{Pg, PgValue},
    sql_types::{Array, BigInt, Bool, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde_json::Value;
use stoa_protocols::event::{ItemFacts, ItemKind};
use uuid::Uuid;

use crate::{
    content::Cefr,
    id::{self, Id},
};

/// What a learner does.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Item {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Item>,
    /// Integer id.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// The training.
    #[diesel(sql_type = SqlUuid)]
    pub training_id: Id<id::Training>,
    /// The institution's own key.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    /// Its kind.
    #[diesel(sql_type = Text, deserialize_as = KindColumn)]
    pub kind: ItemKind,
    /// Shown to people.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// What the learner is asked.
    #[diesel(sql_type = Text)]
    pub prompt: String,
    /// Right answers in the institution's own form.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub answer_key: Option<Value>,
    /// Order within the training, from 1.
    #[diesel(sql_type = Integer)]
    pub position: i32,
    /// Counts towards the lesson's progress.
    #[diesel(sql_type = Bool)]
    pub required: bool,
    /// Highest raw score.
    #[diesel(sql_type = Nullable<Double>)]
    pub max_score: Option<f64>,
    /// Estimated.
    #[diesel(sql_type = Nullable<Integer>)]
    pub estimated_seconds: Option<i32>,
    /// Skills that it trains.
    #[diesel(sql_type = Array<Text>)]
    pub skills: Vec<String>,
    /// Level.
    #[diesel(sql_type = Nullable<Text>)]
    pub cefr: Option<Cefr>,
    /// What it is a copy of, where its course is shared by the platform.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub source_id: Option<Uuid>,
    /// Counts changes.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
    /// When it was deleted.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Columns of an [`Item`], of training items `i`.
macro_rules! item_columns {
    () => {
        "i.id, i.number, i.training_id, i.external_id, i.kind, i.title, i.prompt, i.answer_key, i.position, i.required, \
         i.max_score, i.estimated_seconds, i.skills, i.cefr, i.source_id, i.version, i.created_at, i.updated_at, i.deleted_at"
    };
}
pub(super) use item_columns;

impl Item {
    /// The item, as events tell.
    pub fn facts(&self) -> Arc<ItemFacts> {
        Arc::new(ItemFacts {
            id: self.id.to_string(),
            number: self.number,
            external_id: self.external_id.clone(),
            kind: self.kind,
            title: self.title.clone(),
        })
    }
}

/// Reads the kind, whose type is not of this crate.
pub(crate) struct KindColumn(ItemKind);

impl FromSql<Text, Pg> for KindColumn {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Pg>>::from_sql(value)?;
        text.parse().map(Self).map_err(|()| format!("unknown kind of item: {text}").into())
    }
}

impl From<KindColumn> for ItemKind {
    fn from(column: KindColumn) -> Self {
        column.0
    }
}
