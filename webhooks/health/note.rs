//! What a batch of outcomes says of the receivers' health.

use std::collections::{BTreeMap, btree_map::Entry};

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::in_words;
use crate::{Next, Settlement};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::Result,
};

/// How a receiver fared in a batch.
#[derive(Debug, Default, PartialEq, Eq)]
struct Course {
    was_failing: bool,
    /// Something was received, before the failures that are counted here.
    received: bool,
    /// First of the failures since.
    since: Option<DateTime<Utc>>,
    failed: i32,
    last_failed_at: Option<DateTime<Utc>>,
    last_error: Option<String>,
}

impl Course {
    fn add(&mut self, one: &Settlement) {
        if one.next == Next::Succeeded {
            *self = Self { was_failing: self.was_failing, received: true, ..Self::default() };
            return;
        }
        self.since = Some(self.since.map_or(one.started_at, |since| since.min(one.started_at)));
        self.failed += 1;
        if self.last_failed_at.is_none_or(|last| last <= one.started_at) {
            self.last_failed_at = Some(one.started_at);
            self.last_error = Some(in_words(one.error.as_deref()));
        }
    }

    /// Says whether the row has to change: a healthy receiver that stays so costs nothing.
    const fn is_news(&self) -> bool {
        self.was_failing || self.failed > 0
    }
}

const NOTE: &str = "WITH s AS (
  SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) AS s(tenant_id, id, since, received, failed, last_failed_at, last_error)
), locked AS (
  SELECT w.tenant_id, w.id FROM s JOIN webhooks w ON w.tenant_id = s.tenant_id AND w.id = s.id
  ORDER BY w.tenant_id, w.id FOR NO KEY UPDATE OF w
)
UPDATE webhooks w SET
  failing_since = CASE WHEN s.since IS NULL OR s.received THEN s.since ELSE COALESCE(w.failing_since, s.since) END,
  failed_attempts = s.failed + CASE WHEN s.since IS NULL OR s.received OR w.failing_since IS NULL THEN 0 ELSE w.failed_attempts END,
  last_failed_at = s.last_failed_at, last_error = s.last_error,
  failing_told = CASE WHEN s.since IS NULL OR s.received THEN 0 ELSE w.failing_told END,
  told_at = CASE WHEN s.since IS NULL OR s.received THEN NULL ELSE w.told_at END
FROM s JOIN locked l ON l.tenant_id = s.tenant_id AND l.id = s.id
WHERE w.tenant_id = s.tenant_id AND w.id = s.id";

/// Notes since when receivers fail, how often and why, and that they stopped. What a test came to says nothing.
/// Rows are locked in the order of their keys, so that two nodes never wait for each other.
pub(crate) async fn note(tx: &mut HouseTx, settlements: &[Settlement]) -> Result<()> {
    let changed = changes(settlements);
    if changed.is_empty() {
        return Ok(());
    }
    let courses = || changed.iter().map(|(_, course)| course);
    sql(NOTE)
        .bind::<Array<SqlUuid>, _>(changed.iter().map(|((tenant, _), _)| *tenant).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(changed.iter().map(|((_, webhook), _)| *webhook).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(courses().map(|course| course.since).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(courses().map(|course| course.received).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(courses().map(|course| course.failed).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(courses().map(|course| course.last_failed_at).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(courses().map(|course| course.last_error.as_deref()).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

fn changes(settlements: &[Settlement]) -> Vec<((Uuid, Uuid), Course)> {
    let mut courses: BTreeMap<(Uuid, Uuid), Course> = BTreeMap::new();
    for one in settlements.iter().filter(|one| !one.test) {
        let course = match courses.entry((one.tenant.uuid(), one.webhook.uuid())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(fresh) => fresh.insert(Course { was_failing: one.was_failing, ..Course::default() }),
        };
        course.add(one);
    }
    courses.into_iter().filter(|(_, course)| course.is_news()).collect()
}
