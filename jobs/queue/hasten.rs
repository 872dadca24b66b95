//! Making promises due before their time, because what they waited for has come.

use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result, TenantId,
    db::{HouseTx, failed, sql},
};

use crate::job::Job;

/// Which promises of an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hastened {
    /// Whose they are.
    pub tenant: TenantId,
    /// What their unique keys begin with.
    pub prefix: String,
    /// How many at most, the earliest first.
    pub most: i64,
}

const HASTEN: &str = "UPDATE queue_jobs j SET run_at = $4 FROM (
  SELECT q.tenant_id, q.id FROM unnest($1, $2, $3) AS h(tenant_id, prefix, most) CROSS JOIN LATERAL (
    SELECT x.tenant_id, x.id FROM queue_jobs x
    WHERE x.queue = $6 AND x.state = 'available' AND x.tenant_id = h.tenant_id AND x.run_at > $4 AND x.name = $5
      AND starts_with(x.unique_key, h.prefix)
    ORDER BY x.run_at LIMIT h.most FOR UPDATE SKIP LOCKED) q
) c
WHERE j.tenant_id = c.tenant_id AND j.id = c.id AND j.state = 'available'";

/// Makes waiting jobs of a kind due now; answers how many.
///
/// # Errors
/// As the database says.
pub async fn hasten<T: Job>(tx: &mut HouseTx, all: &[Hastened]) -> Result<usize> {
    if all.is_empty() {
        return Ok(0);
    }
    let now = tx.now();
    sql(HASTEN)
        .bind::<Array<SqlUuid>, _>(all.iter().map(|one| one.tenant.uuid()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(all.iter().map(|one| one.prefix.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(all.iter().map(|one| one.most).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(T::NAME)
        .bind::<Text, _>(T::QUEUE.as_str())
        .execute(tx.connection())
        .await
        .map_err(failed)
}
