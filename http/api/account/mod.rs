//! A person's own account: joining, signing in and out, sessions, the password, and the second factor.

mod auth;
pub(crate) mod factor_views;
mod guesses;
mod guest;
mod joining;
mod lost_password;
mod policy;
mod second_factor;
mod session_views;
mod sessions;

use crate::doors::Door;

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let features = [
        auth::doors(),
        joining::doors(),
        lost_password::doors(),
        sessions::doors(),
        second_factor::doors(),
        policy::doors(),
    ];
    features.into_iter().flatten().collect()
}
