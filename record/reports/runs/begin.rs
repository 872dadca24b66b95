//! Whose time has come, and what is promised to each.

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result, TenantId,
    db::{HouseTx, TenantTx, failed, sql},
    id,
};

use crate::{
    history::Zone,
    reports::{
        Report,
        calendar::Slot,
        rows::{report_columns, zone_column},
    },
};

/// Zones are at most this far apart: a slot that lies further back than a recipient was due is one before that.
const ZONES_APART: TimeDelta = TimeDelta::hours(28);

/// A letter that is to be promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// The run.
    pub run: Id<id::ReportRun>,
    /// When it may be written.
    pub at: DateTime<Utc>,
}

const DUE_TENANTS: &str = "SELECT DISTINCT rc.tenant_id FROM report_recipients rc
    JOIN institutions i ON i.tenant_id = rc.tenant_id AND i.status IN ('trial', 'active', 'closing')
  WHERE rc.next_run_at <= $1 LIMIT $2";

/// Institutions with recipients whose time has come; a suspended one waits.
///
/// # Errors
/// As the database says.
pub async fn due_tenants(tx: &mut HouseTx, most: i64) -> Result<Vec<TenantId>> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: TenantId,
    }
    let now = tx.now();
    let statement = sql(DUE_TENANTS).bind::<Timestamptz, _>(now).bind::<BigInt, _>(most);
    let rows: Vec<Due> = statement.load(tx.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.tenant_id).collect())
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(embed)]
    report: Report,
    #[diesel(sql_type = SqlUuid)]
    recipient_id: Id<id::ReportRecipient>,
    #[diesel(sql_type = Timestamptz)]
    next_run_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    zone: String,
    #[diesel(sql_type = Text)]
    institution_zone: String,
}

const DUE: &str = concat!(
    "SELECT ",
    report_columns!(),
    ", rc.id AS recipient_id, rc.next_run_at, i.time_zone AS institution_zone, ",
    zone_column!(),
    " FROM report_recipients rc
      JOIN reports r ON r.tenant_id = rc.tenant_id AND r.id = rc.report_id
      JOIN institutions i ON i.tenant_id = rc.tenant_id
      LEFT JOIN users u ON u.tenant_id = rc.tenant_id AND u.id = rc.user_id
      WHERE rc.tenant_id = $1 AND rc.next_run_at <= $2 ORDER BY rc.next_run_at LIMIT $3 FOR UPDATE OF rc SKIP LOCKED"
);
const BEGIN: &str = "WITH due AS (
    SELECT * FROM unnest($2, $3, $4, $5, $6, $7) AS d(run_id, report_id, recipient_id, period_from, period_to, zone)
  ) INSERT INTO report_runs (tenant_id, id, report_id, recipient_id, period_from, period_to, time_zone, as_of, status, created_at)
  SELECT $1, run_id, report_id, recipient_id, period_from, period_to, zone, $8, 'promised', $8 FROM due
  ON CONFLICT (tenant_id, recipient_id, period_from, period_to) DO NOTHING RETURNING id";
const GO_ON: &str = "UPDATE report_recipients rc SET next_run_at = p.next_run_at
  FROM unnest($2, $3) AS p(id, next_run_at) WHERE rc.tenant_id = $1 AND rc.id = p.id";

impl Due {
    fn zone(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }

    /// What is told now. Where the clocks were exchanged for others meanwhile, that may be nothing yet.
    fn slot(&self, now: DateTime<Utc>) -> Option<Slot> {
        let slot = self.report.rule().latest(self.zone(), now)?;
        (slot.at > self.next_run_at - ZONES_APART).then_some(slot)
    }

    /// When the letter may be written: outside of the quiet hours, and once the last day is over where days are counted.
    fn at(&self, slot: Slot, now: DateTime<Utc>) -> DateTime<Utc> {
        let counted: Tz = self.institution_zone.parse().unwrap_or(Tz::UTC);
        let over = slot.period.1.checked_add_days(Days::new(1)).map(|day| Zone::from(counted).starts(day));
        let earliest = over.map_or(now, |over| over.max(now));
        self.report.quiet().map_or(earliest, |quiet| quiet.quiet().over(self.zone(), earliest))
    }
}

/// Takes recipients whose time has come, a handful, and writes what is promised to each; the letters are to be promised in
/// the same transaction. Says whether there may be more.
///
/// # Errors
/// As the database says.
pub async fn begin(tx: &mut TenantTx, most: i64) -> Result<(Vec<Promise>, bool)> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(DUE).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now).bind::<BigInt, _>(most);
    let due: Vec<Due> = statement.load(tx.connection()).await.map_err(failed)?;
    let told: Vec<_> = due
        .iter()
        .filter_map(|one| Some((one, one.slot(now)?)))
        .map(|(one, slot)| (tx.new_id::<id::ReportRun>(), one, slot))
        .collect();
    let begun = sql(BEGIN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(told.iter().map(|(run, ..)| run.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(told.iter().map(|(_, due, _)| due.report.id.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(told.iter().map(|(_, due, _)| due.recipient_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Date>, _>(told.iter().map(|(.., slot)| slot.period.0).collect::<Vec<_>>())
        .bind::<Array<Date>, _>(told.iter().map(|(.., slot)| slot.period.1).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(told.iter().map(|(_, due, _)| due.zone().name()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now);
    let begun: Vec<Begun> = begun.load(tx.connection()).await.map_err(failed)?;
    let next = |one: &Due| one.report.rule().next(one.zone(), now).map(|slot| slot.at);
    sql(GO_ON)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(due.iter().map(|one| one.recipient_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(due.iter().map(next).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let is_begun = |run: Id<id::ReportRun>| begun.iter().any(|begun| begun.id == run);
    let promises = told.iter().filter(|(run, ..)| is_begun(*run));
    let promises = promises.map(|(run, due, slot)| Promise { run: *run, at: due.at(*slot, now) }).collect();
    Ok((promises, i64::try_from(due.len()).unwrap_or(i64::MAX) >= most))
}

#[derive(QueryableByName)]
struct Begun {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::ReportRun>,
}
