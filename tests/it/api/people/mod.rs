//! People of an institution: lists and searches, seats, leaving, roles, cohorts, and what a manager sees.

mod cohorts;
mod leaving;
mod led;
mod lists;
mod roles;
mod seats;
mod sticky;

use chrono::TimeDelta;
use serde_json::json;
use stoa_core::{
    Id, Role, id,
    members::{self, NewMember},
    tokens,
};

use crate::support::{TestHouse, callers::Caller};

/// The members of the school.
const MEMBERS: &str = "/api/institutions/external_id:home/members";

/// Somebody new of a role, signed in. The external id is the name.
async fn somebody(house: &TestHouse, name: &str, role: Role) -> (Id<id::User>, Caller) {
    let mut tx = house.tx().await;
    let new = NewMember {
        email: format!("{name}@school.example"),
        name: Some(name.to_owned()),
        external_id: Some(name.to_owned()),
        role: Some(role),
        ..NewMember::default()
    };
    let member = members::add(&mut tx, &house.scope(), new).await.expect("a member");
    let session = tokens::open_session(&mut tx, (member.id, role), "a test".to_owned(), TimeDelta::days(3650)).await;
    tx.commit().await.expect("a member");
    (member.id, house.caller(Some(session.expect("a session").text.expose())))
}

/// A group of these people, by their external ids.
async fn group(house: &TestHouse, key: &str, people: &[&str]) -> String {
    let admin = house.admin();
    let made = admin.post("/api/groups", json!({ "name": format!("Group {key}"), "external_id": key })).await.data();
    let users: Vec<_> = people.iter().map(|name| format!("external_id:{name}")).collect();
    if !users.is_empty() {
        admin.post(&format!("/api/groups/external_id:{key}/members"), json!({ "users": users })).await;
    }
    made["id"].as_str().expect("an id").to_owned()
}

/// Lets somebody lead a group.
async fn lead(house: &TestHouse, group: &str, person: Id<id::User>) {
    let answer = house.admin().put(&format!("/api/groups/{group}/managers/{person}"), json!({})).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}
