//! Teachbase's surface: a client written for it needs another address and other credentials, no more.
//!
//! `oauth` gives an application its token; below `/endpoint/v1` lie the six statistics and what they point at. Its
//! manners: snake case, integer ids, bare objects and arrays, the number of all rows in the header `total`,
//! `{"error": …}` and `{"errors": […]}`.
//!
//! Not here: the applications themselves (`http::api::applications`), and the attributes of a statistic, which are
//! those of its webhook (`stoa_protocols::webhook::dialects::teachbase`).
//!
//! # Source
//! help.teachbase.ru, managers/api-and-integrations/02 and /04; the shapes are those that public clients read, named in
//! each file.

mod catalogue;
mod client;
mod manners;
mod oauth;
mod ping;
mod reply;
mod stats;
mod users;
mod views;

pub(super) use manners::Endpoint;
pub(super) use oauth::OAuth;

use stoa_core::Code;

use super::doors::Door;

/// Chapter of the documentation.
const TAG: &str = "Teachbase";

/// The doors of this surface.
pub(super) fn doors() -> Vec<Door> {
    let endpoint = [ping::doors(), stats::doors(), catalogue::doors(), users::doors()];
    let endpoint = endpoint.into_iter().flatten().map(|door| door.errors(&[Code::WrongAccount]));
    oauth::doors().into_iter().chain(endpoint).collect()
}
