//! Signing in with a password.
//!
//! Not here: what a session may do afterwards (`tokens`), who is asked to join (`members::invitations`), and other ways
//! in.
//!
//! Whoever tries has not said whose he is: the address is looked up in every institution, and the password decides.
//! An unknown address, a wrong password and a person without one are the same answer, after the same work.

mod commands;
mod letter_token;
pub mod password_reset;
mod passwords;
pub mod policy;
mod queries;
pub mod second_factor;
mod throttle;

use std::time::Duration;

use chrono::TimeDelta;

pub use commands::{check_password, keep_password, set_password};
pub use letter_token::{LetterPurpose, LetterToken};
pub use passwords::{Hasher, PASSWORD_MAX, PASSWORD_MIN};
pub use queries::{Candidate, candidates, password_hash};
pub use throttle::{attempt, count_letter, forget_failures, forgive, look};

use self::password_reset::ResetRules;
use crate::members::invitations::InvitationRules;

/// The throttle and the life of sessions.
#[derive(Debug, Clone, Copy)]
pub struct SignInRules {
    /// Failures of one account in a window, after which it must wait.
    pub failures_per_account: u32,
    /// Failures from one address in a window, after which it must wait.
    pub failures_per_address: u32,
    /// Length of the window.
    pub window: Duration,
    /// Life of a session.
    pub session: Duration,
}

impl SignInRules {
    /// The throttle alone.
    pub const fn limits(&self) -> Limits {
        Limits { per_account: self.failures_per_account, per_address: self.failures_per_address, window: self.window }
    }
}

/// What holds for the accounts of people and staff.
#[derive(Debug, Clone, Copy)]
pub struct AccountRules {
    /// Invitations.
    pub invitations: InvitationRules,
    /// Ways back for whoever lost a password.
    pub resets: ResetRules,
    /// Life of a session of the staff.
    pub staff_session: TimeDelta,
    /// Staff without a second factor do nothing but set one up.
    pub staff_second_factor: bool,
}

/// How often something may be tried in a window.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one account.
    pub per_account: u32,
    /// From one address.
    pub per_address: u32,
    /// Length of the window.
    pub window: Duration,
}
