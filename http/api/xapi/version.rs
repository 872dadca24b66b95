//! Somebody who says which version of the specification is spoken.

use stoa_core::{Ability, Result, Scope};
use stoa_protocols::xapi::Version;

use super::VERSION_HEADER;
use crate::doors::{Access, Admits, Arrival};

/// A caller, and the version that the header names, if it is one.
#[derive(Debug, Clone)]
pub(super) struct Speaking {
    pub(super) scope: Scope,
    pub(super) version: Option<Version>,
}

impl Admits for Speaking {
    const ACCESS: Access = Access::SignedIn;

    async fn admit(arrival: &Arrival) -> Result<Self> {
        let scope = <Scope as Admits>::admit(arrival).await?;
        let named = arrival.request.headers().get(VERSION_HEADER).and_then(|value| value.to_str().ok());
        Ok(Self { scope, version: named.and_then(|named| named.trim().parse().ok()) })
    }

    fn may(&self, ability: Ability) -> bool {
        self.scope.may(ability)
    }

    fn acts(&self) -> Option<Scope> {
        Some(self.scope.clone())
    }
}
