//! The rows of invitations, with who was asked.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};

use super::InvitationStatus;
use crate::{
    id::{self, Id},
    scope::Role,
};

/// An invitation, without its token.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Invitation {
    /// `inv_…`
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Invitation>,
    /// Who was asked.
    #[diesel(sql_type = SqlUuid)]
    pub user: Id<id::User>,
    /// Address of the letter.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Whole name, as far as it is known.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The role to come.
    #[diesel(sql_type = Text)]
    pub role: Role,
    /// Language tag; none means the institution's.
    #[diesel(sql_type = Nullable<Text>)]
    pub locale: Option<String>,
    /// What became of it.
    #[diesel(sql_type = Text)]
    pub status: InvitationStatus,
    /// Who asked last, if it was a person.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub invited_by: Option<Id<id::User>>,
    /// When the person was first asked by it.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// Letters that were promised.
    #[diesel(sql_type = Integer)]
    pub sends: i32,
    /// When the newest letter left; none while it has not.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sent_at: Option<DateTime<Utc>>,
    /// When the newest token stops working.
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: DateTime<Utc>,
    /// When the person joined by it.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What became of invitation `i` of membership `m`, at the time `$2`. Whoever was let go meanwhile is not waited for.
macro_rules! invitation_status {
    () => {
        "CASE WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN i.revoked_at IS NOT NULL THEN 'revoked' \
         WHEN m.status IN ('deactivated', 'removed') THEN 'revoked' WHEN i.expires_at <= $2 THEN 'expired' \
         ELSE 'pending' END"
    };
}
pub(super) use invitation_status;

/// Columns of [`Invitation`] from invitations `i`, users `u` and memberships `m`, at the time `$2`.
macro_rules! invitation_columns {
    () => {
        concat!(
            "i.id, i.user_id AS \"user\", u.email, u.name, m.role, u.locale, i.invited_by, i.created_at, i.sends, \
             i.sent_at, i.expires_at, i.accepted_at, i.revoked_at, ",
            crate::members::invitations::rows::invitation_status!(),
            " AS status"
        )
    };
}
pub(super) use invitation_columns;
