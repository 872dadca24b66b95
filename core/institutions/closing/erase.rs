//! Erasing an institution: every row of every table, a handful for each transaction, with a receipt.
//!
//! # Rule
//! First its doors are shut; then nothing of it is made any more, and what was under way when they were shut is found by
//! another round. What was erased is counted in the transaction that erases it, so the receipt is right whatever crashed.

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use uuid::Uuid;

use super::tables::in_order;
use crate::{
    audit::Entry,
    db::{Db, HouseTx, TenantTx, failed, sql},
    error::{Error, Result},
    id::{Id, TenantId},
    institutions::InstitutionStatus,
    scope::Scope,
};

/// Rows of one transaction.
const ROWS: i32 = 5_000;
/// Tables into which the application only writes.
const UNSEEN: [&str; 1] = ["outbox"];
/// Institutions of one look.
const DUE_MOST: i64 = 100;

const DUE: &str = "SELECT tenant_id FROM institutions
  WHERE closing_at IS NOT NULL AND closed_at IS NULL AND erase_after <= $1 ORDER BY erase_after LIMIT $2";
/// Whoever calls the closing off at this moment comes before it, or is refused.
const SHUT: &str =
    "UPDATE institutions SET status = 'closed', suspended_from = NULL, closing_from = NULL, updated_at = $2
  WHERE tenant_id = $1 AND status <> 'closed' AND closing_at IS NOT NULL AND erase_after <= $2 RETURNING tenant_id";
const STATE: &str = "SELECT status, closed_at IS NOT NULL AS is_over, receipt IS NOT NULL AS began FROM institutions WHERE tenant_id = $1";
const COUNT: &str = "UPDATE institutions SET receipt = jsonb_set(coalesce(receipt, '{}'), ARRAY[$2],
    to_jsonb(coalesce((receipt ->> $2)::bigint, 0) + $3)) WHERE tenant_id = $1";
/// What tells of people goes from the row that remains.
const CLOSE: &str = "UPDATE institutions SET closed_at = $2, updated_at = $2, branding = '{}', suspended_reason = NULL,
    receipt = coalesce(receipt, '{}') WHERE tenant_id = $1 RETURNING receipt";
const KEEP_EXPORT: &str = "UPDATE institution_exports e SET expires_at = $2 + make_interval(days => i.export_days)
  FROM institutions i WHERE i.tenant_id = e.tenant_id AND e.tenant_id = $1";

/// How far the erasing of an institution has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It is not to be erased, now or any more.
    CalledOff,
    /// Its doors were shut just now: what is under way may still come to an end.
    Shut,
    /// Its doors are shut, and nothing was erased yet.
    Ready,
    /// Some of it was erased.
    Begun,
    /// All of it was.
    Over,
}

/// The institutions whose time has come.
///
/// # Errors
/// As the database says.
pub async fn due(house: &mut HouseTx) -> Result<Vec<TenantId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: Uuid,
    }
    let now = house.now();
    let due = sql(DUE).bind::<Timestamptz, _>(now).bind::<BigInt, _>(DUE_MOST);
    let rows: Vec<Row> = due.load(house.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| Id::from_uuid(row.tenant_id)).collect())
}

/// Shuts the doors of an institution whose time has come, or says how far it is.
///
/// # Errors
/// As the database says.
pub async fn shut(house: &mut HouseTx, tenant: TenantId) -> Result<Progress> {
    #[derive(QueryableByName)]
    struct State {
        #[diesel(sql_type = Text)]
        status: InstitutionStatus,
        #[diesel(sql_type = Bool)]
        is_over: bool,
        #[diesel(sql_type = Bool)]
        began: bool,
    }
    let now = house.now();
    let shut = sql(SHUT).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now);
    if shut.execute(house.connection()).await.map_err(failed)? > 0 {
        return Ok(Progress::Shut);
    }
    let states: Vec<State> = sql(STATE).bind::<SqlUuid, _>(tenant).load(house.connection()).await.map_err(failed)?;
    Ok(match states.into_iter().next() {
        Some(State { is_over: true, .. }) => Progress::Over,
        Some(State { status: InstitutionStatus::Closed, began: true, .. }) => Progress::Begun,
        Some(State { status: InstitutionStatus::Closed, began: false, .. }) => Progress::Ready,
        Some(_) | None => Progress::CalledOff,
    })
}

/// Erases all rows of an institution whose doors are shut, round by round until one finds nothing.
///
/// # Errors
/// As the database says; what was erased so far stays so, and another call goes on.
pub async fn erase(db: &Db, tenant: TenantId) -> Result<()> {
    let mut house = db.house().await?;
    let tables = in_order(house.connection()).await?;
    house.commit().await?;
    loop {
        let mut erased = 0;
        for table in &tables {
            erased += empty(db, tenant, table).await?;
        }
        if erased == 0 {
            return Ok(());
        }
    }
}

async fn empty(db: &Db, tenant: TenantId, table: &str) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Erased {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let mut all = 0;
    loop {
        let mut house = db.house().await?;
        let some: Erased = sql("SELECT stoa_erase($1, $2, $3) AS rows")
            .bind::<SqlUuid, _>(tenant)
            .bind::<Text, _>(table)
            .bind::<Integer, _>(ROWS)
            .get_result(house.connection())
            .await
            .map_err(failed)?;
        if some.rows == 0 {
            house.commit().await?;
            return Ok(all);
        }
        let count = sql(COUNT).bind::<SqlUuid, _>(tenant).bind::<Text, _>(table).bind::<BigInt, _>(some.rows);
        count.execute(house.connection()).await.map_err(failed)?;
        house.commit().await?;
        all += some.rows;
    }
}

/// Looks again, as the application sees the institution: nothing is called erased that is there.
async fn is_empty(tx: &mut TenantTx) -> Result<()> {
    #[derive(QueryableByName)]
    struct Left {
        #[diesel(sql_type = Bool)]
        left_over: bool,
    }
    let tenant = tx.tenant();
    for table in in_order(tx.connection()).await?.iter().filter(|table| !UNSEEN.contains(&table.as_str())) {
        // Names come from the catalogue, where no request can write.
        let text = format!("SELECT EXISTS (SELECT FROM {table} WHERE tenant_id = $1) AS left_over");
        let query = diesel::sql_query(text).bind::<SqlUuid, _>(tenant);
        let Left { left_over } = query.get_result(tx.connection()).await.map_err(failed)?;
        if left_over {
            return Err(Error::internal(anyhow::anyhow!("rows of {tenant} are left in {table}")));
        }
    }
    Ok(())
}

/// Says that an institution was erased and how much that was. From now on its export has an end.
///
/// # Errors
/// `internal` when rows are left; as the database says.
pub async fn close(db: &Db, tenant: TenantId) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Jsonb)]
        receipt: serde_json::Value,
    }
    let mut house = db.house().await?;
    let now = house.now();
    let keep = sql(KEEP_EXPORT).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now);
    keep.execute(house.connection()).await.map_err(failed)?;
    house.commit().await?;
    let mut tx = db.tenant(&Scope::house(tenant)).await?;
    is_empty(&mut tx).await?;
    let now = tx.now();
    let close = sql(CLOSE).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now);
    let row: Row = close.get_result(tx.connection()).await.map_err(failed)?;
    tx.audit(Entry::of("institution.closed", tenant).is(json!({ "status": "closed", "erased_rows": row.receipt })));
    tx.commit().await
}

/// What was erased of an institution, rows of each table; none before that began.
///
/// # Errors
/// As the database says.
pub async fn receipt(house: &mut HouseTx, tenant: TenantId) -> Result<Option<BTreeMap<String, i64>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Array<Text>)]
        tables: Vec<String>,
        #[diesel(sql_type = Array<BigInt>)]
        rows: Vec<i64>,
        #[diesel(sql_type = Bool)]
        began: bool,
    }
    let row: Row =
        sql("SELECT coalesce(array_agg(e.key ORDER BY e.key) FILTER (WHERE e.key IS NOT NULL), '{}') AS tables,
           coalesce(array_agg(e.value::bigint ORDER BY e.key) FILTER (WHERE e.key IS NOT NULL), '{}') AS rows,
           coalesce(bool_or(i.receipt IS NOT NULL), false) AS began
         FROM institutions i LEFT JOIN LATERAL jsonb_each_text(i.receipt) e ON true WHERE i.tenant_id = $1")
        .bind::<SqlUuid, _>(tenant)
        .get_result(house.connection())
        .await
        .map_err(failed)?;
    Ok(row.began.then(|| row.tables.into_iter().zip(row.rows).collect()))
}
