//! Invitations: people asked by a letter to join, and what became of it.
//!
//! Not here: the letter itself (`stoa_jobs::mail`), and people who are added without being asked (`members::add`).
//!
//! # Rule
//! Whoever is asked is a member from then on, `invited`, takes a seat and stands in groups and on courses; only the
//! letter's token makes the membership active. A person has one open invitation: asking again sends another letter, whose
//! token is the only one that works from then on. The token is kept sealed until its letter has left, and as a hash
//! after that.

mod accept;
mod commands;
mod people;
mod queries;
mod rows;
mod write;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;

pub use accept::{Accepted, Preview, accept, preview, unknown};
pub use commands::{invite, resend, revoke};
pub use queries::{InvitationFilter, InvitationNotice, get, list, note_sent, notice};
pub use rows::Invitation;
pub(crate) use write::sealed_to;
pub use write::{Sent, invite_all};

use crate::{
    id::{self, Id},
    key::Key,
    scope::Role,
    sealed::Sealer,
    words,
};

/// Groups that somebody may be invited into at once.
const GROUPS_MAX: usize = 32;

words! {
    /// Names what became of an invitation.
    InvitationStatus {
        /// Waits for the person.
        Pending = "pending",
        /// The person joined.
        Accepted = "accepted",
        /// The person came too late; another letter may be sent.
        Expired = "expired",
        /// Was taken back.
        Revoked = "revoked",
    }
}

words! {
    /// Names how a person proved who it is.
    AcceptedBy {
        /// With a password of its own.
        Password = "password",
        /// By the institution's single sign-on.
        Sso = "sso",
    }
}

/// How long invitations hold, and how many letters a person may get.
#[derive(Debug, Clone, Copy)]
pub struct InvitationRules {
    /// How long a token works.
    pub life: TimeDelta,
    /// Letters to one person in a day.
    pub sends_per_day: u32,
}

/// What invitations are made with.
#[derive(Debug, Clone, Copy)]
pub struct Inviting<'a> {
    /// Seals tokens.
    pub sealer: &'a Sealer,
    /// How long they work.
    pub rules: InvitationRules,
    /// Who asks, if it is a person.
    pub by: Option<Id<id::User>>,
}

/// Somebody to be asked to join.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// Address that the letter goes to.
    pub email: String,
    /// Whole name; what stands before the @ until the person says it, if left out.
    #[serde(default)]
    pub name: Option<String>,
    /// Role; `learner` if left out. Never more than the caller may do.
    #[serde(default)]
    pub role: Option<Role>,
    /// Groups to be put into, by id or `external_id:` and the institution's own key; 32 at most.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub groups: Vec<Key<id::Group>>,
    /// Language tag of the letter and the person; the institution's if left out.
    #[serde(default)]
    pub locale: Option<String>,
}
