//! Where an erasing stands: its row, and what it has counted.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use stoa_core::{
    Id, Result, Scope, TenantId,
    db::{Db, HouseTx, failed, sql},
    id,
    letters::address_hash,
};
use uuid::Uuid;

use super::{former::Names, strange};
use crate::privacy::held::Known;

/// Erasures of one look.
const DUE_MOST: i64 = 100;

const DUE: &str = "SELECT e.tenant_id, e.id FROM erasures e
  WHERE e.status IN ('scheduled', 'running') AND e.erase_after <= $1
    AND (e.status = 'running' OR NOT EXISTS (SELECT FROM legal_holds h WHERE h.tenant_id = e.tenant_id AND h.user_id = e.user_id))
  ORDER BY e.erase_after LIMIT $2";
const STANDING: &str =
    "SELECT count(*) AS open, count(*) FILTER (WHERE due_at < $1) AS overdue, min(requested_at) AS oldest
  FROM erasures WHERE status IN ('requested', 'scheduled', 'running')";
const STATE: &str = "SELECT e.user_id, e.status, e.started_at, e.known_as, e.cursors FROM erasures e
  JOIN users u ON u.tenant_id = e.tenant_id AND u.id = e.user_id WHERE e.tenant_id = $1 AND e.id = $2 FOR NO KEY UPDATE OF u";
/// Whoever calls it off, or places a hold, comes before it or is refused.
const BEGIN: &str =
    "UPDATE erasures e SET status = 'running', started_at = $3, updated_at = $3, revision = e.revision + 1,
    known_as = array_remove(ARRAY['name:' || u.name, 'email:' || u.email, 'key:' || u.external_id], NULL)
  FROM users u WHERE e.tenant_id = $1 AND e.id = $2 AND u.tenant_id = $1 AND u.id = e.user_id
    AND e.status = 'scheduled' AND e.erase_after <= $3
    AND NOT EXISTS (SELECT FROM legal_holds h WHERE h.tenant_id = $1 AND h.user_id = e.user_id)
  RETURNING e.known_as";
const COUNT: &str = "UPDATE erasures SET counts = jsonb_set(counts, ARRAY[$3],
    to_jsonb(coalesce((counts ->> $3)::bigint, 0) + $4)) WHERE tenant_id = $1 AND id = $2";
const PLACE: &str =
    "UPDATE erasures SET cursors = jsonb_set(cursors, ARRAY[$3], to_jsonb($4::text)) WHERE tenant_id = $1 AND id = $2";
const LEARNT: &str = "UPDATE erasures SET known_as = ARRAY(SELECT DISTINCT w FROM unnest(known_as || $3) w) WHERE tenant_id = $1 AND id = $2";
const MAY: &str = "SELECT coalesce(array_agg(c.relname::text), '{}') AS tables FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND has_table_privilege('stoa_app', c.oid, 'DELETE')";

/// An erasure whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Due {
    /// The institution.
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: TenantId,
    /// The erasure.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Erasure>,
}

/// How the erasures of all institutions stand.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Standing {
    /// Asked for, and not over.
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    /// Of these, past the time in which they should be done.
    #[diesel(sql_type = BigInt)]
    pub overdue: i64,
    /// When the oldest was asked for.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest: Option<DateTime<Utc>>,
}

/// Lists the erasures whose time has come, and those that were begun.
///
/// # Errors
/// As the database says.
pub async fn due(house: &mut HouseTx) -> Result<Vec<Due>> {
    let now = house.now();
    let due = sql(DUE).bind::<Timestamptz, _>(now).bind::<BigInt, _>(DUE_MOST);
    due.load(house.connection()).await.map_err(failed)
}

/// Counts what is open.
///
/// # Errors
/// As the database says.
pub async fn standing(house: &mut HouseTx) -> Result<Standing> {
    let now = house.now();
    sql(STANDING).bind::<Timestamptz, _>(now).get_result(house.connection()).await.map_err(failed)
}

/// What became of the beginning.
pub(super) enum Begin {
    CalledOff,
    Over,
    Runs(Run),
}

/// An erasing under way.
pub(super) struct Run {
    pub(super) tenant: TenantId,
    pub(super) erasure: Id<id::Erasure>,
    pub(super) user: Id<id::User>,
    pub(super) started_at: DateTime<Utc>,
    pub(super) names: Names,
    /// Tables from which the application itself may delete.
    pub(super) own: BTreeSet<String>,
    cursors: Value,
}

/// Begins an erasing whose time has come, or finds out how far it is.
pub(super) async fn begin(db: &Db, tenant: TenantId, erasure: Id<id::Erasure>) -> Result<Begin> {
    #[derive(QueryableByName)]
    struct State {
        #[diesel(sql_type = SqlUuid)]
        user_id: Id<id::User>,
        #[diesel(sql_type = Text)]
        status: String,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        started_at: Option<DateTime<Utc>>,
        #[diesel(sql_type = Array<Text>)]
        known_as: Vec<String>,
        #[diesel(sql_type = Jsonb)]
        cursors: Value,
    }
    #[derive(QueryableByName)]
    struct Begun {
        #[diesel(sql_type = Array<Text>)]
        known_as: Vec<String>,
    }
    #[derive(QueryableByName)]
    struct May {
        #[diesel(sql_type = Array<Text>)]
        tables: Vec<String>,
    }
    let mut tx = db.tenant(&Scope::house(tenant)).await?;
    let now = tx.now();
    let states: Vec<State> = sql(STATE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(erasure)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let Some(state) = states.into_iter().next() else { return Ok(Begin::CalledOff) };
    let beginning = sql(BEGIN).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(erasure).bind::<Timestamptz, _>(now);
    let known_now: Vec<Begun> = beginning.load(tx.connection()).await.map_err(failed)?;
    let own: May = sql(MAY).get_result(tx.connection()).await.map_err(failed)?;
    tx.commit().await?;
    let (known_as, started_at) = match (known_now.into_iter().next(), state.status.as_str()) {
        (Some(first), _) => (first.known_as, now),
        (None, "running") => (state.known_as, state.started_at.ok_or_else(|| strange("no beginning"))?),
        (None, "completed") => return Ok(Begin::Over),
        (None, _) => return Ok(Begin::CalledOff),
    };
    let names = Names::of(state.user_id, known_as);
    let own = own.tables.into_iter().collect();
    Ok(Begin::Runs(Run { tenant, erasure, user: state.user_id, started_at, names, own, cursors: state.cursors }))
}

impl Run {
    /// Counts rows in the transaction that changed them.
    pub(super) async fn count(
        &self,
        connection: &mut diesel_async::AsyncPgConnection,
        table: &str,
        rows: i64,
    ) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        let count = sql(COUNT).bind::<SqlUuid, _>(self.tenant).bind::<SqlUuid, _>(self.erasure);
        count.bind::<Text, _>(table).bind::<BigInt, _>(rows).execute(connection).await.map_err(failed)?;
        Ok(())
    }

    /// The place up to which a table was read.
    pub(super) fn place(&self, table: &str) -> Uuid {
        let place = self.cursors.get(table).and_then(Value::as_str).and_then(|place| place.parse().ok());
        place.unwrap_or(Uuid::nil())
    }

    /// Remembers the place up to which a table was read, in the transaction that changed what lies before it.
    pub(super) async fn remember(&mut self, house: &mut HouseTx, (table, place): (&str, Uuid)) -> Result<()> {
        let remember = sql(PLACE).bind::<SqlUuid, _>(self.tenant).bind::<SqlUuid, _>(self.erasure);
        let remember = remember.bind::<Text, _>(table).bind::<Text, _>(place.to_string());
        remember.execute(house.connection()).await.map_err(failed)?;
        if let Some(cursors) = self.cursors.as_object_mut() {
            cursors.insert(table.to_owned(), place.to_string().into());
        }
        Ok(())
    }

    /// Keeps names by which the person was known before, to look for them too.
    pub(super) async fn learn(&mut self, house: &mut HouseTx, names: BTreeSet<String>) -> Result<()> {
        let names: Vec<String> = names.into_iter().filter(|name| !self.names.knows(name)).collect();
        if names.is_empty() {
            return Ok(());
        }
        let learn = sql(LEARNT).bind::<SqlUuid, _>(self.tenant).bind::<SqlUuid, _>(self.erasure);
        learn.bind::<Array<Text>, _>(&names).execute(house.connection()).await.map_err(failed)?;
        self.names = self.names.with(names);
        Ok(())
    }

    /// What the person is known by, as a column of a kind has it.
    pub(super) fn known(&self, kind: Known) -> Vec<String> {
        let emails = self.names.of_kind("email");
        match kind {
            Known::EmailKey => emails.map(|email| email.trim().to_lowercase()).collect(),
            Known::EmailHash => emails.map(|email| format!("\\x{}", hex::encode(address_hash(email)))).collect(),
            Known::ExternalId => self.names.of_kind("key").map(ToOwned::to_owned).collect(),
        }
    }
}
