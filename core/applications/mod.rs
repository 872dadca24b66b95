//! Applications: programs of an institution that take short-lived tokens for an id and a secret of their own.
//!
//! Not here: the tokens (`tokens`), and how a program asks for one (the edge).
//!
//! Of a secret only its SHA-256 is kept: it has 240 random bits. Its successor works at once; it may go on working
//! beside it for a while, so that a program can be changed over without a gap.
//!
//! # Source
//! RFC 6749 section 2.3.1 for the client's id and password, section 4.4 for the grant.

mod commands;
mod credentials;
mod queries;
mod rows;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;

pub use commands::{create, delete, drop_previous_secret, rotate_secret, take_token};
pub use credentials::{ClientId, ClientSecret};
pub use queries::{get, list};
pub use rows::Application;

use crate::scope::Ability;

/// How long a token of an application works.
pub const TOKEN_LIFE: TimeDelta = TimeDelta::hours(2);
/// Longest time that a secret works beside its successor, in seconds: a week.
pub const OVERLAP_SECONDS_MAX: i64 = 604_800;
/// The word for all that an application may do.
pub const WHOLE_SCOPE: &str = "public";

/// An application to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// Tells it from others: 1 to 255 characters.
    pub name: String,
    /// Abilities of its tokens; never more than its maker has.
    #[schemars(length(min = 1))]
    pub scopes: Vec<Ability>,
}

/// A change of the secret.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ApplicationSecretRotation")]
pub struct Rotation {
    /// How long the secret before goes on working, in seconds; it stops at once if left out.
    #[serde(default)]
    #[schemars(range(min = 0, max = 604_800))]
    pub overlap_seconds: i64,
}
