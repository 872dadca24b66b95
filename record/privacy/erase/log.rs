//! The audit log: it keeps what was done and the id of who did it, and loses who that was.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use stoa_core::{
    Result, Scope,
    db::{Db, failed, sql},
};
use uuid::Uuid;

use super::{former::masked, state::Run, told};
use crate::privacy::held::FORMER;

const READ: &str = "WITH piece AS MATERIALIZED (
    SELECT id, actor_id, object_id, before, after FROM audit_log WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3)
  SELECT l.last, m.id, m.object_id = $4 AS about, m.before, m.after FROM (SELECT id AS last FROM piece ORDER BY id DESC LIMIT 1) l
    LEFT JOIN piece m ON m.object_id = $4 OR m.actor_id = $5 OR position($4 IN concat(m.before, m.after)) > 0
      OR concat(m.before, m.after) ~* $6";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    last: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Bool>)]
    about: Option<bool>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    before: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    after: Option<Value>,
}

/// Goes through the log.
pub(super) async fn entries(db: &Db, run: &mut Run) -> Result<i64> {
    let mut changed = 0;
    loop {
        let mut tx = db.tenant(&Scope::house(run.tenant)).await?;
        let rows: Vec<Row> = sql(READ)
            .bind::<SqlUuid, _>(run.tenant)
            .bind::<SqlUuid, _>(run.place("audit_log"))
            .bind::<BigInt, _>(told::AT_ONCE)
            .bind::<Text, _>(run.user.to_string())
            .bind::<SqlUuid, _>(run.user)
            .bind::<Text, _>(run.names.pattern().unwrap_or_else(told::nothing))
            .load(tx.connection())
            .await
            .map_err(failed)?;
        drop(tx);
        let Some(last) = rows.iter().map(|row| row.last).next() else { return Ok(changed) };
        changed += rewrite(db, run, (last, rows)).await?;
    }
}

async fn rewrite(db: &Db, run: &mut Run, (last, rows): (Uuid, Vec<Row>)) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Changed {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let left = |value: Option<Value>, about: bool| {
        let mut value = value?;
        if about {
            masked(&mut value);
        }
        run.names.leave(&mut value);
        Some(value)
    };
    let (mut ids, mut olds, mut news) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        if let Some(id) = row.id {
            let about = row.about == Some(true);
            ids.push(id);
            olds.push(left(row.before, about));
            news.push(left(row.after, about));
        }
    }
    let mut house = db.house().await?;
    let mut changed = Changed { rows: 0 };
    if !ids.is_empty() {
        let query = sql("SELECT stoa_rewrite_log($1, $2, $3, $4, $5, $6) AS rows")
            .bind::<SqlUuid, _>(run.tenant)
            .bind::<SqlUuid, _>(run.user)
            .bind::<Text, _>(FORMER)
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<Array<Nullable<Jsonb>>, _>(olds)
            .bind::<Array<Nullable<Jsonb>>, _>(news);
        changed = query.get_result(house.connection()).await.map_err(failed)?;
        run.count(house.connection(), "audit_log", changed.rows).await?;
    }
    run.remember(&mut house, ("audit_log", last)).await?;
    house.commit().await?;
    Ok(changed.rows)
}
