#![doc = include_str!("README.md")]

pub mod api;
pub mod body;
pub mod caller;
pub mod doors;
mod edge;
pub mod limits;
pub mod openapi;
pub mod ops;
pub mod page;
mod pages;
mod passwords;
pub mod problem;
mod query;
mod reach;
mod state;
mod support;
pub mod surface;
mod teachbase;
mod waves;

use std::sync::Arc;

use actix_web::web::ServiceConfig;
use doors::Doors;
pub use passwords::Passwords;
pub use state::{App, PrivacyRules, Road, Settings};

/// Every door of the public listener, surface by surface.
pub fn doors() -> Doors {
    let surfaces = [api::doors(), support::doors(), reach::doors(), teachbase::doors(), pages::doors()];
    Doors::new(surfaces.into_iter().flatten())
}

/// Hangs the public listener's doors. Runs once on each of the server's threads.
pub fn configure(config: &mut ServiceConfig, app: &Arc<App>) {
    doors().mount(config, app);
}
