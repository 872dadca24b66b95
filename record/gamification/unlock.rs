//! Tiers of achievements that learners reach. Each once, and for good.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};
use uuid::Uuid;

use super::{
    players::Players,
    rules::{ACHIEVEMENTS, Achievement, Tier},
};

/// A tier that was reached.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Unlocked {
    /// Which achievement.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// Which tier of it.
    #[diesel(sql_type = Text)]
    pub tier: Tier,
    /// Version of the rule by which it was reached.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// How many it took.
    #[diesel(sql_type = BigInt)]
    pub target: i64,
    /// What it follows from.
    #[diesel(sql_type = Jsonb)]
    pub evidence: Value,
    /// When it was unlocked.
    #[diesel(sql_type = Timestamptz)]
    pub unlocked_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(embed)]
    unlocked: Unlocked,
}

const OF: &str = "SELECT a.key, a.tier, a.version, a.target, a.evidence, a.unlocked_at FROM achievements a
  WHERE a.tenant_id = $1 AND a.user_id = $2 ORDER BY a.unlocked_at, a.key, a.target";
const UNLOCK: &str = "INSERT INTO achievements (tenant_id, user_id, key, tier, version, target, evidence, unlocked_at)
  SELECT $1, n.user_id, n.key, n.tier, n.version, n.target, n.evidence, $8
  FROM unnest($2, $3, $4, $5, $6, $7) AS n(user_id, key, tier, version, target, evidence)
  ON CONFLICT DO NOTHING RETURNING user_id, key, tier, version, target, evidence, unlocked_at";

/// The tiers that somebody has reached, the first first.
pub(super) async fn unlocked(tx: &mut TenantTx, user: Uuid) -> Result<Vec<Unlocked>> {
    let tenant = tx.tenant();
    sql(OF).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user).load(tx.connection()).await.map_err(failed)
}

/// Unlocks what the learners have reached. Answers what was not unlocked before.
pub(super) async fn unlock(
    tx: &mut TenantTx,
    players: &Players,
    sources: &BTreeMap<Uuid, &str>,
) -> Result<Vec<(Uuid, Unlocked)>> {
    let reached: Vec<(Uuid, &Achievement, (Tier, i64), i64)> = players
        .values()
        .flat_map(|player| {
            let counts = player.counts();
            ACHIEVEMENTS.iter().flat_map(move |one| {
                let count = one.counts.of(counts);
                one.tiers
                    .iter()
                    .filter(move |(_, target)| *target <= count)
                    .map(move |tier| (player.user, one, *tier, count))
            })
        })
        .collect();
    if reached.is_empty() {
        return Ok(Vec::new());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let evidence = |(user, _, _, count): &(Uuid, &Achievement, (Tier, i64), i64)| {
        let source = sources.get(user).map(|source| json!({ "count": count, "source": source }));
        source.unwrap_or_else(|| json!({ "count": count }))
    };
    let rows: Vec<Row> = sql(UNLOCK)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(reached.iter().map(|one| one.0).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(reached.iter().map(|one| one.1.key).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(reached.iter().map(|one| one.2.0.as_str()).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(reached.iter().map(|one| one.1.version).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(reached.iter().map(|one| one.2.1).collect::<Vec<_>>())
        .bind::<Array<Jsonb>, _>(reached.iter().map(evidence).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.unlocked)).collect())
}
