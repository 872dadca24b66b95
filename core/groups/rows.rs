//! The rows of groups.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::GroupFacts;

use super::EVERYONE;
use crate::id::{self, Id};

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
        "g.id, g.external_id, g.name, g.everyone, g.created_at, g.updated_at"
    };
}
pub(super) use group_columns;

impl Group {
    /// The group, as events tell.
    pub fn facts(&self) -> Arc<GroupFacts> {
        let id = if self.everyone { EVERYONE.to_owned() } else { self.id.to_string() };
        Arc::new(GroupFacts { id, external_id: self.external_id.clone(), name: self.name.clone() })
    }
}
