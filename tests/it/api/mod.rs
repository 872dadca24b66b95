//! The API, door by door: one file for each feature.

mod audit;
mod auth;
mod courses;
mod deliveries;
mod edge;
mod enrollments;
mod events;
mod idempotency;
mod institutions;
mod lessons;
mod members;
mod public_courses;
mod replays;
mod second_factor;
mod sessions;
mod subscription_requests;
mod support;
mod tokens;
mod training_items;
mod trainings;
mod webhooks;
