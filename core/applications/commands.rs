//! What may be done with applications.

use std::net::IpAddr;

use chrono::TimeDelta;
use diesel::{
    OptionalExtension,
    sql_types::{Array, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    Application, ClientSecret, NewApplication, OVERLAP_SECONDS_MAX, Rotation, TOKEN_LIFE, WHOLE_SCOPE,
    credentials::hash, queries::get, rows::application_columns,
};
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id},
    scope::{Ability, Scope},
    tokens::{self, Grant, Issued},
};

const INSERT: &str = "INSERT INTO applications
  (tenant_id, id, name, scopes, secret_hash, secret_last4, secret_made_at, created_by, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, $7)";

const ROTATE: &str = "UPDATE applications SET previous_hash = CASE WHEN $6 THEN secret_hash END,
    previous_until = CASE WHEN $6 THEN $7 END, secret_hash = $3, secret_last4 = $4, secret_made_at = $5, updated_at = $5
  WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";

const DROP_PREVIOUS: &str = "UPDATE applications SET previous_hash = NULL, previous_until = NULL, updated_at = $3
  WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";

const DELETE: &str =
    "UPDATE applications SET deleted_at = $3, previous_hash = NULL, previous_until = NULL, updated_at = $3
  WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";

/// Holds the row until the token is written: who deletes the application waits, and then finds the token.
const PROVE: &str = concat!(
    "UPDATE applications a SET last_used_at = $4, last_used_ip = $5
     WHERE a.tenant_id = $1 AND a.id = $2 AND a.deleted_at IS NULL
       AND (a.secret_hash = $3 OR (a.previous_hash = $3 AND a.previous_until > $4))
     RETURNING ",
    application_columns!()
);

/// Makes an application; the secret is in the clear this once.
///
/// # Errors
/// `validation_failed`, also for abilities that the maker has not.
pub async fn create(tx: &mut TenantTx, scope: &Scope, mut new: NewApplication) -> Result<(Application, ClientSecret)> {
    let mut fields = Fields::new();
    fields.name("/name", &mut new.name);
    if new.scopes.is_empty() {
        fields.fault("/scopes", "length", "wanted at least one ability");
    }
    for (at, ability) in new.scopes.iter().enumerate().filter(|(_, ability)| !scope.may(**ability)) {
        fields.fault(format!("/scopes/{at}"), "exceeds", format!("you have not {ability} yourself"));
    }
    fields.finish()?;
    let (id, secret) = (tx.new_id::<id::Application>(), ClientSecret::fresh());
    let (tenant, now) = (tx.tenant(), tx.now());
    let scopes = tokens::in_order(&new.scopes);
    sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(&new.name)
        .bind::<Array<Text>, _>(&scopes)
        .bind::<Binary, _>(secret.hash().to_vec())
        .bind::<Text, _>(secret.last4())
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<SqlUuid>, _>(scope.person())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    tx.audit(Entry::of("application.created", id).is(json!({ "name": new.name, "scopes": scopes })));
    Ok((get(tx, id).await?, secret))
}

/// Gives an application another secret.
///
/// # Errors
/// `not_found`; `validation_failed` for an overlap out of range.
pub async fn rotate_secret(
    tx: &mut TenantTx,
    id: Id<id::Application>,
    Rotation { overlap_seconds }: Rotation,
) -> Result<(Application, ClientSecret)> {
    let mut fields = Fields::new();
    fields.within("/overlap_seconds", &overlap_seconds, &(0..=OVERLAP_SECONDS_MAX));
    fields.finish()?;
    let (tenant, now, secret) = (tx.tenant(), tx.now(), ClientSecret::fresh());
    let changed = sql(ROTATE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Binary, _>(secret.hash().to_vec())
        .bind::<Text, _>(secret.last4())
        .bind::<Timestamptz, _>(now)
        .bind::<Bool, _>(overlap_seconds > 0)
        .bind::<Timestamptz, _>(now + TimeDelta::seconds(overlap_seconds))
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    known(changed)?;
    tx.audit(Entry::of("application.secret_rotated", id).is(json!({ "overlap_seconds": overlap_seconds })));
    Ok((get(tx, id).await?, secret))
}

/// Ends the time in which the secret before still works. Where there is none, nothing changes.
///
/// # Errors
/// `not_found`.
pub async fn drop_previous_secret(tx: &mut TenantTx, id: Id<id::Application>) -> Result<()> {
    change(tx, DROP_PREVIOUS, id).await?;
    tx.audit(Entry::of("application.previous_secret_dropped", id));
    Ok(())
}

/// Deletes an application and revokes its tokens; answers which.
///
/// # Errors
/// `not_found`, also the second time.
pub async fn delete(tx: &mut TenantTx, id: Id<id::Application>) -> Result<Vec<Id<id::Token>>> {
    change(tx, DELETE, id).await?;
    tx.audit(Entry::of("application.deleted", id));
    tokens::revoke_of_application(tx, id).await
}

/// Gives a token to whoever shows the secret of an application. `wanted` are the scopes asked for, by name; none, or
/// `public` among them, means all that the application may do. The transaction is committed only when all went well.
///
/// # Errors
/// `invalid_client` when there is no such application or its secret is another; `invalid_scope`.
pub async fn take_token(
    tx: &mut TenantTx,
    (application, secret): (Id<id::Application>, &str),
    wanted: &[&str],
    from: IpAddr,
) -> Result<Issued> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let proven: Option<Application> = sql(PROVE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(application)
        .bind::<Binary, _>(hash(secret).to_vec())
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(from.to_string())
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    let proven = proven.ok_or_else(|| Error::new(Code::InvalidClient, "the client id or the secret is wrong"))?;
    let abilities = narrowed(&proven, wanted)?;
    tokens::grant(tx, Grant { application, name: proven.name, abilities, life: TOKEN_LIFE }).await
}

fn narrowed(application: &Application, wanted: &[&str]) -> Result<Vec<Ability>> {
    let whole = application.abilities();
    if wanted.is_empty() || wanted.contains(&WHOLE_SCOPE) {
        return Ok(whole);
    }
    let granted = |name: &&str| name.parse().ok().filter(|ability| whole.contains(ability));
    let abilities: Option<Vec<Ability>> = wanted.iter().map(granted).collect();
    abilities.ok_or_else(|| Error::new(Code::InvalidScope, "The requested scope is invalid, unknown, or malformed."))
}

async fn change(tx: &mut TenantTx, statement: &'static str, id: Id<id::Application>) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(statement).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    known(statement.execute(tx.connection()).await.map_err(failed)?)
}

fn known(rows: usize) -> Result<()> {
    if rows == 0 { Err(Error::not_found("application")) } else { Ok(()) }
}
