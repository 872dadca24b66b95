//! What shows a level: rows that somebody recorded, and pieces as the assessment weighs them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_core::{Id, content::Cefr, id};

use super::{EvidenceSource, Skill};

/// A piece of evidence that somebody recorded.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct Evidence {
    /// `evd_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Evidence>,
    /// The learner.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<id::User>,
    /// Language that is learned.
    #[diesel(sql_type = Text)]
    pub language: String,
    /// What was shown.
    #[diesel(sql_type = Text)]
    pub skill: Skill,
    /// What kind of evidence it is.
    #[diesel(sql_type = Text)]
    pub source: EvidenceSource,
    /// Level that it shows.
    #[diesel(sql_type = Text)]
    pub level: Cefr,
    /// Scale of the value; none where the level was given.
    #[diesel(sql_type = Nullable<Text>)]
    pub scale: Option<String>,
    /// Score on the scale.
    #[diesel(sql_type = Nullable<Double>)]
    pub value: Option<f64>,
    /// Version of the table by which the value became a level.
    #[diesel(sql_type = Nullable<Integer>)]
    pub mapping_version: Option<i32>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub(super) descriptors: Option<serde_json::Value>,
    /// The sender's own key.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    /// Words of whoever recorded it.
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    /// When it was shown.
    #[diesel(sql_type = Timestamptz)]
    pub occurred_at: DateTime<Utc>,
    /// Until when it counts.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was recorded.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it was taken back.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl Evidence {
    /// Keys of can-do descriptors, each shown or not.
    pub fn descriptors(&self) -> BTreeMap<String, bool> {
        self.descriptors.clone().and_then(|map| serde_json::from_value(map).ok()).unwrap_or_default()
    }

    /// As the assessment weighs it.
    pub(super) fn piece(&self) -> Piece {
        Piece {
            evidence: Some(self.id),
            source: self.source,
            level: self.level,
            at: self.occurred_at,
            expires_at: self.expires_at,
            score: self.scale.clone().zip(self.value).map(|(scale, value)| Score { scale, value }),
            descriptors: self.descriptors(),
        }
    }
}

/// A score on a scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The scale.
    pub scale: String,
    /// The score.
    pub value: f64,
}

/// A piece of evidence as the assessment weighs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// The row, where it is one; a graded item is none.
    pub evidence: Option<Id<id::Evidence>>,
    /// What kind of evidence it is.
    pub source: EvidenceSource,
    /// Level that it shows.
    pub level: Cefr,
    /// When it was shown.
    pub at: DateTime<Utc>,
    /// Until when it counts.
    pub expires_at: Option<DateTime<Utc>>,
    /// The score that was mapped.
    pub score: Option<Score>,
    /// Keys of can-do descriptors, each shown or not.
    pub descriptors: BTreeMap<String, bool>,
}
