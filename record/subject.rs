//! Whose record is read.
//!
//! # Rule
//! Somebody named by id or by the institution's own key; else the person who calls. A token of an integration is
//! nobody's, so it has to name somebody. Everybody reads his own record; that of others needs the ability. Somebody of
//! another institution is nobody.

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Ability, Actor, Code, Error, Id, Key, Result, Scope,
    db::TenantTx,
    id::User,
    members::{self, Member},
};

/// The two parameters that name a learner.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct SubjectKey {
    /// Id of the learner.
    #[serde(default)]
    pub user_id: Option<Id<User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    pub external_id: Option<String>,
}

impl SubjectKey {
    /// The key of the learner, for a caller.
    ///
    /// # Errors
    /// `validation_failed` when both are given; `subject_required` when neither is and the caller is no person.
    pub fn of(self, scope: &Scope) -> Result<Key<User>> {
        match (self.user_id, self.external_id, scope.actor) {
            (Some(_), Some(_), _) => {
                Err(Error::invalid_field("?external_id", "value", "wanted user_id or external_id, not both"))
            }
            (Some(id), None, _) | (None, None, Actor::Person(id)) => Ok(id.into()),
            (None, Some(external_id), _) => Ok(Key::ExternalId(external_id)),
            (None, None, _) => {
                Err(Error::new(Code::SubjectRequired, "a token of an integration has to name user_id or external_id"))
            }
        }
    }
}

/// Finds the learner, of whom the caller reads what needs an ability unless it is his own.
///
/// # Errors
/// As [`SubjectKey::of`]; `ability_missing` for the record of somebody else, whether there is such a one or not;
/// `not_found`.
pub async fn subject(tx: &mut TenantTx, scope: &Scope, (key, ability): (SubjectKey, Ability)) -> Result<Member> {
    let found = members::find(tx, &key.of(scope)?).await?;
    let is_own = found.as_ref().is_some_and(|member| scope.person() == Some(member.id));
    if !is_own && !scope.may(ability) {
        let detail = format!("the record of somebody else needs {ability}");
        return Err(Error::new(Code::AbilityMissing, detail));
    }
    found.ok_or_else(|| Error::not_found("member"))
}

#[cfg(test)]
mod tests {
    use stoa_core::TenantId;
    use uuid::Uuid;

    use super::*;

    fn scope(actor: Actor) -> Scope {
        Scope { actor, ..Scope::house(TenantId::from_uuid(Uuid::nil())) }
    }

    #[test]
    fn a_name_goes_before_the_caller_and_an_integration_has_to_give_one() {
        let (me, other) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
        let key =
            |user_id, external_id: Option<&str>| SubjectKey { user_id, external_id: external_id.map(str::to_owned) };
        let person = scope(Actor::Person(me));
        let token = scope(Actor::Integration(Id::from_uuid(Uuid::from_u128(3))));
        assert_eq!(key(None, None).of(&person).unwrap().id(), Some(me.uuid()));
        assert_eq!(key(Some(other), None).of(&person).unwrap().id(), Some(other.uuid()));
        assert_eq!(key(None, Some("s-1")).of(&token).unwrap().external_id(), Some("s-1"));
        assert_eq!(key(None, None).of(&token).unwrap_err().code(), Code::SubjectRequired);
        assert_eq!(key(Some(me), Some("s-1")).of(&token).unwrap_err().code(), Code::ValidationFailed);
    }
}
