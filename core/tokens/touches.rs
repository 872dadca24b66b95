//! Uses of tokens, gathered in memory and written down in batches, never in a request's way: when and from where a
//! token was used last, what it was ever used for, and from where it was refused.
//!
//! What is gathered may be lost with the process: the last use is told to the minute, not counted, and an ability that
//! is still in use is noted again.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::{TokenKind, Verified, refusals::Refusals};
use crate::{
    db::{Db, failed, sql},
    error::Result,
    id::{Id, TenantId, Token},
    scope::Ability,
};

const WRITE: &str = "UPDATE tokens t SET
    last_used_at = CASE WHEN d.is_due THEN u.at ELSE t.last_used_at END,
    last_used_ip = CASE WHEN d.is_due THEN u.ip ELSE t.last_used_ip END,
    used_abilities = CASE WHEN t.used_abilities @> d.used THEN t.used_abilities ELSE
      ARRAY(SELECT DISTINCT a FROM unnest(t.used_abilities || d.used) AS a ORDER BY a) END
  FROM unnest($1, $2, $3, $4, $5) AS u(tenant_id, id, at, ip, used)
    JOIN tokens o ON o.tenant_id = u.tenant_id AND o.id = u.id
    CROSS JOIN LATERAL (SELECT string_to_array(u.used, ',') AS used,
      o.last_used_at IS NULL OR o.last_used_at <= u.at - interval '1 minute' AS is_due) d
  WHERE t.tenant_id = u.tenant_id AND t.id = u.id AND (d.is_due OR NOT t.used_abilities @> d.used)";

/// A use is written down once in this time.
const EVERY: TimeDelta = TimeDelta::minutes(1);
/// Tokens that may wait; of more than these, uses are forgotten until the next flush.
const WAITING: usize = 10_000;
/// Tokens written in one transaction.
const BATCH: usize = 500;

/// Uses that are still to be written down.
#[derive(Debug, Default)]
pub struct Touches {
    used: Mutex<HashMap<Id<Token>, Touch>>,
    refused: Refusals,
}

#[derive(Debug, Clone)]
struct Touch {
    tenant: TenantId,
    at: DateTime<Utc>,
    from: IpAddr,
    abilities: Vec<Ability>,
}

impl Touches {
    /// Notes a use, and what for, unless one of the last minute is already written down and this was done before.
    pub fn note(&self, token: &Verified, ability: Option<Ability>, at: DateTime<Utc>, from: IpAddr) {
        let ability = ability.filter(|ability| is_new(token, *ability));
        if ability.is_none() && token.last_used_at.is_some_and(|last| at < last + EVERY) {
            return;
        }
        let mut waiting = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= WAITING && !waiting.contains_key(&token.id) {
            return;
        }
        let touch =
            waiting.entry(token.id).or_insert_with(|| Touch { tenant: token.tenant, at, from, abilities: Vec::new() });
        (touch.at, touch.from) = (at, from);
        if let Some(ability) = ability
            && !touch.abilities.contains(&ability)
        {
            touch.abilities.push(ability);
        }
    }

    /// Notes that a token was refused because of where it was used.
    pub fn refuse(&self, token: &Verified, at: DateTime<Utc>, from: IpAddr) {
        self.refused.note(token, at, from);
    }

    /// Writes down what was noted and says of how many tokens that were used.
    ///
    /// # Errors
    /// As the database says; what was noted is then forgotten.
    pub async fn flush(&self, db: &Db) -> Result<usize> {
        self.refused.flush(db).await?;
        let noted = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        let mut noted: Vec<_> = noted.into_iter().collect();
        // In one order on every node, so that two flushes do not wait for each other.
        noted.sort_unstable_by_key(|(id, _)| *id);
        for batch in noted.chunks(BATCH) {
            write(db, batch).await?;
        }
        Ok(noted.len())
    }
}

/// A token of an integration that has this ability and was not used for it yet. Of the others nothing is asked.
fn is_new(token: &Verified, ability: Ability) -> bool {
    token.kind == TokenKind::Integration && !token.used.contains(&ability) && token.abilities.contains(&ability)
}

async fn write(db: &Db, batch: &[(Id<Token>, Touch)]) -> Result<()> {
    let mut tenants: Vec<_> = batch.iter().map(|(_, touch)| touch.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let mut tx = db.tenants(&tenants).await?;
    let names = |abilities: &[Ability]| abilities.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(",");
    sql(WRITE)
        .bind::<Array<SqlUuid>, _>(batch.iter().map(|(_, touch)| touch.tenant.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(batch.iter().map(|(id, _)| id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(batch.iter().map(|(_, touch)| touch.at).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(batch.iter().map(|(_, touch)| touch.from.to_string()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(batch.iter().map(|(_, touch)| names(&touch.abilities)).collect::<Vec<_>>())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    tx.commit().await
}
