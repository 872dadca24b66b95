//! The front door: HTTP in, core calls, HTTP out.
//!
//! Surfaces and the shape of their errors: `api` answers problems of RFC 9457; `ops`, on its own listener,
//! likewise; `reach`, at the root, speaks as Reach 360 does; `teachbase`, below `/oauth` and
//! `/endpoint`, as Teachbase does.
//!
//! # Cast
//! * `edge` – what happens to every request
//! * `doors` – which requests there are, and how one becomes a call
//! * `caller` – who calls
//! * `body`, `query`, `page` – what goes in and out
//! * `limits` – what a request costs, and what is left
//! * `support` – the doors of the platform's staff
//! * `surface` – whose language a path speaks, and how it refuses
//! * `problem` – how the house itself refuses
//! * `openapi` – the doors, written down
//!
//! Not here: rules and SQL (`stoa_core`).

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
pub use state::{App, Road, Settings};

/// Every door of the public listener, surface by surface.
pub fn doors() -> Doors {
    let surfaces = [api::doors(), support::doors(), reach::doors(), teachbase::doors(), pages::doors()];
    Doors::new(surfaces.into_iter().flatten())
}

/// Hangs the public listener's doors. Runs once on each of the server's threads.
pub fn configure(config: &mut ServiceConfig, app: &Arc<App>) {
    doors().mount(config, app);
}
