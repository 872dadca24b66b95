//! What the live things say of themselves, for the operator's `/ops/actors` and for tests.
//!
//! Not here: the observations; each actor has its own.

use std::sync::{Arc, PoisonError, RwLock};

use futures::{FutureExt, future::BoxFuture};
use serde::Serialize;
use serde_json::Value;

use crate::{bell::Bell, egress::EgressPool, mailer::Mailer, shared_rates::SharedRates, tenant::TenantDirectory};

/// Tenants that an observation shows at most.
const TENANTS_SHOWN: usize = 50;

/// Can be looked at.
pub trait Inspect: Send + Sync {
    /// Name in the cast.
    fn name(&self) -> &'static str;

    /// What there is to see.
    fn inspect(&self) -> BoxFuture<'_, Value>;
}

/// What one of the cast says of itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Observation {
    /// Name in the cast.
    pub actor: &'static str,
    /// What there is to see.
    pub state: Value,
}

/// Everybody who can be looked at. Cheap to clone.
#[derive(Clone, Default)]
pub struct Registry(Arc<RwLock<Vec<Arc<dyn Inspect>>>>);

impl Registry {
    /// Adds one of the cast.
    pub fn enter(&self, one: impl Inspect + 'static) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(one));
    }

    /// Looks at everybody, in the order in which they entered.
    pub async fn observe(&self) -> Vec<Observation> {
        let cast: Vec<_> = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let seen = cast.iter().map(|one| async { Observation { actor: one.name(), state: one.inspect().await } });
        futures::future::join_all(seen).await
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Registry").finish_non_exhaustive()
    }
}

impl Inspect for EgressPool {
    fn name(&self) -> &'static str {
        "egress"
    }

    fn inspect(&self) -> BoxFuture<'_, Value> {
        async { shown(&Self::inspect(self).await) }.boxed()
    }
}

impl Inspect for TenantDirectory {
    fn name(&self) -> &'static str {
        "tenants"
    }

    fn inspect(&self) -> BoxFuture<'_, Value> {
        async { shown(&Self::inspect(self, TENANTS_SHOWN).await) }.boxed()
    }
}

impl Inspect for Mailer {
    fn name(&self) -> &'static str {
        "mailer"
    }

    fn inspect(&self) -> BoxFuture<'_, Value> {
        async { shown(&Self::observe(self)) }.boxed()
    }
}

impl Inspect for Bell {
    fn name(&self) -> &'static str {
        "bell"
    }

    fn inspect(&self) -> BoxFuture<'_, Value> {
        async { shown(&Self::observe(self)) }.boxed()
    }
}

impl Inspect for SharedRates {
    fn name(&self) -> &'static str {
        "shared_rates"
    }

    fn inspect(&self) -> BoxFuture<'_, Value> {
        async { shown(&Self::observe(self)) }.boxed()
    }
}

fn shown(observation: &impl Serialize) -> Value {
    serde_json::to_value(observation).unwrap_or_else(|error| Value::String(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn shows_the_cast_in_order() {
        let registry = Registry::default();
        registry.enter(Bell::default());
        registry.clone().enter(Mailer::kept().0);
        let seen = serde_json::to_value(registry.observe().await).unwrap();
        let wanted = serde_json::json!([
            { "actor": "bell", "state": { "listening": false, "connected": 0, "rung": 0 } },
            { "actor": "mailer", "state": { "in_flight": 0, "sent": 0, "refused": 0, "deferred": 0 } },
        ]);
        assert_eq!(seen, wanted);
    }
}
