//! The command line: roles of the server, and verbs for operators and developers.
//!
//! Not here: what a role is made of (`house`). Parsing stands in [`args`], each verb's body in its own file.

mod args;
mod config;
mod institutions;
mod jobs;
mod migrate;
mod record;
pub mod say;
mod scratch;
mod secrets;
mod staff;

use actix::System;

pub use args::Cli;
use args::Verb;

use crate::{
    config::{Environment, Loaded, Sources},
    demo::{self, Target},
    house::{self, Role},
    telemetry,
};

/// Does what the command line says.
///
/// # Errors
/// Whatever kept it from being done; the text is for the person at the terminal.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    install_crypto();
    let sources = Sources::of_process(cli.environment, cli.config);
    let loaded = Loaded::from(&sources)?;
    telemetry::log_to_stderr(&loaded.config.log)?;
    match cli.verb {
        Verb::All => serve(&loaded, Role::All),
        Verb::Serve => serve(&loaded, Role::Serve),
        Verb::Work => serve(&loaded, Role::Work),
        Verb::Migrate { rehearse: false } => migrate::migrate(&loaded.config),
        Verb::Migrate { rehearse: true } => migrate::rehearse(&loaded.config),
        Verb::Config(args::ConfigVerb::Check) => block_on(config::check(&loaded)),
        Verb::Jobs(verb) => block_on(jobs::run(&loaded.config, verb)),
        Verb::Secrets(verb) => block_on(secrets::run(&loaded, verb)),
        Verb::Institutions(verb) => block_on(institutions::run(&loaded, verb)),
        Verb::Record(verb) => block_on(record::run(&loaded.config, verb)),
        Verb::Staff(verb) => block_on(staff::run(&loaded.config, verb)),
        Verb::Demo(args::Demo { address, token }) => block_on(demo::run(&loaded.config, Target { address, token })),
        Verb::Scratch { command } => scratch::run(&loaded.config, &command),
    }
}

fn serve(loaded: &Loaded, role: Role) -> anyhow::Result<()> {
    // Each request in and each webhook under way is a file descriptor; the usual soft limit of 1024 is few.
    match rlimit::increase_nofile_limit(rlimit::INFINITY) {
        Ok(files) => tracing::debug!(files, "open files at most"),
        Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
    }
    if loaded.environment != Environment::Production {
        tracing::info!("environment is {}", loaded.environment.as_str());
    }
    for notice in loaded.notices() {
        tracing::warn!("{notice}");
    }
    block_on(house::run(loaded, role))
}

/// Runs a future on a multi-threaded runtime that actors can be started from.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    System::with_tokio_rt(|| runtime).block_on(work)
}

/// One provider for the whole process, before anything asks for it.
fn install_crypto() {
    // An error means that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
