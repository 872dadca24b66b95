//! The rows of imports.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_protocols::{
    event::{MemberImportCounts, MemberImportFacts},
    roster,
};
use uuid::Uuid;

use super::{ImportMode, ImportOptions, ImportStatus};
use crate::{
    audit::ActorKind,
    error::{Error, Result},
    id::{self, Id},
    scope::{Actor, Role, Scope},
};

/// A file of people: what was asked, how far it is, what became of it.
#[derive(Debug, Clone, QueryableByName)]
pub struct Import {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Import>,
    /// Whether the plan is applied at once.
    #[diesel(sql_type = Text)]
    pub mode: ImportMode,
    /// Where it is in its life.
    #[diesel(sql_type = Text)]
    pub status: ImportStatus,
    #[diesel(sql_type = Jsonb)]
    options: Value,
    /// As the sender calls the file.
    #[diesel(sql_type = Nullable<Text>)]
    pub file_name: Option<String>,
    /// Size as it was stored.
    #[diesel(sql_type = BigInt)]
    pub file_bytes: i64,
    /// What was found out about the file.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub sheet: Option<Value>,
    /// The person or token that sent it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub started_by: Option<Uuid>,
    #[diesel(sql_type = Text)]
    started_by_kind: ActorKind,
    #[diesel(sql_type = Array<Text>)]
    grants: Vec<Role>,
    /// Rows of the plan; none while the file is read.
    #[diesel(sql_type = Nullable<Integer>)]
    pub rows_total: Option<i32>,
    /// Rows read so far.
    #[diesel(sql_type = Integer)]
    pub rows_read: i32,
    /// Last line read.
    #[diesel(sql_type = Integer)]
    pub read_through: i32,
    /// Rows of the plan done so far.
    #[diesel(sql_type = Integer)]
    pub rows_done: i32,
    /// Last line applied.
    #[diesel(sql_type = Integer)]
    pub applied_through: i32,
    #[diesel(sql_type = Jsonb)]
    planned: Value,
    #[diesel(sql_type = Jsonb)]
    applied: Value,
    #[diesel(sql_type = Nullable<Jsonb>)]
    obstacle: Option<Value>,
    /// Seats still held for people to come.
    #[diesel(sql_type = Integer)]
    pub seats_reserved: i32,
    /// When reading began.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub reading_at: Option<DateTime<Utc>>,
    /// When the plan was ready.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub planned_at: Option<DateTime<Utc>>,
    /// When applying began.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub applying_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was sent.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
}

/// Columns of an [`Import`], of imports `i`.
macro_rules! import_columns {
    () => {
        "i.id, i.mode, i.status, i.options, i.file_name, i.file_bytes, i.sheet, i.started_by, i.started_by_kind, \
         i.grants, i.rows_total, i.rows_read, i.read_through, i.rows_done, i.applied_through, i.planned, i.applied, \
         i.obstacle, i.seats_reserved, i.reading_at, i.planned_at, i.applying_at, i.finished_at, i.created_at, \
         i.updated_at"
    };
}
pub(super) use import_columns;

/// What stands against applying a plan, or why an import failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "ImportObstacle")]
pub struct Obstacle {
    /// Stable word: `seats_exceeded`, `change_threshold_exceeded`, `invalid_rows`, …
    pub code: String,
    /// In words.
    pub message: String,
}

impl Obstacle {
    /// Makes one.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

impl Import {
    /// What was asked for.
    ///
    /// # Errors
    /// `internal` when the row does not hold options.
    pub fn options(&self) -> Result<ImportOptions> {
        ImportOptions::deserialize(&self.options).map_err(Error::internal)
    }

    /// Rows by what the plan does with them.
    pub fn planned(&self) -> MemberImportCounts {
        MemberImportCounts::deserialize(&self.planned).unwrap_or_default()
    }

    /// Rows by what was done with them.
    pub fn applied(&self) -> MemberImportCounts {
        MemberImportCounts::deserialize(&self.applied).unwrap_or_default()
    }

    /// What stands against it.
    pub fn obstacle(&self) -> Option<Obstacle> {
        self.obstacle.as_ref().and_then(|obstacle| Obstacle::deserialize(obstacle).ok())
    }

    /// Roles that whoever sent it may give and take.
    pub fn grants(&self) -> &[Role] {
        &self.grants
    }

    /// Whoever sent it, with no more than the house needs to write in his name.
    pub(super) fn sender(&self, scope: &Scope) -> Scope {
        let actor = match (self.started_by_kind, self.started_by) {
            (ActorKind::Person, Some(person)) => Actor::Person(Id::from_uuid(person)),
            (ActorKind::Integration, Some(token)) => Actor::Integration(Id::from_uuid(token)),
            (ActorKind::Staff, Some(staff)) => Actor::Staff(Id::from_uuid(staff)),
            (_, _) => Actor::House,
        };
        Scope { actor, ..scope.clone() }
    }

    /// The person who sent it, if a person did.
    pub fn sent_by_person(&self) -> Option<Id<id::User>> {
        (self.started_by_kind == ActorKind::Person).then_some(self.started_by).flatten().map(Id::from_uuid)
    }

    /// Something was applied, or tried.
    pub const fn was_begun(&self) -> bool {
        self.applying_at.is_some()
    }

    /// The import, as events tell.
    pub fn facts(&self) -> MemberImportFacts {
        let failed = matches!(self.status, ImportStatus::Failed | ImportStatus::Stale);
        MemberImportFacts {
            id: self.id.to_string(),
            status: self.status.to_string(),
            mode: self.mode.to_string(),
            data_set: self.options().ok().and_then(|options| options.data_set),
            file_name: self.file_name.clone(),
            planned: self.planned(),
            applied: self.was_begun().then(|| self.applied()),
            reason: self.obstacle().filter(|_| failed).map(|obstacle| obstacle.code),
        }
    }

    /// How far it is at a time.
    pub fn progress(&self, now: DateTime<Utc>) -> Progress {
        let (done, of, since) = match self.status {
            ImportStatus::Validating => (self.rows_read, None, self.reading_at),
            _ if self.was_begun() => (self.rows_done, self.rows_total, self.applying_at),
            _ => (self.rows_read, self.rows_total, self.reading_at),
        };
        let until = self.finished_at.filter(|_| self.was_begun()).or(self.planned_at.filter(|_| !self.was_begun()));
        let ms = since.map_or(0, |since| (until.unwrap_or(now) - since).num_milliseconds()).max(1);
        let per_second = i64::from(done).saturating_mul(1_000) / ms;
        let runs = matches!(self.status, ImportStatus::Validating | ImportStatus::Applying);
        let left = of
            .filter(|_| runs && per_second > 0)
            .map(|of| (i64::from(of.saturating_sub(done)) + per_second - 1) / per_second);
        Progress { done, of, rows_per_second: since.map(|_| per_second), seconds_left: left }
    }
}

/// How far an import is, in reading or in applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows done.
    pub done: i32,
    /// Of how many; none while nobody knows.
    pub of: Option<i32>,
    /// Rows a second since it began; none before.
    pub rows_per_second: Option<i64>,
    /// At that rate; none when it has ended or nobody knows.
    pub seconds_left: Option<i64>,
}

/// What became of one line of a file.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct LineReport {
    /// The line, from 1.
    #[diesel(sql_type = Integer)]
    pub line: i32,
    /// What the plan does with it.
    #[diesel(sql_type = Text)]
    pub action: super::RowAction,
    /// The person, also one to come.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub user_id: Option<Id<id::User>>,
    /// Address of the person; none where nothing of him is written.
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    faults: Option<Value>,
    /// Why it was not applied after all.
    #[diesel(sql_type = Nullable<Text>)]
    pub failed: Option<String>,
}

impl LineReport {
    /// What is wrong with it, or worth saying.
    pub fn faults(&self) -> Vec<RowFault> {
        self.faults.as_ref().and_then(|faults| Vec::deserialize(faults).ok()).unwrap_or_default()
    }
}

/// What is wrong with a row, or worth saying of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "ImportRowFault")]
pub struct RowFault {
    /// The column, in our word for it; none for the row as a whole.
    pub column: Option<String>,
    /// Stable word: `required`, `format`, `taken`, `duplicate`, `not_found`, …
    pub code: String,
    /// In words.
    pub message: String,
    /// The cell, so far as it may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_masked: Option<String>,
}

impl RowFault {
    /// Makes one of a column.
    pub fn of(column: &str, code: &str, message: impl Into<String>) -> Self {
        Self { column: Some(column.to_owned()), code: code.to_owned(), message: message.into(), value_masked: None }
    }

    /// Makes one of the row as a whole.
    pub fn whole(code: &str, message: impl Into<String>) -> Self {
        Self { column: None, code: code.to_owned(), message: message.into(), value_masked: None }
    }

    /// Names what the cell holds, where that is nothing of a person: a group, a course.
    #[must_use]
    pub fn showing(mut self, value: &str) -> Self {
        self.value_masked = Some(value.chars().take(64).collect());
        self
    }
}

impl From<&roster::Fault> for RowFault {
    fn from(fault: &roster::Fault) -> Self {
        let column = fault.name.as_deref().map(ToOwned::to_owned);
        Self {
            column: column.or_else(|| fault.column.map(|column| column.to_string())),
            code: fault.code.as_str().to_owned(),
            message: fault.message.clone().into_owned(),
            value_masked: fault.value_masked.clone(),
        }
    }
}
