//! Somebody who shows no token of ours in the head, and proves who it is by what stands in the body.

use std::{net::IpAddr, sync::Arc};

use stoa_core::{Ability, Actor, Id, Result, Scope, TenantId, id};

use crate::doors::{Access, Admits, Arrival, Call, NoPath, NoQuery};

/// Somebody of whom nothing is known yet but where the request comes from.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    request_id: Arc<str>,
    address: IpAddr,
}

/// A request of a guest.
pub(super) type Asked<B> = Call<NoPath, NoQuery, B, Guest>;

impl Guest {
    /// Who acts, once that is proved: nothing more than what the person does here.
    pub(super) fn as_person(&self, tenant: TenantId, person: Id<id::User>) -> Scope {
        Scope { actor: Actor::Person(person), abilities: Arc::from([]), ..self.unknown(tenant) }
    }

    /// Nobody yet, in the institution that a token says it is of.
    pub(super) fn unknown(&self, tenant: TenantId) -> Scope {
        Scope { request_id: Some(Arc::clone(&self.request_id)), address: Some(self.address), ..Scope::house(tenant) }
    }

    /// The request, for the log of a job.
    pub(super) fn request_id(&self) -> &str {
        &self.request_id
    }
}

impl Admits for Guest {
    const ACCESS: Access = Access::Public;

    async fn admit(arrival: &Arrival) -> Result<Self> {
        Ok(Self { request_id: Arc::clone(&arrival.request_id), address: arrival.client })
    }

    fn may(&self, _: Ability) -> bool {
        false
    }
}
