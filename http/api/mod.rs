//! The Talktiko surface and our own: one file for each feature, with its doors and handlers.

pub(super) mod account;
mod applications;
pub(super) mod audit_log;
mod course_views;
mod courses;
mod deliveries;
mod enrollments;
mod event_types;
mod events;
mod institutions;
mod learning_paths;
mod lessons;
mod letters;
mod people;
mod progress_events;
mod public_courses;
mod record;
mod subscription_requests;
mod tokens;
mod tombstone;
mod training_items;
mod trainings;
mod webhooks;

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
        courses::doors(),
        lessons::doors(),
        trainings::doors(),
        training_items::doors(),
        public_courses::doors(),
        enrollments::doors(),
        learning_paths::doors(),
        progress_events::doors(),
        record::doors(),
        webhooks::doors(),
        deliveries::doors(),
        events::doors(),
        event_types::doors(),
        subscription_requests::doors(),
        audit_log::doors(),
        letters::doors(),
        openapi::doors(),
    ];
    features.into_iter().flatten().collect()
}
