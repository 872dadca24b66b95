//! How groups look, and what requests about them bring.
//!
//! Not here: what the doors do (`groups`, `managers`).

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Id, Key,
    groups::{Group, GroupChange, GroupKind, NewGroup},
    id,
    members::{Member, ProvisionedBy},
};

use crate::{
    body::Body,
    doors::{Sample, sample},
};

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct OneGroup {
    /// Id of the group, or `external_id:` and the institution's own key.
    pub(super) group: Key<id::Group>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct OneOfGroup {
    /// Id of the group, or `external_id:` and the institution's own key.
    pub(super) group: Key<id::Group>,
    /// Id of the person, e-mail address, or `external_id:` and the institution's own key.
    pub(super) user: Key<id::User>,
}

/// People to be put into a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMembers {
    /// At most 100, each by id, e-mail address, or `external_id:` and the institution's own key.
    pub(super) users: Vec<Key<id::User>>,
}

/// A group.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Group")]
pub(super) struct GroupView {
    /// Id.
    id: Id<id::Group>,
    /// The institution's own key.
    external_id: Option<String>,
    /// Shown to people.
    name: String,
    /// A group, or a cohort, which learns for a time.
    kind: GroupKind,
    /// First day of a cohort, in the institution's time zone.
    starts_on: Option<NaiveDate>,
    /// Last day of a cohort, in the institution's time zone.
    ends_on: Option<NaiveDate>,
    /// By which way the group came.
    provisioned_by: ProvisionedBy,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

impl GroupView {
    pub(super) fn of(group: Group) -> Self {
        Self {
            id: group.id,
            external_id: group.external_id,
            name: group.name,
            kind: group.kind,
            starts_on: group.starts_on,
            ends_on: group.ends_on,
            provisioned_by: group.provisioned_by,
            created_at: group.created_at,
            updated_at: group.updated_at,
        }
    }
}

/// Somebody who leads a group.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GroupManager")]
pub(super) struct ManagerView {
    /// Id of the person.
    user_id: Id<id::User>,
    /// The institution's own key.
    external_id: Option<String>,
    /// Address as it was given.
    email: String,
    /// Whole name.
    name: String,
    /// Role; only `manager` makes that the person sees no other people.
    role: stoa_core::Role,
}

impl ManagerView {
    pub(super) fn of(member: Member) -> Self {
        Self {
            user_id: member.id,
            external_id: member.external_id,
            email: member.email,
            name: member.name,
            role: member.role,
        }
    }
}

impl Body for NewGroup {
    fn example() -> Value {
        json!({
            "name": "Spring 2099", "external_id": "spring-2099", "kind": "cohort",
            "starts_on": "2099-03-01", "ends_on": "2099-06-30",
        })
    }
}

impl Body for GroupChange {
    fn example() -> Value {
        json!({ "name": "Spring 2099, evening", "ends_on": "2099-07-15" })
    }
}

impl Body for NewMembers {
    fn example() -> Value {
        json!({ "users": ["external_id:s-1815", "minjun@school.example"] })
    }
}

impl Sample for GroupView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            external_id: Some("spring-2026".into()),
            name: "Spring 2026".into(),
            kind: GroupKind::Cohort,
            starts_on: NaiveDate::from_ymd_opt(2026, 3, 1),
            ends_on: NaiveDate::from_ymd_opt(2026, 6, 30),
            provisioned_by: ProvisionedBy::Csv,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}

impl Sample for ManagerView {
    fn sample() -> Self {
        Self {
            user_id: sample::id(),
            external_id: Some("t-7".into()),
            email: "park@school.example".into(),
            name: "박소라".into(),
            role: stoa_core::Role::Manager,
        }
    }
}
