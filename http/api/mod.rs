//! The Talktiko surface and our own: one file for each feature, with its doors and handlers.

pub(super) mod account;
mod applications;
pub(super) mod audit_log;
mod content;
mod deliveries;
mod enrollments;
mod event_types;
mod events;
mod exports;
mod institutions;
mod learning_paths;
mod letters;
mod people;
mod privacy;
mod progress_events;
mod progress_imports;
mod record;
mod reports;
mod subscription_requests;
mod tokens;
mod webhooks;
mod xapi;

pub(super) use subscription_requests::{RequestView, may_call};

use super::{doors::Door, openapi};

/// The doors of this surface.
pub(super) fn doors() -> Vec<Door> {
    let features = [
        account::doors(),
        tokens::doors(),
        applications::doors(),
        institutions::doors(),
        people::doors(),
        content::doors(),
        enrollments::doors(),
        learning_paths::doors(),
        progress_events::doors(),
        progress_imports::doors(),
        record::doors(),
        xapi::doors(),
        webhooks::doors(),
        deliveries::doors(),
        events::doors(),
        event_types::doors(),
        subscription_requests::doors(),
        audit_log::doors(),
        letters::doors(),
        reports::doors(),
        privacy::doors(),
        exports::doors(),
        openapi::doors(),
    ];
    features.into_iter().flatten().collect()
}
