//! The rows of exports.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::Deserialize;
use serde_json::Value;
use stoa_core::{Ability, Actor, Code, Error, Id, Result, audit::ActorKind, id};
use stoa_protocols::event::ExportFacts;
use uuid::Uuid;

use super::{ExportStatus, ExportType, Place, Wanted};

/// An export: what was asked for, how far it is, where its file lies.
#[derive(Debug, Clone, QueryableByName)]
pub struct Export {
    /// `exp_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Export>,
    /// What its rows are.
    #[diesel(sql_type = Text, column_name = type_)]
    pub export_type: ExportType,
    /// Where it is in its life.
    #[diesel(sql_type = Text)]
    pub status: ExportStatus,
    #[diesel(sql_type = Jsonb)]
    wanted: Value,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    made_by: Option<Uuid>,
    #[diesel(sql_type = Text)]
    made_by_kind: ActorKind,
    #[diesel(sql_type = Array<Text>)]
    abilities: Vec<String>,
    /// The only courses that are in it; none where it shows all.
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    pub course_ids: Option<Vec<Uuid>>,
    /// The run that writes it, or wrote it last.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub run_id: Option<Uuid>,
    /// Where its file lies, or what is left of one.
    #[diesel(sql_type = Nullable<Text>)]
    pub file_key: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    horizon: Option<i64>,
    /// The moment that it shows.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub as_of: Option<DateTime<Utc>>,
    /// Rows written so far.
    #[diesel(sql_type = BigInt)]
    pub rows_done: i64,
    /// Rows that were counted; none where nobody knows.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub rows_total: Option<i64>,
    /// Length of the file.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub size_bytes: Option<i64>,
    /// SHA-256 of the file, in hexadecimal.
    #[diesel(sql_type = Nullable<Text>)]
    pub sha256: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    error_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
    /// How often the download began.
    #[diesel(sql_type = Integer)]
    pub downloads: i32,
    /// When its last run began.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended, in whatever way.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub finished_at: Option<DateTime<Utc>>,
    /// When its file is deleted.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was asked for.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// Columns of an [`Export`], of exports `x`.
macro_rules! export_columns {
    () => {
        "x.id, x.type AS type_, x.status, x.wanted, x.made_by, x.made_by_kind, x.abilities, x.course_ids, x.run_id, \
         x.file_key, x.horizon, x.as_of, x.rows_done, x.rows_total, x.size_bytes, x.sha256, x.error_code, x.error, \
         x.downloads, x.started_at, x.finished_at, x.expires_at, x.created_at"
    };
}
pub(super) use export_columns;

/// Why an export was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A stable word: `maker_gone`, `ability_missing`, or a code of the API.
    pub code: String,
    /// In words.
    pub message: String,
}

impl Failure {
    /// Whoever asked is no longer there, or may do nothing any more.
    pub fn maker_gone() -> Self {
        let message = "whoever asked for it is no longer a member, or the token works no more";
        Self { code: "maker_gone".to_owned(), message: message.to_owned() }
    }

    /// Reads a refusal, of which the outside text may be shown.
    pub fn of(error: &Error) -> Self {
        Self { code: error.code().as_str().to_owned(), message: error.outside().to_owned() }
    }
}

impl Export {
    /// What was asked for.
    ///
    /// # Errors
    /// `internal` when the row does not hold it.
    pub fn wanted(&self) -> Result<Wanted> {
        Wanted::deserialize(&self.wanted).map_err(Error::internal)
    }

    /// Who asked.
    pub fn maker(&self) -> Actor {
        match (self.made_by_kind, self.made_by) {
            (ActorKind::Person, Some(person)) => Actor::Person(Id::from_uuid(person)),
            (ActorKind::Integration, Some(token)) => Actor::Integration(Id::from_uuid(token)),
            (ActorKind::Staff, Some(staff)) => Actor::Staff(Id::from_uuid(staff)),
            (_, _) => Actor::House,
        }
    }

    /// Id of who asked; none for the house.
    pub fn maker_id(&self) -> Option<String> {
        match self.maker() {
            Actor::Person(person) => Some(person.to_string()),
            Actor::Integration(token) => Some(token.to_string()),
            Actor::Staff(staff) => Some(staff.to_string()),
            Actor::House => None,
        }
    }

    /// What whoever asked could do then.
    pub(super) fn abilities(&self) -> Vec<Ability> {
        self.abilities.iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// Why it failed.
    pub fn failure(&self) -> Option<Failure> {
        let (code, message) = (self.error_code.clone()?, self.error.clone()?);
        Some(Failure { code, message })
    }

    /// Rows of the file; none while there is none.
    pub fn row_count(&self) -> Option<i64> {
        matches!(self.status, ExportStatus::Completed | ExportStatus::Expired).then_some(self.rows_done)
    }

    /// From where the next one goes on; none while there is no file.
    pub fn next_since(&self) -> Option<String> {
        let horizon = self.horizon.filter(|_| self.row_count().is_some())?;
        Some(Place { export_type: self.export_type, horizon }.to_string())
    }

    /// Where its file lies, for whoever wants to fetch it at a time.
    ///
    /// # Errors
    /// `export_not_ready` with when to ask again; `export_expired`.
    pub fn file(&self, now: DateTime<Utc>) -> Result<&str> {
        let not_ready = |why: &'static str| Error::new(Code::ExportNotReady, why);
        match self.status {
            ExportStatus::Queued | ExportStatus::Running => {
                Err(not_ready("the export is being made").retry_after_secs(Self::RETRY_AFTER_SECS))
            }
            ExportStatus::Failed => Err(not_ready("the export failed; `error` says why")),
            ExportStatus::Cancelled => Err(not_ready("the export was cancelled")),
            ExportStatus::Expired => Err(expired()),
            ExportStatus::Completed if self.expires_at.is_some_and(|end| end <= now) => Err(expired()),
            ExportStatus::Completed => self.file_key.as_deref().ok_or_else(expired),
        }
    }

    /// How soon it is worth asking again how far it is, in seconds.
    pub const RETRY_AFTER_SECS: u64 = 2;

    /// The export, as events tell.
    pub(super) fn facts(&self) -> ExportFacts {
        let wanted = self.wanted().unwrap_or_default();
        ExportFacts {
            id: self.id.to_string(),
            export_type: self.export_type.to_string(),
            status: self.status.to_string(),
            format: format_word(&wanted).to_owned(),
            as_of: self.as_of,
            row_count: self.row_count(),
            size_bytes: self.size_bytes,
            sha256: self.sha256.clone(),
            next_since: self.next_since(),
            expires_at: self.expires_at,
            reason: self.failure().map(|failure| failure.code),
        }
    }
}

fn expired() -> Error {
    Error::new(Code::ExportExpired, "the file of the export is no longer kept; ask for it anew")
}

const fn format_word(wanted: &Wanted) -> &'static str {
    use stoa_protocols::table::Format;
    match wanted.format {
        Format::Csv => "csv",
        Format::Jsonl => "jsonl",
        Format::Parquet => "parquet",
    }
}
