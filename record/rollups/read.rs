//! What readers of the sums begin with: which edition, in which zone, and how fresh it is.
//!
//! Not here: what is read (`analytics`), beside the one figure that days alone cannot tell.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};

/// The sums as they are kept now.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Kept {
    /// The edition to be read. Bind it, or ask for it within the statement: rows of an edition that was followed by another
    /// stay for a minute.
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    /// Zone of its days; that of the institution, but for the while in which a change of that is worked out.
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// When it was made whole; none while it may lack what was there before it was begun.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub built_at: Option<DateTime<Utc>>,
    /// Since when the oldest activity waits that is not in it yet; none where all is.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub waiting_since: Option<DateTime<Utc>>,
}

impl Kept {
    /// How many seconds the sums are behind.
    pub fn freshness_seconds(&self, now: DateTime<Utc>) -> i64 {
        self.waiting_since.map_or(0, |since| (now - since).num_seconds().max(0))
    }
}

const KEPT: &str =
    "SELECT coalesce(r.edition, 1) AS edition, coalesce(r.time_zone, i.time_zone) AS time_zone, r.built_at,
  (SELECT e.received_at FROM progress_events e WHERE e.tenant_id = $1
     AND e.position > (SELECT coalesce(max(f.position), 0) FROM followers f WHERE f.tenant_id = $1 AND f.name = 'rollups')
   ORDER BY e.position LIMIT 1) AS waiting_since
FROM institutions i LEFT JOIN LATERAL (SELECT * FROM rollups x WHERE x.tenant_id = $1 OFFSET 0) r ON true
WHERE i.tenant_id = $1";

/// Finds the edition to be read.
///
/// # Errors
/// As the database says.
pub async fn kept(tx: &mut TenantTx) -> Result<Kept> {
    let tenant = tx.tenant();
    sql(KEPT).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)
}

/// Whole days up to the one before today, and what of today is over.
const OVERDUE: &str = "WITH today AS (
  SELECT r.edition, ($2 AT TIME ZONE r.time_zone)::date AS day,
    (($2 AT TIME ZONE r.time_zone)::date - interval '1 microsecond') AT TIME ZONE r.time_zone + interval '1 microsecond' AS starts_at
  FROM rollups r WHERE r.tenant_id = $1
)
SELECT (coalesce((SELECT sum(d.fell_due) FROM enrolments_due d WHERE d.tenant_id = $1 AND d.edition = t.edition AND d.day < t.day), 0)
  - coalesce((SELECT sum(d.settled) FROM enrolments_due d WHERE d.tenant_id = $1 AND d.edition = t.edition AND d.day <= t.day), 0)
  + (SELECT count(*) FROM enrolments_counted c WHERE c.tenant_id = $1 AND c.edition = t.edition
       AND c.fell_due_at >= t.starts_at AND c.fell_due_at < $2))::bigint AS overdue
FROM today t";

/// How many enrolments are overdue at this moment, as lesson progress tells of each: what is due later today is not.
///
/// # Errors
/// As the database says.
pub async fn overdue_now(tx: &mut TenantTx) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        overdue: i64,
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let query = sql(OVERDUE).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now);
    let rows: Vec<Row> = query.load(tx.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().next().map_or(0, |row| row.overdue))
}
