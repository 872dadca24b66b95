//! The second factor: one-time passwords of an authenticator, and recovery codes for when it is lost.
//!
//! Not here: the password, and the throttle, which counts wrong one-time passwords too.
//!
//! # Rule
//! A factor is begun, and asked for only after its first password was right. A password is taken once: never one of a
//! span of time that is not newer than the last that was taken. A recovery code is taken once.
//!
//! # Source
//! RFC 6238 (SHA-1, six digits, thirty seconds, one span to either side); the address is the Key URI Format of Google
//! Authenticator.

pub(crate) mod code;
pub(crate) mod factor;

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Binary, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use self::{
    code::{RecoveryCode, Totp},
    factor::{Factor, already_there},
};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
    sealed::{Sealer, Secret},
};

/// A factor that was begun: what the authenticator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The secret in base 32, for typing.
    pub secret: String,
    /// `otpauth://totp/…`, for a picture.
    pub url: String,
}

/// How a person stands with the second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct SecondFactor {
    /// Since when it is asked for.
    #[diesel(sql_type = Timestamptz)]
    pub confirmed_at: DateTime<Utc>,
    /// Recovery codes that were not used.
    #[diesel(sql_type = BigInt)]
    pub recovery_codes_left: i64,
}

const BEGIN: &str = "INSERT INTO second_factors AS f (tenant_id, user_id, secret, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (tenant_id, user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, last_step = 0
    WHERE f.confirmed_at IS NULL";
// Locked: of two requests with one password, the second must see what the first took.
const GET: &str =
    "SELECT secret, last_step, confirmed_at FROM second_factors WHERE tenant_id = $1 AND user_id = $2 FOR UPDATE";
const TAKE_STEP: &str = "UPDATE second_factors SET last_step = $3, confirmed_at = coalesce(confirmed_at, $4)
  WHERE tenant_id = $1 AND user_id = $2";
const TAKE_CODE: &str = "UPDATE recovery_codes SET used_at = $4
  WHERE tenant_id = $1 AND user_id = $2 AND hash = $3 AND used_at IS NULL";
const FORGET_CODES: &str = "DELETE FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2";
const KEEP_CODES: &str =
    "INSERT INTO recovery_codes (tenant_id, user_id, hash) SELECT $1, $2, hash FROM unnest($3) AS c(hash)";
const REMOVE: &str = "DELETE FROM second_factors WHERE tenant_id = $1 AND user_id = $2";
const LOOK: &str = "SELECT f.confirmed_at, (SELECT count(*) FROM recovery_codes c
    WHERE c.tenant_id = f.tenant_id AND c.user_id = f.user_id AND c.used_at IS NULL) AS recovery_codes_left
  FROM second_factors f WHERE f.tenant_id = $1 AND f.user_id = $2 AND f.confirmed_at IS NOT NULL";

/// Begins a factor. One that was begun and never confirmed is replaced.
///
/// # Errors
/// `conflict` when the person has one.
pub async fn begin(
    tx: &mut TenantTx,
    sealer: &Sealer,
    (user, account, issuer): (Id<id::User>, &str, &str),
) -> Result<Begun> {
    let totp = Totp::fresh();
    let at_rest = sealer.seal(&Secret::new(totp.secret()), &sealed_to(user))?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let written = sql(BEGIN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(user)
        .bind::<Binary, _>(at_rest)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    if written == 0 {
        return Err(already_there());
    }
    Ok(Begun { secret: totp.base32(), url: totp.url(account, issuer)? })
}

/// Confirms a factor that was begun with its first one-time password, and gives the recovery codes, this once.
///
/// # Errors
/// `not_found` where none was begun, `conflict` when it is confirmed, `otp_invalid`.
pub async fn confirm(tx: &mut TenantTx, sealer: &Sealer, user: Id<id::User>, otp: &str) -> Result<Vec<String>> {
    let row = Factor::begun(get(tx, user).await?)?;
    if !take_password(tx, sealer, user, &row, otp).await? {
        return Err(wrong());
    }
    renew_recovery_codes(tx, user).await
}

/// Makes new recovery codes, this once in the clear; the old ones stop.
///
/// # Errors
/// As the database says.
pub async fn renew_recovery_codes(tx: &mut TenantTx, user: Id<id::User>) -> Result<Vec<String>> {
    let codes = RecoveryCode::set();
    let tenant = tx.tenant();
    sql(FORGET_CODES)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(user)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    sql(KEEP_CODES)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(user)
        .bind::<Array<Binary>, _>(codes.iter().map(|code| code.hash().to_vec()).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(codes.iter().map(RecoveryCode::text).collect())
}

/// Asks for the second factor of somebody whose password was right. Commit also after an error of this: nothing is
/// taken then.
///
/// # Errors
/// `otp_required` where there is a factor and nothing was given, `otp_invalid` where it is wrong or was taken before.
pub async fn prove(tx: &mut TenantTx, sealer: &Sealer, user: Id<id::User>, otp: Option<&str>) -> Result<()> {
    let Some(row) = get(tx, user).await?.filter(Factor::is_confirmed) else { return Ok(()) };
    let Some(otp) = otp else {
        let detail = "send `otp` too: the one-time password of your authenticator, or a recovery code";
        return Err(Error::new(Code::OtpRequired, detail));
    };
    if take_password(tx, sealer, user, &row, otp).await? || take_recovery_code(tx, user, otp).await? {
        return Ok(());
    }
    Err(wrong())
}

/// Removes a factor and its recovery codes. Where there is none, nothing happens.
///
/// # Errors
/// As the database says.
pub async fn remove(tx: &mut TenantTx, user: Id<id::User>) -> Result<()> {
    let tenant = tx.tenant();
    let statement = sql(REMOVE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user);
    statement.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// Tells whether a person is asked for a second factor; none where not.
///
/// # Errors
/// As the database says.
pub async fn look(tx: &mut TenantTx, user: Id<id::User>) -> Result<Option<SecondFactor>> {
    let tenant = tx.tenant();
    let statement = sql(LOOK).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user);
    statement.get_result(tx.connection()).await.optional().map_err(failed)
}

/// Where a factor's secret is sealed to.
pub(crate) fn sealed_to(user: Id<id::User>) -> String {
    format!("second_factor:{user}")
}

async fn get(tx: &mut TenantTx, user: Id<id::User>) -> Result<Option<Factor>> {
    let tenant = tx.tenant();
    let statement = sql(GET).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user);
    statement.get_result(tx.connection()).await.optional().map_err(failed)
}

async fn take_password(
    tx: &mut TenantTx,
    sealer: &Sealer,
    user: Id<id::User>,
    row: &Factor,
    otp: &str,
) -> Result<bool> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let Some(step) = row.step_of(sealer, &sealed_to(user), (otp, now))? else { return Ok(false) };
    sql(TAKE_STEP)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(user)
        .bind::<BigInt, _>(step)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(true)
}

async fn take_recovery_code(tx: &mut TenantTx, user: Id<id::User>, text: &str) -> Result<bool> {
    let Some(code) = RecoveryCode::read(text) else { return Ok(false) };
    let (tenant, now) = (tx.tenant(), tx.now());
    let taken = sql(TAKE_CODE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(user)
        .bind::<Binary, _>(code.hash().to_vec())
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(taken == 1)
}

/// The answer to a password that is none, or was taken before.
pub(crate) fn wrong() -> Error {
    Error::new(Code::OtpInvalid, "the one-time password is wrong, or was used already; wait for the next one")
}
