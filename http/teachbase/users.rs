//! People, for clients that turn the `user_id` of a statistic into a name.
//!
//! Not here: our own, fuller surface of the same (`http::api::members`).
//!
//! # Source
//! `alexleskov/tb-telegrambot-ruby`, which asks for `/users/{id}`.

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{Ability, Result, members, progress};

use super::{
    TAG,
    client::Client,
    reply::{Bare, TokenOnly},
    views::UserView,
};
use crate::{
    body::NoBody,
    doors::{Call, Door},
};

pub(super) fn doors() -> Vec<Door> {
    vec![Door::get("/endpoint/v1/users/{user_id}", show).needs(Ability::MembersRead).named(
        "getEndpointUser",
        TAG,
        "Shows a person",
    )]
}

/// A person, by the integer id.
#[derive(Debug, Deserialize, JsonSchema)]
struct OneUser {
    /// Integer id of the person.
    user_id: i64,
}

async fn show(call: Call<OneUser, TokenOnly, NoBody, Client>) -> Result<Bare<UserView>> {
    let mut tx = call.app.db.tenant(&call.scope.0).await?;
    let member = members::get_numbered(&mut tx, call.path.user_id).await?;
    let last = progress::last_active(&mut tx, &[member.id]).await?;
    Ok(Bare(UserView::of(&member, last.get(&member.id).copied())))
}
