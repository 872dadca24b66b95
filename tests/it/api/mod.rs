//! The API, door by door: one file for each feature.

mod account;
mod audit;
mod cefr;
mod courses;
mod deliveries;
mod edge;
mod enrollments;
mod events;
mod idempotency;
mod imports_report;
pub(crate) mod imports_upload;
mod insights;
mod institutions;
mod lesson_progress;
mod lessons;
mod members;
mod people;
mod progress_history;
mod public_courses;
mod replays;
mod subscription_requests;
mod support;
mod tokens;
mod training_items;
mod trainings;
mod webhooks;
