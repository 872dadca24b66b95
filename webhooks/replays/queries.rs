//! What may be asked of replays.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Replay, ReplayFilter};
use crate::{queries::get_webhook, rows::word};
use stoa_core::{
    db::{PageRequest, Paged, TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, Id},
};

#[derive(QueryableByName)]
pub(super) struct ReplayRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(super) webhook_id: Uuid,
    #[diesel(sql_type = Array<Text>)]
    statuses: Vec<String>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    event_types: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    object_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    until: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    include_skipped: bool,
    #[diesel(sql_type = Integer)]
    rate_per_second: i32,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Text>)]
    status_reason: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    total: Option<i64>,
    #[diesel(sql_type = BigInt)]
    done: i64,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<ReplayRow> for Replay {
    type Error = Error;

    fn try_from(row: ReplayRow) -> Result<Self> {
        let statuses = row.statuses.iter().map(|status| word("delivery status", status)).collect::<Result<_>>()?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            webhook_id: Id::from_uuid(row.webhook_id),
            filter: ReplayFilter {
                statuses,
                event_types: row.event_types,
                object_id: row.object_id,
                since: row.since,
                until: row.until,
                include_skipped: row.include_skipped,
            },
            rate_per_second: row.rate_per_second,
            status: word("replay status", &row.status)?,
            status_reason: row.status_reason,
            total: row.total,
            done: row.done,
            created_at: row.created_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
        })
    }
}

/// Lists a webhook's replays, newest first.
///
/// # Errors
/// `webhook_not_found`.
pub async fn list(tx: &mut TenantTx, webhook: Id<id::Webhook>, page: PageRequest) -> Result<Paged<Replay>> {
    get_webhook(tx, webhook).await?;
    let tenant = tx.tenant().uuid();
    let total: Total = sql("SELECT count(*) AS total FROM replays WHERE tenant_id = $1 AND webhook_id = $2")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(webhook.uuid())
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    let rows: Vec<ReplayRow> = sql("SELECT * FROM replays WHERE tenant_id = $1 AND webhook_id = $2
         ORDER BY id DESC LIMIT $3 OFFSET $4")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<BigInt, _>(page.per_page)
    .bind::<BigInt, _>(page.offset())
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let rows = rows.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
    Ok(Paged { rows, total: total.total, request: page })
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// Finds one replay of a webhook.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, webhook: Id<id::Webhook>, replay: Id<id::Replay>) -> Result<Replay> {
    let tenant = tx.tenant().uuid();
    let rows: Vec<ReplayRow> = sql("SELECT * FROM replays WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(webhook.uuid())
        .bind::<SqlUuid, _>(replay.uuid())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    rows.into_iter().next().ok_or_else(|| Error::not_found("replay"))?.try_into()
}

/// The replay of a webhook that runs, if one does.
pub(super) async fn find_running(tx: &mut TenantTx, webhook: Id<id::Webhook>) -> Result<Option<Id<id::Replay>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let tenant = tx.tenant().uuid();
    let rows: Vec<Row> = sql("SELECT id FROM replays WHERE tenant_id = $1 AND webhook_id = $2 AND status = 'running'")
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(webhook.uuid())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().next().map(|row| Id::from_uuid(row.id)))
}
