//! The Talktiko surface and our own: one file for each feature, with its doors and handlers.

mod applications;
mod audit_log;
mod auth;
mod course_views;
mod courses;
mod deliveries;
mod enrollments;
mod event_types;
mod events;
mod groups;
mod guesses;
mod institutions;
mod learning_paths;
mod lessons;
mod members;
mod progress_events;
mod public_courses;
mod second_factor;
mod session_views;
mod sessions;
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
        auth::doors(),
        sessions::doors(),
        second_factor::doors(),
        tokens::doors(),
        applications::doors(),
        institutions::doors(),
        members::doors(),
        courses::doors(),
        lessons::doors(),
        trainings::doors(),
        training_items::doors(),
        public_courses::doors(),
        enrollments::doors(),
        groups::doors(),
        learning_paths::doors(),
        progress_events::doors(),
        webhooks::doors(),
        deliveries::doors(),
        events::doors(),
        event_types::doors(),
        subscription_requests::doors(),
        audit_log::doors(),
        openapi::doors(),
    ];
    features.into_iter().flatten().collect()
}
