//! How many requests an institution and each of its tokens make to our own edge, by class.
//!
//! Not here: which limit a token has (the edge says it with each question), and counting for several nodes together
//! (`shared_rates`).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use stoa_core::tokens::RateClass;
use uuid::Uuid;

use super::{Rate, RateLimit};

/// Buckets that are kept before those that are full are forgotten.
const KEPT: usize = 64;

/// What a request takes: one of its token's in a class, and one of its institution's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spending {
    /// The token.
    pub holder: Uuid,
    /// What kind of request it is.
    pub class: RateClass,
    /// The token's limit in that class; nothing is counted without.
    pub of_holder: Option<RateLimit>,
    /// The institution's limit; nothing is counted without.
    pub of_tenant: Option<RateLimit>,
}

impl Spending {
    /// The same question where somebody else counts.
    #[must_use]
    pub const fn uncounted(self) -> Self {
        Self { of_holder: None, of_tenant: None, ..self }
    }
}

/// How a bucket stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Level {
    /// The limit that it is under.
    pub limit: RateLimit,
    /// What is left.
    pub left: u32,
    /// When all is there again, if nobody takes more.
    pub full_at: DateTime<Utc>,
    /// When there is enough again; none where there was.
    pub enough_at: Option<DateTime<Utc>>,
}

/// How the buckets stand that a request took from. Where one had nothing left, nothing was taken of any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// The token's.
    pub holder: Option<Level>,
    /// The institution's.
    pub tenant: Option<Level>,
}

impl Spent {
    /// When there is enough of both again; none where the request may go on.
    pub fn enough_at(&self) -> Option<DateTime<Utc>> {
        self.holder.and_then(|level| level.enough_at).max(self.tenant.and_then(|level| level.enough_at))
    }
}

/// The buckets of an institution. Empty until somebody asks; a full one is forgotten.
#[derive(Debug, Default)]
pub struct Requests {
    holders: HashMap<(Uuid, RateClass), Rate>,
    tenant: Rate,
    kept: usize,
}

impl Requests {
    /// Takes of both buckets, or of none.
    pub fn spend(&mut self, now: DateTime<Utc>, asked: Spending) -> Spent {
        let key = (asked.holder, asked.class);
        let holder = self.holders.get(&key).copied().unwrap_or_default();
        let (after_holder, holder_late) = taken(holder, now, asked.of_holder);
        let (after_tenant, tenant_late) = taken(self.tenant, now, asked.of_tenant);
        let goes = holder_late.is_none() && tenant_late.is_none();
        let (holder, tenant) = if goes { (after_holder, after_tenant) } else { (holder, self.tenant) };
        if goes && asked.of_holder.is_some() {
            self.keep(now, key, holder);
        }
        self.tenant = tenant;
        Spent {
            holder: asked.of_holder.map(|limit| level(holder, now, (limit, holder_late))),
            tenant: asked.of_tenant.map(|limit| level(tenant, now, (limit, tenant_late))),
        }
    }

    fn keep(&mut self, now: DateTime<Utc>, key: (Uuid, RateClass), rate: Rate) {
        self.holders.insert(key, rate);
        // Twice what stayed last time, so that looking through all of them is rare.
        if self.holders.len() > self.kept.max(KEPT) {
            self.holders.retain(|_, rate| !rate.is_full(now));
            self.kept = self.holders.len().saturating_mul(2);
        }
    }
}

fn taken(rate: Rate, now: DateTime<Utc>, limit: Option<RateLimit>) -> (Rate, Option<DateTime<Utc>>) {
    let mut after = rate;
    let late = limit.and_then(|limit| after.take(now, 1, limit).err());
    (after, late)
}

fn level(rate: Rate, now: DateTime<Utc>, (limit, enough_at): (RateLimit, Option<DateTime<Utc>>)) -> Level {
    Level { limit, left: rate.there(now, limit), full_at: rate.full_at(now), enough_at }
}

#[cfg(test)]
mod tests {
    use stoa_core::tokens::Quota;

    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    fn limit(quota: u32, window_seconds: u32) -> RateLimit {
        Quota { quota, window_seconds }.into()
    }

    fn ask(holder: u128, class: RateClass) -> Spending {
        Spending {
            holder: Uuid::from_u128(holder),
            class,
            of_holder: Some(limit(3, 30)),
            of_tenant: Some(limit(5, 10)),
        }
    }

    #[test]
    fn a_token_has_a_bucket_for_each_class() {
        let mut requests = Requests::default();
        for left in [2, 1, 0] {
            let spent = requests.spend(at(0), ask(1, RateClass::Read));
            assert_eq!((spent.enough_at(), spent.holder.unwrap().left), (None, left));
        }
        let spent = requests.spend(at(0), ask(1, RateClass::Read));
        assert_eq!((spent.enough_at(), spent.holder.unwrap().full_at), (Some(at(10)), at(30)));
        assert_eq!(spent.tenant.unwrap().left, 2, "a refusal costs the institution nothing");
        assert_eq!(requests.spend(at(0), ask(1, RateClass::Write)).enough_at(), None);
        assert_eq!(requests.spend(at(10), ask(1, RateClass::Read)).enough_at(), None, "one came back");
    }

    #[test]
    fn tokens_cannot_be_multiplied_beyond_the_ceiling() {
        let mut requests = Requests::default();
        let goes = (1..=8).filter(|holder| requests.spend(at(0), ask(*holder, RateClass::Read)).enough_at().is_none());
        assert_eq!(goes.count(), 5);
        let spent = requests.spend(at(0), ask(9, RateClass::Read));
        assert_eq!((spent.enough_at(), spent.tenant.unwrap().enough_at), (Some(at(2)), Some(at(2))));
        assert_eq!(spent.holder.unwrap(), Level { limit: limit(3, 30), left: 3, full_at: at(0), enough_at: None });
    }

    #[test]
    fn what_is_full_is_forgotten() {
        let mut requests = Requests::default();
        for (secs, holder) in (0..500).zip(0..) {
            requests.spend(at(secs * 60), ask(holder, RateClass::Read));
        }
        assert!(requests.holders.len() <= 2 * KEPT, "{}", requests.holders.len());
    }

    #[test]
    fn where_somebody_else_counts_nothing_is_taken() {
        let mut requests = Requests::default();
        let uncounted = ask(1, RateClass::Read).uncounted();
        assert!((0..100).all(|_| requests.spend(at(0), uncounted) == Spent::default()));
    }
}
