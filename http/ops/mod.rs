//! The operator's listener: apart from the public one, never on the open net, without credentials.
//!
//! `/livez` · `/readyz` · `/metrics` · `/ops/jobs` · `/ops/actors`
//!
//! Not here: acting on jobs; that is the shell's (`stoa jobs`).

mod actors;
mod health;
mod jobs;
mod metrics;

use std::sync::Arc;

use actix_web::web::ServiceConfig;
pub use health::Readiness;

use super::{
    doors::{Door, Doors},
    state::App,
};

const TAG: &str = "Operations";

/// Every door of the operator's listener.
pub fn doors() -> Doors {
    Doors::new([
        Door::get("/livez", health::live).named("isAlive", TAG, "Answers while the process does; asks nothing"),
        Door::get("/readyz", health::ready).named("isReady", TAG, "Answers 200 while requests are welcome"),
        Door::get("/metrics", metrics::scrape).named("scrapeMetrics", TAG, "Answers the figures for Prometheus"),
        Door::get("/ops/jobs", jobs::show).named(
            "showJobs",
            TAG,
            "Shows how each queue stands, and jobs given up lately",
        ),
        Door::get("/ops/actors", actors::show).named("showActors", TAG, "Shows what the live things say of themselves"),
    ])
}

/// Hangs the operator's doors. Runs once on each of the server's threads.
pub fn configure(config: &mut ServiceConfig, app: &Arc<App>) {
    doors().mount(config, app);
}
