//! The API, door by door: one file for each feature.

mod account;
mod audit;
mod content;
mod deliveries;
mod edge;
mod enrollments;
mod events;
mod idempotency;
mod imports_report;
pub(crate) mod imports_upload;
mod institutions;
mod members;
mod people;
pub(crate) mod record;
mod replays;
mod subscription_requests;
mod support;
mod tokens;
mod webhooks;
