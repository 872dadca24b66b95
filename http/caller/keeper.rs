//! Whoever looks after an institution: somebody of its own, or the platform's staff. Two kinds of tokens at one door.
//!
//! Not here: what each may do there, which the door says (`Access::Either`) and its handler asks by matching.

use stoa_core::{
    Ability, Error, Key, Result, Scope, id, institutions,
    staff::{StaffRole, StaffToken},
};

use super::{Staff, shown};
use crate::{
    doors::{Access, Admits, Arrival},
    state::App,
};

/// Somebody who looks after institutions.
#[derive(Debug, Clone)]
pub enum Keeper {
    /// Of an institution; sees that one alone.
    Institution(Scope),
    /// Of the platform.
    Staff(Staff),
}

impl Keeper {
    /// Who acts for the institution that a key names. To an institution's own people there is no other.
    ///
    /// # Errors
    /// `not_found`, also for one that another reseller looks after.
    pub async fn at(&self, app: &App, key: &Key<id::Institution>) -> Result<Scope> {
        match self {
            Self::Institution(scope) => Ok(scope.clone()),
            Self::Staff(staff) => staff.at(app, key).await,
        }
    }
}

impl Staff {
    /// Who acts for the institution that a key names.
    ///
    /// # Errors
    /// `not_found`, also for one that another reseller looks after.
    pub async fn at(&self, app: &App, key: &Key<id::Institution>) -> Result<Scope> {
        let mut house = app.db.house().await?;
        let found = institutions::find(&mut house, key).await?;
        house.commit().await?;
        let kept =
            found.filter(|found| self.member.role != StaffRole::Reseller || found.reseller_id == Some(self.member.id));
        let found = kept.ok_or_else(|| Error::not_found("institution"))?;
        Ok(self.on_behalf_of(found.tenant_id))
    }
}

impl Admits for Keeper {
    const ACCESS: Access = Access::Either(Ability::InstitutionsRead, StaffRole::Operator);

    async fn admit(arrival: &Arrival) -> Result<Self> {
        if StaffToken::read(shown(arrival)?).is_some() {
            Staff::admit(arrival).await.map(Self::Staff)
        } else {
            Scope::admit(arrival).await.map(Self::Institution)
        }
    }

    fn may(&self, ability: Ability) -> bool {
        match self {
            Self::Institution(scope) => scope.may(ability),
            Self::Staff(_) => false,
        }
    }

    fn is_staff(&self, role: StaffRole) -> bool {
        match self {
            Self::Institution(_) => false,
            Self::Staff(staff) => staff.is_staff(role),
        }
    }

    fn acts(&self) -> Option<Scope> {
        match self {
            Self::Institution(scope) => Some(scope.clone()),
            Self::Staff(_) => None,
        }
    }
}
