//! What the letter says that asks somebody for a yes.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    auth::LetterToken,
    db::{TenantTx, failed, sql},
    id,
    sealed::Sealer,
};

use super::Bulletin;
use crate::reports::{Asked, Report, Tokens, rows::report_columns};

/// What somebody is asked by the letter that a question is sent with.
#[derive(Debug)]
pub struct Confirmation {
    /// Whose report it is, and where the letter goes.
    pub bulletin: Bulletin,
    /// Says yes.
    pub token: LetterToken,
    /// Until when it works.
    pub until: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct ConfirmationRow {
    #[diesel(embed)]
    report: Report,
    #[diesel(sql_type = SqlUuid)]
    recipient_id: Id<id::ReportRecipient>,
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
    #[diesel(sql_type = Text)]
    reader_zone: String,
    #[diesel(sql_type = Timestamptz)]
    until: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    institution_name: String,
    #[diesel(sql_type = Text)]
    institution_locale: String,
}

const CONFIRMATION: &str = concat!(
    "SELECT ",
    report_columns!(),
    ", rc.id AS recipient_id, rc.secret, rc.user_id, u.name AS person_name, COALESCE(u.email, rc.email) AS email,
      COALESCE(rc.locale, u.locale, i.locale) AS locale, COALESCE(u.time_zone, i.time_zone) AS reader_zone,
      rc.confirm_until AS until, i.name AS institution_name, i.locale AS institution_locale
      FROM report_recipients rc
      JOIN reports r ON r.tenant_id = rc.tenant_id AND r.id = rc.report_id
      JOIN institutions i ON i.tenant_id = rc.tenant_id
      LEFT JOIN users u ON u.tenant_id = rc.tenant_id AND u.id = rc.user_id
      WHERE rc.tenant_id = $1 AND rc.id = $2 AND rc.status = 'unconfirmed' AND rc.confirm_until > $3
        AND rc.asks = $4"
);

/// What the letter of a question says; none once it was answered, is too old, or a later one was sent.
///
/// # Errors
/// As the database says; `internal` when the recipient's secret cannot be opened.
pub async fn question(tx: &mut TenantTx, sealer: &Sealer, asked: Asked) -> Result<Option<Confirmation>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement =
        sql(CONFIRMATION).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(asked.recipient).bind::<Timestamptz, _>(now);
    let statement = statement.bind::<Integer, _>(asked.asks);
    let row: Option<ConfirmationRow> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    let Some(row) = row else { return Ok(None) };
    let tokens = Tokens::open(sealer, tenant, row.recipient_id, &row.secret)?;
    let today = now.date_naive();
    Ok(Some(Confirmation {
        token: tokens.confirm(asked.asks),
        until: row.until,
        bulletin: Bulletin {
            report: row.report,
            period: (today, today),
            promised_at: now,
            zone: row.reader_zone,
            user: row.user_id,
            name: row.person_name,
            email: row.email,
            locale: row.locale,
            institution_name: row.institution_name,
            institution_locale: row.institution_locale,
            tokens: Some(tokens),
        },
    }))
}
