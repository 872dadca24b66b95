//! People of the caller's institution.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Key, Result, Role,
    id::{self, User},
    institutions,
    members::{self, ListedMember, MemberChange, MemberStatus, NewMember, ProvisionedBy, Seat, StickyField},
};

use super::listing::{Listing, People};
use crate::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, NoQuery, Sample, sample},
};

pub(super) const TAG: &str = "Members";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/institutions/{id}/members", list).needs(Ability::MembersRead).named(
            "listMembers",
            TAG,
            "Lists and searches the people of the institution; with `updated_since` what changed, those who have left among it",
        ),
        Door::post("/api/institutions/{id}/members", add)
            .needs(Ability::MembersWrite)
            .named("addMember", TAG, "Adds a person; nobody hands out a role that may do more than himself")
            .errors(&[Code::Conflict, Code::SeatsExceeded]),
        Door::get("/api/institutions/{id}/members/{user}", show).needs(Ability::MembersRead).named(
            "getMember",
            TAG,
            "Shows a person, also one who has left",
        ),
        Door::patch("/api/institutions/{id}/members/{user}", change)
            .needs(Ability::MembersWrite)
            .named("changeMember", TAG, "Changes a person's fields, role or status; what a person changes, files of people leave from then on")
            .errors(&[Code::Conflict, Code::SeatsExceeded]),
        Door::delete("/api/institutions/{id}/members/{user}", remove)
            .needs(Ability::MembersWrite)
            .named("removeMember", TAG, "Removes a person; what was learned stays on record")
            .errors(&[Code::Conflict]),
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
    user: Key<User>,
}

impl Body for NewMember {
    fn example() -> Value {
        json!({
            "email": "olga@school.example", "name": "Ольга Иванова", "role": "learner", "external_id": "s-1815",
            "locale": "ru", "time_zone": "Europe/Berlin",
        })
    }
}

impl Body for MemberChange {
    fn example() -> Value {
        json!({ "name": "Ольга Петрова", "role": "learner", "status": "active", "locale": null })
    }
}

/// A person in an institution.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Member")]
pub(super) struct MemberView {
    /// Id of the person.
    id: Id<User>,
    /// The same, by the name that other lists use.
    user_id: Id<User>,
    /// Integer id.
    number: i64,
    /// The institution's own key.
    external_id: Option<String>,
    /// Address as it was given.
    email: String,
    /// Whole name.
    name: String,
    /// Given name.
    first_name: String,
    /// Family name, possibly empty.
    last_name: String,
    /// Role.
    role: Role,
    /// Where the membership is in its life.
    status: MemberStatus,
    /// Language tag; null means the institution's.
    locale: Option<String>,
    /// IANA zone; null means the institution's.
    time_zone: Option<String>,
    /// By which way the person came.
    provisioned_by: ProvisionedBy,
    /// When the person was first asked to join; null for those who were never asked.
    invited_at: Option<DateTime<Utc>>,
    /// When the person first became active; null for one who has not yet.
    joined_at: Option<DateTime<Utc>>,
    /// When the person left; null for one who is there.
    removed_at: Option<DateTime<Utc>>,
    /// The person's groups, the oldest first; of somebody who sees his own groups alone, those.
    groups: Vec<GroupOfMember>,
    /// What the person does with a seat; null for one who takes none.
    seat: Option<Seat>,
    /// Last time that the person learned something; null for never. Signing in is not learning.
    last_active_at: Option<DateTime<Utc>>,
    /// Whether letters are sent to the address.
    email_status: EmailStatus,
    /// Fields edited by hand, which files of people leave as they are.
    sticky: Vec<StickyField>,
    /// When anything of it last changed.
    updated_at: DateTime<Utc>,
}

/// Whether letters are sent to an address.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum EmailStatus {
    /// They are.
    Ok,
    /// They came back for good, and none are sent until an admin says so (`/api/letters/{letter}/readmit`).
    Suspended,
}

impl EmailStatus {
    const fn of(suspended_at: Option<DateTime<Utc>>) -> Self {
        if suspended_at.is_some() { Self::Suspended } else { Self::Ok }
    }
}

/// A group that a person is in.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GroupOfMember")]
struct GroupOfMember {
    /// Id.
    id: Id<id::Group>,
    /// Shown to people.
    name: String,
}

impl MemberView {
    pub(super) fn of(listed: ListedMember) -> Self {
        let ListedMember { member, group_ids, group_names, last_active_at, email_suspended_at, .. } = listed;
        let groups = group_ids.into_iter().zip(group_names).map(|(id, name)| GroupOfMember { id, name });
        Self {
            id: member.id,
            user_id: member.id,
            number: member.number,
            external_id: member.external_id,
            email: member.email,
            name: member.name,
            first_name: member.first_name,
            last_name: member.last_name,
            role: member.role,
            status: member.status,
            locale: member.locale,
            time_zone: member.time_zone,
            provisioned_by: member.provisioned_by,
            invited_at: member.invited_at,
            joined_at: member.joined_at,
            removed_at: member.removed_at,
            groups: groups.collect(),
            seat: Seat::of(member.status),
            last_active_at,
            email_status: EmailStatus::of(email_suspended_at),
            sticky: member.sticky,
            updated_at: member.updated_at,
        }
    }
}

async fn list(call: Call<OneInstitution, Listing>) -> Result<People> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    call.query.list(&mut tx).await
}

async fn add(call: Call<OneInstitution, NoQuery, NewMember>) -> Result<Created<MemberView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let institution = institutions::own(&mut tx, &call.path.id).await?;
    let id = members::add(&mut tx, &call.scope, call.body).await?.id;
    let member = members::get_listed(&mut tx, &Key::Id(id)).await?;
    tx.commit().await?;
    let path = format!("/api/institutions/{}/members/{id}", institution.tenant_id);
    Ok(Created::at(path, MemberView::of(member)))
}

async fn show(call: Call<OneMember>) -> Result<Data<MemberView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    Ok(Data(MemberView::of(members::get_listed(&mut tx, &call.path.user).await?)))
}

async fn change(call: Call<OneMember, NoQuery, MemberChange>) -> Result<Data<MemberView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let id = members::change(&mut tx, &call.scope, &call.path.user, call.body).await?.id;
    let member = members::get_listed(&mut tx, &Key::Id(id)).await?;
    tx.commit().await?;
    call.app.tokens.forget_all(call.scope.tenant);
    Ok(Data(MemberView::of(member)))
}

async fn remove(call: Call<OneMember>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    members::remove(&mut tx, &call.scope, &call.path.user).await?;
    tx.commit().await?;
    // The other nodes ask anew by themselves, within half a second.
    call.app.tokens.forget_all(call.scope.tenant);
    Ok(Done)
}

impl Sample for MemberView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            user_id: sample::id(),
            number: 42,
            external_id: Some("s-1815".into()),
            email: "olga@school.example".into(),
            name: "Ольга Иванова".into(),
            first_name: "Ольга".into(),
            last_name: "Иванова".into(),
            role: Role::Learner,
            status: MemberStatus::Active,
            locale: Some("ru".into()),
            time_zone: Some("Europe/Berlin".into()),
            provisioned_by: ProvisionedBy::Csv,
            invited_at: None,
            joined_at: Some(sample::time()),
            removed_at: None,
            groups: vec![GroupOfMember { id: sample::id(), name: "Spring 2026".into() }],
            seat: Some(Seat::InUse),
            last_active_at: Some(sample::time()),
            email_status: EmailStatus::Ok,
            sticky: vec![StickyField::Name],
            updated_at: sample::time(),
        }
    }
}
