//! Statements of the Experience API: whom and what they are about, and which came before.
//!
//! A statement is kept as it was given, beside the activity that follows from it: the activity is counted by the road
//! (`stoa_core::progress`), once for the statement's id, and the row says what was sent. Whichever is written first, a
//! statement that is sent again writes what is missing.
//!
//! Not here: how a statement is read (`stoa_protocols::xapi`).

mod naming;

use std::collections::{BTreeMap, HashMap};

use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Jsonb, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    id,
};
use uuid::Uuid;

pub use naming::{activities, learner_key, named};

/// What a statement says, in so many bytes.
pub type Digest = [u8; 32];

/// A statement that is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its own id.
    pub id: Uuid,
    /// The learner whom its actor is.
    pub user_id: Id<id::User>,
    /// What it says.
    pub digest: Digest,
    /// Whole.
    pub statement: Value,
}

/// Parts that a receiver writes, which do not make two statements different.
const OURS: [&str; 3] = ["stored", "authority", "version"];

/// What a statement says, whatever the order in which it says it.
///
/// # Source
/// xAPI 1.0.3, Data: 2.3.1 (statement comparison).
pub fn digest(statement: &Value) -> Digest {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let parts: BTreeMap<&String, Value> = map.iter().map(|(name, value)| (name, sorted(value))).collect();
                parts.into_iter().map(|(name, value)| (name.clone(), value)).collect::<serde_json::Map<_, _>>().into()
            }
            Value::Array(all) => all.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    let mut said = sorted(statement);
    if let Some(said) = said.as_object_mut() {
        said.retain(|name, _| !OURS.contains(&name.as_str()));
    }
    Sha256::digest(said.to_string().as_bytes()).into()
}

/// Which of these ids are known, and what those statements say.
///
/// # Errors
/// As the database says.
pub async fn known(tx: &mut TenantTx, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<u8>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Binary)]
        digest: Vec<u8>,
    }
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql("SELECT s.id, s.digest FROM xapi_statements s WHERE s.tenant_id = $1 AND s.id = ANY ($2)")
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(ids)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.id, row.digest)).collect())
}

/// Keeps statements; one that is there stays as it is.
///
/// # Errors
/// As the database says.
pub async fn keep(tx: &mut TenantTx, statements: &[Kept]) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql("INSERT INTO xapi_statements (tenant_id, id, user_id, digest, statement, received_at)
      SELECT $1, s.id, s.user_id, s.digest, s.statement, $6
      FROM unnest($2, $3, $4, $5) AS s(id, user_id, digest, statement) ON CONFLICT (tenant_id, id) DO NOTHING")
    .bind::<SqlUuid, _>(tenant)
    .bind::<Array<SqlUuid>, _>(statements.iter().map(|one| one.id).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(statements.iter().map(|one| one.user_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Binary>, _>(statements.iter().map(|one| one.digest.to_vec()).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(statements.iter().map(|one| &one.statement).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_in_another_order_is_the_same() {
        let one = json!({ "id": "1", "verb": { "id": "v", "display": { "en": "did" } }, "stored": "now" });
        let same = json!({ "verb": { "display": { "en": "did" }, "id": "v" }, "id": "1", "version": "1.0.0" });
        let other = json!({ "id": "1", "verb": { "id": "w", "display": { "en": "did" } } });
        assert_eq!(digest(&one), digest(&same));
        assert_ne!(digest(&one), digest(&other));
        assert_ne!(digest(&json!({ "a": [1, 2] })), digest(&json!({ "a": [2, 1] })), "lists have an order");
    }
}
