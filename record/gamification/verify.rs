//! The proof that what is kept is what the ledgers say.
//!
//! # Rule
//! A ledger and what is kept of it are written in one transaction, so every statement sees them agree, and nobody who
//! counts is held up. Only the erasing of a person takes several: whom it is about is not looked at until it is over. Then
//! he has no game and no entries, and stands on frozen boards alone.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Jsonb, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};
use uuid::Uuid;

use crate::rollups::rebuild::{Difference, next_learners};

/// The rows of a table that are of these learners, by the index that begins with them.
macro_rules! of_learners {
    ($table:literal) => {
        concat!(
            "(SELECT y.* FROM unnest($2) AS l(user_id) CROSS JOIN LATERAL (SELECT * FROM ",
            $table,
            " z WHERE z.tenant_id = $1 AND z.user_id = l.user_id OFFSET 0) y)"
        )
    };
}

/// Sums of what is kept and of what is counted, grouped and not joined: these connections hash and merge no joins.
macro_rules! differing {
    ($kind:literal, $by:literal, $rows:expr) => {
        concat!(
            "SELECT jsonb_build_object(",
            $kind,
            ") AS kind, sum(k.kept)::bigint AS kept, sum(k.counted)::bigint AS counted
             FROM (",
            $rows,
            ") k GROUP BY ",
            $by,
            "
             HAVING sum(k.kept) <> sum(k.counted) AND NOT EXISTS (SELECT FROM erasures e
               WHERE e.tenant_id = $1 AND e.user_id = k.user_id AND e.status = 'running')
             ORDER BY 1 LIMIT 100"
        )
    };
}

/// Each table, and a statement that tells what it keeps otherwise than the ledgers say.
const TABLES: [(&str, &str); 2] = [("games", GAMES), ("board_scores", BOARDS)];

const GAMES: &str = differing!(
    "'user_id', k.user_id, 'what', k.what",
    "k.user_id, k.what",
    concat!(
        "SELECT g.user_id, v.what, v.n AS kept, 0::bigint AS counted FROM ", of_learners!("games"), " g
           CROSS JOIN LATERAL (VALUES ('xp', g.xp), ('items', g.items), ('lessons', g.lessons), ('courses', g.courses),
             ('perfect', g.perfect), ('freezes', g.freezes)) AS v(what, n)
         UNION ALL SELECT x.user_id, v.what, 0, v.n FROM ", of_learners!("xp_entries"), " x
           CROSS JOIN LATERAL (VALUES ('xp', x.amount), (CASE x.rule WHEN 'item_completed' THEN 'items'
             WHEN 'lesson_completed' THEN 'lessons' WHEN 'course_completed' THEN 'courses' WHEN 'perfect_score' THEN 'perfect' END, 1)
           ) AS v(what, n) WHERE v.what IS NOT NULL
         UNION ALL SELECT f.user_id, 'freezes', 0, f.delta FROM ", of_learners!("freeze_entries"), " f"
    )
);
const BOARDS: &str = differing!(
    "'user_id', k.user_id, 'period', k.period, 'starts_on', k.starts_on, 'what', k.what",
    "k.user_id, k.period, k.starts_on, k.what",
    concat!(
        "SELECT s.user_id, s.period, s.starts_on, v.what, v.n AS kept, 0::bigint AS counted FROM ", of_learners!("board_scores"), " s
           CROSS JOIN LATERAL (VALUES ('xp', s.xp), ('lessons', s.lessons)) AS v(what, n)
           WHERE EXISTS (SELECT FROM games g WHERE g.tenant_id = $1 AND g.user_id = s.user_id)
         UNION ALL SELECT x.user_id, p.period, p.starts_on, v.what, 0, v.n FROM ", of_learners!("xp_entries"), " x
           CROSS JOIN LATERAL (VALUES ('week', x.week), ('month', x.month), ('all', date '1970-01-01')) AS p(period, starts_on)
           CROSS JOIN LATERAL (VALUES ('xp', x.amount), (CASE x.rule WHEN 'lesson_completed' THEN 'lessons' END, 1)) AS v(what, n)
           WHERE p.starts_on IS NOT NULL AND v.what IS NOT NULL"
    )
);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Jsonb)]
    kind: Value,
    #[diesel(sql_type = BigInt)]
    kept: i64,
    #[diesel(sql_type = BigInt)]
    counted: i64,
}

/// Compares what is kept of the institution's learners with what the ledgers say, and answers what differs.
///
/// # Errors
/// As the database says.
pub async fn verify(tx: &mut TenantTx) -> Result<Vec<Difference>> {
    let (mut differences, mut after) = (Vec::new(), Uuid::nil());
    loop {
        let learners = next_learners(tx, after).await?;
        let Some(last) = learners.last() else { return Ok(differences) };
        after = *last;
        for (table, text) in TABLES {
            differences.extend(compare(tx, (table, text), &learners).await?);
        }
    }
}

async fn compare(
    tx: &mut TenantTx,
    (table, text): (&'static str, &'static str),
    learners: &[Uuid],
) -> Result<Vec<Difference>> {
    let tenant = tx.tenant();
    let compared = sql(text).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(learners);
    let rows: Vec<Row> = compared.load(tx.connection()).await.map_err(failed)?;
    let so_many = |kind: &Value, n: i64| Some(json!({ "of": kind, "n": n }));
    let told =
        |row: &Row| Difference { table, kept: so_many(&row.kind, row.kept), rebuilt: so_many(&row.kind, row.counted) };
    Ok(rows.iter().map(told).collect())
}
