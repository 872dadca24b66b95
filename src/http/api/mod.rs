//! The Talktiko surface and our own: one file for each feature, with its doors and handlers.

mod auth;
mod course_views;
mod courses;
mod deliveries;
mod enrollments;
mod institutions;
mod lessons;
mod members;
mod progress_events;
mod public_courses;
mod session_views;
mod tokens;
mod tombstone;
mod training_items;
mod trainings;
mod webhooks;

use super::{doors::Doors, openapi};

/// Every door of the public listener.
pub fn doors() -> Doors {
    let features = [
        auth::doors(),
        tokens::doors(),
        institutions::doors(),
        members::doors(),
        courses::doors(),
        lessons::doors(),
        trainings::doors(),
        training_items::doors(),
        public_courses::doors(),
        enrollments::doors(),
        progress_events::doors(),
        webhooks::doors(),
        deliveries::doors(),
        openapi::doors(),
    ];
    Doors::new(features.into_iter().flatten())
}
