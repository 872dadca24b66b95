//! The doors about people: members, their seats, the groups they are in and who leads those.
//!
//! Not here: what people do for their own account (`account`).

mod group_views;
mod groups;
mod imports;
pub(crate) mod invitations;
mod listing;
mod managers;
mod members;
mod seats;

use crate::doors::Door;

/// The doors of this surface.
pub(super) fn doors() -> Vec<Door> {
    [members::doors(), invitations::doors(), imports::doors(), seats::doors(), groups::doors(), managers::doors()]
        .into_iter()
        .flatten()
        .collect()
}
