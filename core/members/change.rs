//! Changing somebody: fields, role and status, by hand or by an integration, and leaving.
//!
//! Not here: what a file of people changes (`imports`).
//!
//! # Rule
//! Whoever is deactivated or leaves is out at once: sessions end with the same commit, and a token that the person made
//! for an integration is refused from then on, as it never does more than its maker may do. Made active again, the person
//! signs in anew; the tokens of integrations work again.

use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{
    Member, MemberChange, MemberStatus, StickyField, announce,
    commands::{GUARDS, check_time_zone},
    email_key, may_grant,
    owners::{is_owner, leave_an_owner},
    queries::get_for_change,
    seats::{take_seats, takes_a_seat},
};
use crate::{
    db::{TenantTx, sql, taken},
    error::{Code, Error, Result},
    id,
    key::Key,
    scope::{Actor, Scope},
    tokens,
};

const UPDATE: &str = "WITH person AS (
  UPDATE users SET external_id = $3, email = $4, email_key = $5, name = $6, first_name = $7, last_name = $8, locale = $9,
    time_zone = $10, updated_at = $11
  WHERE tenant_id = $1 AND id = $2
)
UPDATE memberships SET role = $12, status = $13, sticky = $14, joined_at = $15, removed_at = $16, updated_at = $11,
    revision = revision + 1
  WHERE tenant_id = $1 AND user_id = $2 RETURNING revision";

/// Changes a person's fields, role or status. What is changed by hand sticks, and files of people leave it.
///
/// # Errors
/// `not_found`, `validation_failed`; `ability_missing` where the old or the new role is above the caller; `conflict`
/// when the address or the external id is taken, somebody invited would be made active, or the last owner would go;
/// `seats_exceeded` for somebody who is made active again.
pub async fn change(tx: &mut TenantTx, scope: &Scope, key: &Key<id::User>, change: MemberChange) -> Result<Member> {
    let before = get_for_change(tx, key).await?;
    let keeps_sticky = change.sticky.is_some();
    let mut after = change.applied(&before)?;
    if matches!(scope.actor, Actor::Person(_) | Actor::Staff(_)) && !keeps_sticky {
        stick(&before, &mut after);
    }
    if after == before {
        return Ok(before);
    }
    if before.status == MemberStatus::Invited && after.status == MemberStatus::Active {
        return Err(Error::new(
            Code::Conflict,
            "somebody invited becomes active by accepting; send the invitation again",
        ));
    }
    if after.time_zone != before.time_zone {
        check_time_zone(tx.connection(), after.time_zone.as_deref()).await?;
    }
    let now = tx.now();
    after.updated_at = now;
    if after.status == MemberStatus::Active {
        after.joined_at = after.joined_at.or(Some(now));
        after.removed_at = None;
    }
    replace(tx, scope, &before, after).await
}

/// Removes a person; what was learned stays on record.
///
/// # Errors
/// `not_found`, also for somebody removed before; `ability_missing` for a role above the caller; `conflict` for the
/// last owner.
pub async fn remove(tx: &mut TenantTx, scope: &Scope, key: &Key<id::User>) -> Result<()> {
    let before = get_for_change(tx, key).await?;
    if before.status == MemberStatus::Removed {
        return Err(Error::not_found("member"));
    }
    let now = tx.now();
    let after = Member { status: MemberStatus::Removed, removed_at: Some(now), updated_at: now, ..before.clone() };
    replace(tx, scope, &before, after).await?;
    Ok(())
}

/// Adds to what sticks whatever is not as it was.
fn stick(before: &Member, after: &mut Member) {
    use StickyField as S;
    let touched = [
        (S::Name, after.name != before.name),
        (S::FirstName, after.first_name != before.first_name),
        (S::LastName, after.last_name != before.last_name),
        (S::Email, after.email != before.email),
        (S::ExternalId, after.external_id != before.external_id),
        (S::Role, after.role != before.role),
        (S::Locale, after.locale != before.locale),
        (S::TimeZone, after.time_zone != before.time_zone),
    ];
    for (field, _) in touched.into_iter().filter(|(_, touched)| *touched) {
        if !after.sticky.contains(&field) {
            after.sticky.push(field);
        }
    }
}

/// Writes what became of somebody, with all that follows from it.
pub(super) async fn replace(tx: &mut TenantTx, scope: &Scope, before: &Member, mut after: Member) -> Result<Member> {
    may_grant(scope, before.role)?;
    may_grant(scope, after.role)?;
    if is_owner(before) && !is_owner(&after) {
        leave_an_owner(tx, &[before.id]).await?;
    }
    if takes_a_seat(after.status) && !takes_a_seat(before.status) {
        take_seats(tx, 1).await?;
    }
    after.revision = write(tx, &after).await?;
    if after.status != before.status && after.status != MemberStatus::Active {
        tokens::end_sessions(tx, after.id, None).await?;
    }
    announce::changed(tx, before, &after);
    Ok(after)
}

async fn write(tx: &mut TenantTx, after: &Member) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Revised {
        #[diesel(sql_type = Integer)]
        revision: i32,
    }
    let tenant = tx.tenant();
    let row: Revised = sql(UPDATE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(after.id)
        .bind::<Nullable<Text>, _>(&after.external_id)
        .bind::<Text, _>(&after.email)
        .bind::<Text, _>(email_key(&after.email))
        .bind::<Text, _>(&after.name)
        .bind::<Text, _>(&after.first_name)
        .bind::<Text, _>(&after.last_name)
        .bind::<Nullable<Text>, _>(&after.locale)
        .bind::<Nullable<Text>, _>(&after.time_zone)
        .bind::<Timestamptz, _>(after.updated_at)
        .bind::<Text, _>(after.role.as_str())
        .bind::<Text, _>(after.status.as_str())
        .bind::<Array<Text>, _>(after.sticky.iter().map(|field| field.as_str()).collect::<Vec<_>>())
        .bind::<Nullable<Timestamptz>, _>(after.joined_at)
        .bind::<Nullable<Timestamptz>, _>(after.removed_at)
        .get_result(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(row.revision)
}
