//! Reach 360's surface, at the root of the installation: a client written for it needs another address and key, no more.
//!
//! Its manners: camel case, ids as text, lists under their own name with `nextUrl`, `{"errors": [{code, message}]}` for
//! every refusal, and the header `API-Version` in every answer.
//!
//! Not here: the payloads that its webhooks receive (`stoa_protocols::webhook::dialects::reach360`), from which the
//! objects of the answers are taken.
//!
//! # Source
//! access.articulate.com, "Reach 360: Introduction to Reach 360 API", and the pages of its resources.

mod courses;
mod enrollments;
mod groups;
mod keys;
mod learning_paths;
mod listing;
mod manners;
mod reports;
mod users;
mod version;
mod webhooks;

pub(super) use manners::Reach;

use super::doors::Door;

/// The doors of this surface.
pub(super) fn doors() -> Vec<Door> {
    let resources = [
        webhooks::doors(),
        users::doors(),
        courses::doors(),
        groups::doors(),
        learning_paths::doors(),
        enrollments::doors(),
        reports::doors(),
    ];
    resources.into_iter().flatten().collect()
}
