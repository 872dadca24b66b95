//! What a letter about a token has to say, and to whom.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::TokenKind;
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    letters::Reader,
};

const ABOUT: &str = "SELECT t.name, t.kind, t.last4, t.expires_at, t.revoked_at, t.replaced_by, t.last_used_at, i.name AS institution_name, t.user_id
  FROM tokens t JOIN institutions i ON i.tenant_id = t.tenant_id WHERE t.tenant_id = $1 AND t.id = $2";
/// The owners, and whoever made the token or is signed in by it.
const READERS: &str = concat!(
    "SELECT ",
    crate::reader_columns!(),
    " FROM memberships m JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
      JOIN institutions i ON i.tenant_id = m.tenant_id
      WHERE m.tenant_id = $1 AND m.status = 'active' AND (m.role = 'owner' OR m.user_id IN (
        SELECT unnest(ARRAY[t.created_by, t.user_id]) FROM tokens t WHERE t.tenant_id = $1 AND t.id = $2))
      ORDER BY u.id LIMIT 100"
);

/// A token, as a letter tells of it.
#[derive(Debug, Clone)]
pub struct TokenNotice {
    /// Given by its maker.
    pub name: String,
    /// Whose it is.
    pub kind: TokenKind,
    /// Its last letters.
    pub last4: String,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Something was made in its place.
    pub is_replaced: bool,
    /// Last use.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Whose people are told.
    pub institution_name: String,
    /// Who is signed in by it, where it is a session.
    pub user: Option<Id<id::User>>,
    /// Who is told.
    pub readers: Vec<Reader>,
}

#[derive(QueryableByName)]
struct About {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: TokenKind,
    #[diesel(sql_type = Text)]
    last4: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    revoked_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    replaced_by: Option<Id<id::Token>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_used_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    institution_name: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    user_id: Option<Id<id::User>>,
}

/// Reads what a letter about a token says; none when there is no such token.
///
/// # Errors
/// As the database says.
pub async fn token_notice(tx: &mut TenantTx, token: Id<id::Token>) -> Result<Option<TokenNotice>> {
    let tenant = tx.tenant();
    let about = sql(ABOUT).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(token);
    let about: Option<About> = about.get_result(tx.connection()).await.optional().map_err(failed)?;
    let Some(about) = about else { return Ok(None) };
    let readers = sql(READERS).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(token);
    let readers = readers.load(tx.connection()).await.map_err(failed)?;
    Ok(Some(TokenNotice {
        name: about.name,
        kind: about.kind,
        last4: about.last4,
        expires_at: about.expires_at,
        revoked_at: about.revoked_at,
        is_replaced: about.replaced_by.is_some(),
        last_used_at: about.last_used_at,
        institution_name: about.institution_name,
        user: about.user_id,
        readers,
    }))
}
