//! One step of a replay: the next handful is owed again, in one transaction with where the next step goes on.
//!
//! # Rule
//! What is owed again and where the replay stands are written together, so a step that a crash takes away is taken
//! again, and one that was committed is never repeated. Whoever calls promises the deliveries in the same transaction.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{
    Replay,
    candidates::{end_of, find},
    commands::fail,
    queries::ReplayRow,
    skipped::owe_skipped,
};
use crate::{WebhookStatus, order, rows::word};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
    sealed::Sealer,
};

/// What became of a step.
#[derive(Debug)]
pub enum Step {
    /// The replay has ended, by itself or otherwise.
    Over,
    /// The receiver is paused: nothing is handed out until it is resumed.
    Paused,
    /// The receiver is busy with what it was handed; the rate by which it is looked at again.
    Busy(i32),
    /// Some are owed again, or so many rows were looked at that it is time for a commit.
    Handed(Handed),
}

/// What a step made owed again.
#[derive(Debug, Default)]
pub struct Handed {
    /// To be promised.
    pub deliveries: Vec<Id<id::Delivery>>,
    /// How many are allowed in a second.
    pub rate_per_second: i32,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    replay: ReplayRow,
    #[diesel(sql_type = SqlUuid)]
    cursor: Uuid,
    #[diesel(sql_type = Array<SqlUuid>)]
    in_hand: Vec<Uuid>,
    #[diesel(sql_type = Text)]
    webhook_status: String,
    #[diesel(sql_type = Bool)]
    deleted: bool,
    #[diesel(sql_type = Bool)]
    ordered: bool,
    #[diesel(sql_type = Text)]
    url: String,
}

/// Takes the next step of a replay: at most so many deliveries, of the rate, are owed again.
///
/// # Errors
/// As the database says; then nothing has changed.
pub async fn step(
    tx: &mut HouseTx,
    (sealer, base_url): (&Sealer, &str),
    (tenant, replay): (TenantId, Id<id::Replay>),
    handful: fn(i32) -> i64,
) -> Result<Step> {
    let Some(row) = lock(tx, tenant, replay).await? else { return Ok(Step::Over) };
    let status: WebhookStatus = word("webhook status", &row.webhook_status)?;
    match status {
        _ if row.deleted => return give_up(tx, (tenant, replay), "the webhook was deleted").await,
        WebhookStatus::Enabled => {}
        WebhookStatus::Paused => return Ok(Step::Paused),
        WebhookStatus::PendingApproval | WebhookStatus::DisabledByUser | WebhookStatus::DisabledFailing => {
            return give_up(tx, (tenant, replay), &format!("the webhook is {status}")).await;
        }
    }
    let known: Replay = row.replay.try_into()?;
    let most = handful(known.rate_per_second);
    let mut in_hand = unattempted(tx, tenant, &row.in_hand).await?;
    let attempted = row.in_hand.len() - in_hand.len();
    if i64::try_from(in_hand.len()).is_ok_and(|waiting| waiting >= most) {
        advance(tx, (tenant, &known), (Some(row.cursor), &in_hand, attempted)).await?;
        return Ok(Step::Busy(known.rate_per_second));
    }
    let found = find(tx, (tenant, known.webhook_id), &known.filter, (row.cursor, most)).await?;
    if row.ordered {
        order::lock(tx, [known.webhook_id.uuid()]).await?;
    }
    let mut owed = owe_again(tx, (tenant, &known), (row.ordered, &row.url), &found.deliveries).await?;
    owed.extend(owe_skipped(tx, (sealer, base_url), (tenant, &known), &found.skipped).await?);
    in_hand.extend(&owed);
    let is_over = advance(tx, (tenant, &known), (found.cursor, &in_hand, attempted)).await?;
    Ok(match found.cursor {
        None if is_over => Step::Over,
        None if owed.is_empty() => Step::Busy(known.rate_per_second),
        _ => Step::Handed(Handed {
            deliveries: owed.into_iter().map(Id::from_uuid).collect(),
            rate_per_second: known.rate_per_second,
        }),
    })
}

async fn lock(tx: &mut HouseTx, tenant: TenantId, replay: Id<id::Replay>) -> Result<Option<Row>> {
    let rows: Vec<Row> =
        sql("SELECT r.*, w.deleted_at IS NOT NULL AS deleted, w.ordered, w.url,
           CASE WHEN i.status IN ('suspended', 'closed') AND w.status = 'enabled' THEN 'paused' ELSE w.status END AS webhook_status
         FROM replays r JOIN webhooks w ON w.tenant_id = r.tenant_id AND w.id = r.webhook_id
         JOIN institutions i ON i.tenant_id = r.tenant_id
         WHERE r.tenant_id = $1 AND r.id = $2 AND r.status = 'running' FOR UPDATE OF r")
        .bind::<SqlUuid, _>(tenant.uuid())
        .bind::<SqlUuid, _>(replay.uuid())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().next())
}

async fn give_up(tx: &mut HouseTx, replay: (TenantId, Id<id::Replay>), why: &str) -> Result<Step> {
    fail(tx, replay, why).await?;
    Ok(Step::Over)
}

/// Which of these were not attempted yet. What waits behind another of its object is not waited for: that may take
/// days.
async fn unattempted(tx: &mut HouseTx, tenant: TenantId, deliveries: &[Uuid]) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    if deliveries.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Waiting> =
        sql("SELECT d.id FROM unnest($2) AS k(id) JOIN deliveries d ON d.tenant_id = $1 AND d.id = k.id
         WHERE d.status IN ('pending', 'retrying') AND d.first_attempt_at IS NULL AND NOT d.behind")
        .bind::<SqlUuid, _>(tenant.uuid())
        .bind::<Array<SqlUuid>, _>(deliveries)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Opens a new retry window for deliveries that have ended, to the address that the receiver has today. At an ordered receiver they are findable by their object
/// from now on; who goes first is looked at when they are due.
async fn owe_again(
    tx: &mut HouseTx,
    (tenant, replay): (TenantId, &Replay),
    (ordered, url): (bool, &str),
    deliveries: &[Uuid],
) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Owed {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let (Some(first), Some(last)) = (deliveries.first(), deliveries.last()) else { return Ok(Vec::new()) };
    let now = tx.now();
    let rows: Vec<Owed> =
        sql("UPDATE deliveries d SET status = 'retrying', attempts_before = d.attempts, first_attempt_at = NULL,
           next_attempt_at = $5, finished_at = NULL, reason = NULL, wait_until = NULL, behind = false, replay_id = $2,
           keyed = d.keyed OR $6, url = $9
         FROM unnest($3) AS k(id)
         WHERE d.tenant_id = $1 AND d.id = k.id AND d.id >= $7 AND d.id <= $8 AND d.status = ANY ($4) RETURNING d.id")
        .bind::<SqlUuid, _>(tenant.uuid())
        .bind::<SqlUuid, _>(replay.id.uuid())
        .bind::<Array<SqlUuid>, _>(deliveries)
        .bind::<Array<Text>, _>(replay.filter.statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .bind::<Bool, _>(ordered)
        .bind::<SqlUuid, _>(first)
        .bind::<SqlUuid, _>(last)
        .bind::<Text, _>(url)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut owed: Vec<Uuid> = rows.into_iter().map(|row| row.id).collect();
    owed.sort_unstable();
    Ok(owed)
}

/// Writes where a replay stands; with nothing left to look at and nothing in hand it is complete. Tells whether it is.
async fn advance(
    tx: &mut HouseTx,
    (tenant, replay): (TenantId, &Replay),
    (cursor, in_hand, attempted): (Option<Uuid>, &[Uuid], usize),
) -> Result<bool> {
    let (now, done) = (tx.now(), replay.done.saturating_add(i64::try_from(attempted).unwrap_or_default()));
    let is_over = cursor.is_none() && in_hand.is_empty();
    // At the end it was as many as there were: some may have been sent again by hand meanwhile, or come too late.
    sql("UPDATE replays SET cursor = $3, in_hand = $4, done = $5, updated_at = $6,
           status = CASE WHEN $7 THEN 'completed' ELSE status END, finished_at = CASE WHEN $7 THEN $6 END,
           total = CASE WHEN $7 THEN $5 ELSE greatest(total, $5) END
         WHERE tenant_id = $1 AND id = $2")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(replay.id.uuid())
    .bind::<SqlUuid, _>(cursor.unwrap_or_else(|| end_of(&replay.filter)))
    .bind::<Array<SqlUuid>, _>(in_hand)
    .bind::<BigInt, _>(done)
    .bind::<Timestamptz, _>(now)
    .bind::<Bool, _>(is_over)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(is_over)
}
