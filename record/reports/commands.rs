//! What may be done with a report as a whole.

use diesel::{
    QueryableByName,
    sql_types::{Array, Bool, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, Id, Result, Scope,
    audit::Entry,
    db::{TenantTx, failed, sql},
    fields::Fields,
    id,
    sealed::Sealer,
};

use super::{
    NewReport, Report, ReportChange, ReportKind, ReportStatus,
    input::Settings,
    people::{self, Asked},
    queries::get_for_change,
    rows::zone_column,
};

const INSERT: &str = "INSERT INTO reports (tenant_id, id, kind, status, created_by, created_at, updated_at,
    name, every, weekday, month_day, minute_of_day, zone_of, time_zone, csv, send_when_empty, quiet_from, quiet_to)
  VALUES ($1, $2, $3, 'active', $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
const UPDATE: &str = "UPDATE reports SET updated_at = $3, name = $4, every = $5, weekday = $6, month_day = $7,
    minute_of_day = $8, zone_of = $9, time_zone = $10, csv = $11, send_when_empty = $12, quiet_from = $13, quiet_to = $14
  WHERE tenant_id = $1 AND id = $2";
const SET_STATUS: &str = "UPDATE reports SET status = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2";
const DELETE: &str = "DELETE FROM reports WHERE tenant_id = $1 AND id = $2";
const ZONES: &str = concat!(
    "SELECT rc.id, ",
    zone_column!(),
    " FROM report_recipients rc
      JOIN reports r ON r.tenant_id = rc.tenant_id AND r.id = rc.report_id
      JOIN institutions i ON i.tenant_id = rc.tenant_id
      LEFT JOIN users u ON u.tenant_id = rc.tenant_id AND u.id = rc.user_id
      WHERE rc.tenant_id = $1 AND rc.report_id = $2 AND rc.status = 'active'"
);
const PLAN: &str = "UPDATE report_recipients rc SET next_run_at = p.next_run_at
  FROM unnest($2, $3) AS p(id, next_run_at) WHERE rc.tenant_id = $1 AND rc.id = p.id";

/// Makes a report, and asks those of its recipients who must say yes first.
///
/// # Errors
/// `validation_failed` with the pointer of each fault; `ability_missing` for whoever may not read the figures.
pub async fn create(
    tx: &mut TenantTx,
    scope: &Scope,
    sealer: &Sealer,
    mut new: NewReport,
) -> Result<(Report, Vec<Asked>)> {
    may_read(scope)?;
    let mut fields = Fields::new();
    let settings = Settings::of(&new, &mut fields);
    if scope.led_by.is_some() && new.kind == ReportKind::Institution {
        fields.fault("/kind", "value", "whoever leads groups gets reports of these: `groups`");
    }
    let recipients = std::mem::take(&mut new.recipients);
    let people = people::checked(tx, scope, new.kind, recipients, &mut fields).await?;
    fields.finish()?;
    let (tenant, now, report) = (tx.tenant(), tx.now(), tx.new_id::<id::Report>());
    sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(report)
        .bind::<Text, _>(new.kind.as_str())
        .bind::<Nullable<SqlUuid>, _>(scope.person().map(Id::uuid))
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(&settings.name)
        .bind::<Text, _>(settings.every.as_str())
        .bind::<Nullable<SmallInt>, _>(settings.weekday)
        .bind::<Nullable<SmallInt>, _>(settings.month_day)
        .bind::<SmallInt, _>(settings.at.number())
        .bind::<Text, _>(settings.tz.word().0)
        .bind::<Nullable<Text>, _>(settings.tz.word().1)
        .bind::<Text, _>(settings.csv.as_str())
        .bind::<Bool, _>(settings.send_when_empty)
        .bind::<Nullable<SmallInt>, _>(settings.quiet.map(|quiet| quiet.from.number()))
        .bind::<Nullable<SmallInt>, _>(settings.quiet.map(|quiet| quiet.to.number()))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let asked = people::write(tx, sealer, report, people).await?;
    let report = get_for_change(tx, report).await?;
    plan(tx, &report).await?;
    tx.audit(Entry::of("report.created", report.id).is(said(&report)));
    Ok((report, asked))
}

/// Changes a report. What is due next is due by the new rule.
///
/// # Errors
/// `not_found`; `validation_failed`.
pub async fn change(tx: &mut TenantTx, report: Id<id::Report>, change: ReportChange) -> Result<Report> {
    let before = get_for_change(tx, report).await?;
    let mut fields = Fields::new();
    let settings = before.settings().changed(change, &mut fields);
    fields.finish()?;
    if settings == before.settings() {
        return Ok(before);
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(UPDATE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(report)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(&settings.name)
        .bind::<Text, _>(settings.every.as_str())
        .bind::<Nullable<SmallInt>, _>(settings.weekday)
        .bind::<Nullable<SmallInt>, _>(settings.month_day)
        .bind::<SmallInt, _>(settings.at.number())
        .bind::<Text, _>(settings.tz.word().0)
        .bind::<Nullable<Text>, _>(settings.tz.word().1)
        .bind::<Text, _>(settings.csv.as_str())
        .bind::<Bool, _>(settings.send_when_empty)
        .bind::<Nullable<SmallInt>, _>(settings.quiet.map(|quiet| quiet.from.number()))
        .bind::<Nullable<SmallInt>, _>(settings.quiet.map(|quiet| quiet.to.number()))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let after = get_for_change(tx, report).await?;
    plan(tx, &after).await?;
    tx.audit(Entry::of("report.updated", report).differing(&said(&before), &said(&after)));
    Ok(after)
}

/// Sends a report no more until it is resumed. What is promised already is not sent either.
///
/// # Errors
/// `not_found`.
pub async fn pause(tx: &mut TenantTx, report: Id<id::Report>) -> Result<Report> {
    turn(tx, report, ReportStatus::Paused).await
}

/// Sends a report again, from its next time on: what it missed meanwhile is not told.
///
/// # Errors
/// `not_found`.
pub async fn resume(tx: &mut TenantTx, report: Id<id::Report>) -> Result<Report> {
    turn(tx, report, ReportStatus::Active).await
}

async fn turn(tx: &mut TenantTx, report: Id<id::Report>, status: ReportStatus) -> Result<Report> {
    let mut turned = get_for_change(tx, report).await?;
    if turned.status == status {
        return Ok(turned);
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(SET_STATUS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(report)
        .bind::<Text, _>(status.as_str())
        .bind::<Timestamptz, _>(now);
    statement.execute(tx.connection()).await.map_err(failed)?;
    (turned.status, turned.updated_at) = (status, now);
    plan(tx, &turned).await?;
    let action = if status == ReportStatus::Paused { "report.paused" } else { "report.resumed" };
    tx.audit(Entry::of(action, report).is(json!({ "status": status })));
    Ok(turned)
}

/// Deletes a report, its recipients and what became of it.
///
/// # Errors
/// `not_found`.
pub async fn remove(tx: &mut TenantTx, report: Id<id::Report>) -> Result<()> {
    let before = get_for_change(tx, report).await?;
    let tenant = tx.tenant();
    let statement = sql(DELETE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(report);
    statement.execute(tx.connection()).await.map_err(failed)?;
    tx.audit(Entry::of("report.deleted", report).was(said(&before)));
    Ok(())
}

/// Refuses whoever may not read the figures that a report sends.
///
/// # Errors
/// `ability_missing`.
pub fn may_read(scope: &Scope) -> Result<()> {
    if scope.may(Ability::AnalyticsRead) {
        return Ok(());
    }
    let why = format!("a report tells figures, which need the ability {}", Ability::AnalyticsRead);
    Err(Error::new(Code::AbilityMissing, why))
}

/// Works out anew when each recipient is due next.
pub(super) async fn plan(tx: &mut TenantTx, report: &Report) -> Result<()> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::ReportRecipient>,
        #[diesel(sql_type = Text)]
        zone: String,
    }
    let (tenant, now, rule) = (tx.tenant(), tx.now(), report.rule());
    let statement = sql(ZONES).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(report.id);
    let due: Vec<Due> = statement.load(tx.connection()).await.map_err(failed)?;
    let is_active = report.status == ReportStatus::Active;
    let next = |due: &Due| rule.next(due.zone.parse().unwrap_or(chrono_tz::Tz::UTC), now).map(|slot| slot.at);
    let times: Vec<_> = due.iter().map(|due| next(due).filter(|_| is_active)).collect();
    sql(PLAN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(due.iter().map(|due| due.id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(times)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// What the audit log keeps of a report.
fn said(report: &Report) -> Value {
    json!({
        "name": report.name, "kind": report.kind, "every": report.every, "weekday": report.weekday(),
        "month_day": report.month_day, "at": report.at(), "tz": report.zone_of(), "csv": report.csv,
        "send_when_empty": report.send_when_empty, "quiet": report.quiet(),
    })
}
