//! The customers, each behind its own wall.
//!
//! Not here: their people (`members`) and their billing.
//!
//! An institution sees itself alone. Finding one by its key, before anybody has said who he is, and making one
//! are the house's own work.

mod commands;
mod queries;
mod rows;

use std::str::FromStr;

pub use commands::create;
pub use queries::{find, own};
pub use rows::Institution;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{db::word_column, members::NewMember};

word_column!(InstitutionStatus);

/// Names where the contract with an institution is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstitutionStatus {
    /// Tries the service.
    Trial,
    /// Uses it.
    Active,
    /// May not, for now.
    Suspended,
    /// Is leaving.
    Closing,
    /// Has left.
    Closed,
}

impl InstitutionStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Trial, Self::Active, Self::Suspended, Self::Closing, Self::Closed];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }

    /// Shows its public catalogue to the world.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Trial | Self::Active | Self::Closing)
    }
}

impl FromStr for InstitutionStatus {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// An institution to be made, with whoever owns it.
#[derive(Debug, Clone)]
pub struct NewInstitution {
    /// Shown to people.
    pub name: String,
    /// The operator's own key.
    pub external_id: Option<String>,
    /// Language tag.
    pub locale: String,
    /// IANA zone.
    pub time_zone: String,
    /// First member, who becomes owner whatever role is given.
    pub owner: NewMember,
}
