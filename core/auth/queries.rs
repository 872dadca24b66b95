//! Who might be signing in.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{HouseTx, TenantTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
    institutions::InstitutionStatus,
    key::Key,
    members::email_key,
    scope::Role,
};

/// More institutions than these are not tried: each costs a password's work.
const CANDIDATES: &str = "SELECT u.tenant_id AS tenant, u.id AS \"user\", m.role, c.password_hash,
    i.number AS institution_number, i.name AS institution_name, i.status AS institution_status
  FROM users u
  JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id AND m.status = 'active'
  JOIN institutions i ON i.tenant_id = u.tenant_id
  LEFT JOIN credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
  WHERE u.email_key = $1
    AND ($2 OR i.tenant_id = $3 OR i.external_id = $4 OR i.number = $5)
  ORDER BY c.password_hash IS NULL, m.created_at, u.tenant_id
  LIMIT 4";

/// An active member with the address, in one institution.
#[derive(Debug, Clone, QueryableByName)]
pub struct Candidate {
    /// The institution.
    #[diesel(sql_type = SqlUuid)]
    pub tenant: TenantId,
    /// The person there.
    #[diesel(sql_type = SqlUuid)]
    pub user: Id<id::User>,
    /// The person's role there.
    #[diesel(sql_type = Text)]
    pub role: Role,
    /// The password there, if there is one.
    #[diesel(sql_type = Nullable<Text>)]
    pub password_hash: Option<String>,
    /// Integer id of the institution.
    #[diesel(sql_type = BigInt)]
    pub institution_number: i64,
    /// Name of the institution.
    #[diesel(sql_type = Text)]
    pub institution_name: String,
    /// Whether the institution's doors are open.
    #[diesel(sql_type = Text)]
    pub institution_status: InstitutionStatus,
}

/// Finds the active members with an address, in every institution or in the one that was named.
///
/// # Errors
/// As the database says.
pub async fn candidates(
    house: &mut HouseTx,
    email: &str,
    institution: Option<&Key<id::Institution>>,
) -> Result<Vec<Candidate>> {
    let word = institution.and_then(Key::word);
    let external = institution.and_then(Key::external_id).or(word);
    sql(CANDIDATES)
        .bind::<Text, _>(email_key(email))
        .bind::<Bool, _>(institution.is_none())
        .bind::<Nullable<SqlUuid>, _>(institution.and_then(Key::id))
        .bind::<Nullable<Text>, _>(external)
        .bind::<Nullable<BigInt>, _>(word.and_then(|word| word.parse::<i64>().ok()))
        .load(house.connection())
        .await
        .map_err(failed)
}

/// Finds the hash of a person's password; none where the person has none.
///
/// # Errors
/// As the database says.
pub async fn password_hash(tx: &mut TenantTx, user: Id<id::User>) -> Result<Option<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        password_hash: String,
    }
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql("SELECT password_hash FROM credentials WHERE tenant_id = $1 AND user_id = $2")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(user)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().next().map(|row| row.password_hash))
}
