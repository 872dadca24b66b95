//! From an address to the tokens of a letter.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{ResetRules, sealed_to};
use crate::{
    auth::{LetterPurpose, LetterToken},
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
    key::Key,
    members::email_key,
    sealed::{Sealer, Secret},
};

/// A letter names so many institutions at most.
const KNOWN: &str = "SELECT u.tenant_id AS tenant, u.id AS \"user\" FROM users u
  JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id AND m.status = 'active'
  JOIN institutions i ON i.tenant_id = u.tenant_id AND i.status IN ('trial', 'active', 'closing')
  WHERE u.email_key = $1 AND ($2 OR i.tenant_id = $3 OR i.external_id = $4 OR i.number = $5)
  ORDER BY m.created_at, u.tenant_id LIMIT 50";

/// A later letter makes the earlier ones worthless.
const REPLACE: &str = "UPDATE password_resets r SET used_at = $3, secret = NULL
  FROM unnest($1, $2) AS n(tenant_id, user_id)
  WHERE r.tenant_id = n.tenant_id AND r.user_id = n.user_id AND r.used_at IS NULL";

const WRITE: &str = "INSERT INTO password_resets
    (tenant_id, id, user_id, letter_id, hash, secret, created_at, expires_at)
  SELECT tenant_id, id, user_id, $6, hash, secret, $7, $8
  FROM unnest($1, $2, $3, $4, $5) AS n(tenant_id, id, user_id, hash, secret)";

/// Whose way back is wanted.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Address.
    pub email: &'a str,
    /// In which institution; in every one that knows the address, if left out.
    pub institution: Option<&'a Key<id::Institution>>,
    /// Names the letter.
    pub letter: Uuid,
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = SqlUuid)]
    tenant: TenantId,
    #[diesel(sql_type = SqlUuid)]
    user: Id<id::User>,
}

/// Makes a token for each institution that knows an address. Answers for how many, which may be none.
///
/// # Errors
/// As the database says.
pub async fn begin(house: &mut HouseTx, sealer: &Sealer, rules: &ResetRules, wanted: Wanted<'_>) -> Result<usize> {
    let known = known(house, &wanted).await?;
    if known.is_empty() {
        return Ok(0);
    }
    let now = house.now();
    let (tenants, users): (Vec<Uuid>, Vec<Uuid>) = known.iter().map(|one| (one.tenant.uuid(), one.user.uuid())).unzip();
    sql(REPLACE)
        .bind::<Array<SqlUuid>, _>(&tenants)
        .bind::<Array<SqlUuid>, _>(&users)
        .bind::<Timestamptz, _>(now)
        .execute(house.connection())
        .await
        .map_err(failed)?;
    let (mut ids, mut hashes, mut secrets) = (Vec::new(), Vec::new(), Vec::new());
    for one in &known {
        let (id, token) = (house.new_id(), LetterToken::fresh(LetterPurpose::PasswordReset, one.tenant));
        ids.push(id.uuid());
        hashes.push(token.hash().to_vec());
        secrets.push(sealer.seal(&Secret::new(token.expose()), &sealed_to(id))?);
    }
    sql(WRITE)
        .bind::<Array<SqlUuid>, _>(tenants)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(users)
        .bind::<Array<Binary>, _>(hashes)
        .bind::<Array<Binary>, _>(secrets)
        .bind::<SqlUuid, _>(wanted.letter)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + rules.life)
        .execute(house.connection())
        .await
        .map_err(failed)?;
    Ok(known.len())
}

async fn known(house: &mut HouseTx, wanted: &Wanted<'_>) -> Result<Vec<Known>> {
    let word = wanted.institution.and_then(Key::word);
    let external = wanted.institution.and_then(Key::external_id).or(word);
    sql(KNOWN)
        .bind::<Text, _>(email_key(wanted.email))
        .bind::<Bool, _>(wanted.institution.is_none())
        .bind::<Nullable<SqlUuid>, _>(wanted.institution.and_then(Key::id))
        .bind::<Nullable<Text>, _>(external)
        .bind::<Nullable<BigInt>, _>(word.and_then(|word| word.parse::<i64>().ok()))
        .load(house.connection())
        .await
        .map_err(failed)
}
