//! Forgetting what an institution does not want kept as long as the platform keeps it.
//!
//! Not here: what the platform forgets of everybody, partition by partition (`retention`).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::Kept;
use crate::{
    db::{Db, failed, sql},
    error::Result,
    id::TenantId,
    retention::{Parted, Retention},
};

/// Rows of one transaction.
const ROWS: i32 = 5_000;

const WISHES: &str =
    "SELECT tenant_id, retention FROM institutions WHERE retention <> '{}' AND status <> 'closed' ORDER BY tenant_id";

#[derive(QueryableByName)]
struct Wish {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = Jsonb)]
    retention: Kept,
}

/// Forgets what is too old for those institutions that want fewer days than the platform; answers how many rows that was.
///
/// # Errors
/// As the database says; what was forgotten so far stays so.
pub async fn forget_own(db: &Db, platform: &Retention) -> Result<i64> {
    let mut house = db.house().await?;
    let now = house.now();
    let wishes: Vec<Wish> = sql(WISHES).load(house.connection()).await.map_err(failed)?;
    house.commit().await?;
    let mut forgotten = 0;
    for Wish { tenant_id, retention } in wishes {
        let own = retention.within(platform);
        for table in Parted::ALL {
            let (days, platforms) = (table.days(&own), table.days(platform));
            if days < platforms {
                forgotten += forget(db, (tenant_id, table), now - TimeDelta::days(days.into())).await?;
            }
        }
    }
    Ok(forgotten)
}

async fn forget(db: &Db, (tenant, table): (TenantId, Parted), before: DateTime<Utc>) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Forgotten {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let mut all = 0;
    loop {
        let mut house = db.house().await?;
        let some: Forgotten = sql("SELECT stoa_forget_own($1, $2, $3, $4) AS rows")
            .bind::<SqlUuid, _>(tenant)
            .bind::<Text, _>(table.as_str())
            .bind::<Timestamptz, _>(before)
            .bind::<Integer, _>(ROWS)
            .get_result(house.connection())
            .await
            .map_err(failed)?;
        house.commit().await?;
        all += some.rows;
        if some.rows == 0 {
            return Ok(all);
        }
    }
}
