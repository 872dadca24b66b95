//! Signing in with a password.
//!
//! Not here: what a session may do afterwards (`tokens`), and other ways in.
//!
//! Whoever tries has not said whose he is: the address is looked up in every institution, and the password decides.
//! An unknown address, a wrong password and a person without one are the same answer, after the same work.

mod commands;
mod passwords;
mod queries;
pub mod second_factor;
mod throttle;

use std::time::Duration;

pub use commands::{check_password, keep_password, set_password};
pub use passwords::{Hasher, PASSWORD_MAX, PASSWORD_MIN};
pub use queries::{Candidate, candidates, password_hash};
pub use throttle::{attempt, forget_failures, forgive, look};

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
