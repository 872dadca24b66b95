//! The doors of the platform's staff, who help institutions and belong to none.
//!
//! Not here: who passes (`http::caller`), and the rules (`stoa_webhooks::subscription_requests`, `stoa_webhooks`).
//!
//! What is done for an institution is done inside its wall, in the name of whoever does it: it stands in the
//! institution's audit log, and an event tells its webhooks.

mod account;
mod audit_log;
mod bounces;
mod library;
mod queue;
mod requests;
mod staff;
mod subscriptions;
mod trial;

use super::doors::Door;

/// Chapter of the documentation.
const TAG: &str = "Support";

/// The doors of this surface.
pub(super) fn doors() -> Vec<Door> {
    [
        requests::doors(),
        subscriptions::doors(),
        staff::doors(),
        bounces::doors(),
        audit_log::doors(),
        account::doors(),
        library::doors(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
