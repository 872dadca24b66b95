//! Where something is new: one look at all institutions, an index probe for each.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result, TenantId,
    db::{HouseTx, failed, sql},
};
use uuid::Uuid;

use super::{Followed, Past};

/// An institution in which a follower has something to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The institution.
    pub tenant: TenantId,
    /// Since when the oldest of it has waited.
    pub since: DateTime<Utc>,
}

/// One look for all followers: what came last to an institution tells which of them have to look closer, so one in which
/// nothing is new costs three probes, however many follow. Each arm stops at the first row that it finds. Of an institution
/// that is closed nothing is worked out.
const DUE: &str = "SELECT n.nth, i.tenant_id, least(e.since, CASE WHEN n.counts THEN c.since END,
    CASE WHEN f.walks THEN old.since END) AS since
FROM institutions i
LEFT JOIN LATERAL (SELECT x.position FROM progress_events x
  WHERE x.tenant_id = i.tenant_id AND x.position < (SELECT stoa_position_horizon()) ORDER BY x.position DESC LIMIT 1) last ON true
LEFT JOIN LATERAL (SELECT x.received_at AS since FROM progress_events x
  WHERE x.tenant_id = i.tenant_id AND x.position IS NULL LIMIT 1) old ON true
LEFT JOIN LATERAL (SELECT x.changed_at AS since FROM enrolment_changes x
  WHERE x.tenant_id = i.tenant_id AND x.position < (SELECT stoa_position_horizon()) ORDER BY x.position LIMIT 1) c ON true
CROSS JOIN unnest($1::text[], $2::boolean[], $3::boolean[]) WITH ORDINALITY AS n(name, counts, walks, nth)
CROSS JOIN LATERAL (SELECT coalesce(max(x.position), 0) AS position, n.walks AND NOT coalesce(bool_and(x.past_walked), false) AS walks
  FROM followers x WHERE x.tenant_id = i.tenant_id AND x.name = n.name) f
LEFT JOIN LATERAL (SELECT x.received_at AS since FROM progress_events x
  WHERE last.position > f.position AND x.tenant_id = i.tenant_id AND x.position > f.position
    AND x.position < (SELECT stoa_position_horizon()) ORDER BY x.position LIMIT 1) e ON true
WHERE i.status <> 'closed' AND (e.since IS NOT NULL OR n.counts AND c.since IS NOT NULL
  OR f.walks AND old.since IS NOT NULL)
ORDER BY 3, 2";

/// The institutions in which each of some followers has something to take, the longest waiting first, in their order.
///
/// # Errors
/// As the database says.
pub async fn due(house: &mut HouseTx, followers: &[Followed]) -> Result<Vec<Vec<Due>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        nth: i64,
        #[diesel(sql_type = SqlUuid)]
        tenant_id: Uuid,
        #[diesel(sql_type = Timestamptz)]
        since: DateTime<Utc>,
    }
    let names: Vec<_> = followers.iter().map(Followed::name).collect();
    let counts: Vec<_> = followers.iter().map(|followed| followed.counts_enrolments).collect();
    let walks: Vec<_> = followers.iter().map(|followed| followed.past == Past::Walked).collect();
    let rows: Vec<Row> = sql(DUE)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Bool>, _>(counts)
        .bind::<Array<Bool>, _>(walks)
        .load(house.connection())
        .await
        .map_err(failed)?;
    let mut due = vec![Vec::new(); followers.len()];
    for row in rows {
        if let Some(due) = usize::try_from(row.nth - 1).ok().and_then(|nth| due.get_mut(nth)) {
            due.push(Due { tenant: Id::from_uuid(row.tenant_id), since: row.since });
        }
    }
    Ok(due)
}
