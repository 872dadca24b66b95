//! What may be done with replays.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use stoa_protocols::{event::EventType, webhook::Dialect};
use uuid::Uuid;

use super::{
    Replay, ReplayFilter, ReplayStatus,
    candidates::{count, end_of, start_of},
    queries,
};
use crate::{DeliveryStatus, Webhook, WebhookStatus, queries::get_webhook};
use stoa_core::{
    audit::Entry,
    db::{HouseTx, TenantTx, failed, sql, violates},
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id, TenantId},
    scope::Scope,
    time::Timestamp,
};

/// Deliveries a second, if nothing is said.
const RATE: i32 = 50;
/// Beside faster replays fresh events came late: their p99 more than doubled.
const RATE_MAX: i32 = 400;
/// Most event types of a filter.
const TYPES_MAX: usize = 64;
/// Rows of the log that are looked at to count beforehand; with more, nobody knows the total.
const COUNTED_MAX: i64 = 1_000_000;

/// Which deliveries may be asked for: those that have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayStatuses {
    /// Given up.
    Exhausted,
    /// Not owed any more.
    Cancelled,
    /// Received, for a receiver that lost what it had.
    Succeeded,
}

impl From<ReplayStatuses> for DeliveryStatus {
    fn from(status: ReplayStatuses) -> Self {
        match status {
            ReplayStatuses::Exhausted => Self::Exhausted,
            ReplayStatuses::Cancelled => Self::Cancelled,
            ReplayStatuses::Succeeded => Self::Succeeded,
        }
    }
}

/// A replay to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReplay {
    /// Deliveries that ended at or after this time, events that happened at or after it.
    pub since: Timestamp,
    /// Only before this time; now if left out.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// What became of them: `exhausted`, `cancelled`, `succeeded`. The first two if left out, all that failed.
    #[serde(default)]
    pub statuses: Option<Vec<ReplayStatuses>>,
    /// Only these types, in the catalogue's names or the dialect's.
    #[serde(default)]
    pub event_types: Option<Vec<String>>,
    /// Only what is about this, or happened in it: the id of a course, lesson, training item, learner's standing, …
    #[serde(default)]
    pub object_id: Option<String>,
    /// Also events that were not sent because the webhook was disabled: they become deliveries.
    #[serde(default)]
    pub include_skipped: bool,
    /// Deliveries a second at most, 1 to 400; 50 if left out.
    #[serde(default)]
    pub rate_per_second: Option<i32>,
}

/// Makes a replay. One with nothing to send is complete at once; whoever calls promises the work of any other.
///
/// # Errors
/// `webhook_not_found`, `webhook_disabled`, `validation_failed`; `conflict` while another one runs.
pub async fn create(tx: &mut TenantTx, scope: &Scope, webhook: Id<id::Webhook>, new: NewReplay) -> Result<Replay> {
    let receiver = get_webhook(tx, webhook).await?;
    let (filter, rate) = checked(&receiver, new, tx.now())?;
    if receiver.status != WebhookStatus::Enabled {
        let why = format!("the webhook is {}; enable it first", receiver.status);
        return Err(Error::new(Code::WebhookDisabled, why));
    }
    if let Some(running) = queries::find_running(tx, webhook).await? {
        let why = format!("{running} is running; wait for its end or cancel it");
        return Err(Error::new(Code::Conflict, why));
    }
    let total = count(tx, webhook, &filter, COUNTED_MAX).await?;
    let replay: Id<id::Replay> = tx.new_id();
    insert(tx, (scope, replay, webhook), (&filter, rate), total).await?;
    let what = json!({
        "webhook_id": webhook, "since": filter.since, "until": filter.until, "include_skipped": filter.include_skipped,
        "rate_per_second": rate, "total": total,
    });
    tx.audit(Entry::of("replay.created", replay).is(what));
    queries::get(tx, webhook, replay).await
}

fn checked(receiver: &Webhook, new: NewReplay, now: DateTime<Utc>) -> Result<(ReplayFilter, i32)> {
    let mut fields = Fields::new();
    // What ends at this very moment has ended.
    let now = now + TimeDelta::milliseconds(1);
    let until = new.until.map_or(now, |until| until.utc().min(now));
    if new.until.is_some_and(|until| until <= new.since) {
        fields.fault("/until", "range", "wanted a time after since");
    }
    let rate = new.rate_per_second.unwrap_or(RATE);
    fields.within("/rate_per_second", &rate, &(1..=RATE_MAX));
    let dialect = receiver.dialect.dialect();
    let event_types = new.event_types.map(|names| types(&mut fields, dialect, &names));
    let object_id = new.object_id.as_deref().and_then(|text| {
        let object = object(text);
        if object.is_none() {
            fields.fault("/object_id", "format", "wanted an id such as crs_…, lsn_…, itm_…, std_… or usr_…");
        }
        object
    });
    let failed = vec![ReplayStatuses::Exhausted, ReplayStatuses::Cancelled];
    let statuses: Vec<DeliveryStatus> = new.statuses.unwrap_or(failed).into_iter().map(Into::into).collect();
    if statuses.is_empty() && !new.include_skipped {
        fields.fault("/statuses", "length", "wanted one at least, or include_skipped");
    }
    fields.finish()?;
    let since = new.since.utc();
    let filter = ReplayFilter { statuses, event_types, object_id, since, until, include_skipped: new.include_skipped };
    Ok((filter, rate))
}

fn types(fields: &mut Fields, dialect: &dyn Dialect, names: &[String]) -> Vec<String> {
    if names.is_empty() || names.len() > TYPES_MAX {
        fields.fault("/event_types", "length", format!("wanted 1 to {TYPES_MAX} event types"));
    }
    let mut known = Vec::new();
    for (at, name) in names.iter().enumerate() {
        match name.parse::<EventType>().ok().or_else(|| dialect.event_named(name)) {
            Some(event_type) => known.push(event_type.as_str().to_owned()),
            None => fields.fault(format!("/event_types/{at}"), "unknown", "no such event type"),
        }
    }
    known
}

/// Reads the id of anything that an event may be about or happen in.
fn object(text: &str) -> Option<Uuid> {
    fn read<K: id::Kind>(text: &str) -> Option<Uuid> {
        text.parse::<Id<K>>().ok().map(Id::uuid)
    }
    let kinds = [
        read::<id::Course>,
        read::<id::Lesson>,
        read::<id::Training>,
        read::<id::Item>,
        read::<id::Standing>,
        read::<id::Enrolment>,
        read::<id::User>,
        read::<id::Webhook>,
    ];
    kinds.iter().find_map(|read| read(text))
}

async fn insert(
    tx: &mut TenantTx,
    (scope, replay, webhook): (&Scope, Id<id::Replay>, Id<id::Webhook>),
    (filter, rate): (&ReplayFilter, i32),
    total: Option<i64>,
) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let status = if total == Some(0) { ReplayStatus::Completed } else { ReplayStatus::Running };
    sql("INSERT INTO replays (tenant_id, id, webhook_id, statuses, event_types, object_id, since, until, include_skipped,
           rate_per_second, status, total, cursor, created_by, created_at, updated_at, finished_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, CASE WHEN $11 = 'completed' THEN $15 END)")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(replay.uuid())
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Array<Text>, _>(filter.statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>())
    .bind::<Nullable<Array<Text>>, _>(filter.event_types.as_ref())
    .bind::<Nullable<SqlUuid>, _>(filter.object_id)
    .bind::<Timestamptz, _>(filter.since)
    .bind::<Timestamptz, _>(filter.until)
    .bind::<Bool, _>(filter.include_skipped)
    .bind::<Integer, _>(rate)
    .bind::<Text, _>(status.as_str())
    .bind::<Nullable<BigInt>, _>(total)
    .bind::<SqlUuid, _>(start_of(filter).min(end_of(filter)))
    .bind::<Nullable<SqlUuid>, _>(scope.person().map(Id::uuid))
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(|error| {
        if violates(&error, "replays_one_running") {
            return Error::new(Code::Conflict, "another replay has just begun; wait for its end or cancel it");
        }
        failed(error)
    })?;
    Ok(())
}

/// Ends a replay that runs. What was handed out before is still sent.
///
/// # Errors
/// `webhook_not_found`, `not_found`; `conflict` when it has ended already.
pub async fn cancel(tx: &mut TenantTx, webhook: Id<id::Webhook>, replay: Id<id::Replay>) -> Result<Replay> {
    let found = queries::get(tx, webhook, replay).await?;
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let ended: Vec<Ended> = sql("UPDATE replays SET status = 'cancelled', finished_at = $3, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND status = 'running' RETURNING done")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(replay.uuid())
    .bind::<Timestamptz, _>(now)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let Some(ended) = ended.into_iter().next() else {
        return Err(Error::new(Code::Conflict, format!("the replay has ended: it is {}", found.status)));
    };
    tx.audit(Entry::of("replay.cancelled", replay).is(json!({ "done": ended.done, "total": found.total })));
    queries::get(tx, webhook, replay).await
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = BigInt)]
    done: i64,
}

/// Ends a replay that cannot go on.
///
/// # Errors
/// As the database says.
pub async fn fail(tx: &mut HouseTx, (tenant, replay): (TenantId, Id<id::Replay>), why: &str) -> Result<()> {
    let now = tx.now();
    sql("UPDATE replays SET status = 'failed', status_reason = $4, finished_at = $3, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND status = 'running'")
    .bind::<SqlUuid, _>(tenant.uuid())
    .bind::<SqlUuid, _>(replay.uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(why)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_that_an_event_is_about_has_an_id() {
        let id = Uuid::from_u128(7);
        assert_eq!(object(&Id::<id::Course>::from_uuid(id).to_string()), Some(id));
        assert_eq!(object(&Id::<id::Standing>::from_uuid(id).to_string()), Some(id));
        assert_eq!(object("한국어"), None);
        assert_eq!(object(&Id::<id::Delivery>::from_uuid(id).to_string()), None, "a delivery is no object");
    }
}
