//! `stoa scratch`: a command beside a throw-away database, such as `stoa scratch psql`.

use std::process::Command;

use anyhow::Context;
use stoa_core::db::migrate;

use crate::{
    cluster::{Cluster, DATABASE},
    config::Config,
};

pub(super) fn run(config: &Config, command: &[String]) -> anyhow::Result<()> {
    let cluster = Cluster::temporary(&config.data.dir.join("scratch"))?;
    migrate(&cluster.endpoint(DATABASE))?;
    let (program, arguments) = command.split_first().context("no command")?;
    let status = Command::new(program)
        .args(arguments)
        .env("DATABASE_URL", cluster.url(DATABASE))
        .env("PGHOST", cluster.socket_dir())
        .env("PGUSER", DATABASE)
        .env("PGDATABASE", DATABASE)
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    anyhow::ensure!(status.success(), "{program} failed ({status})");
    Ok(())
}
