//! Where something is new: one look at all institutions, an index probe for each.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid},
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

/// Each arm stops at the first row that it finds. Of an institution that is closed nothing is worked out.
const DUE: &str = "SELECT i.tenant_id, least(n.since, c.since, p.since) AS since
FROM institutions i
LEFT JOIN LATERAL (SELECT x.position, x.past_walked FROM followers x WHERE x.tenant_id = i.tenant_id AND x.name = $1 OFFSET 0) f ON true
LEFT JOIN LATERAL (SELECT e.received_at AS since FROM progress_events e
  WHERE e.tenant_id = i.tenant_id AND e.position > coalesce(f.position, 0) AND e.position < (SELECT stoa_position_horizon())
  ORDER BY e.position LIMIT 1) n ON true
LEFT JOIN LATERAL (SELECT e.changed_at AS since FROM enrolment_changes e
  WHERE $2 AND e.tenant_id = i.tenant_id AND e.position < (SELECT stoa_position_horizon()) ORDER BY e.position LIMIT 1) c ON true
LEFT JOIN LATERAL (SELECT e.received_at AS since FROM progress_events e
  WHERE $3 AND NOT coalesce(f.past_walked, false) AND e.tenant_id = i.tenant_id AND e.position IS NULL LIMIT 1) p ON true
WHERE i.status <> 'closed' AND (n.since IS NOT NULL OR c.since IS NOT NULL OR p.since IS NOT NULL)
ORDER BY 2, 1";

/// The institutions in which a follower has something to take, the longest waiting first.
///
/// # Errors
/// As the database says.
pub async fn due(house: &mut HouseTx, followed: &Followed) -> Result<Vec<Due>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: Uuid,
        #[diesel(sql_type = Timestamptz)]
        since: DateTime<Utc>,
    }
    let rows: Vec<Row> = sql(DUE)
        .bind::<Text, _>(followed.name)
        .bind::<Bool, _>(followed.counts_enrolments)
        .bind::<Bool, _>(followed.past == Past::Walked)
        .load(house.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| Due { tenant: Id::from_uuid(row.tenant_id), since: row.since }).collect())
}
