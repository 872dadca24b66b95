//! Letters that were promised: to whom, what became of each, and which addresses nothing is sent to any more.
//!
//! Not here: the words (`stoa_protocols::render`), the way out (`stoa_actors::mailer`), and the jobs that send
//! (`stoa_jobs::mail`).
//!
//! A letter is one row from its first attempt on, under its occasion: whatever is repeated, by a retry or a crash, it
//! is the same letter. Addresses are not kept here: a masked one is shown, and a hash finds those that are suspended.

mod address;
mod commands;
mod notice;
mod queries;
mod readers;
mod rows;

pub use address::{address_hash, masked_address, without_addresses};
pub use commands::{begin, bounced, finish, forget, readmit};
pub use notice::{SuspensionFacts, SuspensionNotice, suspension_notice};
pub use queries::{Listing, get, list, suspended};
pub use readers::{Reader, reader, readers};
pub use rows::{Letter, Suspension};

use crate::{
    id::{self, Id},
    words,
};

words! {
    /// Names what became of a letter.
    LetterStatus {
        /// Not sent yet, and tried again.
        Queued = "queued",
        /// The mail server took it.
        Sent = "sent",
        /// The mail server refused it for good.
        Refused = "refused",
        /// It was sent and came back.
        Bounced = "bounced",
        /// Its address is suspended; it was not sent.
        Suspended = "suspended",
        /// It was given up after its last attempt.
        Failed = "failed",
    }
}

/// A letter about to be sent.
#[derive(Debug, Clone)]
pub struct NewLetter<'a> {
    /// What it is about and for whom; the same at every attempt.
    pub occasion: &'a str,
    /// Which letter.
    pub kind: &'a str,
    /// The member that it goes to, if it goes to one.
    pub user: Option<Id<id::User>>,
    /// Where it goes.
    pub email: &'a str,
    /// Language of the whole letter.
    pub language: &'a str,
}

/// What came of one attempt to send a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The mail server took it.
    Sent,
    /// The mail server will never take it; `gone` where there is no such address.
    Refused {
        /// What the server said.
        why: String,
        /// Nothing will ever reach the address.
        gone: bool,
    },
    /// It may take it later.
    Deferred(String),
    /// As deferred, but no attempt follows.
    GivenUp(String),
}

/// News of a letter that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// What the mail server said.
    pub why: String,
    /// It will never arrive; else it is only late.
    pub failed: bool,
    /// Nothing will ever reach the address.
    pub gone: bool,
}
