//! Inviting people, and what became of it.
//!
//! Not here: joining by an invitation (`account::joining`).

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Key, Result, Role, id, institutions,
    members::invitations::{self, Invitation, InvitationFilter, InvitationStatus, Inviting, NewInvitation, Sent},
};
use stoa_jobs::{Queue, mail::promise_invitations};

use crate::{
    App,
    body::Body,
    doors::{Call, Created, Data, Done, Door, Listed, NoQuery, Sample, sample},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Invitations";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/institutions/{id}/invitations", list).needs(Ability::MembersRead).named(
            "listInvitations",
            TAG,
            "Lists invitations and what became of each, the newest first",
        ),
        Door::post("/api/institutions/{id}/invitations", invite)
            .needs(Ability::MembersWrite)
            .named("inviteMember", TAG, "Asks somebody to join by a letter; whoever was asked before gets another one")
            .errors(&[Code::AlreadyMember, Code::Conflict, Code::SeatsExceeded, Code::RateLimited]),
        Door::get("/api/institutions/{id}/invitations/{invitation}", show).needs(Ability::MembersRead).named(
            "getInvitation",
            TAG,
            "Shows an invitation and what became of it",
        ),
        Door::post("/api/institutions/{id}/invitations/{invitation}/resend", resend)
            .needs(Ability::MembersWrite)
            .named("resendInvitation", TAG, "Sends another letter; the link of the one before is dead")
            .errors(&[Code::InvitationAccepted, Code::InvitationRevoked, Code::RateLimited]),
        Door::delete("/api/institutions/{id}/invitations/{invitation}", revoke)
            .needs(Ability::MembersWrite)
            .named("revokeInvitation", TAG, "Takes an invitation back and frees its seat; its link is dead")
            .errors(&[Code::InvitationAccepted]),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id of the caller's institution, its number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInvitation {
    /// Id of the caller's institution, its number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
    /// Id of the invitation.
    invitation: Id<id::Invitation>,
}

/// Which invitations.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Of this status; all, if left out.
    #[serde(default)]
    status: Option<InvitationStatus>,
    /// To this address, in any case.
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

impl Body for NewInvitation {
    fn example() -> Value {
        json!({ "email": "olga@school.example", "name": "Ольга Иванова", "role": "learner", "locale": "ru" })
    }
}

/// An invitation. Its token is in the letter alone.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Invitation")]
struct InvitationView {
    /// Id.
    id: Id<id::Invitation>,
    /// Who was asked.
    user_id: Id<id::User>,
    /// Address of the letter.
    email: String,
    /// Whole name, as far as it is known.
    name: String,
    /// The role to come.
    role: Role,
    /// Language tag; null means the institution's.
    locale: Option<String>,
    /// What became of it.
    status: InvitationStatus,
    /// Who asked last; null where it was no person.
    invited_by: Option<Id<id::User>>,
    /// When the person was first asked by it.
    created_at: DateTime<Utc>,
    /// Letters that were promised.
    sends: i32,
    /// When the newest letter left; null while it has not, or where the mail server refused it.
    sent_at: Option<DateTime<Utc>>,
    /// When the newest link stops working.
    expires_at: DateTime<Utc>,
    /// When the person joined by it.
    accepted_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    revoked_at: Option<DateTime<Utc>>,
}

impl InvitationView {
    fn of(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            user_id: invitation.user,
            email: invitation.email,
            name: invitation.name,
            role: invitation.role,
            locale: invitation.locale,
            status: invitation.status,
            invited_by: invitation.invited_by,
            created_at: invitation.created_at,
            sends: invitation.sends,
            sent_at: invitation.sent_at,
            expires_at: invitation.expires_at,
            accepted_at: invitation.accepted_at,
            revoked_at: invitation.revoked_at,
        }
    }
}

impl Sample for InvitationView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            user_id: sample::id(),
            email: "olga@school.example".into(),
            name: "Ольга Иванова".into(),
            role: Role::Learner,
            locale: Some("ru".into()),
            status: InvitationStatus::Pending,
            invited_by: Some(sample::id()),
            created_at: sample::time(),
            sends: 1,
            sent_at: Some(sample::time()),
            expires_at: sample::time(),
            accepted_at: None,
            revoked_at: None,
        }
    }
}

async fn list(call: Call<OneInstitution, Listing>) -> Result<Listed<InvitationView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let Listing { status, email, page, per_page } = call.query;
    let filter = InvitationFilter { status, email };
    Ok(Listed(invitations::list(&mut tx, &filter, asked(page, per_page)).await?.map(InvitationView::of)))
}

async fn invite(call: Call<OneInstitution, NoQuery, NewInvitation>) -> Result<Created<InvitationView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let institution = institutions::own(&mut tx, &call.path.id).await?;
    let inviting = inviting(&call.app, call.scope.person());
    let (invitation, sent) = invitations::invite(&mut tx, &call.scope, inviting, call.body).await?;
    promise(&call.app, tx, sent).await?;
    let path = format!("/api/institutions/{}/invitations/{}", institution.tenant_id, invitation.id);
    Ok(Created::at(path, InvitationView::of(invitation)))
}

async fn show(call: Call<OneInvitation>) -> Result<Data<InvitationView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    Ok(Data(InvitationView::of(invitations::get(&mut tx, call.path.invitation).await?)))
}

async fn resend(call: Call<OneInvitation>) -> Result<Data<InvitationView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let inviting = inviting(&call.app, call.scope.person());
    let (invitation, sent) = invitations::resend(&mut tx, &call.scope, inviting, call.path.invitation).await?;
    promise(&call.app, tx, sent).await?;
    Ok(Data(InvitationView::of(invitation)))
}

async fn revoke(call: Call<OneInvitation>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    invitations::revoke(&mut tx, &call.scope, call.path.invitation).await?;
    tx.commit().await?;
    Ok(Done)
}

/// What invitations of this server are made with.
pub(crate) fn inviting(app: &App, by: Option<Id<id::User>>) -> Inviting<'_> {
    Inviting { sealer: &app.sealer, rules: app.settings.accounts.invitations, by }
}

async fn promise(app: &App, mut tx: stoa_core::db::TenantTx, sent: Sent) -> Result<()> {
    let tenant = tx.tenant();
    promise_invitations(&mut tx, tenant, &[sent]).await?;
    tx.commit().await?;
    app.road.wakes.wake(Queue::Mail);
    Ok(())
}
