//! Limits of requests: what a request costs whom, and what each answer says of what is left.
//!
//! A token has a limit for each class of requests and its institution one above them all; whoever has no token yet is
//! counted by address. Limits are counted on this node, or for all nodes together where Redis is configured and there.
//!
//! Not here: the buckets (`stoa_actors::tenant`, `stoa_actors::shared_rates`), the classes and what institutions set
//! (`stoa_core::tokens`), and the throttle of failed sign-ins (`stoa_core::auth`), which goes on beside.

mod class;
mod headers;
mod lone;

use std::{net::IpAddr, sync::atomic::AtomicBool};

use actix_web::HttpMessage;
use chrono::{DateTime, Utc};
use metrics::{counter, gauge};
use stoa_actors::{
    shared_rates::{Bucket, SharedRates},
    tenant::{Spending, Spent},
};
use stoa_core::{
    Code, Error, Id, Result, id,
    tokens::{Quota, RateClass, Verified},
};

pub(super) use class::class_of;
pub(super) use headers::write;
use headers::{Measured, Standing};
use lone::LoneBuckets;

use super::doors::Arrival;

/// Name of the limit of a whole institution.
const TENANT: &str = "tenant";

/// The server's limits; none means as many as come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Of a token, asking.
    pub read: Option<Quota>,
    /// Of a token, changing something.
    pub write: Option<Quota>,
    /// Of a token, reporting activity.
    pub ingest: Option<Quota>,
    /// Of a token, taking out much at once.
    pub export: Option<Quota>,
    /// Of an address, proving who somebody is.
    pub auth: Option<Quota>,
    /// Of all tokens of an institution together.
    pub tenant: Option<Quota>,
}

/// Keeps the limits.
#[derive(Debug, Default)]
pub struct Limiter {
    quotas: Quotas,
    shared: Option<SharedRates>,
    lone: LoneBuckets,
    was_shared: AtomicBool,
}

impl Quotas {
    const fn of(&self, class: RateClass) -> Option<Quota> {
        match class {
            RateClass::Read => self.read,
            RateClass::Write => self.write,
            RateClass::Ingest => self.ingest,
            RateClass::Export => self.export,
            RateClass::Auth => self.auth,
        }
    }
}

impl Limiter {
    /// Takes the limits, and the way to Redis where nodes share them.
    pub fn new(quotas: Quotas, shared: Option<SharedRates>) -> Self {
        Self { quotas, shared, ..Self::default() }
    }

    /// The way to Redis, where nodes share the limits.
    pub const fn shares(&self) -> Option<&SharedRates> {
        self.shared.as_ref()
    }

    /// The same while it is there.
    fn shared(&self) -> Option<&SharedRates> {
        let shared = self.shared.as_ref()?;
        let is_up = shared.is_up();
        if self.was_shared.swap(is_up, std::sync::atomic::Ordering::Relaxed) != is_up {
            gauge!("stoa_limits_shared").set(if is_up { 1.0 } else { 0.0 });
        }
        is_up.then_some(shared)
    }
}

/// Takes what a request with a token costs: one message to the institution's actor, and beside it one question to Redis
/// where nodes share the limits.
///
/// # Errors
/// `rate_limited`, naming the limits that have nothing left.
pub(super) async fn spend(arrival: &Arrival, token: &Verified) -> Result<()> {
    let (app, class) = (&arrival.app, arrival.class);
    let limiter = &app.limits;
    let of_token = token.limits.of(class).or(limiter.quotas.of(class)).filter(|_| class != RateClass::Auth);
    let of_tenant = token.limits.tenant.or(limiter.quotas.tenant);
    let asked = Spending {
        holder: token.id.uuid(),
        class,
        of_holder: of_token.map(Into::into),
        of_tenant: of_tenant.map(Into::into),
    };
    let now = app.db.clock().now();
    let directory = &app.road.tenants;
    let (spent, is_shared) = match limiter.shared() {
        None => (directory.spend(token.tenant, asked).await.spent, false),
        Some(shared) => {
            let together = together(shared, now, (token, asked));
            let (_, together) = futures::join!(directory.spend(token.tenant, asked.uncounted()), together);
            if let Some(spent) = together {
                (spent, true)
            } else {
                // Redis was lost this very moment: the next request does not ask it.
                counter!("stoa_limits_unshared_total").increment(1);
                (directory.spend(token.tenant, asked).await.spent, false)
            }
        }
    };
    let measured = [
        spent.holder.map(|level| Measured::new(class.as_str(), level, partition(token.id.uuid()))),
        spent.tenant.map(|level| Measured::new(TENANT, level, partition(token.tenant.uuid()))),
    ];
    conclude(arrival, Standing::new(measured.into_iter().flatten().collect(), is_shared, now))
}

/// Counts a request for all nodes together; none where Redis does not answer.
async fn together(shared: &SharedRates, now: DateTime<Utc>, (token, asked): (&Verified, Spending)) -> Option<Spent> {
    let tenant = token.tenant.uuid().simple();
    let of_token = asked.of_holder.map(|limit| Bucket {
        key: format!("stoa:rate:{{{tenant}}}:{}:{}", asked.holder.simple(), asked.class),
        limit,
    });
    let of_tenant = asked.of_tenant.map(|limit| Bucket { key: format!("stoa:rate:{{{tenant}}}"), limit });
    let buckets: Vec<Bucket> = of_token.into_iter().chain(of_tenant).collect();
    if buckets.is_empty() {
        return Some(Spent::default());
    }
    let mut levels = shared.spend(now, &buckets).await?.into_iter();
    let mut next = |is_asked: bool| if is_asked { levels.next() } else { None };
    Some(Spent { holder: next(asked.of_holder.is_some()), tenant: next(asked.of_tenant.is_some()) })
}

/// Takes what a request costs that somebody makes to prove who he is: of his address.
///
/// # Errors
/// `rate_limited`.
pub(super) async fn spend_by_address(arrival: &Arrival) -> Result<()> {
    let Some(quota) = arrival.app.limits.quotas.auth else { return Ok(()) };
    let household = household(arrival.client);
    spend_alone(arrival, (RateClass::Auth, quota), &household).await
}

/// Takes what a request of the platform's staff costs.
///
/// # Errors
/// `rate_limited`.
pub(super) async fn spend_of_staff(arrival: &Arrival, member: Id<id::Staff>) -> Result<()> {
    let class = arrival.class;
    let Some(quota) = arrival.app.limits.quotas.of(class) else { return Ok(()) };
    spend_alone(arrival, (class, quota), &member.to_string()).await
}

async fn spend_alone(arrival: &Arrival, (class, quota): (RateClass, Quota), whose: &str) -> Result<()> {
    let limiter = &arrival.app.limits;
    let now = arrival.app.db.clock().now();
    let key = format!("stoa:rate:{{{whose}}}:{class}");
    let shared = match limiter.shared() {
        Some(shared) => shared.spend(now, &[Bucket { key: key.clone(), limit: quota.into() }]).await,
        None => None,
    };
    let level = shared.and_then(|levels| levels.into_iter().next());
    let is_shared = level.is_some();
    let level = level.unwrap_or_else(|| limiter.lone.spend(now, key, quota.into()));
    // Who shares an address or a partition is nobody's business but theirs.
    conclude(arrival, Standing::new(vec![Measured::new(class.as_str(), level, None)], is_shared, now))
}

/// Keeps how the limits stand for the answer, and refuses where one has nothing left.
fn conclude(arrival: &Arrival, standing: Standing) -> Result<()> {
    let (violated, wait_secs) = (standing.violated(), standing.wait_secs());
    arrival.request.extensions_mut().insert(standing);
    if violated.is_empty() {
        return Ok(());
    }
    let class = arrival.class.as_str();
    counter!("stoa_requests_refused_total", "class" => class).increment(1);
    let detail = match violated.as_slice() {
        [TENANT] => "the institution sends more requests than it may".to_owned(),
        _ => format!("more requests of the class `{class}` than may be sent"),
    };
    Err(Error::new(Code::RateLimited, detail).violating(violated).retry_after_secs(wait_secs))
}

/// Names a partition without telling what it is of: the random end of an id.
fn partition(id: uuid::Uuid) -> Option<[u8; 6]> {
    id.as_bytes().last_chunk().copied()
}

/// A household has an IPv4 address or a /64 of IPv6.
fn household(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::")
        }
    }
}
