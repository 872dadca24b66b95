//! Taking a file in: the import that it begins, or the one that it is the twin of.

use std::fmt::Write;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{Import, ImportOptions, queries};
use crate::{
    audit::{ActorKind, Entry},
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
    members::may_grant,
    scope::{Role, Scope},
};

const INSERT: &str = "INSERT INTO imports
    (tenant_id, id, mode, status, options, data_set, fingerprint, file_name, file_bytes, started_by, started_by_kind,
     grants, created_at, updated_at)
  VALUES ($1, $2, $3, 'validating', $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
  ON CONFLICT (tenant_id, fingerprint) WHERE status IN ('validating', 'planned', 'applying') DO NOTHING
  RETURNING id";
const TWIN: &str = "SELECT id FROM imports
  WHERE tenant_id = $1 AND fingerprint = $2 AND status IN ('validating', 'planned', 'applying')";

/// A file that was stored.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// The id that the file is stored under.
    pub id: Id<id::Import>,
    /// What is asked for.
    pub options: ImportOptions,
    /// As the sender calls the file.
    pub file_name: Option<String>,
    /// Size as it was stored.
    pub file_bytes: i64,
    /// Hash of what was stored.
    pub sha256: [u8; 32],
}

/// The import that a file is now.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The import.
    pub import: Import,
    /// It is not a twin that was open before; whoever calls promises the work of it.
    pub is_new: bool,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Import>,
}

/// The same file with the same options has the same fingerprint.
///
/// # Errors
/// `internal` when the options have no JSON form.
pub fn fingerprint(sha256: &[u8; 32], options: &ImportOptions) -> Result<String> {
    let options = serde_json::to_string(options).map_err(Error::internal)?;
    let mut fingerprint = String::with_capacity(64 + options.len());
    for byte in sha256 {
        let _ = write!(fingerprint, "{byte:02x}");
    }
    fingerprint.push_str(&options);
    Ok(fingerprint)
}

/// Checks that a caller may send files of people: they speak of the whole institution.
///
/// # Errors
/// `ability_missing` for somebody who sees a part of it alone.
pub fn may_send(scope: &Scope) -> Result<()> {
    if scope.led_by.is_none() && scope.courses.is_none() {
        return Ok(());
    }
    let why = "a file of people speaks of the whole institution, of which the caller sees a part alone";
    Err(Error::new(Code::AbilityMissing, why))
}

/// Begins an import, which is read at once.
///
/// # Errors
/// `ability_missing` for somebody who sees a part of the institution alone: a file speaks of all of it.
pub async fn begin(tx: &mut TenantTx, scope: &Scope, new: NewImport) -> Result<Begun> {
    may_send(scope)?;
    let fingerprint = fingerprint(&new.sha256, &new.options)?;
    if let Some(made) = insert(tx, scope, &new, &fingerprint).await? {
        let options = serde_json::to_value(&new.options).map_err(Error::internal)?;
        let what = json!({ "file_name": new.file_name, "file_bytes": new.file_bytes, "options": options });
        tx.audit(Entry::of("import.uploaded", made).is(what));
        return Ok(Begun { import: queries::get(tx, made).await?, is_new: true });
    }
    let tenant = tx.tenant();
    let twin = sql(TWIN).bind::<SqlUuid, _>(tenant).bind::<Text, _>(&fingerprint);
    let twin: Named = twin.get_result(tx.connection()).await.map_err(failed)?;
    Ok(Begun { import: queries::get(tx, twin.id).await?, is_new: false })
}

async fn insert(
    tx: &mut TenantTx,
    scope: &Scope,
    new: &NewImport,
    fingerprint: &str,
) -> Result<Option<Id<id::Import>>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let grants = Role::ALL.into_iter().filter(|role| may_grant(scope, *role).is_ok()).map(Role::as_str);
    let rows: Vec<Named> = sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(new.id)
        .bind::<Text, _>(new.options.mode.as_str())
        .bind::<Jsonb, _>(serde_json::to_value(&new.options).map_err(Error::internal)?)
        .bind::<Nullable<Text>, _>(&new.options.data_set)
        .bind::<Text, _>(fingerprint)
        .bind::<Nullable<Text>, _>(&new.file_name)
        .bind::<BigInt, _>(new.file_bytes)
        .bind::<Nullable<SqlUuid>, _>(scope.holder())
        .bind::<Text, _>(ActorKind::of(scope.actor).as_str())
        .bind::<Array<Text>, _>(grants.collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().next().map(|row| row.id))
}
