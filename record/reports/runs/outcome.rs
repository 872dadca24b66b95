//! What became of a run, and the file that its letter leads to.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Code, Error, Id, Result,
    auth::LetterToken,
    db::{HouseTx, TenantTx, failed, sql},
    id,
};

use crate::reports::{RunStatus, SkipReason};

/// How long a link to a file works.
pub const FILE_LIFE: TimeDelta = TimeDelta::days(7);
/// How long it is known what became of a run.
const KEPT: TimeDelta = TimeDelta::days(400);
const SETTLE: &str = "UPDATE report_runs SET status = $3, reason = $4, finished_at = $5
  WHERE tenant_id = $1 AND id = $2 AND status = 'promised'";
const TROUBLE: &str = "UPDATE report_recipients rc SET trouble = $3 FROM report_runs x
  WHERE x.tenant_id = $1 AND x.id = $2 AND rc.tenant_id = $1 AND rc.id = x.recipient_id AND rc.trouble IS DISTINCT FROM $3
  RETURNING rc.id";

/// Settles a run that nothing is sent for, because nothing happened.
///
/// # Errors
/// As the database says.
pub async fn leave_out(tx: &mut TenantTx, run: Id<id::ReportRun>) -> Result<()> {
    settle(tx, run, (RunStatus::Empty, None)).await
}

/// Settles a run that may not be sent. Answers whether the report's owner is to be told: once, until a letter arrives again.
///
/// # Errors
/// As the database says.
pub async fn skip(tx: &mut TenantTx, run: Id<id::ReportRun>, reason: SkipReason) -> Result<bool> {
    settle(tx, run, (RunStatus::Skipped, Some(reason))).await?;
    match reason {
        SkipReason::Left | SkipReason::RoleLost | SkipReason::AddressSuspended => {
            note_trouble(tx, run, Some(reason)).await
        }
        SkipReason::Unsubscribed | SkipReason::Paused => Ok(false),
    }
}

async fn settle(
    tx: &mut TenantTx,
    run: Id<id::ReportRun>,
    (status, reason): (RunStatus, Option<SkipReason>),
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(SETTLE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(run)
        .bind::<Text, _>(status.as_str())
        .bind::<Nullable<Text>, _>(reason.map(SkipReason::as_str))
        .bind::<Timestamptz, _>(now);
    statement.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

async fn note_trouble(tx: &mut TenantTx, run: Id<id::ReportRun>, reason: Option<SkipReason>) -> Result<bool> {
    let tenant = tx.tenant();
    let statement = sql(TROUBLE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(run)
        .bind::<Nullable<Text>, _>(reason.map(SkipReason::as_str));
    let noted = statement.execute(tx.connection()).await.map_err(failed)?;
    Ok(noted > 0)
}

const FINISH: &str = "UPDATE report_runs x SET status = l.status, finished_at = $3 FROM letters l
  WHERE x.tenant_id = $1 AND x.id = $2 AND l.tenant_id = $1 AND l.occasion = 'report:' || x.id::text
    AND x.status = 'promised' AND l.status IN ('sent', 'refused', 'suspended', 'failed') RETURNING x.id";

/// Settles a run as its letter was. Whoever got it again is in no trouble any more.
///
/// # Errors
/// As the database says.
pub async fn finish(tx: &mut TenantTx, run: Id<id::ReportRun>) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(FINISH).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(run).bind::<Timestamptz, _>(now);
    if statement.execute(tx.connection()).await.map_err(failed)? > 0 {
        note_trouble(tx, run, None).await?;
    }
    Ok(())
}

const NOTE: &str = "UPDATE report_runs SET as_of = $3, file = $4, file_hash = $5, file_until = $6
  WHERE tenant_id = $1 AND id = $2";

/// Notes which moment is told, and keeps the file that a link leads to.
///
/// # Errors
/// As the database says.
pub async fn note(
    tx: &mut TenantTx,
    run: Id<id::ReportRun>,
    as_of: DateTime<Utc>,
    file: Option<(&[u8], &LetterToken)>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(NOTE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(run)
        .bind::<Timestamptz, _>(as_of)
        .bind::<Nullable<Binary>, _>(file.map(|(bytes, _)| bytes))
        .bind::<Nullable<Binary>, _>(file.map(|(_, token)| token.hash().to_vec()))
        .bind::<Nullable<Timestamptz>, _>(file.map(|_| now + FILE_LIFE));
    statement.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// A file that a link leads to.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct File {
    /// The bytes.
    #[diesel(sql_type = Binary)]
    pub bytes: Vec<u8>,
    /// First day of what it tells.
    #[diesel(sql_type = Date)]
    pub from: NaiveDate,
    /// Its last day.
    #[diesel(sql_type = Date)]
    pub to: NaiveDate,
}

const FILE: &str = "SELECT file AS bytes, period_from AS \"from\", period_to AS \"to\" FROM report_runs
  WHERE tenant_id = $1 AND file_hash = $2 AND file_until > $3 AND file IS NOT NULL";

/// Gets the file of whoever has the letter.
///
/// # Errors
/// `not_found` for a token that is none, or too old.
pub async fn file(tx: &mut TenantTx, token: &LetterToken) -> Result<File> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement =
        sql(FILE).bind::<SqlUuid, _>(tenant).bind::<Binary, _>(token.hash().to_vec()).bind::<Timestamptz, _>(now);
    let found = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::new(Code::NotFound, "this link is none of ours, or its week is over"))
}

const FORGET_FILES: &str =
    "UPDATE report_runs SET file = NULL, file_hash = NULL, file_until = NULL WHERE file_until <= $1";
const FORGET_RUNS: &str = "DELETE FROM report_runs WHERE id < stoa_uuid_floor($1)";

/// Forgets files whose links work no more, and what became of runs long ago.
///
/// # Errors
/// As the database says.
pub async fn forget(tx: &mut HouseTx) -> Result<usize> {
    let now = tx.now();
    let files = sql(FORGET_FILES).bind::<Timestamptz, _>(now).execute(tx.connection()).await.map_err(failed)?;
    let runs = sql(FORGET_RUNS).bind::<Timestamptz, _>(now - KEPT).execute(tx.connection()).await.map_err(failed)?;
    Ok(files + runs)
}

/// Of whose report a recipient gets nothing more, and why.
#[derive(Debug, Clone, QueryableByName)]
pub struct Loss {
    /// The report.
    #[diesel(sql_type = SqlUuid)]
    pub report_id: Id<id::Report>,
    /// What it is called.
    #[diesel(sql_type = Text)]
    pub report_name: String,
    /// Whose it is; none of an integration's.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub owner: Option<Id<id::User>>,
    /// Whose institution it is.
    #[diesel(sql_type = Text)]
    pub institution_name: String,
    /// Who gets nothing: a member.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub user_id: Option<Id<id::User>>,
    /// What that one is called, else the address.
    #[diesel(sql_type = Text)]
    pub who: String,
    /// Why.
    #[diesel(sql_type = Nullable<Text>)]
    pub trouble: Option<SkipReason>,
}

const LOSS: &str = "SELECT r.id AS report_id, r.name AS report_name, r.created_by AS owner, i.name AS institution_name,
    rc.user_id, COALESCE(u.name, rc.email) AS who, rc.trouble
  FROM report_runs x JOIN report_recipients rc ON rc.tenant_id = x.tenant_id AND rc.id = x.recipient_id
  JOIN reports r ON r.tenant_id = x.tenant_id AND r.id = x.report_id
  JOIN institutions i ON i.tenant_id = x.tenant_id
  LEFT JOIN users u ON u.tenant_id = rc.tenant_id AND u.id = rc.user_id
  WHERE x.tenant_id = $1 AND x.id = $2";

/// What a report's owner is told of a run that was not sent; none once it is mended.
///
/// # Errors
/// As the database says.
pub async fn loss(tx: &mut TenantTx, run: Id<id::ReportRun>) -> Result<Option<Loss>> {
    let tenant = tx.tenant();
    let statement = sql(LOSS).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(run);
    let found: Option<Loss> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    Ok(found.filter(|loss| loss.trouble.is_some()))
}
