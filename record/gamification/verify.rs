//! The proof that what is kept is what the ledgers say.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    id,
};

/// Something kept that is not what its ledger says.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Difference {
    /// The learner.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<id::User>,
    /// What is kept.
    #[diesel(sql_type = Text)]
    pub what: String,
    /// How much.
    #[diesel(sql_type = BigInt)]
    pub kept: i64,
    /// How much it should be.
    #[diesel(sql_type = BigInt)]
    pub proved: i64,
}

/// Whoever was erased has no game and no entries, and stands on frozen boards alone.
const DIFFERENCES: &str = "WITH proved AS (
  SELECT x.user_id, sum(x.amount)::bigint AS xp, count(*) FILTER (WHERE x.rule = 'item_completed') AS items,
    count(*) FILTER (WHERE x.rule = 'lesson_completed') AS lessons, count(*) FILTER (WHERE x.rule = 'course_completed') AS courses,
    count(*) FILTER (WHERE x.rule = 'perfect_score') AS perfect
  FROM xp_entries x WHERE x.tenant_id = $1 GROUP BY x.user_id
), frozen AS (
  SELECT f.user_id, sum(f.delta)::bigint AS freezes FROM freeze_entries f WHERE f.tenant_id = $1 GROUP BY f.user_id
), kept AS (
  SELECT g.user_id, k.what, k.kept, k.proved FROM games g
  LEFT JOIN proved p ON p.user_id = g.user_id LEFT JOIN frozen f ON f.user_id = g.user_id
  CROSS JOIN LATERAL (VALUES ('xp', g.xp, p.xp), ('items', g.items, p.items), ('lessons', g.lessons, p.lessons),
    ('courses', g.courses, p.courses), ('perfect', g.perfect, p.perfect), ('freezes', g.freezes, f.freezes)) AS k(what, kept, proved)
  WHERE g.tenant_id = $1
), entered AS (
  SELECT x.user_id, e.period, e.starts_on, sum(x.amount)::bigint AS xp, count(*) FILTER (WHERE x.rule = 'lesson_completed') AS lessons
  FROM xp_entries x CROSS JOIN LATERAL (VALUES ('week', x.week), ('month', x.month), ('all', date '1970-01-01')) AS e(period, starts_on)
  WHERE x.tenant_id = $1 AND e.starts_on IS NOT NULL GROUP BY x.user_id, e.period, e.starts_on
), boards AS (
  SELECT coalesce(s.user_id, e.user_id) AS user_id, k.what, k.kept, k.proved
  FROM (SELECT s.* FROM board_scores s JOIN games g ON g.tenant_id = s.tenant_id AND g.user_id = s.user_id WHERE s.tenant_id = $1) s
  FULL JOIN entered e ON e.user_id = s.user_id AND e.period = s.period AND e.starts_on = s.starts_on
  CROSS JOIN LATERAL (VALUES ('xp of ' || coalesce(s.period, e.period) || ' ' || coalesce(s.starts_on, e.starts_on), s.xp, e.xp),
    ('lessons of ' || coalesce(s.period, e.period) || ' ' || coalesce(s.starts_on, e.starts_on), s.lessons, e.lessons)) AS k(what, kept, proved)
)
SELECT d.user_id, d.what, coalesce(d.kept, 0)::bigint AS kept, coalesce(d.proved, 0)::bigint AS proved
FROM (SELECT * FROM kept UNION ALL SELECT * FROM boards) d
WHERE coalesce(d.kept, 0) <> coalesce(d.proved, 0) ORDER BY 1, 2";

/// Compares what is kept of the institution's learners with what the ledgers say. Answers what differs: nothing.
///
/// # Errors
/// As the database says.
pub async fn verify(tx: &mut TenantTx) -> Result<Vec<Difference>> {
    super::lock(tx).await?;
    let tenant = tx.tenant();
    sql(DIFFERENCES).bind::<SqlUuid, _>(tenant).load(tx.connection()).await.map_err(failed)
}
