//! What every node remembers of the institutions that it works for, read for many at once.
//!
//! Not here: remembering it (`stoa_actors::tenant`), and the institution as it is shown (`rows`).

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{InstitutionStatus, Kept, RequestLimits};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    id::{Id, Import, TenantId},
};

/// Open imports of an institution that are remembered: the one whose turn it is comes first.
const IMPORTS_MAX: i64 = 20;

const SETTINGS: &str = "SELECT i.tenant_id, i.status, i.locale, i.time_zone, i.plan, i.seats_total, i.seats_reserved,
    i.token_max_days, i.retention, i.request_limits, i.trial_ends_at, i.updated_at,
    COALESCE((SELECT jsonb_agg(to_jsonb(o) ORDER BY o.running DESC, o.id) FROM (
      SELECT m.id, m.status, m.lease_until IS NOT NULL AS running, m.rows_done, m.rows_total FROM imports m
      WHERE m.tenant_id = i.tenant_id AND m.status IN ('validating', 'planned', 'applying')
      ORDER BY running DESC, m.id LIMIT $2) o), '[]') AS imports
  FROM institutions i WHERE i.tenant_id = ANY($1)";

const COUNTS: &str = "SELECT m.tenant_id,
    count(*) FILTER (WHERE m.status = 'invited') AS invited,
    count(*) FILTER (WHERE m.status = 'active') AS active,
    count(*) FILTER (WHERE m.status = 'deactivated') AS deactivated,
    count(*) FILTER (WHERE m.status = 'removed') AS removed
  FROM memberships m WHERE m.tenant_id = ANY($1) GROUP BY m.tenant_id";

/// What an institution may, and how it wants things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Life of the contract.
    pub status: InstitutionStatus,
    /// Language tag.
    pub locale: String,
    /// IANA zone.
    pub time_zone: String,
    /// What it has bought, a word of the operator's.
    pub plan: Option<String>,
    /// When its trial ends, or ended.
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// Seats that it may fill; none means no limit.
    pub seats_total: Option<i32>,
    /// Seats that its running import keeps.
    pub seats_reserved: i32,
    /// Longest life of its tokens, in days.
    pub token_max_days: Option<i32>,
    /// Rates of its requests, where they differ from the platform's.
    pub request_limits: Option<RequestLimits>,
    /// Days that its rows are kept, where it wants fewer than the platform keeps.
    pub retention: Kept,
    /// When they last changed.
    pub changed_at: DateTime<Utc>,
    /// Imports that have not ended, the running one first.
    #[serde(skip)]
    pub imports: Vec<OpenImport>,
}

/// An import that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenImport {
    /// `imp_…`
    pub id: Id<Import>,
    /// Where it is in its life.
    pub status: String,
    /// It has its institution's turn.
    pub running: bool,
    /// Rows done so far.
    pub rows_done: i64,
    /// Rows to be done, where that is known.
    pub rows_total: Option<i64>,
}

/// How many an institution has of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Members who were asked to join.
    pub invited: i64,
    /// Members who are there.
    pub active: i64,
    /// Members who may not sign in for now.
    pub deactivated: i64,
    /// People who left.
    pub removed: i64,
    /// Seats that are taken: by whom is there, and by whom was asked.
    pub seats_in_use: i64,
}

#[derive(QueryableByName)]
struct SettingsRow {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = Text)]
    status: InstitutionStatus,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Nullable<Text>)]
    plan: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    seats_total: Option<i32>,
    #[diesel(sql_type = Integer)]
    seats_reserved: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    token_max_days: Option<i32>,
    #[diesel(sql_type = Jsonb)]
    retention: Kept,
    #[diesel(sql_type = Nullable<Jsonb>)]
    request_limits: Option<RequestLimits>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    trial_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = Jsonb)]
    imports: Value,
}

/// An open import as the statement gathers it.
#[derive(Deserialize)]
struct ImportRow {
    id: Uuid,
    status: String,
    running: bool,
    rows_done: i64,
    rows_total: Option<i64>,
}

#[derive(QueryableByName)]
struct CountsRow {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = BigInt)]
    invited: i64,
    #[diesel(sql_type = BigInt)]
    active: i64,
    #[diesel(sql_type = BigInt)]
    deactivated: i64,
    #[diesel(sql_type = BigInt)]
    removed: i64,
}

/// Reads the settings of those of some institutions that exist. The transaction names them.
///
/// # Errors
/// As the database says.
pub async fn settings_of(tx: &mut TenantTx, tenants: &[TenantId]) -> Result<Vec<(TenantId, Settings)>> {
    let rows: Vec<SettingsRow> = sql(SETTINGS)
        .bind::<Array<SqlUuid>, _>(tenants)
        .bind::<BigInt, _>(IMPORTS_MAX)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    rows.into_iter().map(SettingsRow::read).collect()
}

/// Counts for those of some institutions that have anybody. The transaction names them.
///
/// # Errors
/// As the database says.
pub async fn counts_of(tx: &mut TenantTx, tenants: &[TenantId]) -> Result<Vec<(TenantId, Counts)>> {
    let statement = sql(COUNTS).bind::<Array<SqlUuid>, _>(tenants);
    let rows: Vec<CountsRow> = statement.load(tx.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(CountsRow::read).collect())
}

impl SettingsRow {
    fn read(self) -> Result<(TenantId, Settings)> {
        let imports: Vec<ImportRow> = serde_json::from_value(self.imports).map_err(Error::internal)?;
        let settings = Settings {
            status: self.status,
            locale: self.locale,
            time_zone: self.time_zone,
            plan: self.plan,
            trial_ends_at: self.trial_ends_at,
            seats_total: self.seats_total,
            seats_reserved: self.seats_reserved,
            token_max_days: self.token_max_days,
            request_limits: self.request_limits,
            retention: self.retention,
            changed_at: self.updated_at,
            imports: imports.into_iter().map(ImportRow::read).collect(),
        };
        Ok((self.tenant_id, settings))
    }
}

impl ImportRow {
    fn read(self) -> OpenImport {
        let Self { id, status, running, rows_done, rows_total } = self;
        OpenImport { id: Id::from_uuid(id), status, running, rows_done, rows_total }
    }
}

impl CountsRow {
    fn read(self) -> (TenantId, Counts) {
        let Self { tenant_id, invited, active, deactivated, removed } = self;
        (tenant_id, Counts { invited, active, deactivated, removed, seats_in_use: invited + active })
    }
}

impl Settings {
    /// Those of an institution that says nothing of itself, for tests of whoever remembers them.
    pub fn sample() -> Self {
        Self {
            status: InstitutionStatus::Active,
            locale: "en".into(),
            time_zone: "UTC".into(),
            plan: None,
            trial_ends_at: None,
            seats_total: None,
            seats_reserved: 0,
            token_max_days: None,
            request_limits: None,
            retention: Kept::default(),
            changed_at: DateTime::UNIX_EPOCH,
            imports: Vec::new(),
        }
    }
}
