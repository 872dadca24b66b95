//! The platform's staff at the door: a token of another kind, which no institution has and no institution's door takes.
//!
//! Not here: what a member of the staff is (`stoa_core::staff`).

use std::{net::IpAddr, sync::Arc};

use stoa_core::{
    Ability, Actor, Code, Error, Result, Scope, TenantId,
    staff::{Member, StaffRole, StaffToken, verify},
};

use super::shown;
use crate::http::doors::{Access, Admits, Arrival};

/// Somebody of the staff.
#[derive(Debug, Clone)]
pub struct Staff {
    /// Who.
    pub member: Member,
    request_id: Arc<str>,
    address: IpAddr,
}

impl Staff {
    /// Who acts when this person does something for an institution.
    pub fn on_behalf_of(&self, tenant: TenantId) -> Scope {
        Scope {
            tenant,
            actor: Actor::Staff(self.member.id),
            // What staff may do is said by the doors that let them in.
            abilities: Arc::from([]),
            request_id: Some(Arc::clone(&self.request_id)),
            name: Some(self.member.name()),
            address: Some(self.address),
        }
    }
}

impl Admits for Staff {
    const ACCESS: Access = Access::Staff(StaffRole::Support);

    async fn admit(arrival: &Arrival) -> Result<Self> {
        let token = StaffToken::read(shown(arrival)?).ok_or_else(not_staff)?;
        let mut tx = arrival.app.db.house().await?;
        let now = tx.now();
        let member = verify(&mut tx, &token).await?.ok_or_else(not_staff)?;
        tx.commit().await?;
        if member.expires_at.is_some_and(|end| end <= now) {
            return Err(Error::new(Code::TokenExpired, "the token has expired"));
        }
        Ok(Self { member, request_id: Arc::clone(&arrival.request_id), address: arrival.client })
    }

    fn may(&self, _: Ability) -> bool {
        false
    }

    fn is_staff(&self, role: StaffRole) -> bool {
        self.member.role >= role
    }
}

/// An institution's token is as unknown here as one that was made up.
fn not_staff() -> Error {
    Error::new(Code::Unauthenticated, "the token is not one of the platform's staff")
}
