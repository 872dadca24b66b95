//! What an institution is told of an address that was suspended.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::readers::{Reader, readers};
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    scope::Role,
};

/// What there is to tell.
#[derive(Debug, Clone)]
pub struct SuspensionNotice {
    /// The facts.
    pub facts: SuspensionFacts,
    /// Owners and admins, but for those whose own address it is.
    pub readers: Vec<Reader>,
}

/// The facts of a suspension.
#[derive(Debug, Clone, QueryableByName)]
pub struct SuspensionFacts {
    /// Whose member it is.
    #[diesel(sql_type = Text)]
    pub institution_name: String,
    /// What the member is called; none for somebody who is none.
    #[diesel(sql_type = Nullable<Text>)]
    pub member_name: Option<String>,
    /// The address, masked.
    #[diesel(sql_type = Text)]
    pub recipient: String,
    /// What the mail server said.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// Since when.
    #[diesel(sql_type = Timestamptz)]
    pub suspended_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    user_id: Option<Id<id::User>>,
}

/// Loads what is told of a letter's address; none once letters go there again.
///
/// # Errors
/// As the database says.
pub async fn suspension_notice(tx: &mut TenantTx, letter: Id<id::Letter>) -> Result<Option<SuspensionNotice>> {
    const FACTS: &str =
        "SELECT i.name AS institution_name, u.name AS member_name, s.recipient, s.reason, s.suspended_at, l.user_id
      FROM suspended_addresses s
      JOIN institutions i ON i.tenant_id = s.tenant_id
      LEFT JOIN letters l ON l.tenant_id = s.tenant_id AND l.id = s.letter_id
      LEFT JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id
      WHERE s.tenant_id = $1 AND s.letter_id = $2";
    let tenant = tx.tenant();
    let statement = sql(FACTS).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(letter);
    let facts: Option<SuspensionFacts> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    let Some(facts) = facts else { return Ok(None) };
    let mut readers = readers(tx, &[Role::Owner, Role::Admin]).await?;
    readers.retain(|reader| Some(reader.id) != facts.user_id);
    Ok(Some(SuspensionNotice { facts, readers }))
}
