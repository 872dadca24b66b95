//! What may be done about letters.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Attempt, Bounce, Letter, LetterStatus, NewLetter,
    address::{address_hash, masked_address, without_addresses},
    queries::get,
};
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
};

// Begun again, a letter that waits is tried once more, and one that was settled stays as it is.
const BEGIN: &str =
    "INSERT INTO letters AS l (tenant_id, id, occasion, kind, user_id, recipient, address_hash, language,
    status, attempts, created_at, updated_at)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN EXISTS (
      SELECT FROM suspended_addresses s WHERE s.tenant_id = $1 AND s.address_hash = $7)
    THEN 'suspended' ELSE 'queued' END, 1, $9, $9
  ON CONFLICT (tenant_id, occasion) DO UPDATE SET
    status = CASE WHEN l.status = 'queued' THEN EXCLUDED.status ELSE l.status END,
    attempts = l.attempts + (l.status = 'queued')::int, updated_at = EXCLUDED.updated_at
  RETURNING id, status";
const FINISH: &str = "UPDATE letters SET status = $3, last_error = COALESCE($4, last_error), updated_at = $5,
    sent_at = CASE WHEN $3 = 'sent' THEN $5 ELSE sent_at END
  WHERE tenant_id = $1 AND id = $2 AND status = 'queued' RETURNING recipient, address_hash";
const BOUNCED: &str = "UPDATE letters SET status = CASE WHEN $5 THEN 'bounced' ELSE status END, last_error = $3,
    bounced_at = CASE WHEN $5 THEN COALESCE(bounced_at, $4) ELSE bounced_at END, updated_at = $4
  WHERE tenant_id = $1 AND id = $2 RETURNING recipient, address_hash";
const SUSPEND: &str =
    "INSERT INTO suspended_addresses (tenant_id, address_hash, recipient, letter_id, reason, suspended_at)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING true AS yes";
const READMIT: &str =
    "DELETE FROM suspended_addresses WHERE tenant_id = $1 AND address_hash = $2 RETURNING true AS yes";

#[derive(QueryableByName)]
struct Begun {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Letter>,
    #[diesel(sql_type = Text)]
    status: LetterStatus,
}

#[derive(QueryableByName)]
struct Addressed {
    #[diesel(sql_type = Text)]
    recipient: String,
    #[diesel(sql_type = Binary)]
    address_hash: Vec<u8>,
}

#[derive(QueryableByName)]
#[expect(dead_code, reason = "that there is a row is the answer")]
struct Yes {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Begins an attempt to send a letter. Only one that answers [`LetterStatus::Queued`] is to be sent.
///
/// # Errors
/// As the database says.
pub async fn begin(tx: &mut TenantTx, letter: &NewLetter<'_>) -> Result<(Id<id::Letter>, LetterStatus)> {
    let (tenant, now, id) = (tx.tenant(), tx.now(), tx.new_id::<id::Letter>());
    let begun: Begun = sql(BEGIN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(letter.occasion)
        .bind::<Text, _>(letter.kind)
        .bind::<Nullable<SqlUuid>, _>(letter.user)
        .bind::<Text, _>(masked_address(letter.email))
        .bind::<Binary, _>(address_hash(letter.email))
        .bind::<Text, _>(letter.language)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    Ok((begun.id, begun.status))
}

/// Notes what came of an attempt. Answers whether its address was suspended by it.
///
/// # Errors
/// As the database says.
pub async fn finish(tx: &mut TenantTx, id: Id<id::Letter>, attempt: &Attempt) -> Result<bool> {
    let (status, why) = match attempt {
        Attempt::Sent => (LetterStatus::Sent, None),
        Attempt::Refused { why, .. } => (LetterStatus::Refused, Some(why)),
        Attempt::Deferred(why) => (LetterStatus::Queued, Some(why)),
        Attempt::GivenUp(why) => (LetterStatus::Failed, Some(why)),
    };
    let why = why.map(|why| without_addresses(why));
    let (tenant, now) = (tx.tenant(), tx.now());
    let addressed: Option<Addressed> = sql(FINISH)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(status.as_str())
        .bind::<Nullable<Text>, _>(why.as_deref())
        .bind::<Timestamptz, _>(now)
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    match (addressed, attempt) {
        (Some(addressed), Attempt::Refused { gone: true, .. }) => {
            suspend(tx, id, addressed, why.as_deref().unwrap_or_default()).await
        }
        _ => Ok(false),
    }
}

/// Notes that a letter came back, or was delayed. Answers whether its address was suspended by it.
///
/// # Errors
/// `not_found`.
pub async fn bounced(tx: &mut TenantTx, id: Id<id::Letter>, bounce: &Bounce) -> Result<bool> {
    let why = without_addresses(&bounce.why);
    let (tenant, now) = (tx.tenant(), tx.now());
    let addressed: Option<Addressed> = sql(BOUNCED)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(&why)
        .bind::<Timestamptz, _>(now)
        .bind::<Bool, _>(bounce.failed)
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    let addressed = addressed.ok_or_else(|| Error::not_found("letter"))?;
    tx.audit(Entry::of("letter.bounced", id).is(json!({ "reason": why, "failed": bounce.failed })));
    if bounce.gone { suspend(tx, id, addressed, &why).await } else { Ok(false) }
}

async fn suspend(tx: &mut TenantTx, id: Id<id::Letter>, addressed: Addressed, why: &str) -> Result<bool> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let suspended: Option<Yes> = sql(SUSPEND)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Binary, _>(addressed.address_hash)
        .bind::<Text, _>(addressed.recipient)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(why)
        .bind::<Timestamptz, _>(now)
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    if suspended.is_some() {
        tx.audit(Entry::of("letter.address_suspended", id).is(json!({ "reason": why })));
    }
    Ok(suspended.is_some())
}

/// Lets letters go to the address of a letter again. What was not sent meanwhile stays unsent.
///
/// # Errors
/// `not_found`; `conflict` where the address is not suspended.
pub async fn readmit(tx: &mut TenantTx, id: Id<id::Letter>) -> Result<Letter> {
    let letter = get(tx, id).await?;
    let tenant = tx.tenant();
    let statement = sql(READMIT).bind::<SqlUuid, _>(tenant).bind::<Binary, _>(&letter.address_hash);
    let readmitted: Option<Yes> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    if readmitted.is_none() {
        return Err(Error::new(Code::Conflict, "the address of this letter is not suspended"));
    }
    tx.audit(Entry::of("letter.address_readmitted", id).was(json!({ "suspended_at": letter.suspended_at })));
    get(tx, id).await
}

/// Forgets the letters promised before a time, a handful; answers how many. A suspended address stays so.
///
/// # Errors
/// As the database says.
pub async fn forget(tx: &mut crate::db::HouseTx, before: chrono::DateTime<chrono::Utc>) -> Result<usize> {
    const FORGET: &str = "DELETE FROM letters l USING (SELECT tenant_id, id FROM letters
        WHERE id < stoa_uuid_floor($1) ORDER BY id LIMIT $2) old
      WHERE l.tenant_id = old.tenant_id AND l.id = old.id";
    let statement = sql(FORGET).bind::<Timestamptz, _>(before).bind::<Integer, _>(5_000);
    statement.execute(tx.connection()).await.map_err(failed)
}
