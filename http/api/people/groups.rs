//! Groups of people, who are put on courses together.

use stoa_core::{
    Ability, Code, Error, Result,
    groups::{self, GroupChange, MEMBERS_MAX, NewGroup},
    members::{self, Member, MemberStatus},
};

use super::{
    group_views::{GroupView, NewMembers, OneGroup, OneOfGroup},
    listing::{PartOfGroup, People},
};
use crate::{
    doors::{Call, Created, Data, Done, Door, Listed, NoPath, NoQuery},
    page::Paging,
    waves,
};

pub(super) const TAG: &str = "Groups";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/groups", list).needs(Ability::MembersRead).named(
            "listGroups",
            TAG,
            "Lists groups, the oldest first",
        ),
        Door::post("/api/groups", create)
            .needs(Ability::MembersWrite)
            .named("createGroup", TAG, "Makes a group, with nobody in it")
            .errors(&[Code::Conflict]),
        Door::get("/api/groups/{group}", show).needs(Ability::MembersRead).named("getGroup", TAG, "Answers a group"),
        Door::patch("/api/groups/{group}", change)
            .needs(Ability::MembersWrite)
            .named("changeGroup", TAG, "Changes a group")
            .errors(&[Code::Conflict]),
        Door::delete("/api/groups/{group}", remove).needs(Ability::MembersWrite).named(
            "deleteGroup",
            TAG,
            "Deletes a group; its members leave the courses that nothing else gives them",
        ),
        Door::get("/api/groups/{group}/members", list_members).needs(Ability::MembersRead).named(
            "listMembersOfGroup",
            TAG,
            "Lists who is in a group",
        ),
        Door::post("/api/groups/{group}/members", add_members)
            .needs(Ability::MembersWrite)
            .named("addMembersToGroup", TAG, "Puts people into a group, and so on the courses that it is on")
            .errors(&[Code::Conflict]),
        Door::put("/api/groups/{group}/members/{user}", put_member)
            .needs(Ability::MembersWrite)
            .named("putMemberIntoGroup", TAG, "Puts a person into a group, and so on the courses that it is on")
            .errors(&[Code::Conflict]),
        Door::delete("/api/groups/{group}/members/{user}", remove_member).needs(Ability::MembersWrite).named(
            "takeMemberOutOfGroup",
            TAG,
            "Takes a person out of a group, and off the courses that nothing else gives him",
        ),
    ]
}

async fn list(call: Call<NoPath, Paging>) -> Result<Listed<GroupView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let page = groups::list(&mut tx, call.query.asked()).await?;
    Ok(Listed(page.map(GroupView::of)))
}

async fn create(call: Call<NoPath, NoQuery, NewGroup>) -> Result<Created<GroupView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let group = groups::create(&mut tx, &call.scope, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/groups/{}", group.id), GroupView::of(group)))
}

async fn show(call: Call<OneGroup>) -> Result<Data<GroupView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(GroupView::of(groups::get(&mut tx, &call.path.group).await?)))
}

async fn change(call: Call<OneGroup, NoQuery, GroupChange>) -> Result<Data<GroupView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let group = groups::change(&mut tx, &call.path.group, call.body).await?;
    tx.commit().await?;
    Ok(Data(GroupView::of(group)))
}

async fn remove(call: Call<OneGroup>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let courses = groups::remove(&mut tx, &call.path.group).await?;
    waves::sweep(&mut tx, &call.scope, courses).await?;
    tx.commit().await?;
    waves::wake(&call.app);
    Ok(Done)
}

async fn list_members(call: Call<OneGroup, PartOfGroup>) -> Result<People> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let group = groups::get(&mut tx, &call.path.group).await?;
    call.query.list(&mut tx, group.id).await
}

async fn add_members(call: Call<OneGroup, NoQuery, NewMembers>) -> Result<Done> {
    let keys = call.body.users;
    if keys.is_empty() || keys.len() > MEMBERS_MAX {
        return Err(Error::invalid_field("/users", "length", format!("wanted 1 to {MEMBERS_MAX} people")));
    }
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let group = groups::get(&mut tx, &call.path.group).await?;
    let named: Vec<_> = keys.into_iter().enumerate().map(|(at, key)| (format!("/users/{at}"), key)).collect();
    let mut people = members::resolve(&mut tx, &named).await?;
    if let Some(at) = people.iter().position(|member| member.status == MemberStatus::Removed) {
        return Err(Error::invalid_field(format!("/users/{at}"), "not_found", "no such member"));
    }
    people.sort_by_key(|member| member.id);
    people.dedup_by_key(|member| member.id);
    groups::add_members(&mut tx, &call.scope, &group, people).await?;
    tx.commit().await?;
    Ok(Done)
}

async fn put_member(call: Call<OneOfGroup>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let group = groups::get(&mut tx, &call.path.group).await?;
    let member = members::get(&mut tx, &call.path.user).await?;
    let present = Some(member).filter(|member: &Member| member.status != MemberStatus::Removed);
    let member = present.ok_or_else(|| Error::not_found("member"))?;
    groups::add_members(&mut tx, &call.scope, &group, vec![member]).await?;
    tx.commit().await?;
    Ok(Done)
}

async fn remove_member(call: Call<OneOfGroup>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let group = groups::get(&mut tx, &call.path.group).await?;
    let member = members::get(&mut tx, &call.path.user).await?;
    if !groups::remove_member(&mut tx, &group, member.id).await? {
        return Err(Error::not_found("member of the group"));
    }
    tx.commit().await?;
    Ok(Done)
}
