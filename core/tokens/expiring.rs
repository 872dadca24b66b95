//! Tokens that end soon: told of a week before and a day before, once each.
//!
//! Not here: the letters (jobs), which follow from the events.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::EventType;

use super::{Token, announce, rows::columns};
use crate::{
    db::{Db, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

/// How long before it ends the people of a token are told, first and again. One that never lives that long is not
/// told of then: its makers know.
const DAYS_BEFORE: [i32; 2] = [7, 1];

/// `$3` and `$4` are the days. What a token was told of so far is written in the same breath.
const DUE: &str = "SELECT tenant_id, id FROM tokens
  WHERE kind = 'integration' AND revoked_at IS NULL AND replaced_by IS NULL AND told < 2
    AND expires_at > $1 AND (
      expires_at <= $1 + make_interval(days => $4) AND expires_at - created_at > make_interval(days => $4)
      OR told < 1 AND expires_at <= $1 + make_interval(days => $3) AND expires_at - created_at > make_interval(days => $3))
  ORDER BY expires_at LIMIT $2";
const TELL: &str = columns!(
    "WITH t AS (UPDATE tokens o
     SET told = CASE WHEN o.expires_at <= $3 + make_interval(days => $4) THEN 2 ELSE 1 END
     FROM unnest($1, $2) AS due(tenant_id, id)
     WHERE o.tenant_id = due.tenant_id AND o.id = due.id AND o.revoked_at IS NULL AND o.replaced_by IS NULL
       AND o.told < CASE WHEN o.expires_at <= $3 + make_interval(days => $4) THEN 2 ELSE 1 END
     RETURNING o.*)
     SELECT t.tenant_id,",
    "FROM t"
);

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Token>,
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
    #[diesel(embed)]
    token: Token,
}

/// Records that tokens end soon, of so many at most; answers of how many.
///
/// # Errors
/// As the database says; then nobody was told.
pub async fn tell_of_expiring(db: &Db, most: i64) -> Result<usize> {
    let [first, second] = DAYS_BEFORE;
    let mut house = db.house().await?;
    let now: DateTime<Utc> = house.now();
    let due: Vec<Due> = sql(DUE)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(most)
        .bind::<Integer, _>(first)
        .bind::<Integer, _>(second)
        .load(house.connection())
        .await
        .map_err(failed)?;
    house.commit().await?;
    let mut tenants: Vec<TenantId> = due.iter().map(|one| one.tenant_id).collect();
    tenants.sort_unstable();
    tenants.dedup();
    if tenants.is_empty() {
        return Ok(0);
    }
    let mut tx = db.tenants(&tenants).await?;
    let told: Vec<Told> = sql(TELL)
        .bind::<Array<SqlUuid>, _>(due.iter().map(|one| one.tenant_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(due.iter().map(|one| one.id.uuid()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .bind::<Integer, _>(second)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    for Told { tenant_id, token } in &told {
        let event = announce::event(&tx, EventType::TokenExpiring, token, None);
        tx.record_for(*tenant_id, None, event);
    }
    tx.commit().await?;
    Ok(due.len())
}
