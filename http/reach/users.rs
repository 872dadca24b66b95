//! `/users`: the people of the institution.
//!
//! # Source
//! access.articulate.com, "Reach 360: Users API".

use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Ability, Code, Key, Result, groups,
    members::{self, Member, MemberStatus},
    progress,
};
use stoa_protocols::{
    event::{EventType, UserFacts, sample},
    webhook::dialects::reach360::objects::{Links, User},
};

use super::{
    groups::GroupView,
    keys::{self, OneUser},
    listing::{Cursor, Limit, List, NoHead, One, Shown},
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
        Door::get("/users", list).needs(Ability::MembersRead).named(
            "reachListUsers",
            TAG,
            "Lists users, the oldest first, or the one with an e-mail address",
        ),
        Door::get("/users/{userId}", show)
            .needs(Ability::MembersRead)
            .named("reachGetUser", TAG, "Answers a user")
            .errors(&[Code::UserNotFound]),
        Door::get("/users/{userId}/groups", list_groups)
            .needs(Ability::MembersRead)
            .named("reachListGroupsOfUser", TAG, "Lists the groups that a user is in")
            .errors(&[Code::UserNotFound]),
        Door::get("/users/{userId}/favorites", list_favorites)
            .needs(Ability::MembersRead)
            .named("reachListFavoritesOfUser", TAG, "Lists the courses that a user has marked: none, for nobody can")
            .errors(&[Code::UserNotFound]),
    ]
}

/// Which users.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Most users of the page.
    #[serde(default)]
    limit: Limit,
    /// The one with this address, whatever its case.
    #[serde(default)]
    email: Option<String>,
    /// Where the page begins; stands in `nextUrl`.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of a list that takes no filter.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Paging {
    /// Most rows of the page.
    #[serde(default)]
    pub(super) limit: Limit,
    /// Where the page begins; stands in `nextUrl`.
    #[serde(default)]
    pub(super) cursor: Option<String>,
}

/// A person with his latest activity.
#[derive(Debug)]
pub(super) struct UserView {
    facts: Arc<UserFacts>,
    id: uuid::Uuid,
    last_active_at: Option<DateTime<Utc>>,
}

impl UserView {
    /// Finds the latest activity of each.
    pub(super) async fn of(tx: &mut stoa_core::db::TenantTx, members: &[Member]) -> Result<Vec<Self>> {
        let ids: Vec<_> = members.iter().map(|member| member.id).collect();
        let active = progress::last_active(tx, &ids).await?;
        let view = |member: &Member| Self {
            facts: member.facts(),
            id: member.id.uuid(),
            last_active_at: active.get(&member.id).copied(),
        };
        Ok(members.iter().map(view).collect())
    }

    /// What the list is sorted by.
    pub(super) const fn place(&self) -> uuid::Uuid {
        self.id
    }
}

impl Shown for UserView {
    const PLURAL: &'static str = "users";
    type Object<'a> = User<'a>;

    fn show<'a>(&'a self, links: Links<'_>) -> User<'a> {
        let user = User::new(&self.facts, links);
        match self.last_active_at {
            Some(at) => user.active_at(at),
            None => user,
        }
    }

    fn sample() -> Self {
        let event = sample(EventType::UserCreated);
        let facts = event.data.user.clone().unwrap_or_else(|| unreachable!("its sample has a user"));
        Self { facts, id: uuid::Uuid::nil(), last_active_at: Some(event.occurred_at) }
    }
}

async fn list(call: Call<NoPath, Listing, NoBody, Client>) -> Result<List<UserView>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, "users");
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let found = match call.query.email {
        None => members::list_after(&mut tx, (after, limit + 1)).await?,
        Some(email) => {
            let found = members::find(&mut tx, &Key::Word(email)).await?;
            found.filter(|member| member.status != MemberStatus::Removed && after.is_none()).into_iter().collect()
        }
    };
    cursor.page(UserView::of(&mut tx, &found).await?, (NoHead, limit), UserView::place)
}

async fn show(call: Call<OneUser, NoQuery, NoBody, Client>) -> Result<One<UserView>> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let user = keys::user(&mut tx, &call.path.user_id).await?;
    let mut views = UserView::of(&mut tx, &[user]).await?;
    views.pop().map(One).ok_or_else(|| stoa_core::Error::new(Code::UserNotFound, "no such user"))
}

async fn list_groups(call: Call<OneUser, Paging, NoBody, Client>) -> Result<List<GroupView>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let user = keys::user(&mut tx, &call.path.user_id).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, &format!("users/{}/groups", user.id));
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let found = groups::of_member(&mut tx, user.id, (after, limit + 1)).await?;
    cursor.page(found.iter().map(GroupView::of).collect(), (NoHead, limit), GroupView::place)
}

/// Nobody marks courses here, so the list is empty, and honest.
async fn list_favorites(call: Call<OneUser, Paging, NoBody, Client>) -> Result<List<super::courses::CourseView>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let user = keys::user(&mut tx, &call.path.user_id).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, &format!("users/{}/favorites", user.id));
    cursor.read(call.query.cursor.as_deref())?;
    Ok(List { head: NoHead, rows: Vec::new(), next: None })
}
