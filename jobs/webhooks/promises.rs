//! Deliveries that go later, turned into jobs: few, and named so that they can be found again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use stoa_core::{Id, Result, TenantId, id};
use stoa_webhooks::Promised;

use super::deliver::DeliverWebhooks;
use crate::queue::{HOUSE, Hastened, NewJob};

/// Deliveries of one promise at most.
const HANDFUL: usize = 512;

/// A delivery that goes later, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Later {
    pub(super) promised: Promised,
    pub(super) why: Why,
}

/// What a delivery waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// Its time.
    Time,
    /// Its turn, as the receiver's limits allow; sooner when they are eased.
    Turn(Id<id::Webhook>),
    /// That the receiver answers again; then it is called back at once.
    Answer(Id<id::Webhook>),
}

impl Why {
    fn name(self) -> Option<String> {
        match self {
            Self::Time => None,
            Self::Turn(webhook) => Some(format!("{webhook} turn")),
            Self::Answer(webhook) => Some(format!("{webhook} answer")),
        }
    }
}

/// What waits for a receiver to answer: all of it, when it does; or some, so that it is asked again.
pub(super) fn waiting_for_answer(tenant: TenantId, webhook: Id<id::Webhook>, most: i64) -> Hastened {
    Hastened { tenant, prefix: format!("{webhook} answer "), most }
}

/// All that waits for a receiver, whatever for.
pub(super) fn waiting_for(tenant: TenantId, webhook: Id<id::Webhook>) -> Hastened {
    Hastened { tenant, prefix: format!("{webhook} "), most: i64::MAX }
}

/// Those of one institution at one moment and for one reason share a promise. Its name is that of its first delivery
/// and time, so that a batch written twice promises once.
pub(super) fn promises(later: &[Later]) -> Result<Vec<NewJob>> {
    let mut groups: HashMap<(TenantId, DateTime<Utc>, Why), Vec<Id<id::Delivery>>> = HashMap::new();
    for Later { promised, why } in later {
        groups.entry((promised.tenant, promised.at, *why)).or_default().push(promised.delivery);
    }
    let mut jobs = Vec::with_capacity(groups.len());
    for ((tenant, at, why), deliveries) in groups {
        for some in deliveries.chunks(HANDFUL) {
            let first = some.first().map(ToString::to_string).unwrap_or_default();
            let name = format!("{first} {}", at.timestamp_micros());
            let name = why.name().map_or_else(|| name.clone(), |why| format!("{why} {name}"));
            jobs.push(NewJob::of(tenant, &DeliverWebhooks::of(tenant, some.to_vec()))?.at(at).keyed(name));
        }
    }
    Ok(jobs)
}

/// What a batch of events owes later: one promise for each moment, whosever the deliveries are.
pub(crate) fn promises_of_batch(later: &[Promised]) -> Result<Vec<NewJob>> {
    let mut moments: HashMap<DateTime<Utc>, Vec<(TenantId, Id<id::Delivery>)>> = HashMap::new();
    for one in later {
        moments.entry(one.at).or_default().push((one.tenant, one.delivery));
    }
    let mut jobs = Vec::with_capacity(moments.len());
    for (at, deliveries) in moments {
        for some in deliveries.chunks(HANDFUL) {
            jobs.push(NewJob::of(HOUSE, &DeliverWebhooks { deliveries: some.to_vec() })?.at(at));
        }
    }
    Ok(jobs)
}
