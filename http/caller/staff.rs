//! The platform's staff at the door: a token of another kind, which no institution has and no institution's door takes.
//!
//! Not here: what a member of the staff is (`stoa_core::staff`).

use std::{net::IpAddr, sync::Arc};

use stoa_core::{
    Ability, Actor, Code, Error, Id, Result, Scope, TenantId, id,
    staff::{From, Member, StaffRole, StaffToken, Verified, verify},
};

use super::shown;
use crate::{
    doors::{Access, Admits, Arrival},
    limits,
};

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
            courses: None,
            led_by: None,
        }
    }
}

impl Staff {
    /// Who acts when this person makes an institution: its first owner may do everything, so whoever invites him may too.
    pub fn founding(&self, tenant: TenantId) -> Scope {
        Scope { abilities: Ability::ALL.into(), ..self.on_behalf_of(tenant) }
    }
}

impl Staff {
    /// Where a request of this person comes from, for the staff's own log.
    pub fn from(&self) -> From {
        From { request_id: Some(self.request_id.to_string()), address: Some(self.address.to_string()) }
    }
}

impl Admits for Staff {
    const ACCESS: Access = Access::Staff(StaffRole::Support);

    async fn admit(arrival: &Arrival) -> Result<Self> {
        let StaffAccount { staff, session, has_factor } = StaffAccount::admit(arrival).await?;
        let works = session.is_some();
        if has_factor && !works {
            let detail = "open a session with your one-time password at POST /api/support/session, and send its token";
            return Err(Error::new(Code::SessionRequired, detail));
        }
        if arrival.app.settings.accounts.staff_second_factor && !works {
            let detail = "the operator demands a second factor; set one up at POST /api/support/second-factor";
            return Err(Error::new(Code::SecondFactorRequired, detail));
        }
        Ok(staff)
    }

    fn may(&self, _: Ability) -> bool {
        false
    }

    fn is_staff(&self, role: StaffRole) -> bool {
        self.member.role.covers(role)
    }
}

/// Somebody of the staff at a door to the own account, which opens also to a token that waits for its second factor.
#[derive(Debug, Clone)]
pub struct StaffAccount {
    /// Who.
    pub staff: Staff,
    /// The session, where its token was shown and not the person's own.
    pub session: Option<Id<id::StaffSession>>,
    /// Has a second factor that is asked for.
    pub has_factor: bool,
}

impl Admits for StaffAccount {
    const ACCESS: Access = Access::AnyStaff;

    async fn admit(arrival: &Arrival) -> Result<Self> {
        let token = StaffToken::read(shown(arrival)?).ok_or_else(not_staff)?;
        let mut tx = arrival.app.db.house().await?;
        let now = tx.now();
        let found = verify(&mut tx, &token).await?.ok_or_else(not_staff)?;
        tx.commit().await?;
        if found.is_expired(now) {
            return Err(Error::new(Code::TokenExpired, "the token has expired"));
        }
        limits::spend_of_staff(arrival, found.member.id).await?;
        let Verified { member, has_factor, session, .. } = found;
        let staff = Staff { member, request_id: Arc::clone(&arrival.request_id), address: arrival.client };
        Ok(Self { staff, session, has_factor })
    }

    fn may(&self, _: Ability) -> bool {
        false
    }
}

/// An institution's token is as unknown here as one that was made up.
fn not_staff() -> Error {
    Error::new(Code::Unauthenticated, "the token is not one of the platform's staff")
}
