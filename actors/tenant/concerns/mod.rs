//! What a tenant's actor weighs, as plain structs that are told the time.
//!
//! Not here: mailboxes (`actor`) and who lives where (`directory`). Each concern is a file; this one asks them in
//! turn.

mod breaker;
mod imports;
mod known;
mod permits;
mod rate;
mod requests;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

pub use breaker::{Breaker, BreakerLimits};
pub use imports::{ImportObservation, ImportProgress, Imports, Turn};
pub use known::{Freshness, Known, KnownObservation, Read, Warmth};
pub use permits::{Period, Permits};
pub use rate::{Rate, RateLimit};
pub use requests::{Level, Requests, Spending, Spent};

/// When to ask again for want of permits; they come back when answers do.
const SOON: TimeDelta = TimeDelta::milliseconds(100);

/// The limits of every tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests under way to one receiver.
    pub webhook_permits: u32,
    /// Requests under way to all receivers of an institution.
    pub tenant_permits: u32,
    /// When a receiver is left alone.
    pub breaker: BreakerLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self { webhook_permits: 64, tenant_permits: 256, breaker: BreakerLimits::default() }
    }
}

/// What a receiver's institution set for it; none leaves it to the server's limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OwnLimits {
    /// Requests under way, as far as the server's limit allows.
    pub in_flight: Option<u32>,
    /// Requests in a second.
    pub per_second: Option<u32>,
}

/// Names why not all that was wanted was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The receiver fails; its breaker is open.
    BreakerOpen,
    /// As many requests to this receiver are under way as may be.
    WebhookBusy,
    /// As many requests of this institution are under way as may be.
    TenantBusy,
    /// The receiver had as many requests as it may get in that time.
    RateReached,
    /// The actor did not answer.
    Unavailable,
}

impl Refusal {
    /// The word in logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BreakerOpen => "breaker_open",
            Self::WebhookBusy => "webhook_busy",
            Self::TenantBusy => "tenant_busy",
            Self::RateReached => "rate_reached",
            Self::Unavailable => "unavailable",
        }
    }
}

/// A share that was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How many may go.
    pub granted: u32,
    /// When to ask for the rest.
    pub retry_at: Option<DateTime<Utc>>,
    /// Why there is a rest.
    pub why: Option<Refusal>,
}

/// How those fared that went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// The receiver took them.
    pub received: u32,
    /// It failed or refused them, in time.
    pub failed: u32,
    /// It did not answer in time.
    pub timed_out: u32,
    /// They were not sent after all.
    pub unused: u32,
}

impl Tally {
    /// How many permits come back with it.
    pub const fn count(self) -> u32 {
        self.received.saturating_add(self.failed).saturating_add(self.timed_out).saturating_add(self.unused)
    }
}

/// Everything an actor remembers of a tenant. Empty until something happens, and again after.
#[derive(Debug, Default)]
pub struct Concerns {
    permits: Permits,
    requests: Requests,
    receivers: HashMap<Uuid, Receiver>,
}

/// What is remembered of one receiver.
#[derive(Debug, Default)]
struct Receiver {
    permits: Permits,
    breaker: Breaker,
    rate: Rate,
    /// The limit that the rate was last taken under.
    rate_limit: Option<RateLimit>,
}

impl Receiver {
    /// Takes as much of its rate as there is; when to come for the rest, if some is left.
    fn pace(&mut self, now: DateTime<Utc>, want: u32, per_second: Option<u32>) -> (u32, Option<DateTime<Utc>>) {
        self.rate_limit = per_second.map(RateLimit::even);
        self.rate_limit.map_or((want, None), |limit| self.rate.take_up_to(now, want, limit))
    }

    fn is_idle(&self, now: DateTime<Utc>) -> bool {
        self.permits.is_idle() && self.breaker.is_idle() && self.rate.is_full(now)
    }
}

/// What concerns one tenant now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConcernsObservation {
    /// Requests under way.
    pub in_flight: u32,
    /// Receivers that something is remembered of.
    pub receivers: usize,
    /// Receivers whose breaker is not closed.
    pub breakers: Vec<(Uuid, Breaker)>,
}

impl Concerns {
    /// Grants as many requests to a receiver as may go now.
    pub fn admit(
        &mut self,
        now: DateTime<Utc>,
        webhook: Uuid,
        (want, own): (u32, OwnLimits),
        limits: &Limits,
    ) -> Share {
        let tenant_free = self.permits.free(now, limits.tenant_permits);
        let receiver = self.receivers.entry(webhook).or_default();
        let (through, closed_until) = receiver.breaker.let_through(now, want);
        let in_flight = own.in_flight.unwrap_or(u32::MAX).min(limits.webhook_permits);
        let webhook_free = receiver.permits.free(now, in_flight);
        let free = through.min(webhook_free).min(tenant_free);
        let (granted, paced_until) = receiver.pace(now, free, own.per_second);
        receiver.breaker.went(now, granted, &limits.breaker);
        receiver.permits.grant(now, granted);
        self.permits.grant(now, granted);
        let why = match granted {
            _ if granted == want => None,
            _ if granted < free => Some(Refusal::RateReached),
            _ if granted == through => Some(Refusal::BreakerOpen),
            _ if granted == webhook_free => Some(Refusal::WebhookBusy),
            _ => Some(Refusal::TenantBusy),
        };
        self.forget(now, webhook);
        let retry_at = paced_until.or(closed_until).unwrap_or(now + SOON);
        Share { granted, retry_at: why.map(|_| retry_at), why }
    }

    /// Takes permits back and learns from how they were used.
    pub fn report(&mut self, now: DateTime<Utc>, webhook: Uuid, tally: Tally, limits: &Limits) {
        let receiver = self.receivers.entry(webhook).or_default();
        receiver.breaker.learn(now, tally, &limits.breaker);
        if let Some(limit) = receiver.rate_limit {
            receiver.rate.put_back(tally.unused, limit);
        }
        self.forget(now, webhook);
    }

    /// Takes permits back that were granted by this very memory. A report follows.
    pub fn give_back(&mut self, granted: Period, webhook: Uuid, count: u32) {
        self.permits.give_back(granted, count);
        if let Some(receiver) = self.receivers.get_mut(&webhook) {
            receiver.permits.give_back(granted, count);
        }
    }

    /// Takes what a request to our own edge takes of its token's rate and of the institution's.
    pub fn spend(&mut self, now: DateTime<Utc>, asked: Spending) -> Spent {
        self.requests.spend(now, asked)
    }

    /// What there is to see.
    pub fn observe(&mut self, now: DateTime<Utc>) -> ConcernsObservation {
        let troubled =
            self.receivers.iter().filter(|(_, receiver)| !matches!(receiver.breaker, Breaker::Closed { .. }));
        let breakers = troubled.map(|(webhook, receiver)| (*webhook, receiver.breaker)).collect();
        ConcernsObservation { in_flight: self.permits.out(now), receivers: self.receivers.len(), breakers }
    }

    fn forget(&mut self, now: DateTime<Utc>, webhook: Uuid) {
        if self.receivers.get(&webhook).is_some_and(|receiver| receiver.is_idle(now)) {
            self.receivers.remove(&webhook);
        }
    }
}
