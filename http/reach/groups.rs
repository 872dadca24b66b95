//! `/groups`: who is put on courses together.
//!
//! # Source
//! The group of mindcloud-inc/universal-api-reference and nimit2801/mcp-articulate-reach360, with its filter `name`;
//! the word `everyone` of access.articulate.com, "Reach 360: Course Enrollments API".

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Ability, Code, Result,
    groups::{self, Group},
    members,
};
use stoa_protocols::{
    event::{EventType, GroupFacts, sample},
    webhook::dialects::reach360::objects::{self, Links},
};

use super::{
    keys::{self, OneGroup},
    listing::{Cursor, Limit, List, NoHead, One, Shown},
    users::{Paging, UserView},
    version::Client,
};
use crate::{
    body::NoBody,
    doors::{Call, Door, NoPath, NoQuery},
};

const TAG: &str = "Reach 360";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/groups", list).needs(Ability::MembersRead).named(
            "reachListGroups",
            TAG,
            "Lists groups, the oldest first, or those of a name",
        ),
        Door::get("/groups/{groupId}", show)
            .needs(Ability::MembersRead)
            .named("reachGetGroup", TAG, "Answers a group; `everyone` is the whole institution")
            .errors(&[Code::GroupNotFound]),
        Door::get("/groups/{groupId}/users", list_users)
            .needs(Ability::MembersRead)
            .named("reachListUsersOfGroup", TAG, "Lists who is in a group")
            .errors(&[Code::GroupNotFound]),
    ]
}

/// Which groups.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Most groups of the page.
    #[serde(default)]
    limit: Limit,
    /// Those of exactly this name.
    #[serde(default)]
    name: Option<String>,
    /// Where the page begins; stands in `nextUrl`.
    #[serde(default)]
    cursor: Option<String>,
}

/// A group.
#[derive(Debug)]
pub(super) struct GroupView {
    facts: Arc<GroupFacts>,
    id: uuid::Uuid,
}

impl GroupView {
    pub(super) fn of(group: &Group) -> Self {
        Self { facts: group.facts(), id: group.id.uuid() }
    }

    /// What the list is sorted by.
    pub(super) const fn place(&self) -> uuid::Uuid {
        self.id
    }
}

impl Shown for GroupView {
    const PLURAL: &'static str = "groups";
    type Object<'a> = objects::Group<'a>;

    fn show<'a>(&'a self, links: Links<'_>) -> objects::Group<'a> {
        objects::Group::new(&self.facts, links)
    }

    fn sample() -> Self {
        let event = sample(EventType::EnrollmentsCreated);
        let facts = event.data.groups.first().cloned();
        let facts = facts.unwrap_or_else(|| unreachable!("its sample has a group"));
        Self { facts, id: uuid::Uuid::nil() }
    }
}

async fn list(call: Call<NoPath, Listing, NoBody, Client>) -> Result<List<GroupView>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, "groups");
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let found = groups::list_after(&mut tx, call.query.name.as_deref(), (after, limit + 1)).await?;
    cursor.page(found.iter().map(GroupView::of).collect(), (NoHead, limit), GroupView::place)
}

async fn show(call: Call<OneGroup, NoQuery, NoBody, Client>) -> Result<One<GroupView>> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    Ok(One(GroupView::of(&keys::group(&mut tx, &call.path.group_id).await?)))
}

async fn list_users(call: Call<OneGroup, Paging, NoBody, Client>) -> Result<List<UserView>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let group = keys::group(&mut tx, &call.path.group_id).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, &format!("groups/{}/users", group.facts().id));
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let found = if group.everyone {
        members::list_after(&mut tx, (after, limit + 1)).await?
    } else {
        groups::members_after(&mut tx, group.id, (after, limit + 1)).await?
    };
    cursor.page(UserView::of(&mut tx, &found).await?, (NoHead, limit), UserView::place)
}
