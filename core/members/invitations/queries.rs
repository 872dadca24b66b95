//! What may be asked of invitations.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{
    Invitation, InvitationStatus,
    rows::{invitation_columns, invitation_status},
    sealed_to,
};
use crate::{
    auth::{LetterPurpose, LetterToken},
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    error::{Error, Result},
    id::{self, Id},
    sealed::Sealer,
};

/// Of whom an invitation is.
macro_rules! joined {
    () => {
        " FROM invitations i JOIN users u ON u.tenant_id = i.tenant_id AND u.id = i.user_id
          JOIN memberships m ON m.tenant_id = i.tenant_id AND m.user_id = i.user_id
          WHERE i.tenant_id = $1"
    };
}
const GET: &str = concat!("SELECT ", invitation_columns!(), joined!(), " AND i.id = $3");
const GET_FOR_CHANGE: &str =
    concat!("SELECT ", invitation_columns!(), joined!(), " AND i.id = $3 FOR NO KEY UPDATE OF i");

macro_rules! wanted {
    () => {
        concat!(joined!(), " AND ($3 IS NULL OR ", invitation_status!(), " = $3) AND ($4 IS NULL OR u.email_key = $4)")
    };
}
const COUNT: &str = concat!("SELECT count(*) AS total", wanted!());
const PAGE: &str = concat!("SELECT ", invitation_columns!(), wanted!(), " ORDER BY i.id DESC LIMIT $5 OFFSET $6");

const NOTICE: &str = concat!(
    "SELECT i.id, i.user_id AS \"user\", i.secret, i.sends, i.expires_at, u.email, u.name, u.locale, m.role,
            n.name AS institution_name, n.locale AS institution_locale, b.name AS invited_by,
            coalesce(u.time_zone, n.time_zone) AS time_zone, ",
    invitation_status!(),
    " AS status FROM invitations i JOIN users u ON u.tenant_id = i.tenant_id AND u.id = i.user_id
      JOIN memberships m ON m.tenant_id = i.tenant_id AND m.user_id = i.user_id
      JOIN institutions n ON n.tenant_id = i.tenant_id
      LEFT JOIN users b ON b.tenant_id = i.tenant_id AND b.id = i.invited_by
      WHERE i.tenant_id = $1 AND i.id = $3"
);
/// Whether the letter was sent its row knows: a mail server may have refused it.
const NOTE_SENT: &str = "UPDATE invitations SET secret = NULL,
    sent_at = (SELECT l.sent_at FROM letters l WHERE l.tenant_id = $1 AND l.occasion = $4)
  WHERE tenant_id = $1 AND id = $2 AND sends = $3";

/// Which invitations are wanted.
#[derive(Debug, Clone, Default)]
pub struct InvitationFilter {
    /// Of this status.
    pub status: Option<InvitationStatus>,
    /// To this address.
    pub email: Option<String>,
}

/// What the letter of an invitation says.
#[derive(Debug, Clone)]
pub struct InvitationNotice {
    /// The invitation.
    pub id: Id<id::Invitation>,
    /// Which of its letters is the newest, from 1.
    pub sends: i32,
    /// Whom it goes to.
    pub user: Id<id::User>,
    /// Where.
    pub email: String,
    /// The name, as far as it is known.
    pub name: String,
    /// Language tag of the person.
    pub locale: Option<String>,
    /// The role to come.
    pub role: crate::scope::Role,
    /// Into which institution.
    pub institution_name: String,
    /// Language tag of the institution.
    pub institution_locale: String,
    /// Time zone of the person, or of the institution.
    pub time_zone: String,
    /// Who asks, if it is a person of the institution.
    pub invited_by: Option<String>,
    /// When the token stops working.
    pub expires_at: DateTime<Utc>,
    /// The token; its `Debug` says nothing.
    pub token: LetterToken,
}

/// Gets an invitation.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, id: Id<id::Invitation>) -> Result<Invitation> {
    one(tx, GET, id).await
}

/// Gets an invitation that nobody else changes until the transaction ends.
pub(super) async fn get_for_change(tx: &mut TenantTx, id: Id<id::Invitation>) -> Result<Invitation> {
    one(tx, GET_FOR_CHANGE, id).await
}

async fn one(tx: &mut TenantTx, text: &'static str, id: Id<id::Invitation>) -> Result<Invitation> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(text).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now).bind::<SqlUuid, _>(id);
    let found = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::not_found("invitation"))
}

/// Lists invitations, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &InvitationFilter, request: PageRequest) -> Result<Paged<Invitation>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let wanted = |text: &'static str| {
        sql(text)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Timestamptz, _>(now)
            .bind::<Nullable<Text>, _>(filter.status.map(InvitationStatus::as_str))
            .bind::<Nullable<Text>, _>(filter.email.as_deref().map(crate::members::email_key))
    };
    let total: Total = wanted(COUNT).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(PAGE).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}

#[derive(QueryableByName)]
struct NoticeRow {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Invitation>,
    #[diesel(sql_type = SqlUuid)]
    user: Id<id::User>,
    #[diesel(sql_type = Nullable<Binary>)]
    secret: Option<Vec<u8>>,
    #[diesel(sql_type = Integer)]
    sends: i32,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    locale: Option<String>,
    #[diesel(sql_type = Text)]
    role: crate::scope::Role,
    #[diesel(sql_type = Text)]
    institution_name: String,
    #[diesel(sql_type = Text)]
    institution_locale: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Nullable<Text>)]
    invited_by: Option<String>,
    #[diesel(sql_type = Text)]
    status: InvitationStatus,
}

/// Gathers what the newest letter of an invitation says; none once it has left, or nobody is waited for any more.
///
/// # Errors
/// As the database says; `internal` when the token cannot be opened.
pub async fn notice(tx: &mut TenantTx, sealer: &Sealer, id: Id<id::Invitation>) -> Result<Option<InvitationNotice>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(NOTICE).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now).bind::<SqlUuid, _>(id);
    let found: Option<NoticeRow> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    let Some(row) = found.filter(|row| row.status == InvitationStatus::Pending) else { return Ok(None) };
    let Some(bytes) = row.secret else { return Ok(None) };
    let secret = sealer.open(&bytes, &sealed_to(row.user))?;
    let text = std::str::from_utf8(secret.expose()).map_err(Error::internal)?;
    let token = LetterToken::read(LetterPurpose::Invitation, text)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("what is sealed is no invitation")))?;
    Ok(Some(InvitationNotice {
        id: row.id,
        sends: row.sends,
        user: row.user,
        email: row.email,
        name: row.name,
        locale: row.locale,
        role: row.role,
        institution_name: row.institution_name,
        institution_locale: row.institution_locale,
        time_zone: row.time_zone,
        invited_by: row.invited_by,
        expires_at: row.expires_at,
        token,
    }))
}

/// Notes what became of the letter of an occasion, and forgets its token: from then on only the letter has it.
///
/// # Errors
/// As the database says.
pub async fn note_sent(tx: &mut TenantTx, (id, sends): (Id<id::Invitation>, i32), occasion: &str) -> Result<()> {
    let tenant = tx.tenant();
    sql(NOTE_SENT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Integer, _>(sends)
        .bind::<Text, _>(occasion)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
