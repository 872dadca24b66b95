//! The way back for whoever lost a password: a letter to the address, with a token that is good once and for an hour.
//!
//! Not here: the letter (`stoa_jobs::mail`), and how often somebody may ask for it (`throttle`).
//!
//! # Rule
//! Nobody learns by asking whether an address is known: the question is promised, and answered by a letter or by
//! nothing. An address that several institutions know gets one letter, with a token for each of them, as the passwords
//! are not the same. A later letter makes the tokens of an earlier one worthless. Whoever sets another password ends all
//! sessions; a second factor stays as it is.

mod begin;
mod complete;
mod notice;

use chrono::TimeDelta;

pub use begin::{Wanted, begin};
pub use complete::{Found, check, complete};
pub use notice::{ResetNotice, ResetPlace, forget_resets, note_sent, notice};

use super::Limits;
use crate::{
    error::{Code, Error},
    id::{self, Id},
};

/// How long a token works, and how often letters are sent.
#[derive(Debug, Clone, Copy)]
pub struct ResetRules {
    /// Life of a token.
    pub life: TimeDelta,
    /// Letters that may be asked for.
    pub limits: Limits,
}

/// Where a token is sealed to.
pub(crate) fn sealed_to(reset: Id<id::PasswordReset>) -> String {
    format!("password_reset:{reset}")
}

/// One answer to whatever is no token, was used, is too old, or was replaced by a later letter.
pub fn invalid() -> Error {
    Error::new(
        Code::PasswordResetInvalid,
        "the link was used, is too old, or was replaced by a newer letter; ask for another",
    )
}
