//! The API, door by door: one file for each feature.

mod auth;
mod courses;
mod deliveries;
mod edge;
mod enrollments;
mod institutions;
mod lessons;
mod members;
mod public_courses;
mod tokens;
mod training_items;
mod trainings;
mod webhooks;
