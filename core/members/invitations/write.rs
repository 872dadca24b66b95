//! Writing invitations, any number in one statement: of one person, or of an import.

use chrono::TimeDelta;
use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Integer, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::Inviting;
use crate::{
    auth::{LetterPurpose, LetterToken},
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    sealed::Secret,
};

/// The place of a token is its person's: an invitation that is open already keeps its id.
const WRITE: &str = "INSERT INTO invitations AS i
    (tenant_id, id, user_id, hash, secret, invited_by, created_at, day_began_at, expires_at)
  SELECT $1, n.id, n.user_id, n.hash, n.secret, $6, $7, $7, $8
  FROM unnest($2, $3, $4, $5) AS n(id, user_id, hash, secret)
  JOIN memberships m ON m.tenant_id = $1 AND m.user_id = n.user_id AND m.status = 'invited'
  ON CONFLICT (tenant_id, user_id) WHERE accepted_at IS NULL AND revoked_at IS NULL DO UPDATE SET
    hash = excluded.hash, secret = excluded.secret, invited_by = excluded.invited_by, expires_at = excluded.expires_at,
    sent_at = NULL, sends = i.sends + 1,
    day_began_at = CASE WHEN i.day_began_at <= $9 THEN $7 ELSE i.day_began_at END,
    sends_of_day = CASE WHEN i.day_began_at <= $9 THEN 1 ELSE i.sends_of_day + 1 END
  WHERE i.day_began_at <= $9 OR i.sends_of_day < $10
  RETURNING id, user_id AS \"user\", sends";

/// A letter that is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Sent {
    /// The invitation.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Invitation>,
    /// Who is asked.
    #[diesel(sql_type = SqlUuid)]
    pub user: Id<id::User>,
    /// Which of its letters, from 1.
    #[diesel(sql_type = Integer)]
    pub sends: i32,
}

/// Asks people to join, each by a letter, in one statement; whoever has an open invitation gets another letter for it.
/// Answers the letters that are to be promised: none for who is not `invited`, nor for who got enough of them today.
///
/// # Errors
/// As the database says.
pub async fn invite_all(tx: &mut TenantTx, inviting: Inviting<'_>, people: &[Id<id::User>]) -> Result<Vec<Sent>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let ids: Vec<_> = people.iter().map(|_| tx.new_id::<id::Invitation>().uuid()).collect();
    let (mut hashes, mut secrets) = (Vec::with_capacity(people.len()), Vec::with_capacity(people.len()));
    for person in people {
        let token = LetterToken::fresh(LetterPurpose::Invitation, tenant);
        hashes.push(token.hash().to_vec());
        secrets.push(inviting.sealer.seal(&Secret::new(token.expose()), &sealed_to(*person))?);
    }
    sql(WRITE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(people.iter().map(|person| person.uuid()).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(hashes)
        .bind::<Array<Binary>, _>(secrets)
        .bind::<Nullable<SqlUuid>, _>(inviting.by.map(Id::uuid))
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + inviting.rules.life)
        .bind::<Timestamptz, _>(now - TimeDelta::days(1))
        .bind::<Integer, _>(i32::try_from(inviting.rules.sends_per_day).unwrap_or(i32::MAX))
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Where a token is sealed to.
pub(crate) fn sealed_to(person: Id<id::User>) -> String {
    format!("invitation:{person}")
}
