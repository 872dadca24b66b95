//! The rows of trainings.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::TrainingFacts;
use uuid::Uuid;

use crate::id::{self, Id};

/// A block of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Training {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Training>,
    /// The lesson.
    #[diesel(sql_type = SqlUuid)]
    pub lesson_id: Id<id::Lesson>,
    /// The institution's own key.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    /// Shown to people.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Free word.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Order within the lesson, from 1.
    #[diesel(sql_type = Integer)]
    pub position: i32,
    /// Score to pass, in basis points of the highest.
    #[diesel(sql_type = Nullable<Integer>)]
    pub pass_score: Option<i32>,
    /// Living items.
    #[diesel(sql_type = BigInt)]
    pub item_count: i64,
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

/// Columns of a [`Training`], of trainings `t`.
macro_rules! training_columns {
    () => {
        "t.id, t.lesson_id, t.external_id, t.title, t.kind, t.position, t.pass_score, \
         (SELECT count(*) FROM training_items i \
          WHERE i.tenant_id = t.tenant_id AND i.training_id = t.id AND i.deleted_at IS NULL) AS item_count, \
         t.source_id, t.version, t.created_at, t.updated_at, t.deleted_at"
    };
}
pub(super) use training_columns;

impl Training {
    /// The training, as events tell.
    pub fn facts(&self) -> Arc<TrainingFacts> {
        Arc::new(TrainingFacts {
            id: self.id.to_string(),
            external_id: self.external_id.clone(),
            title: self.title.clone(),
        })
    }
}
