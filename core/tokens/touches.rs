//! Uses of tokens, gathered in memory and written down in batches, never in a request's way.
//!
//! What is gathered may be lost with the process: the last use is told to the minute, not counted.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::Verified;
use crate::{
    db::{Db, failed, sql},
    error::Result,
    id::{Id, TenantId, Token},
};

const WRITE: &str = "UPDATE tokens t SET last_used_at = u.at, last_used_ip = u.ip
  FROM unnest($1, $2, $3, $4) AS u(tenant_id, id, at, ip)
  WHERE t.tenant_id = u.tenant_id AND t.id = u.id
    AND (t.last_used_at IS NULL OR t.last_used_at <= u.at - interval '1 minute')";

/// A use is written down once in this time.
const EVERY: TimeDelta = TimeDelta::minutes(1);
/// Tokens that may wait; of more than these, uses are forgotten until the next flush.
const WAITING: usize = 10_000;
/// Tokens written in one transaction.
const BATCH: usize = 500;

/// Uses that are still to be written down.
#[derive(Debug, Default)]
pub struct Touches(Mutex<HashMap<Id<Token>, Touch>>);

#[derive(Debug, Clone, Copy)]
struct Touch {
    tenant: TenantId,
    at: DateTime<Utc>,
    from: IpAddr,
}

impl Touches {
    /// Notes a use, unless one of the last minute is already written down.
    pub fn note(&self, token: &Verified, at: DateTime<Utc>, from: IpAddr) {
        if token.last_used_at.is_some_and(|last| at < last + EVERY) {
            return;
        }
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING || waiting.contains_key(&token.id) {
            waiting.insert(token.id, Touch { tenant: token.tenant, at, from });
        }
    }

    /// Writes down what was noted and says of how many tokens.
    ///
    /// # Errors
    /// As the database says; what was noted is then forgotten.
    pub async fn flush(&self, db: &Db) -> Result<usize> {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut noted: Vec<_> = noted.into_iter().collect();
        // In one order on every node, so that two flushes do not wait for each other.
        noted.sort_unstable_by_key(|(id, _)| *id);
        for batch in noted.chunks(BATCH) {
            write(db, batch).await?;
        }
        Ok(noted.len())
    }
}

async fn write(db: &Db, batch: &[(Id<Token>, Touch)]) -> Result<()> {
    let mut tenants: Vec<_> = batch.iter().map(|(_, touch)| touch.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let mut tx = db.tenants(&tenants).await?;
    sql(WRITE)
        .bind::<Array<SqlUuid>, _>(batch.iter().map(|(_, touch)| touch.tenant.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(batch.iter().map(|(id, _)| id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(batch.iter().map(|(_, touch)| touch.at).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(batch.iter().map(|(_, touch)| touch.from.to_string()).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    tx.commit().await
}
