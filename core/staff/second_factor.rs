//! The second factor of the staff: the same one-time passwords and recovery codes as people of institutions have, in
//! tables that belong to no institution.
//!
//! Not here: the throttle, which counts wrong one-time passwords, and the session that a right one opens (`sessions`).
//!
//! # Rule
//! As `auth::second_factor`: asked for only after its first password was right, a password taken once, a recovery code
//! taken once. Nobody asks for one who has none.

use diesel::{
    OptionalExtension,
    sql_types::{Array, BigInt, Binary, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::Member;
use crate::{
    auth::second_factor::{
        Begun, SecondFactor,
        code::{RecoveryCode, Totp},
        factor::{Factor, already_there},
        wrong,
    },
    db::{HouseTx, failed, sql},
    error::{Error, Result},
    id::{self, Id},
    sealed::{Sealer, Secret},
};

/// What authenticators call us.
const ISSUER: &str = "Stoa staff";

const BEGIN: &str = "INSERT INTO staff_second_factors AS f (staff_id, secret, created_at) VALUES ($1, $2, $3)
  ON CONFLICT (staff_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, last_step = 0
    WHERE f.confirmed_at IS NULL";
// Locked: of two requests with one password, the second must see what the first took.
const GET: &str = "SELECT secret, last_step, confirmed_at FROM staff_second_factors WHERE staff_id = $1 FOR UPDATE";
const TAKE_STEP: &str = "UPDATE staff_second_factors SET last_step = $2, confirmed_at = coalesce(confirmed_at, $3)
  WHERE staff_id = $1";
const TAKE_CODE: &str = "UPDATE staff_recovery_codes SET used_at = $3
  WHERE staff_id = $1 AND hash = $2 AND used_at IS NULL";
const FORGET_CODES: &str = "DELETE FROM staff_recovery_codes WHERE staff_id = $1";
const KEEP_CODES: &str = "INSERT INTO staff_recovery_codes (staff_id, hash) SELECT $1, hash FROM unnest($2) AS c(hash)";
const REMOVE: &str = "DELETE FROM staff_second_factors WHERE staff_id = $1";
const LOOK: &str = "SELECT f.confirmed_at, (SELECT count(*) FROM staff_recovery_codes c
    WHERE c.staff_id = f.staff_id AND c.used_at IS NULL) AS recovery_codes_left
  FROM staff_second_factors f WHERE f.staff_id = $1 AND f.confirmed_at IS NOT NULL";

/// Begins a factor. One that was begun and never confirmed is replaced.
///
/// # Errors
/// `conflict` when the person has one.
pub async fn begin(tx: &mut HouseTx, sealer: &Sealer, member: &Member) -> Result<Begun> {
    let totp = Totp::fresh();
    let at_rest = sealer.seal(&Secret::new(totp.secret()), &sealed_to(member.id))?;
    let now = tx.now();
    let written = sql(BEGIN)
        .bind::<SqlUuid, _>(member.id)
        .bind::<Binary, _>(at_rest)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    if written == 0 {
        return Err(already_there());
    }
    Ok(Begun { secret: totp.base32(), url: totp.url(&member.email, ISSUER)? })
}

/// Confirms a factor that was begun with its first one-time password, and gives the recovery codes, this once.
///
/// # Errors
/// `not_found` where none was begun, `conflict` when it is confirmed, `otp_invalid`.
pub async fn confirm(tx: &mut HouseTx, sealer: &Sealer, staff: Id<id::Staff>, otp: &str) -> Result<Vec<String>> {
    let row = Factor::begun(get(tx, staff).await?)?;
    if !take_password(tx, sealer, (staff, &row), otp).await? {
        return Err(wrong());
    }
    renew_recovery_codes(tx, staff).await
}

/// Makes new recovery codes, this once in the clear; the old ones stop.
///
/// # Errors
/// As the database says.
pub async fn renew_recovery_codes(tx: &mut HouseTx, staff: Id<id::Staff>) -> Result<Vec<String>> {
    let codes = RecoveryCode::set();
    sql(FORGET_CODES).bind::<SqlUuid, _>(staff).execute(tx.connection()).await.map_err(failed)?;
    sql(KEEP_CODES)
        .bind::<SqlUuid, _>(staff)
        .bind::<Array<Binary>, _>(codes.iter().map(|code| code.hash().to_vec()).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(codes.iter().map(RecoveryCode::text).collect())
}

/// Takes a one-time password or a recovery code.
///
/// # Errors
/// `not_found` where there is no factor, `otp_invalid` where it is wrong or was taken before.
pub async fn prove(tx: &mut HouseTx, sealer: &Sealer, staff: Id<id::Staff>, otp: &str) -> Result<()> {
    let found = get(tx, staff).await?.filter(Factor::is_confirmed);
    let row = found.ok_or_else(|| Error::not_found("second factor; set one up first"))?;
    if take_password(tx, sealer, (staff, &row), otp).await? || take_recovery_code(tx, staff, otp).await? {
        return Ok(());
    }
    Err(wrong())
}

/// Removes a factor and its recovery codes. Where there is none, nothing happens.
///
/// # Errors
/// As the database says.
pub async fn remove(tx: &mut HouseTx, staff: Id<id::Staff>) -> Result<()> {
    sql(REMOVE).bind::<SqlUuid, _>(staff).execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// Tells whether a person has a second factor; none where not.
///
/// # Errors
/// As the database says.
pub async fn look(tx: &mut HouseTx, staff: Id<id::Staff>) -> Result<Option<SecondFactor>> {
    let statement = sql(LOOK).bind::<SqlUuid, _>(staff);
    statement.get_result(tx.connection()).await.optional().map_err(failed)
}

/// Where a factor's secret is sealed to.
pub(crate) fn sealed_to(staff: Id<id::Staff>) -> String {
    format!("staff_second_factor:{staff}")
}

async fn get(tx: &mut HouseTx, staff: Id<id::Staff>) -> Result<Option<Factor>> {
    sql(GET).bind::<SqlUuid, _>(staff).get_result(tx.connection()).await.optional().map_err(failed)
}

async fn take_password(
    tx: &mut HouseTx,
    sealer: &Sealer,
    (staff, row): (Id<id::Staff>, &Factor),
    otp: &str,
) -> Result<bool> {
    let now = tx.now();
    let Some(step) = row.step_of(sealer, &sealed_to(staff), (otp, now))? else { return Ok(false) };
    sql(TAKE_STEP)
        .bind::<SqlUuid, _>(staff)
        .bind::<BigInt, _>(step)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(true)
}

async fn take_recovery_code(tx: &mut HouseTx, staff: Id<id::Staff>, text: &str) -> Result<bool> {
    let Some(code) = RecoveryCode::read(text) else { return Ok(false) };
    let now = tx.now();
    let taken = sql(TAKE_CODE)
        .bind::<SqlUuid, _>(staff)
        .bind::<Binary, _>(code.hash().to_vec())
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(taken == 1)
}
