//! People of the caller's institution.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Key, Result, Role,
    id::{self, User},
    institutions,
    members::{self, Member, MemberChange, MemberFilter, MemberStatus, NewMember},
    time::Timestamp,
};

use crate::http::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, Listed, NoQuery, Sample, sample},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Members";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/institutions/{id}/members", list).needs(Ability::MembersRead).named(
            "listMembers",
            TAG,
            "Lists the people of the institution, the longest there first, or by change with `updated_since`",
        ),
        Door::post("/api/institutions/{id}/members", add)
            .needs(Ability::MembersWrite)
            .named("addMember", TAG, "Adds a person; nobody hands out a role that may do more than himself")
            .errors(&[Code::Conflict]),
        Door::get("/api/institutions/{id}/members/{user}", show).needs(Ability::MembersRead).named(
            "getMember",
            TAG,
            "Shows a person, also one who has left",
        ),
        Door::patch("/api/institutions/{id}/members/{user}", change)
            .needs(Ability::MembersWrite)
            .named("changeMember", TAG, "Changes a person's fields, role or status")
            .errors(&[Code::Conflict]),
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

/// Which people.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Part of the name, the address or the external id, in any case.
    #[serde(default)]
    q: Option<String>,
    /// Of this role.
    #[serde(default)]
    role: Option<Role>,
    /// Of this status; all but those who have left, if left out.
    #[serde(default)]
    status: Option<MemberStatus>,
    /// Changed then or later, those who have left among them.
    #[serde(default)]
    updated_since: Option<Timestamp>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
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
    /// When the person joined.
    joined_at: DateTime<Utc>,
    /// When anything of it last changed.
    updated_at: DateTime<Utc>,
}

impl MemberView {
    pub(super) fn of(member: Member) -> Self {
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
            joined_at: member.joined_at,
            updated_at: member.updated_at,
        }
    }
}

async fn list(call: Call<OneInstitution, Listing>) -> Result<Listed<MemberView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let Listing { q, role, status, updated_since, page, per_page } = call.query;
    let filter = MemberFilter { q, role, status, updated_since: updated_since.map(Timestamp::utc) };
    Ok(Listed(members::list(&mut tx, &filter, asked(page, per_page)).await?.map(MemberView::of)))
}

async fn add(call: Call<OneInstitution, NoQuery, NewMember>) -> Result<Created<MemberView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let institution = institutions::own(&mut tx, &call.path.id).await?;
    let member = members::add(&mut tx, &call.scope, call.body).await?;
    tx.commit().await?;
    let path = format!("/api/institutions/{}/members/{}", institution.tenant_id, member.id);
    Ok(Created::at(path, MemberView::of(member)))
}

async fn show(call: Call<OneMember>) -> Result<Data<MemberView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    Ok(Data(MemberView::of(members::get(&mut tx, &call.path.user).await?)))
}

async fn change(call: Call<OneMember, NoQuery, MemberChange>) -> Result<Data<MemberView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let member = members::change(&mut tx, &call.scope, &call.path.user, call.body).await?;
    tx.commit().await?;
    Ok(Data(MemberView::of(member)))
}

async fn remove(call: Call<OneMember>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    members::remove(&mut tx, &call.scope, &call.path.user).await?;
    tx.commit().await?;
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
            joined_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}
