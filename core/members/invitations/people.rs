//! Who is asked: somebody new, somebody who left, or somebody who was asked before.

use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::NewInvitation;
use crate::{
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
    key::Key,
    members::{
        self, Coming, Member, MemberStatus, NewMember, announce, change, commands, may_grant, queries,
        seats::take_seats_of_invited,
    },
    scope::{Role, Scope},
};

/// Whoever left comes back as what he is asked to be; when he first joined stays on record.
const ASK: &str = "WITH person AS (
  UPDATE users SET name = $4, first_name = $5, last_name = $6, locale = $7, updated_at = $8
  WHERE tenant_id = $1 AND id = $2
)
UPDATE memberships SET status = 'invited', role = $3, provisioned_by = 'invitation', invited_at = coalesce(invited_at, $8),
    removed_at = NULL, revision = revision + 1, updated_at = $8 WHERE tenant_id = $1 AND user_id = $2";

/// Makes whoever is to be asked an invited member, or says why nobody may be asked.
pub(super) async fn called(tx: &mut TenantTx, scope: &Scope, new: &NewInvitation) -> Result<Member> {
    let found = found(tx, &new.email).await?;
    let role = new.role.unwrap_or(Role::Learner);
    match found {
        None => newcomer(tx, scope, new, role).await,
        Some(member) => match member.status {
            MemberStatus::Active => Err(Error::new(
                Code::AlreadyMember,
                "somebody with this address is a member of the institution already",
            )),
            MemberStatus::Deactivated => Err(Error::new(
                Code::Conflict,
                "somebody with this address is deactivated; make the membership active instead",
            )),
            MemberStatus::Removed => {
                take_seats_of_invited(tx, 1).await?;
                again(tx, (member, new), role).await
            }
            MemberStatus::Invited => {
                may_grant(scope, member.role)?;
                let role = new.role.unwrap_or(member.role);
                again(tx, (member, new), role).await
            }
        },
    }
}

/// Lets somebody go who never came.
pub(super) async fn let_go(tx: &mut TenantTx, person: Id<id::User>) -> Result<()> {
    let (scope, now) = (Scope::house(tx.tenant()), tx.now());
    let before = queries::get_for_change(tx, &Key::Id(person)).await?;
    if before.status == MemberStatus::Invited {
        let after = Member { status: MemberStatus::Removed, removed_at: Some(now), updated_at: now, ..before.clone() };
        change::replace(tx, &scope, &before, after).await?;
    }
    Ok(())
}

/// Makes somebody active who came.
pub(super) async fn let_in(tx: &mut TenantTx, person: Id<id::User>, name: Option<String>) -> Result<Member> {
    let (scope, now) = (Scope::house(tx.tenant()), tx.now());
    let before = queries::get_for_change(tx, &Key::Id(person)).await?;
    let mut after = before.clone();
    if let Some(name) = name {
        call(&mut after, name);
    }
    (after.status, after.updated_at) = (MemberStatus::Active, now);
    after.joined_at = after.joined_at.or(Some(now));
    change::replace(tx, &scope, &before, after).await
}

fn call(member: &mut Member, name: String) {
    let (first, last) = members::split_name(&name);
    (member.first_name, member.last_name) = (first.to_owned(), last.to_owned());
    member.name = name;
}

async fn found(tx: &mut TenantTx, email: &str) -> Result<Option<Member>> {
    match queries::get_for_change(tx, &Key::Word(email.to_owned())).await {
        Ok(member) => Ok(Some(member)),
        Err(error) if error.code() == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn newcomer(tx: &mut TenantTx, scope: &Scope, new: &NewInvitation, role: Role) -> Result<Member> {
    let before_at = new.email.split('@').next().unwrap_or_default().to_owned();
    let person = NewMember {
        email: new.email.clone(),
        name: Some(new.name.clone().unwrap_or(before_at)),
        role: Some(role),
        locale: new.locale.clone(),
        ..NewMember::default()
    };
    take_seats_of_invited(tx, 1).await?;
    let (tenant, id, now) = (tx.tenant(), tx.new_id(), tx.now());
    let member = members::insert(tx.connection(), tenant, id, (person.checked()?, Coming::INVITED, now)).await?;
    commands::arrived(tx, scope, &member).await?;
    Ok(member)
}

async fn again(tx: &mut TenantTx, (before, new): (Member, &NewInvitation), role: Role) -> Result<Member> {
    let mut after = Member { role, status: MemberStatus::Invited, ..before.clone() };
    if let Some(name) = new.name.clone() {
        call(&mut after, name);
    }
    after.locale = new.locale.clone().or(after.locale);
    if after == before {
        return Ok(before);
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(ASK)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(before.id)
        .bind::<Text, _>(role.as_str())
        .bind::<Text, _>(&after.name)
        .bind::<Text, _>(&after.first_name)
        .bind::<Text, _>(&after.last_name)
        .bind::<Nullable<Text>, _>(after.locale.as_deref())
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let after = members::get(tx, &Key::Id(before.id)).await?;
    announce::changed(tx, &before, &after);
    Ok(after)
}
