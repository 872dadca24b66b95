//! Reach 360's surface as a client of Reach 360 finds it.
//!
//! - `webhooks` – made, listed, deleted; secrets and versions
//! - `lists` – every list: its bounds, its pages, its filters
//! - `manners` – every refusal in the surface's own words, and the version in every answer
//! - `enrollments` – users and groups on courses and learning paths, and what each act announces
//! - `everyone` – thousands at once
//! - `payloads` – all four events, and where their links lead
//! - `reports` – rows, bounds, durations

mod enrollments;
mod everyone;
mod lists;
mod manners;
mod payloads;
mod reports;
mod steps;
mod webhooks;
