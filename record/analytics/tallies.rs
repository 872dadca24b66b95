//! Whether the tallies of members and levels say what would be counted. The tables that they count keep them, in the same
//! transaction, so nothing is ever waited for.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Jsonb, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};

use crate::rollups::rebuild::Difference;

/// Each table, and a statement that tells each of its kinds as it is kept and as it would be counted, where they differ.
const TABLES: [(&str, &str); 3] = [
    (
        "member_tallies",
        "SELECT jsonb_build_object('learner', k.learner, 'status', k.status) AS kind, sum(k.kept)::bigint AS kept,
           sum(k.counted)::bigint AS counted
         FROM (SELECT t.learner, t.status, t.n AS kept, 0 AS counted FROM member_tallies t WHERE t.tenant_id = $1
           UNION ALL SELECT m.role = 'learner', m.status, 0, 1 FROM memberships m WHERE m.tenant_id = $1) k
         GROUP BY k.learner, k.status HAVING sum(k.kept) <> sum(k.counted) ORDER BY 1",
    ),
    (
        "cefr_tallies",
        "SELECT jsonb_build_object('language', k.language, 'skill', k.skill, 'level', k.level) AS kind,
           sum(k.kept)::bigint AS kept, sum(k.counted)::bigint AS counted
         FROM (SELECT t.language, t.skill, t.level, t.n AS kept, 0 AS counted FROM cefr_tallies t WHERE t.tenant_id = $1
           UNION ALL SELECT l.language, l.skill, l.level, 0, 1 FROM (
             SELECT user_id, language, skill, level FROM cefr_levels WHERE tenant_id = $1
             UNION ALL SELECT user_id, language, 'overall', level FROM cefr_profiles
               WHERE tenant_id = $1 AND level IS NOT NULL) l
           JOIN memberships m ON m.tenant_id = $1 AND m.user_id = l.user_id AND m.role = 'learner' AND m.status = 'active') k
         GROUP BY k.language, k.skill, k.level HAVING sum(k.kept) <> sum(k.counted) ORDER BY 1",
    ),
    (
        "cefr_rise_tallies",
        "SELECT jsonb_build_object('language', k.language, 'skill', k.skill, 'day', k.day, 'gap', k.gap) AS kind,
           sum(k.kept)::bigint AS kept, sum(k.counted)::bigint AS counted
         FROM (SELECT t.language, t.skill, t.day, t.gap, t.n AS kept, 0 AS counted FROM cefr_rise_tallies t WHERE t.tenant_id = $1
           UNION ALL SELECT r.language, r.skill, r.day, r.gap, 0, 1 FROM cefr_rises r WHERE r.tenant_id = $1) k
         GROUP BY k.language, k.skill, k.day, k.gap HAVING sum(k.kept) <> sum(k.counted) ORDER BY 1",
    ),
];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Jsonb)]
    kind: Value,
    #[diesel(sql_type = BigInt)]
    kept: i64,
    #[diesel(sql_type = BigInt)]
    counted: i64,
}

/// Counts what the tallies of the institution say, and answers where they say something else.
///
/// # Errors
/// As the database says.
pub async fn differences(tx: &mut TenantTx) -> Result<Vec<Difference>> {
    let (tenant, mut differences) = (tx.tenant(), Vec::new());
    for (table, text) in TABLES {
        let rows: Vec<Row> = sql(text).bind::<SqlUuid, _>(tenant).load(tx.connection()).await.map_err(failed)?;
        differences.extend(rows.into_iter().map(|Row { kind, kept, counted }| {
            let so_many = |n: i64| Some(json!({ "of": kind, "n": n }));
            Difference { table, kept: so_many(kept), rebuilt: so_many(counted) }
        }));
    }
    Ok(differences)
}
