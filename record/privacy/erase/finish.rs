//! The end: the profile becomes that of a former learner, and a receipt is written of what was done.

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stoa_core::{
    Error, Result, Scope,
    audit::Entry,
    db::{Db, TenantTx, failed, sql},
    members,
};
use stoa_protocols::event::{EventType, ObjectKind, UserFacts};

use super::{
    super::{
        RECEIPT_FORMAT,
        requests::record,
        rows::{Erasure, erasure_columns},
    },
    state::Run,
    strange,
};
use crate::privacy::held::{Erasure as Way, FORMER, HELD, Held};

const PROFILE: &str =
    "UPDATE users SET external_id = NULL, email = $3, email_key = $3, name = $4, first_name = $5, last_name = $6,
    locale = NULL, time_zone = NULL, updated_at = $7, erased_at = $7 WHERE tenant_id = $1 AND id = $2";
/// Whoever was brought back meanwhile leaves again.
const MEMBERSHIP: &str =
    "UPDATE memberships SET status = 'removed', removed_at = coalesce(removed_at, $3), revision = revision + 1,
    updated_at = $3 WHERE tenant_id = $1 AND user_id = $2 RETURNING revision";
const COUNTS: &str =
    "SELECT counts FROM erasures WHERE tenant_id = $1 AND id = $2 AND status = 'running' FOR NO KEY UPDATE";
const END: &str = concat!(
    "WITH e AS (UPDATE erasures SET status = 'completed', completed_at = $3, updated_at = $3, revision = revision + 1, receipt = $4,
       receipt_sha256 = $5, known_as = '{}', cursors = '{}' WHERE tenant_id = $1 AND id = $2 RETURNING *)
     SELECT ",
    erasure_columns!(),
    " FROM e"
);
const GET: &str = concat!("SELECT ", erasure_columns!(), " FROM erasures e WHERE e.tenant_id = $1 AND e.id = $2");

/// Ends an erasing that has left nothing but the profile. One that was ended already stays as it is.
pub(super) async fn finish(db: &Db, run: &Run) -> Result<()> {
    #[derive(QueryableByName)]
    struct Counts {
        #[diesel(sql_type = Jsonb)]
        counts: Value,
    }
    let mut tx = db.tenant(&Scope::house(run.tenant)).await?;
    let counts = sql(COUNTS).bind::<SqlUuid, _>(run.tenant).bind::<SqlUuid, _>(run.erasure);
    let counts: Vec<Counts> = counts.load(tx.connection()).await.map_err(failed)?;
    let Some(Counts { counts }) = counts.into_iter().next() else { return Ok(()) };
    let counts: BTreeMap<String, i64> = serde_json::from_value(counts).map_err(Error::internal)?;
    let member = members::get(&mut tx, &run.user.into()).await?;
    let former = blank_profile(&mut tx, run, (member.number, member.role.as_str())).await?;
    let erasure: Erasure = (sql(GET).bind::<SqlUuid, _>(run.tenant).bind::<SqlUuid, _>(run.erasure))
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    let receipt = receipt(&tx, run, (&erasure, &counts));
    let now = tx.now();
    let mut ended: Erasure = sql(END)
        .bind::<SqlUuid, _>(run.tenant)
        .bind::<SqlUuid, _>(run.erasure)
        .bind::<Timestamptz, _>(now)
        .bind::<Jsonb, _>(&receipt)
        .bind::<Text, _>(sha256_of(&receipt)?)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    tx.audit(Entry::of("erasure.completed", run.erasure).is(json!({ "user_id": run.user, "rows": counts })));
    let former = std::sync::Arc::new(former);
    record(&mut tx, (EventType::ErasureCompleted, ObjectKind::Erasure), &ended, former.clone());
    ended.revision = left(&mut tx, run).await?;
    record(&mut tx, (EventType::UserDeleted, ObjectKind::User), &ended, former);
    tx.commit().await
}

async fn blank_profile(tx: &mut TenantTx, run: &Run, (number, role): (i64, &str)) -> Result<UserFacts> {
    let now = tx.now();
    let (first_name, last_name) = FORMER.split_once(' ').ok_or_else(|| strange("no two names"))?;
    let email = run.names.address();
    sql(PROFILE)
        .bind::<SqlUuid, _>(run.tenant)
        .bind::<SqlUuid, _>(run.user)
        .bind::<Text, _>(&email)
        .bind::<Text, _>(FORMER)
        .bind::<Text, _>(first_name)
        .bind::<Text, _>(last_name)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(UserFacts {
        id: run.user.to_string(),
        number,
        external_id: None,
        email,
        name: FORMER.to_owned(),
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        role: role.to_owned(),
    })
}

/// The last revision of the membership, which orders what is told of it.
async fn left(tx: &mut TenantTx, run: &Run) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        revision: i32,
    }
    let now = tx.now();
    let left = sql(MEMBERSHIP).bind::<SqlUuid, _>(run.tenant).bind::<SqlUuid, _>(run.user).bind::<Timestamptz, _>(now);
    let row: Row = left.get_result(tx.connection()).await.map_err(failed)?;
    Ok(row.revision)
}

/// What was done with each table, what was kept and why, and what goes by itself.
fn receipt(tx: &TenantTx, run: &Run, (erasure, counts): (&Erasure, &BTreeMap<String, i64>)) -> Value {
    let erased = HELD.iter().filter_map(|held| {
        let what = match held.erasure {
            Way::Delete => "deleted",
            Way::Blank(_, why) | Way::Step(_, why) => why,
            Way::Keep(_) if counts.contains_key(held.table) => "the name, the address and the key were struck out",
            Way::Keep(_) => return None,
        };
        Some(json!({ "table": held.table, "rows": counts.get(held.table).copied().unwrap_or(0), "what": what }))
    });
    let kept = |held: &Held| match held.erasure {
        Way::Keep(why) | Way::Blank(_, why) => Some(json!({ "table": held.table, "why": why })),
        Way::Delete | Way::Step(..) => None,
    };
    json!({
        "format": RECEIPT_FORMAT,
        "erasure_id": erasure.id,
        "institution_id": run.tenant,
        "user_id": run.user,
        "requested_at": erasure.requested_at,
        "requested_by": erasure.requested_by,
        "confirmed_at": erasure.confirmed_at,
        "confirmed_by": erasure.confirmed_by,
        "started_at": run.started_at,
        "completed_at": tx.now(),
        "erased": erased.collect::<Vec<_>>(),
        "kept": HELD.iter().filter_map(kept).collect::<Vec<_>>(),
        "goes_by_itself": [
            { "what": "answers to others that are kept for their Idempotency-Key, sealed", "when": "within a day" },
            { "what": "backups of the database and of the folder of files", "when": "with their retention" },
        ],
    })
}

/// SHA-256 of a value as canonical JSON, in hexadecimal.
///
/// # Source
/// RFC 8785: keys in order, no spaces. The values here have keys of ASCII letters and whole numbers, whose form
/// `serde_json` writes as the RFC wants it.
///
/// # Errors
/// `internal` when the value cannot be written.
pub fn sha256_of(value: &Value) -> Result<String> {
    let text = serde_json::to_vec(&in_order(value)).map_err(Error::internal)?;
    Ok(hex::encode(Sha256::digest(text)))
}

/// With the keys of each object in order, whatever features `serde_json` was built with.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, Value> = fields.iter().map(|(key, value)| (key, in_order(value))).collect();
            Value::Object(sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(in_order).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
