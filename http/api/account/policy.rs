//! What an institution asks of its people when they sign in, and helping whoever lost what is asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Key, Result, Role,
    auth::policy::{self, Policy},
    id, institutions, members,
};

use crate::{
    body::Body,
    doors::{Call, Data, Done, Door, NoQuery, Sample},
};

const TAG: &str = "Authentication";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/institutions/{id}/sign-in-policy", show).needs(Ability::InstitutionsRead).named(
            "getSignInPolicy",
            TAG,
            "Tells whether a second factor is demanded, and of how many it is missing",
        ),
        Door::put("/api/institutions/{id}/sign-in-policy", set)
            .needs(Ability::InstitutionsWrite)
            .named("setSignInPolicy", TAG, "Demands a second factor of those who keep the institution, or no more")
            .errors(&[Code::SecondFactorRequired]),
        Door::delete("/api/institutions/{id}/members/{user}/second-factor", take_away)
            .needs(Ability::MembersWrite)
            .named(
                "removeMembersSecondFactor",
                TAG,
                "Takes the second factor from a person who lost it and its recovery codes, and ends all sessions",
            ),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id of the caller's institution, its number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneMember {
    /// Id of the caller's institution, its number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
    /// Id of the person, e-mail address, or `external_id:` and the institution's own key.
    user: Key<id::User>,
}

/// What is to be asked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPolicy {
    /// Those who keep the institution do nothing before they have a second factor.
    require_second_factor: bool,
}

impl Body for NewPolicy {
    fn example() -> Value {
        json!({ "require_second_factor": false })
    }
}

/// What is asked of people when they sign in.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SignInPolicy")]
struct PolicyView {
    /// Those who keep the institution do nothing before they have a second factor.
    require_second_factor: bool,
    /// Of which roles it is demanded.
    roles: Vec<Role>,
    /// Active members with such a role.
    people: i64,
    /// Of them, those without a second factor.
    without: i64,
}

impl From<Policy> for PolicyView {
    fn from(policy: Policy) -> Self {
        Self {
            require_second_factor: policy.require_second_factor,
            roles: Role::ALL.into_iter().filter(|role| role.keeps_the_institution()).collect(),
            people: policy.people,
            without: policy.without,
        }
    }
}

impl Sample for PolicyView {
    fn sample() -> Self {
        Policy { require_second_factor: true, people: 3, without: 1 }.into()
    }
}

async fn show(call: Call<OneInstitution>) -> Result<Data<PolicyView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    Ok(Data(policy::get(&mut tx).await?.into()))
}

async fn set(call: Call<OneInstitution, NoQuery, NewPolicy>) -> Result<Data<PolicyView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let policy = policy::set(&mut tx, &call.scope, call.body.require_second_factor).await?;
    tx.commit().await?;
    Ok(Data(policy.into()))
}

async fn take_away(call: Call<OneMember>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let member = members::get(&mut tx, &call.path.user).await?;
    let ended = policy::take_factor_away(&mut tx, &call.scope, &member).await?;
    tx.commit().await?;
    for session in ended {
        call.app.tokens.forget(session);
    }
    Ok(Done)
}
