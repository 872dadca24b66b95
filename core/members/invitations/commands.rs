//! What may be done with invitations by those who invite.

use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{
    GROUPS_MAX, Invitation, InvitationStatus, Inviting, NewInvitation, Sent, people,
    queries::{get, get_for_change},
    write,
};
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    fields::Fields,
    groups,
    id::{self, Id},
    members::may_grant,
    scope::{Role, Scope},
};

const REVOKE: &str = "UPDATE invitations SET revoked_at = $3, secret = NULL
  WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL";

/// Asks somebody to join, anew where he was asked before. Answers the letter that is to be promised with it.
///
/// # Errors
/// `validation_failed`; `ability_missing` for a role above the caller; `already_member`; `conflict` for somebody who is
/// deactivated; `seats_exceeded`; `rate_limited` when the person got enough letters today.
pub async fn invite(
    tx: &mut TenantTx,
    scope: &Scope,
    inviting: Inviting<'_>,
    new: NewInvitation,
) -> Result<(Invitation, Sent)> {
    let new = checked(new)?;
    may_grant(scope, new.role.unwrap_or(Role::Learner))?;
    let groups = groups::resolve(tx, "/groups", &new.groups).await?;
    groups::admit(tx, scope, &groups).await?;
    groups::admit(tx, scope, &groups).await?;
    let member = people::called(tx, scope, &new).await?;
    let person = member.id;
    for group in &groups {
        groups::add_members(tx, scope, group, vec![member.clone()]).await?;
    }
    let (invitation, sent) = send(tx, inviting, person).await?;
    let into: Vec<_> = groups.iter().map(|group| group.id.to_string()).collect();
    let verb = if sent.sends == 1 { "invitation.created" } else { "invitation.resent" };
    tx.audit(Entry::of(verb, invitation.id).is(json!({
        "user_id": person, "email": invitation.email, "role": invitation.role, "groups": into,
        "expires_at": invitation.expires_at,
    })));
    Ok((invitation, sent))
}

/// Sends another letter for an invitation that is open or came to its end; the token of the one before is dead.
///
/// # Errors
/// `not_found`; `ability_missing` for a role above the caller; `invitation_accepted`, `invitation_revoked`;
/// `rate_limited` when the person got enough letters today.
pub async fn resend(
    tx: &mut TenantTx,
    scope: &Scope,
    inviting: Inviting<'_>,
    id: Id<id::Invitation>,
) -> Result<(Invitation, Sent)> {
    let before = get_for_change(tx, id).await?;
    may_grant(scope, before.role)?;
    match before.status {
        InvitationStatus::Pending | InvitationStatus::Expired => {}
        InvitationStatus::Accepted => return Err(accepted()),
        InvitationStatus::Revoked => {
            return Err(Error::new(Code::InvitationRevoked, "the invitation was taken back; make another"));
        }
    }
    let (after, sent) = send(tx, inviting, before.user).await?;
    let expiry = |invitation: &Invitation| json!({ "expires_at": invitation.expires_at });
    tx.audit(Entry::of("invitation.resent", id).was(expiry(&before)).is(expiry(&after)));
    Ok((after, sent))
}

/// Takes an invitation back. Whoever never came by it is let go; one that is taken back stays so.
///
/// # Errors
/// `not_found`; `ability_missing` for a role above the caller; `invitation_accepted`.
pub async fn revoke(tx: &mut TenantTx, scope: &Scope, id: Id<id::Invitation>) -> Result<()> {
    let before = get_for_change(tx, id).await?;
    may_grant(scope, before.role)?;
    if before.status == InvitationStatus::Accepted {
        return Err(accepted());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(REVOKE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    if statement.execute(tx.connection()).await.map_err(failed)? > 0 {
        people::let_go(tx, before.user).await?;
        let what = json!({ "user_id": before.user, "email": before.email, "role": before.role });
        tx.audit(Entry::of("invitation.revoked", id).was(what));
    }
    Ok(())
}

async fn send(tx: &mut TenantTx, inviting: Inviting<'_>, person: Id<id::User>) -> Result<(Invitation, Sent)> {
    let sent = write::invite_all(tx, inviting, &[person]).await?.pop().ok_or_else(|| enough(inviting))?;
    Ok((get(tx, sent.id).await?, sent))
}

fn checked(mut new: NewInvitation) -> Result<NewInvitation> {
    let mut fields = Fields::new();
    fields.email("/email", &mut new.email);
    fields.optional_name("/name", &mut new.name);
    if let Some(locale) = &mut new.locale {
        fields.language("/locale", locale);
    }
    if new.groups.len() > GROUPS_MAX {
        fields.fault("/groups", "length", format!("wanted at most {GROUPS_MAX}"));
    }
    fields.finish()?;
    Ok(new)
}

fn accepted() -> Error {
    Error::new(Code::InvitationAccepted, "the person has joined by this invitation already")
}

/// A day at most: exact times would tell nobody more.
fn enough(inviting: Inviting<'_>) -> Error {
    let most = inviting.rules.sends_per_day;
    Error::new(Code::RateLimited, format!("{most} letters a day are enough for one person; try again tomorrow"))
        .retry_after_secs(86_400)
}
