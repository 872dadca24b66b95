//! What was told of a person: the ledger, the bodies that receivers were sent, and what they answered.
//!
//! Both tables are read through from one end to the other, since no index says whom an event tells of: one would be written
//! with every event, for the sake of the few people who are ever erased.

use std::collections::BTreeSet;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Jsonb, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use stoa_core::{
    Result, Scope,
    db::{Db, failed, sql},
};
use uuid::Uuid;

use super::{former::STRUCK, state::Run};

/// Rows that are read at once.
pub(super) const AT_ONCE: i64 = 5_000;

const READ_EVENTS: &str = "WITH piece AS MATERIALIZED (
    SELECT id, data FROM events WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3)
  SELECT l.last, m.id, m.data FROM (SELECT id AS last FROM piece ORDER BY id DESC LIMIT 1) l
    LEFT JOIN piece m ON position($4 IN m.data::text) > 0 OR m.data::text ~* $5";
const READ_DELIVERIES: &str =
    "SELECT id, event_id FROM deliveries WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
const TELLING: &str = "SELECT id FROM events WHERE tenant_id = $1 AND id = ANY ($2) AND position($3 IN data::text) > 0";

/// Answers that name the person, whatever they are answers to.
const NAMING: &str = "SELECT DISTINCT delivery_id AS id FROM attempts WHERE tenant_id = $1 AND delivery_id = ANY ($2)
  AND concat(response, error_detail, request_headers) ~* $3";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Lets events tell of a former learner, and drops the bodies made of them.
pub(super) async fn events(db: &Db, run: &mut Run) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        last: Uuid,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        id: Option<Uuid>,
        #[diesel(sql_type = Nullable<Jsonb>)]
        data: Option<Value>,
    }
    let mut changed = 0;
    loop {
        let mut tx = db.tenant(&Scope::house(run.tenant)).await?;
        let rows: Vec<Row> = sql(READ_EVENTS)
            .bind::<SqlUuid, _>(run.tenant)
            .bind::<SqlUuid, _>(run.place("events"))
            .bind::<BigInt, _>(AT_ONCE)
            .bind::<Text, _>(run.user.to_string())
            .bind::<Text, _>(run.names.pattern().unwrap_or_else(nothing))
            .load(tx.connection())
            .await
            .map_err(failed)?;
        drop(tx);
        let Some(last) = rows.iter().map(|row| row.last).next() else { return Ok(changed) };
        let told: Vec<(Uuid, Value)> = rows.into_iter().filter_map(|row| Some((row.id?, row.data?))).collect();
        changed += rewrite(db, run, (last, told)).await?;
    }
}

async fn rewrite(db: &Db, run: &mut Run, (last, told): (Uuid, Vec<(Uuid, Value)>)) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Changed {
        #[diesel(sql_type = BigInt)]
        events: i64,
        #[diesel(sql_type = BigInt)]
        payloads: i64,
    }
    let mut names = BTreeSet::new();
    let (mut ids, mut left) = (Vec::new(), Vec::new());
    for (id, mut data) in told {
        run.names.told_by(&data, &mut names);
        leave(run, &mut data);
        ids.push(id);
        left.push(data);
    }
    let mut house = db.house().await?;
    let mut changed = Changed { events: 0, payloads: 0 };
    if !ids.is_empty() {
        let query = sql("SELECT events, payloads FROM stoa_rewrite_events($1, $2, $3, $4)")
            .bind::<SqlUuid, _>(run.tenant)
            .bind::<SqlUuid, _>(run.user)
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<Array<Jsonb>, _>(left);
        changed = query.get_result(house.connection()).await.map_err(failed)?;
        run.count(house.connection(), "events", changed.events).await?;
        run.count(house.connection(), "payloads", changed.payloads).await?;
    }
    run.learn(&mut house, names).await?;
    run.remember(&mut house, ("events", last)).await?;
    house.commit().await?;
    Ok(changed.events + changed.payloads)
}

/// Of the person's own events, also the sender's ids of his activity go.
fn leave(run: &Run, data: &mut Value) {
    run.names.leave(data);
    let is_his = data.pointer("/user/id").and_then(Value::as_str) == Some(run.user.to_string().as_str());
    if let Some(Value::Array(entries)) = data.pointer_mut("/xp/entries").filter(|_| is_his) {
        for source in entries.iter_mut().filter_map(|entry| entry.get_mut("source")) {
            *source = STRUCK.into();
        }
    }
}

/// Empties what receivers answered when they were told of the person.
pub(super) async fn answers(db: &Db, run: &mut Run) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Delivery {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        event_id: Uuid,
    }
    let mut changed = 0;
    loop {
        let mut tx = db.tenant(&Scope::house(run.tenant)).await?;
        let some: Vec<Delivery> = sql(READ_DELIVERIES)
            .bind::<SqlUuid, _>(run.tenant)
            .bind::<SqlUuid, _>(run.place("attempts"))
            .bind::<BigInt, _>(AT_ONCE)
            .load(tx.connection())
            .await
            .map_err(failed)?;
        let Some(last) = some.last().map(|delivery| delivery.id) else { return Ok(changed) };
        let events: BTreeSet<Uuid> = some.iter().map(|delivery| delivery.event_id).collect();
        let telling: Vec<Found> = sql(TELLING)
            .bind::<SqlUuid, _>(run.tenant)
            .bind::<Array<SqlUuid>, _>(events.into_iter().collect::<Vec<_>>())
            .bind::<Text, _>(run.user.to_string())
            .load(tx.connection())
            .await
            .map_err(failed)?;
        let naming: Vec<Found> = sql(NAMING)
            .bind::<SqlUuid, _>(run.tenant)
            .bind::<Array<SqlUuid>, _>(some.iter().map(|delivery| delivery.id).collect::<Vec<_>>())
            .bind::<Text, _>(run.names.pattern().unwrap_or_else(nothing))
            .load(tx.connection())
            .await
            .map_err(failed)?;
        drop(tx);
        let telling: BTreeSet<Uuid> = telling.into_iter().map(|event| event.id).collect();
        let of = some.into_iter().filter(|delivery| telling.contains(&delivery.event_id)).map(|delivery| delivery.id);
        let of = of.chain(naming.into_iter().map(|delivery| delivery.id)).collect();
        changed += empty(db, run, (last, of)).await?;
    }
}

async fn empty(db: &Db, run: &mut Run, (last, deliveries): (Uuid, Vec<Uuid>)) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Emptied {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let mut house = db.house().await?;
    let query = sql("SELECT stoa_empty_answers($1, $2, $3) AS rows")
        .bind::<SqlUuid, _>(run.tenant)
        .bind::<SqlUuid, _>(run.user)
        .bind::<Array<SqlUuid>, _>(deliveries);
    let Emptied { rows } = query.get_result(house.connection()).await.map_err(failed)?;
    run.count(house.connection(), "attempts", rows).await?;
    run.remember(&mut house, ("attempts", last)).await?;
    house.commit().await?;
    Ok(rows)
}

/// A pattern that nothing has: behind the end there is no letter.
pub(super) fn nothing() -> String {
    "$.".to_owned()
}
