//! Evidence, targets and scales as they are shown.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, content::Cefr, id};
use stoa_record::cefr::{
    Evidence, EvidenceSource, Recorded, Skill, Target,
    scales::{Scale, Table},
};

/// A target that was set.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrTarget")]
pub(super) struct TargetView {
    /// The learner.
    pub(super) user_id: Id<id::User>,
    /// Language that is learned.
    pub(super) language: String,
    /// The level; null where there is none any more.
    pub(super) level: Option<Cefr>,
    /// By when.
    pub(super) due_on: Option<NaiveDate>,
}

/// A piece of evidence.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrEvidence")]
pub(super) struct EvidenceView {
    /// Id.
    pub(super) id: Id<id::Evidence>,
    /// The learner.
    pub(super) user_id: Id<id::User>,
    /// Language that is learned.
    pub(super) language: String,
    /// What was shown.
    pub(super) skill: Skill,
    /// What kind of evidence it is.
    pub(super) source: EvidenceSource,
    /// Level that it shows, with its plus.
    pub(super) level: Cefr,
    /// Scale of the value; null where the level was given.
    pub(super) scale: Option<String>,
    /// Score on the scale.
    pub(super) value: Option<f64>,
    /// Version of the table by which the value became a level.
    pub(super) mapping_version: Option<i32>,
    /// Keys of can-do descriptors, each shown or not.
    pub(super) descriptors: BTreeMap<String, bool>,
    /// The sender's own key.
    pub(super) external_id: Option<String>,
    /// Words of whoever recorded it.
    pub(super) note: Option<String>,
    /// When it was shown.
    pub(super) occurred_at: DateTime<Utc>,
    /// Until when it counts.
    pub(super) expires_at: Option<DateTime<Utc>>,
    /// When it was recorded.
    pub(super) created_at: DateTime<Utc>,
    /// When it was taken back; null while it counts.
    pub(super) withdrawn_at: Option<DateTime<Utc>>,
}

/// A piece that is there now.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RecordedCefrEvidence")]
pub(super) struct RecordedView {
    #[serde(flatten)]
    pub(super) evidence: EvidenceView,
    /// It was not there before.
    pub(super) is_new: bool,
}

/// A scale of scores.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrScale")]
pub(super) struct ScaleView {
    /// Its name in `scale`.
    pub(super) key: String,
    /// Shown to people.
    pub(super) name: String,
    /// Who says which score is which level.
    pub(super) source: String,
    /// Languages that are tested by it.
    pub(super) languages: Vec<String>,
    /// Its tables, all versions; the newest is used.
    pub(super) tables: Vec<TableView>,
}

/// A table of a scale.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrTable")]
pub(super) struct TableView {
    /// From 1.
    pub(super) version: i32,
    /// Skills that it is for.
    pub(super) skills: Vec<Skill>,
    /// Lowest score that there is.
    pub(super) lowest: f64,
    /// Highest score that there is.
    pub(super) highest: f64,
    /// Lowest score of each level.
    pub(super) bands: Vec<BandView>,
}

/// A level of a table.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CefrBand")]
pub(super) struct BandView {
    /// From this score on.
    pub(super) from: f64,
    /// The level.
    pub(super) level: Cefr,
}

impl EvidenceView {
    pub(super) fn of(evidence: Evidence) -> Self {
        Self {
            id: evidence.id,
            user_id: evidence.user_id,
            descriptors: evidence.descriptors(),
            language: evidence.language,
            skill: evidence.skill,
            source: evidence.source,
            level: evidence.level,
            scale: evidence.scale,
            value: evidence.value,
            mapping_version: evidence.mapping_version,
            external_id: evidence.external_id,
            note: evidence.note,
            occurred_at: evidence.occurred_at,
            expires_at: evidence.expires_at,
            created_at: evidence.created_at,
            withdrawn_at: evidence.withdrawn_at,
        }
    }
}

impl RecordedView {
    pub(super) fn of(recorded: Recorded) -> Self {
        Self { evidence: EvidenceView::of(recorded.evidence), is_new: recorded.is_new }
    }
}

impl TargetView {
    pub(super) fn of(user_id: Id<id::User>, language: String, target: Option<Target>) -> Self {
        Self {
            user_id,
            language,
            level: target.map(|target| target.level),
            due_on: target.and_then(|target| target.due_on),
        }
    }
}

impl ScaleView {
    pub(super) fn of(key: &str, scale: &Scale) -> Self {
        let table = |table: &Table| TableView {
            version: table.version,
            skills: table.skills.clone(),
            lowest: table.range.0,
            highest: table.range.1,
            bands: table.bands.iter().map(|(from, level)| BandView { from: *from, level: *level }).collect(),
        };
        Self {
            key: key.to_owned(),
            name: scale.name.clone(),
            source: scale.source.clone(),
            languages: scale.languages.clone(),
            tables: scale.tables.iter().map(table).collect(),
        }
    }
}
