//! Whoever asked for an export, as he is when it is made: what he could do then and can do still, and his walls.
//!
//! # Rule
//! A person who is no active member any more has no exports made, nor has a token that was revoked or has expired.
//! Whoever has another role by now gets what the role lets him, and no more than he could when he asked.

use std::sync::Arc;

use stoa_core::{
    Ability, Actor, Code, Error, Id, Key, Result, Role, Scope, db::TenantTx, id, members, members::MemberStatus, tokens,
};

use super::{Export, Failure, check::may_have};

/// The scope that an export is made in, or why it is not made.
///
/// # Errors
/// As the database says.
pub async fn scope_of(tx: &mut TenantTx, export: &Export) -> Result<Result<Scope, Failure>> {
    let house = Scope::house(tx.tenant());
    let scope = match export.maker() {
        Actor::Person(person) => of_person(tx, person, house).await?,
        Actor::Integration(token) => of_token(tx, token, house).await?,
        // What the house and its staff ask for, they ask for the institution.
        Actor::Staff(_) | Actor::House => Some(house),
    };
    let Some(mut scope) = scope else { return Ok(Err(Failure::maker_gone())) };
    let then = export.abilities();
    scope.abilities = scope.abilities.iter().copied().filter(|ability| then.contains(ability)).collect();
    scope.courses = narrower(scope.courses, export.course_ids.as_deref());
    Ok(may_still(&scope, export).map(|()| scope))
}

fn may_still(scope: &Scope, export: &Export) -> Result<(), Failure> {
    let lost = |error: Error| Failure::of(&error);
    if !scope.may(Ability::ExportsWrite) {
        let why = format!("whoever asked for it has lost {}", Ability::ExportsWrite);
        return Err(lost(Error::new(Code::AbilityMissing, why)));
    }
    may_have(scope, export.export_type).map_err(lost)
}

async fn of_person(tx: &mut TenantTx, person: Id<id::User>, house: Scope) -> Result<Option<Scope>> {
    let member = members::find(tx, &Key::Id(person)).await?;
    Ok(member.filter(|member| member.status == MemberStatus::Active).map(|member| Scope {
        actor: Actor::Person(person),
        abilities: member.role.abilities().into(),
        led_by: (member.role == Role::Manager).then_some(person),
        ..house
    }))
}

async fn of_token(tx: &mut TenantTx, token: Id<id::Token>, house: Scope) -> Result<Option<Scope>> {
    let now = tx.now();
    let token = tokens::verify_again(tx, token).await?.filter(|token| !token.is_expired(now));
    Ok(token.map(|token| Scope {
        actor: token.actor,
        abilities: Arc::clone(&token.abilities),
        courses: token.courses.clone(),
        led_by: token.led_by,
        ..house
    }))
}

/// Courses that are in both, where either says which.
fn narrower(now: Option<Arc<[uuid::Uuid]>>, then: Option<&[uuid::Uuid]>) -> Option<Arc<[uuid::Uuid]>> {
    match (now, then) {
        (Some(now), Some(then)) => Some(now.iter().copied().filter(|course| then.contains(course)).collect()),
        (Some(now), None) => Some(now),
        (None, then) => then.map(Into::into),
    }
}
