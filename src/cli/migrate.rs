//! `stoa migrate`: the schema up to date, or the proof that every migration can be taken back.

use stoa_core::db::{migrate as run_missing, revert_all};

use super::say;
use crate::{
    cluster::{Cluster, DATABASE, Database},
    config::Config,
};

pub(super) fn migrate(config: &Config) -> anyhow::Result<()> {
    let database = Database::shared(config)?;
    let run = run_missing(&database.endpoint())?;
    for migration in &run {
        say::line(format_args!("ran {migration}"));
    }
    if run.is_empty() {
        say::line("the schema is up to date");
    }
    Ok(())
}

pub(super) fn rehearse(config: &Config) -> anyhow::Result<()> {
    let cluster = Cluster::temporary(&config.data.dir.join("scratch"))?;
    let endpoint = cluster.endpoint(DATABASE);
    let up = run_missing(&endpoint)?;
    revert_all(&endpoint)?;
    let again = run_missing(&endpoint)?;
    anyhow::ensure!(up == again, "after down, other migrations ran than before: {again:?} and not {up:?}");
    say::line(format_args!("{} migrations ran up, down and up again", up.len()));
    Ok(())
}
