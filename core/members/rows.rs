//! The rows of people and their memberships, read together.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::UserFacts;

use super::{MemberStatus, ProvisionedBy, StickyField};
use crate::{
    id::{self, Id},
    scope::Role,
};

/// A person in an institution.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Member {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::User>,
    /// Integer id.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// The institution's own key.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    /// Address as it was given.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Whole name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Given name.
    #[diesel(sql_type = Text)]
    pub first_name: String,
    /// Family name, possibly empty.
    #[diesel(sql_type = Text)]
    pub last_name: String,
    /// Language tag; none means the institution's.
    #[diesel(sql_type = Nullable<Text>)]
    pub locale: Option<String>,
    /// IANA zone; none means the institution's.
    #[diesel(sql_type = Nullable<Text>)]
    pub time_zone: Option<String>,
    /// Role.
    #[diesel(sql_type = Text)]
    pub role: Role,
    /// Where the membership is in its life.
    #[diesel(sql_type = Text)]
    pub status: MemberStatus,
    /// By which way the person came.
    #[diesel(sql_type = Text)]
    pub provisioned_by: ProvisionedBy,
    /// Fields edited by hand, which an import leaves as they are.
    #[diesel(sql_type = Array<Text>)]
    pub sticky: Vec<StickyField>,
    /// When the person was first asked to join; none for those who were never asked.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub invited_at: Option<DateTime<Utc>>,
    /// When the person first became active; none for one who has not yet.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub joined_at: Option<DateTime<Utc>>,
    /// When the person left; none for one who is there.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub removed_at: Option<DateTime<Utc>>,
    /// How often the membership was changed, from 1.
    #[diesel(sql_type = Integer)]
    pub revision: i32,
    /// When the person was made known to the institution.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When anything of it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
}

/// Columns of a [`Member`], of users `u` and memberships `m`.
macro_rules! member_columns {
    () => {
        "u.id, u.number, u.external_id, u.email, u.name, u.first_name, u.last_name, u.locale, u.time_zone, \
         m.role, m.status, m.provisioned_by, m.sticky, m.invited_at, \
         coalesce(m.joined_at, CASE WHEN m.status <> 'invited' THEN m.created_at END) AS joined_at, m.removed_at, m.revision, m.created_at, u.updated_at"
    };
}
pub(crate) use member_columns;

impl Member {
    /// The person, as events tell.
    pub fn facts(&self) -> Arc<UserFacts> {
        Arc::new(UserFacts {
            id: self.id.to_string(),
            number: self.number,
            external_id: self.external_id.clone(),
            email: self.email.clone(),
            name: self.name.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            role: self.role.as_str().to_owned(),
        })
    }
}
