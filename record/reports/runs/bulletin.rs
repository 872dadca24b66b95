//! What a letter is made of: of a run, or for somebody who wants to see it beforehand.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Error, Id, Result, Role,
    db::{TenantTx, failed, sql},
    id,
    members::MemberStatus,
    sealed::Sealer,
};

use crate::reports::{
    RecipientStatus, Report, ReportStatus, RunStatus, SkipReason, Tokens, ZoneOf, queries, rows::report_columns,
};

/// What one letter is made of.
#[derive(Debug, Clone)]
pub struct Bulletin {
    /// The report.
    pub report: Report,
    /// First and last day of what is told.
    pub period: (NaiveDate, NaiveDate),
    /// When the letter was promised.
    pub promised_at: DateTime<Utc>,
    /// Zone of the reader's times.
    pub zone: String,
    /// The member that it goes to; none for whoever is none.
    pub user: Option<Id<id::User>>,
    /// What the reader is called.
    pub name: Option<String>,
    /// Where it goes.
    pub email: String,
    /// Language tag of the reader.
    pub locale: String,
    /// Whose figures they are.
    pub institution_name: String,
    /// Language tag of the institution.
    pub institution_locale: String,
    /// Makes the tokens of the letter; none for one that nobody can unsubscribe from.
    pub tokens: Option<Tokens>,
}

#[derive(QueryableByName)]
struct RunRow {
    #[diesel(embed)]
    report: Report,
    #[diesel(sql_type = SqlUuid)]
    recipient_id: Id<id::ReportRecipient>,
    #[diesel(sql_type = Text)]
    run_status: RunStatus,
    #[diesel(sql_type = Date)]
    period_from: NaiveDate,
    #[diesel(sql_type = Date)]
    period_to: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    promised_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    reader_zone: String,
    #[diesel(sql_type = Text)]
    recipient_status: RecipientStatus,
    #[diesel(sql_type = Binary)]
    secret: Vec<u8>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    user_id: Option<Id<id::User>>,
    #[diesel(sql_type = Nullable<Text>)]
    person_name: Option<String>,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Nullable<Text>)]
    member_status: Option<MemberStatus>,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<Role>,
    #[diesel(sql_type = Bool)]
    is_suspended: bool,
    #[diesel(sql_type = Text)]
    institution_name: String,
    #[diesel(sql_type = Text)]
    institution_locale: String,
}

const RUN: &str = concat!(
    "SELECT ",
    report_columns!(),
    ", x.status AS run_status, x.period_from, x.period_to, x.created_at AS promised_at, COALESCE(u.time_zone, x.time_zone) AS reader_zone,
      rc.id AS recipient_id, rc.status AS recipient_status, rc.secret, rc.user_id, u.name AS person_name,
      COALESCE(u.email, rc.email) AS email, COALESCE(rc.locale, u.locale, i.locale) AS locale,
      m.status AS member_status, m.role, i.name AS institution_name, i.locale AS institution_locale,
      EXISTS (SELECT FROM suspended_addresses s WHERE s.tenant_id = rc.tenant_id
        AND s.address_hash = sha256(convert_to(COALESCE(u.email_key, rc.email_key), 'UTF8'))) AS is_suspended
      FROM report_runs x
      JOIN report_recipients rc ON rc.tenant_id = x.tenant_id AND rc.id = x.recipient_id
      JOIN reports r ON r.tenant_id = x.tenant_id AND r.id = x.report_id
      JOIN institutions i ON i.tenant_id = x.tenant_id
      LEFT JOIN users u ON u.tenant_id = rc.tenant_id AND u.id = rc.user_id
      LEFT JOIN memberships m ON m.tenant_id = rc.tenant_id AND m.user_id = rc.user_id
      WHERE x.tenant_id = $1 AND x.id = $2"
);

impl RunRow {
    /// Why nothing may be sent to this recipient now.
    fn obstacle(&self) -> Option<SkipReason> {
        let role_lost = self.role.is_some_and(|role| !self.report.kind.suits(role));
        let obstacles = [
            (self.report.status == ReportStatus::Paused, SkipReason::Paused),
            (self.recipient_status != RecipientStatus::Active, SkipReason::Unsubscribed),
            (self.user_id.is_some() && self.member_status != Some(MemberStatus::Active), SkipReason::Left),
            (role_lost, SkipReason::RoleLost),
            (self.is_suspended, SkipReason::AddressSuspended),
        ];
        obstacles.into_iter().find_map(|(stands, reason)| stands.then_some(reason))
    }
}

/// What is to be done about a run.
#[derive(Debug)]
pub enum Standing {
    /// Nothing: it is settled, or gone with its report.
    Settled,
    /// It may not be sent.
    Hindered(SkipReason),
    /// Its letter is to be written.
    Open(Box<Bulletin>),
}

/// Looks how a run stands.
///
/// # Errors
/// As the database says; `internal` when the recipient's secret cannot be opened.
pub async fn look(tx: &mut TenantTx, sealer: &Sealer, run: Id<id::ReportRun>) -> Result<Standing> {
    let tenant = tx.tenant();
    let statement = sql(RUN).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(run);
    let row: Option<RunRow> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    let Some(row) = row.filter(|row| row.run_status == RunStatus::Promised) else { return Ok(Standing::Settled) };
    if let Some(reason) = row.obstacle() {
        return Ok(Standing::Hindered(reason));
    }
    let tokens = Tokens::open(sealer, tenant, row.recipient_id, &row.secret)?;
    Ok(Standing::Open(Box::new(Bulletin {
        report: row.report,
        period: (row.period_from, row.period_to),
        promised_at: row.promised_at,
        zone: row.reader_zone,
        user: row.user_id,
        name: row.person_name,
        email: row.email,
        locale: row.locale,
        institution_name: row.institution_name,
        institution_locale: row.institution_locale,
        tokens: Some(tokens),
    })))
}

#[derive(QueryableByName)]
struct PersonRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Text)]
    institution_name: String,
    #[diesel(sql_type = Text)]
    institution_locale: String,
    #[diesel(sql_type = Text)]
    institution_zone: String,
}

const PERSON: &str = "SELECT u.name, u.email, COALESCE(u.locale, i.locale) AS locale,
    COALESCE(u.time_zone, i.time_zone) AS time_zone, i.name AS institution_name, i.locale AS institution_locale,
    i.time_zone AS institution_zone
  FROM users u JOIN institutions i ON i.tenant_id = u.tenant_id WHERE u.tenant_id = $1 AND u.id = $2";

/// What a letter would be made of for a member now: the latest closed period, whether or not it is due. Nobody can
/// unsubscribe from it.
///
/// # Errors
/// `not_found`.
pub async fn sample(tx: &mut TenantTx, report: Id<id::Report>, reader: Id<id::User>) -> Result<Bulletin> {
    let report = queries::get(tx, report).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(PERSON).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(reader);
    let person: Option<PersonRow> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    let person = person.ok_or_else(|| Error::not_found("member"))?;
    let zone = match report.zone_of() {
        ZoneOf::Named(zone) => zone,
        ZoneOf::Recipient => person.time_zone.parse().unwrap_or(Tz::UTC),
        ZoneOf::Institution => person.institution_zone.parse().unwrap_or(Tz::UTC),
    };
    let slot = report.rule().latest(zone, now).ok_or_else(|| Error::not_found("period"))?;
    Ok(Bulletin {
        period: slot.period,
        promised_at: now,
        report,
        zone: person.time_zone,
        user: Some(reader),
        name: Some(person.name),
        email: person.email,
        locale: person.locale,
        institution_name: person.institution_name,
        institution_locale: person.institution_locale,
        tokens: None,
    })
}
