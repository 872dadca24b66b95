//! The rows of groups.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use serde_json::{Value, json};
use stoa_protocols::event::GroupFacts;

use super::{EVERYONE, GroupKind};
use crate::{
    id::{self, Id},
    members::ProvisionedBy,
};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Group {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Group>,
    /// The institution's own key.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    /// Shown to people.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// A group, or a cohort, which learns for a time.
    #[diesel(sql_type = Text)]
    pub kind: GroupKind,
    /// First day of a cohort, in the institution's time zone.
    #[diesel(sql_type = Nullable<Date>)]
    pub starts_on: Option<NaiveDate>,
    /// Last day of a cohort, in the institution's time zone.
    #[diesel(sql_type = Nullable<Date>)]
    pub ends_on: Option<NaiveDate>,
    /// By which way the group came.
    #[diesel(sql_type = Text)]
    pub provisioned_by: ProvisionedBy,
    /// Stands for the whole institution.
    #[diesel(sql_type = Bool)]
    pub everyone: bool,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
}

/// Columns of a [`Group`], of groups `g`.
macro_rules! group_columns {
    () => {
        "g.id, g.external_id, g.name, g.kind, g.starts_on, g.ends_on, g.provisioned_by, g.everyone, g.created_at, g.updated_at"
    };
}
pub(super) use group_columns;

impl Group {
    /// The group, as events tell.
    pub fn facts(&self) -> Arc<GroupFacts> {
        let id = if self.everyone { EVERYONE.to_owned() } else { self.id.to_string() };
        Arc::new(GroupFacts { id, external_id: self.external_id.clone(), name: self.name.clone() })
    }

    /// What the audit log keeps of it.
    pub(super) fn told(&self) -> Value {
        json!({
            "name": self.name, "external_id": self.external_id, "kind": self.kind, "starts_on": self.starts_on,
            "ends_on": self.ends_on,
        })
    }
}
