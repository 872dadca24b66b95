//! Tables whose rows are found by the person's id, or by what he is known by: deleted, emptied, or words struck out.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Map, Value};
use stoa_core::{
    Result, Scope,
    db::{Db, composed, failed, sql},
};

use super::state::Run;
use crate::privacy::held::{Held, Known};

/// Rows of one transaction.
pub(super) const ROWS: i32 = 5_000;
/// What of a result is a figure.
const FIGURES: [&str; 5] = ["attempt", "duration_seconds", "progress", "score", "success"];

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Deletes the person's rows of a table, and those that name him otherwise.
pub(super) async fn delete(db: &Db, run: &Run, held: &Held) -> Result<i64> {
    let mut gone = 0;
    for column in held.of {
        gone += delete_by(db, run, (held.table, column, "uuid"), &[run.user.uuid().to_string()]).await?;
    }
    for (column, known) in held.known {
        let kind = if *known == Known::EmailHash { "bytea" } else { "text" };
        let words = run.known(*known);
        if !words.is_empty() {
            gone += delete_by(db, run, (held.table, column, kind), &words).await?;
        }
    }
    Ok(gone)
}

/// The application deletes what it may, so that whatever counts these rows counts them out; the rest the owner does.
async fn delete_by(db: &Db, run: &Run, (table, column, kind): (&str, &str, &str), values: &[String]) -> Result<i64> {
    let mut all = 0;
    loop {
        let gone = if run.own.contains(table) {
            delete_as_app(db, run, (table, column, kind), values).await?
        } else {
            let mut house = db.house().await?;
            let query = sql("SELECT stoa_erase_of($1, $2, $3, $4, $5, $6) AS rows")
                .bind::<SqlUuid, _>(run.tenant)
                .bind::<SqlUuid, _>(run.user)
                .bind::<Text, _>(table)
                .bind::<Text, _>(column)
                .bind::<Array<Text>, _>(values)
                .bind::<Integer, _>(ROWS);
            let Changed { rows } = query.get_result(house.connection()).await.map_err(failed)?;
            run.count(house.connection(), table, rows).await?;
            house.commit().await?;
            rows
        };
        all += gone;
        if gone < i64::from(ROWS) {
            return Ok(all);
        }
    }
}

async fn delete_as_app(
    db: &Db,
    run: &Run,
    (table, column, kind): (&str, &str, &str),
    values: &[String],
) -> Result<i64> {
    // Names are those of the declaration.
    let text = format!(
        "WITH gone AS (DELETE FROM {table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM {table} WHERE tenant_id = $1 AND {column} = ANY ($2::{kind}[]) LIMIT $3)) RETURNING 1)
         SELECT count(*) AS rows FROM gone"
    );
    let mut tx = db.tenant(&Scope::house(run.tenant)).await?;
    let query = composed(text).bind::<SqlUuid, _>(run.tenant).bind::<Array<Text>, _>(values).bind::<Integer, _>(ROWS);
    let Changed { rows } = query.get_result(tx.connection()).await.map_err(failed)?;
    run.count(tx.connection(), table, rows).await?;
    tx.commit().await?;
    Ok(rows)
}

/// Empties columns of the person's rows.
pub(super) async fn blank(db: &Db, run: &Run, (held, columns): (&Held, &[(&str, Option<&str>)])) -> Result<i64> {
    let fill = |(name, value): &(&str, Option<&str>)| ((*name).to_owned(), value.map_or(Value::Null, Value::from));
    let fills = Value::Object(columns.iter().map(fill).collect::<Map<_, _>>());
    let mut all = 0;
    for column in held.of {
        loop {
            let mut house = db.house().await?;
            let query = sql("SELECT stoa_blank_of($1, $2, $3, $4, $5, $6) AS rows")
                .bind::<SqlUuid, _>(run.tenant)
                .bind::<SqlUuid, _>(run.user)
                .bind::<Text, _>(held.table)
                .bind::<Text, _>(*column)
                .bind::<Jsonb, _>(&fills)
                .bind::<Integer, _>(ROWS);
            let Changed { rows } = query.get_result(house.connection()).await.map_err(failed)?;
            run.count(house.connection(), held.table, rows).await?;
            house.commit().await?;
            all += rows;
            if rows < i64::from(ROWS) {
                break;
            }
        }
    }
    Ok(all)
}

/// Strikes the person out of what others wrote.
pub(super) async fn strike(db: &Db, run: &Run, held: &Held) -> Result<i64> {
    let Some(pattern) = run.names.pattern().filter(|_| !held.mentions.is_empty()) else { return Ok(0) };
    let mut all = 0;
    for column in held.mentions {
        let mut house = db.house().await?;
        let query = sql("SELECT stoa_strike($1, $2, $3, $4, $5) AS rows")
            .bind::<SqlUuid, _>(run.tenant)
            .bind::<SqlUuid, _>(run.user)
            .bind::<Text, _>(held.table)
            .bind::<Text, _>(*column)
            .bind::<Text, _>(&pattern);
        let Changed { rows } = query.get_result(house.connection()).await.map_err(failed)?;
        run.count(house.connection(), held.table, rows).await?;
        house.commit().await?;
        all += rows;
    }
    Ok(all)
}

/// Takes from activity the sender's own ids, and all that is no figure.
pub(super) async fn activity(db: &Db, run: &Run) -> Result<i64> {
    let mut all = 0;
    loop {
        let mut house = db.house().await?;
        let query = sql("SELECT stoa_erase_activity($1, $2, $3, $4) AS rows")
            .bind::<SqlUuid, _>(run.tenant)
            .bind::<SqlUuid, _>(run.user)
            .bind::<Array<Text>, _>(&FIGURES[..])
            .bind::<Integer, _>(ROWS);
        let Changed { rows } = query.get_result(house.connection()).await.map_err(failed)?;
        run.count(house.connection(), "progress_events", rows).await?;
        house.commit().await?;
        all += rows;
        if rows < i64::from(ROWS) {
            return Ok(all);
        }
    }
}
