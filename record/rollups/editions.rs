//! Which edition of its sums an institution reads, which is being made, and which institutions want a new one.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result, TenantId,
    db::{HouseTx, TenantTx, failed, sql},
};
use uuid::Uuid;

/// An edition that is kept up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edition {
    pub(super) number: i32,
    /// Zone of its days.
    pub(super) time_zone: String,
    /// It holds learners up to this one; none for all.
    up_to: Option<Uuid>,
}

impl Edition {
    /// A learner is in it, so what he does is added to it.
    pub(super) fn holds(&self, learner: Uuid) -> bool {
        self.up_to.is_none_or(|last| learner <= last)
    }
}

/// How an institution's editions stand.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct State {
    #[diesel(sql_type = Integer)]
    pub(super) edition: i32,
    #[diesel(sql_type = Text)]
    pub(super) time_zone: String,
    /// A new edition is wanted: somebody asked, the first may lack something, or the institution's zone is another one now.
    #[diesel(sql_type = Bool)]
    pub(super) wants_another: bool,
    #[diesel(sql_type = Bool)]
    pub(super) is_clean: bool,
    #[diesel(sql_type = Nullable<Integer>)]
    pub(super) draft_edition: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) draft_purpose: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) draft_time_zone: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) draft_after: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
}

/// For so long after its last step an edition is taken for one that somebody is making, and one that was followed by another
/// for one that somebody is reading.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(1);

impl State {
    /// The edition that is being made.
    pub(super) fn draft(&self) -> Option<Edition> {
        let number = self.draft_edition?;
        Some(Edition { number, time_zone: self.draft_time_zone.clone()?, up_to: Some(self.draft_after?) })
    }

    /// Somebody made a step a moment ago, or may still read what is not read any more.
    pub(super) fn was_touched(&self, now: DateTime<Utc>) -> bool {
        now < self.updated_at + UNDER_WAY
    }

    /// The edition that is read.
    pub(super) fn read(&self) -> Edition {
        Edition { number: self.edition, time_zone: self.time_zone.clone(), up_to: None }
    }
}

/// The first edition may lack what was there before it was begun, so it is made anew once.
const BEGIN: &str =
    "INSERT INTO rollups (tenant_id, edition, time_zone, rebuild_wanted, last_edition, is_clean, updated_at)
  SELECT tenant_id, 1, time_zone, true, 1, true, $2 FROM institutions WHERE tenant_id = $1 ON CONFLICT DO NOTHING";
const STATE: &str = "SELECT edition, time_zone, is_clean,
    rebuild_wanted OR time_zone <> (SELECT i.time_zone FROM institutions i WHERE i.tenant_id = $1) AS wants_another,
    draft_edition, draft_purpose, draft_time_zone, draft_after, updated_at
  FROM rollups WHERE tenant_id = $1 FOR UPDATE";

/// How the editions stand, begun if there were none, held until the transaction ends.
pub(super) async fn state(tx: &mut TenantTx) -> Result<State> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let state = sql(STATE).bind::<SqlUuid, _>(tenant);
    let found: Vec<State> = state.clone().load(tx.connection()).await.map_err(failed)?;
    if let Some(found) = found.into_iter().next() {
        return Ok(found);
    }
    let begin = sql(BEGIN).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now);
    begin.execute(tx.connection()).await.map_err(failed)?;
    state.get_result(tx.connection()).await.map_err(failed)
}

/// The editions to which what is followed is added.
pub(super) async fn followed(tx: &mut TenantTx) -> Result<Vec<Edition>> {
    let state = state(tx).await?;
    Ok(std::iter::once(state.read()).chain(state.draft()).collect())
}

/// An institution that has no edition yet but something to be counted, whose zone is another one now, in which one is
/// wanted or being made, or in which something is left of old ones. One that is closed counts nothing any more.
const WANTING: &str = "SELECT i.tenant_id FROM institutions i
LEFT JOIN LATERAL (SELECT x.rebuild_wanted OR NOT x.is_clean AS wanted, coalesce(x.draft_time_zone, x.time_zone) AS time_zone, x.draft_purpose, x.updated_at
  FROM rollups x WHERE x.tenant_id = i.tenant_id OFFSET 0) r ON true
WHERE i.status <> 'closed' AND CASE WHEN r.time_zone IS NULL
    THEN EXISTS (SELECT FROM progress_events e WHERE e.tenant_id = i.tenant_id)
      OR EXISTS (SELECT FROM enrolments e WHERE e.tenant_id = i.tenant_id)
    ELSE r.wanted OR r.time_zone <> i.time_zone OR r.draft_purpose = 'rebuild' END
ORDER BY r.updated_at NULLS FIRST, i.tenant_id LIMIT $1";

/// Institutions whose editions need work.
///
/// # Errors
/// As the database says.
pub async fn wanting(house: &mut HouseTx, most: i64) -> Result<Vec<TenantId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: Uuid,
    }
    let rows: Vec<Row> = sql(WANTING).bind::<BigInt, _>(most).load(house.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| Id::from_uuid(row.tenant_id)).collect())
}

/// All institutions that count something, or may.
///
/// # Errors
/// As the database says.
pub async fn institutions(house: &mut HouseTx) -> Result<Vec<TenantId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: Uuid,
    }
    let text = "SELECT tenant_id FROM institutions WHERE status <> 'closed' ORDER BY tenant_id";
    let rows: Vec<Row> = sql(text).load(house.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| Id::from_uuid(row.tenant_id)).collect())
}
