//! Where two editions differ: the rows of learners handful by handful, the sums at the end.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use stoa_core::{
    Result,
    db::{TenantTx, composed, failed},
};
use uuid::Uuid;

use super::{State, turn::TABLES};

/// Most differences of one table that are told of.
const TOLD: i64 = 100;

/// A row that is kept otherwise than it is made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// As it is kept; none where it is not.
    pub kept: Option<Value>,
    /// As it is made anew; none where it is not.
    pub rebuilt: Option<Value>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Jsonb>)]
    kept: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    rebuilt: Option<Value>,
}

/// What a row of a table is told apart by, and what makes it none: sums that came back to nothing stay as rows.
const fn shape(table: &str) -> (&'static str, &'static str) {
    match table.as_bytes() {
        b"activity_days" | b"enrolments_counted" => ("", "true"),
        b"activity_gaps" => ("day, gap", "learners <> 0"),
        b"activity_levels" => ("day, active_days", "learners <> 0"),
        b"activity_totals" => {
            ("day, course_id", "(learners, events, seconds, lessons_completed, courses_completed) <> (0, 0, 0, 0, 0)")
        }
        b"activity_retention" => ("began_month, month", "learners <> 0"),
        b"course_starts" => ("enrolled_on, course_id", "(enrolled, started, completed) <> (0, 0, 0)"),
        _ => ("day", "(fell_due, settled) <> (0, 0)"),
    }
}

/// Compares the rows of some learners.
pub(super) async fn facts(tx: &mut TenantTx, state: &State, learners: &[Uuid]) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    for (table, key) in [("activity_days", "user_id, day, course_id"), ("enrolments_counted", "user_id, course_id")] {
        differences.extend(compare(tx, state, (table, key, "user_id = ANY ($5)"), learners).await?);
    }
    Ok(differences)
}

/// Compares the sums.
pub(super) async fn sums(tx: &mut TenantTx, state: &State) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    for table in TABLES.into_iter().filter(|table| !shape(table).0.is_empty()) {
        let (key, is_row) = shape(table);
        differences.extend(compare(tx, state, (table, key, is_row), &[]).await?);
    }
    Ok(differences)
}

async fn compare(
    tx: &mut TenantTx,
    state: &State,
    (table, key, wanted): (&'static str, &'static str, &'static str),
    learners: &[Uuid],
) -> Result<Vec<Difference>> {
    let tenant = tx.tenant();
    let rows = |edition: &str| {
        format!(
            "SELECT jsonb_build_array({key}) AS key, to_jsonb(x) - 'tenant_id' - 'edition' AS row FROM {table} x
             WHERE x.tenant_id = $1 AND x.edition = {edition} AND {wanted} AND ($5::uuid[] IS NULL OR true)"
        )
    };
    // Sorted by their keys and merged: these connections hash and merge no joins, so the two sides are grouped.
    let text = format!(
        "SELECT max(s.row::text) FILTER (WHERE s.side = 1)::jsonb AS kept, max(s.row::text) FILTER (WHERE s.side = 2)::jsonb AS rebuilt
         FROM (SELECT 1 AS side, k.* FROM ({}) k UNION ALL SELECT 2, n.* FROM ({}) n) s
         GROUP BY s.key HAVING count(*) <> 2 OR min(s.row::text) <> max(s.row::text) ORDER BY s.key LIMIT $4",
        rows("$2"),
        rows("$3")
    );
    let rows: Vec<Row> = composed(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(state.edition)
        .bind::<Nullable<Integer>, _>(state.draft_edition)
        .bind::<BigInt, _>(TOLD)
        .bind::<Array<SqlUuid>, _>(learners)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| Difference { table, kept: row.kept, rebuilt: row.rebuilt }).collect())
}
