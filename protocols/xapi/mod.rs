//! Statements of the Experience API, as they come in: what somebody did, read strictly and said in the words of our road.
//!
//! The players: [`Version`] is what the header names; [`read`] turns one statement into a [`Statement`]; [`verbs`] says
//! which verb means what.
//!
//! Not here: whose account an [`Actor`] is and which course an IRI means (`stoa-record`), and statements that go out.
//!
//! # Source
//! xAPI 1.0.3 (github.com/adlnet/xAPI-Spec, Data and Communication); IEEE 9274.1.1 (xAPI 2.0); the cmi5 profile for its
//! verbs and the extension of progress.

mod statement;
pub mod verbs;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use statement::read;

/// A version of the specification that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 1.0.3, and what calls itself 1.0 or 1.0.x.
    V1,
    /// 2.0.0, and what calls itself 2.0.x.
    V2,
}

impl Version {
    /// The versions, the newest first, as `GET …/about` tells them.
    pub const ALL: [&str; 2] = ["2.0.0", "1.0.3"];

    /// As the answer's header names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0.3",
            Self::V2 => "2.0.0",
        }
    }
}

impl FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_patch = |rest: &str| rest.is_empty() || rest.strip_prefix('.').is_some_and(is_number);
        match (text.strip_prefix("1.0"), text.strip_prefix("2.0")) {
            (Some(rest), _) if is_patch(rest) => Ok(Self::V1),
            (_, Some(rest)) if is_patch(rest) => Ok(Self::V2),
            _ => Err(()),
        }
    }
}

fn is_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_digit())
}

/// What is wrong with a statement, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer within the statement.
    pub pointer: String,
    /// Stable code: `required`, `type`, `format`, `value`, `range`, `unknown`.
    pub code: &'static str,
    /// In words.
    pub detail: String,
}

/// Who did something, by the one identifier that the statement gives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// An account of a system.
    Account {
        /// Address of the system.
        home_page: String,
        /// The account's name there.
        name: String,
    },
    /// An e-mail address.
    Mailbox(String),
}

/// A score as the statement gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// As it was scored.
    pub raw: f64,
    /// Lowest possible.
    pub min: Option<f64>,
    /// Highest possible.
    pub max: Option<f64>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Outcome {
    /// Share done, 0 to 1.
    pub progress: Option<f64>,
    /// The score.
    pub score: Option<Score>,
    /// Passed or failed.
    pub success: Option<bool>,
    /// Completed or not.
    pub completion: Option<bool>,
    /// Time spent, in seconds.
    pub seconds: Option<f64>,
}

/// A statement that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its id; none where the sender leaves that to us.
    pub id: Option<Uuid>,
    /// Who.
    pub actor: Actor,
    /// Did what.
    pub verb: verbs::Meaning,
    /// To which activity: an IRI.
    pub object: String,
    /// With what result.
    pub outcome: Outcome,
    /// When; none for now.
    pub timestamp: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests;
