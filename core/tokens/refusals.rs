//! Uses of tokens from where they may not be used: counted in memory and written to the audit log now and then, so that
//! whoever tries a thousand times leaves one entry, and costs the database nothing.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Verified;
use crate::{
    audit::Entry,
    db::Db,
    error::Result,
    id::{Id, TenantId, Token},
    scope::{Actor, Scope},
};

/// Of one token and address there is one entry in this time, for each node.
const EVERY: TimeDelta = TimeDelta::minutes(10);
/// Tokens and addresses that are remembered; of more than these nothing is written until some are forgotten.
const REMEMBERED: usize = 1_000;

/// Refusals that are still to be written down, and those that were lately.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<(Id<Token>, IpAddr), Refused>>);

#[derive(Debug, Clone, Copy)]
struct Refused {
    tenant: TenantId,
    times: u32,
    written_at: Option<DateTime<Utc>>,
}

impl Refusals {
    pub(super) fn note(&self, token: &Verified, at: DateTime<Utc>, from: IpAddr) {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= REMEMBERED {
            refused.retain(|_, one| one.times > 0 || one.written_at.is_some_and(|written| at < written + EVERY));
        }
        if refused.len() < REMEMBERED || refused.contains_key(&(token.id, from)) {
            let new = Refused { tenant: token.tenant, times: 0, written_at: None };
            let one = refused.entry((token.id, from)).or_insert(new);
            one.times = one.times.saturating_add(1);
        }
    }

    /// Writes those down that were not lately; a transaction each, because each has its own actor and address.
    pub(super) async fn flush(&self, db: &Db) -> Result<()> {
        for (token, from, Refused { tenant, times, .. }) in self.take_due(db.clock().now()) {
            let scope = Scope { actor: Actor::Integration(token), address: Some(from), ..Scope::house(tenant) };
            let mut tx = db.tenant(&scope).await?;
            let is = json!({ "address": from.to_string(), "times": times });
            tx.audit(Entry::of("token.address_refused", token).is(is));
            tx.commit().await?;
        }
        Ok(())
    }

    fn take_due(&self, now: DateTime<Utc>) -> Vec<(Id<Token>, IpAddr, Refused)> {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = |one: &Refused| one.times > 0 && one.written_at.is_none_or(|written| now >= written + EVERY);
        let mut due = Vec::new();
        for ((token, from), one) in refused.iter_mut().filter(|(_, one)| is_due(one)) {
            due.push((*token, *from, *one));
            (one.times, one.written_at) = (0, Some(now));
        }
        due
    }
}
