//! The front door: HTTP in, core calls, HTTP out.
//!
//! Surfaces and the shape of their errors: `api` answers problems of RFC 9457; `ops`, on its own listener,
//! likewise.
//!
//! # Cast
//! * `edge` – what happens to every request
//! * `doors` – which requests there are, and how one becomes a call
//! * `caller` – who calls
//! * `body`, `query`, `page` – what goes in and out
//! * `problem` – how a refusal looks
//! * `openapi` – the doors, written down
//!
//! Not here: rules and SQL (`stoa_core`).

pub mod api;
pub mod body;
pub mod caller;
pub mod doors;
mod edge;
pub mod openapi;
pub mod ops;
pub mod page;
mod passwords;
pub mod problem;
mod query;
mod state;

use std::sync::Arc;

use actix_web::web::ServiceConfig;
pub use passwords::Passwords;
pub use state::{App, Road, Settings};

/// Hangs the public listener's doors. Runs once on each of the server's threads.
pub fn configure(config: &mut ServiceConfig, app: &Arc<App>) {
    api::doors().mount(config, app);
}
