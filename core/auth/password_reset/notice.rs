//! What the letter says, and what is forgotten once it has left.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Binary, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::sealed_to;
use crate::{
    auth::{LetterPurpose, LetterToken},
    db::{HouseTx, failed, sql},
    error::{Error, Result},
    id::{self, Id, TenantId},
    sealed::Sealer,
};

const NOTICE: &str =
    "SELECT r.tenant_id AS tenant, r.id, r.secret, r.expires_at, r.user_id AS \"user\", u.email, u.name,
    coalesce(u.locale, i.locale) AS locale, i.locale AS institution_locale,
    coalesce(u.time_zone, i.time_zone) AS time_zone, i.name AS institution_name
  FROM password_resets r JOIN users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
  JOIN institutions i ON i.tenant_id = r.tenant_id
  WHERE r.letter_id = $1 AND r.used_at IS NULL AND r.secret IS NOT NULL AND r.expires_at > $2 ORDER BY r.id";
const NOTE_SENT: &str = "UPDATE password_resets SET secret = NULL WHERE letter_id = $1";
const FORGET: &str = "DELETE FROM password_resets WHERE created_at < $1";

/// What the letter says.
#[derive(Debug, Clone)]
pub struct ResetNotice {
    /// Where it goes.
    pub email: String,
    /// The name, as the first institution knows it.
    pub name: String,
    /// Language tag of the person, or of the first institution.
    pub locale: String,
    /// Language tag of the first institution.
    pub institution_locale: String,
    /// Time zone of the person, or of the first institution.
    pub time_zone: String,
    /// When the tokens stop working.
    pub expires_at: DateTime<Utc>,
    /// The institutions; never none.
    pub places: Vec<ResetPlace>,
}

/// An institution that knows the address.
#[derive(Debug, Clone)]
pub struct ResetPlace {
    /// Which one.
    pub tenant: TenantId,
    /// Who it is there.
    pub user: Id<id::User>,
    /// Its name.
    pub institution_name: String,
    /// The token; its `Debug` says nothing.
    pub token: LetterToken,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    tenant: TenantId,
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::PasswordReset>,
    #[diesel(sql_type = Binary)]
    secret: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    user: Id<id::User>,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Text)]
    institution_locale: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Text)]
    institution_name: String,
}

/// Gathers what a letter says; none once it has left, or is too late.
///
/// # Errors
/// As the database says; `internal` when a token cannot be opened.
pub async fn notice(house: &mut HouseTx, sealer: &Sealer, letter: Uuid) -> Result<Option<ResetNotice>> {
    let now = house.now();
    let statement = sql(NOTICE).bind::<SqlUuid, _>(letter).bind::<Timestamptz, _>(now);
    let rows: Vec<Row> = statement.load(house.connection()).await.map_err(failed)?;
    let Some(first) = rows.as_slice().first() else { return Ok(None) };
    Ok(Some(ResetNotice {
        email: first.email.clone(),
        name: first.name.clone(),
        locale: first.locale.clone(),
        institution_locale: first.institution_locale.clone(),
        time_zone: first.time_zone.clone(),
        expires_at: first.expires_at,
        places: rows.iter().map(|row| place(sealer, row)).collect::<Result<_>>()?,
    }))
}

/// Notes that a letter has left, and forgets its tokens: from then on only the letter has them.
///
/// # Errors
/// As the database says.
pub async fn note_sent(house: &mut HouseTx, letter: Uuid) -> Result<()> {
    sql(NOTE_SENT).bind::<SqlUuid, _>(letter).execute(house.connection()).await.map_err(failed)?;
    Ok(())
}

/// Forgets what was made before a time; answers how many.
///
/// # Errors
/// As the database says.
pub async fn forget_resets(house: &mut HouseTx, before: DateTime<Utc>) -> Result<usize> {
    sql(FORGET).bind::<Timestamptz, _>(before).execute(house.connection()).await.map_err(failed)
}

fn place(sealer: &Sealer, row: &Row) -> Result<ResetPlace> {
    let secret = sealer.open(&row.secret, &sealed_to(row.id))?;
    let text = std::str::from_utf8(secret.expose()).map_err(Error::internal)?;
    let token = LetterToken::read(LetterPurpose::PasswordReset, text)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("what is sealed is no token of a letter")))?;
    Ok(ResetPlace { tenant: row.tenant, user: row.user, institution_name: row.institution_name.clone(), token })
}
