//! People in an institution: who they are, and what their role lets them do.
//!
//! Not here: passwords and sessions (`auth`, `tokens`), and whose activity is whose (`progress`).
//!
//! A person is a row of one institution; the same address may stand in several. Nobody is ever erased here:
//! a removed member keeps the record of what was learned, and neither signs in nor learns on.

mod announce;
mod change;
mod commands;
pub mod invitations;
mod list;
mod owners;
mod people;
mod queries;
mod rows;
mod seats;

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use change::{change, remove};
pub use commands::add;
pub(crate) use commands::{Coming, check_time_zone, insert};
pub use list::{
    CountedPage, Direction, ListedMember, MemberCursor, MemberFilter, MemberOrder, MembersPage, get_listed, list,
    list_from,
};
pub use owners::leave_an_owner;
pub use people::{MemberChange, NewMember};
pub(crate) use people::{split_name, whole_name};
pub use queries::{find, find_all, get, get_numbered, list_after, resolve};
pub use rows::Member;
pub(crate) use rows::member_columns;
pub(crate) use seats::takes_a_seat;
pub use seats::{
    Seat, Seats, release_seats, reserve_seats, seats, take_reserved_seats, take_seats, take_seats_of_invited,
};

use crate::{
    db::word_column,
    error::{Code, Error, FieldFault, Result},
    scope::{Role, Scope},
    words,
};

word_column!(Role);
word_column!(MemberStatus);

/// Names where a membership is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// Asked to join.
    Invited,
    /// May sign in and learn.
    Active,
    /// May not, for now.
    Deactivated,
    /// Has left; only the record remains.
    Removed,
}

impl MemberStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Invited, Self::Active, Self::Deactivated, Self::Removed];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Deactivated => "deactivated",
            Self::Removed => "removed",
        }
    }
}

impl FromStr for MemberStatus {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

words! {
    /// Names the ways by which people come to an institution.
    ProvisionedBy {
        /// Somebody added the person by hand, or an integration by the API.
        Manual = "manual",
        /// A file.
        Csv = "csv",
        /// An invitation.
        Invitation = "invitation",
        /// The institution's directory.
        Scim = "scim",
        /// A launch from another learning platform.
        Lti = "lti",
        /// The institution's sign-in.
        Sso = "sso",
        /// An operator of the platform.
        Operator = "operator",
    }
}

words! {
    /// Names the fields that stay as they were edited by hand, whatever a file says.
    StickyField {
        /// `name`
        Name = "name",
        /// `first_name`
        FirstName = "first_name",
        /// `last_name`
        LastName = "last_name",
        /// `email`
        Email = "email",
        /// `external_id`
        ExternalId = "external_id",
        /// `role`
        Role = "role",
        /// `locale`
        Locale = "locale",
        /// `time_zone`
        TimeZone = "time_zone",
    }
}

/// The form by which addresses are compared.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Checks that a caller may make or unmake somebody of a role: nobody hands out more than he has.
///
/// # Errors
/// `ability_missing` with the role's pointer.
pub fn may_grant(scope: &Scope, role: Role) -> Result<()> {
    let Some(missing) = role.abilities().into_iter().find(|ability| !scope.may(*ability)) else { return Ok(()) };
    let detail = format!("the role {} has {missing}, which the caller has not", role.as_str());
    Err(Error::new(Code::AbilityMissing, "a role may not do more than its giver").with_fields(vec![FieldFault::new(
        "/role",
        "ability_missing",
        detail,
    )]))
}

#[cfg(test)]
mod tests;
