//! The private PostgreSQL: made, started, watched and stopped by the server when no database is configured.
//!
//! The cast:
//! - [`binaries`] finds `initdb` and `postgres` on this machine;
//! - [`place`] decides in which folder the cluster lives, as whom it runs, and holds the lock on it;
//! - [`creation`] makes a new cluster;
//! - [`process`] starts and stops one `postgres`, and is the only file with `unsafe` in it;
//! - [`postmaster`] reads `postmaster.pid` and clears up after a crash;
//! - [`keeper`] is the thread that owns the process and starts it again when it dies;
//! - [`access`] chooses between a configured database and a private cluster.
//!
//! Not here: roles, tables and everything else inside the database; migrations make them.

mod access;
mod binaries;
mod creation;
mod keeper;
mod place;
mod postmaster;
mod process;

use std::{
    path::{Path, PathBuf},
    sync::mpsc,
    thread::JoinHandle,
};

use anyhow::Context;
use stoa_core::db::Endpoint;

pub use access::Database;

/// Owner of the schema, and superuser of the private cluster.
const OWNER: &str = "stoa";
/// The database that every private cluster is made with.
pub const DATABASE: &str = "stoa";

/// What a private cluster is started with.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// Data folder of the server; the cluster lives in `postgres` under it, or behind a link of that name.
    pub dir: PathBuf,
    /// Folder of the PostgreSQL binaries; none means the newest that is installed.
    pub binaries_dir: Option<PathBuf>,
    /// Connections that it must allow.
    pub connections: usize,
}

/// A running private cluster. Dropping it stops PostgreSQL and waits for that.
#[derive(Debug)]
pub struct Cluster {
    socket_dir: PathBuf,
    /// Closing it is the word to stop.
    stop: Option<mpsc::Sender<()>>,
    keeper: Option<JoinHandle<()>>,
    /// Removed at the end.
    throw_away: Option<PathBuf>,
}

impl Cluster {
    /// Starts the cluster of a data folder, made first where there is none. Blocks until it takes connections.
    ///
    /// # Errors
    /// When no PostgreSQL is installed, another server holds the folder, the folder was made by another major
    /// version, or PostgreSQL does not start; the message says which and what to do.
    pub fn start(options: &ClusterOptions) -> anyhow::Result<Self> {
        let place = place::Place::settle(&options.dir, Path::new(place::STATE_DIR))?;
        let how = process::Settings { connections: options.connections, durable: true };
        Self::run(place, options.binaries_dir.as_deref(), how, None)
    }

    /// Starts a throw-away cluster for tests: quick and without any durability, removed when dropped.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn temporary(parent: &Path) -> anyhow::Result<Self> {
        place::sweep(parent)?;
        let dir = parent.join(format!("pg-{:08x}", rand::random::<u32>()));
        let place = place::Place::settle(&dir, &std::env::temp_dir().join("stoa-clusters"))?;
        let how = process::Settings { connections: 300, durable: false };
        Self::run(place, None, how, Some(dir))
    }

    fn run(
        place: place::Place,
        binaries_dir: Option<&Path>,
        how: process::Settings,
        throw_away: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        let binaries = binaries::find(binaries_dir, place.major()?)?;
        let socket_dir = place.socket_dir().to_owned();
        let (stop, stopped) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let work = move || keeper::keep(&place, &binaries, how, &stopped, &tell);
        let keeper = std::thread::Builder::new().name("postgres-keeper".to_owned()).spawn(work)?;
        let cluster = Self { socket_dir, stop: Some(stop), keeper: Some(keeper), throw_away };
        told.recv().context("the keeper of PostgreSQL ended")??;
        Ok(cluster)
    }

    /// Address of a database of the cluster, for its owner.
    pub fn url(&self, database: &str) -> String {
        url(&self.socket_dir, database)
    }

    /// Folder of its socket.
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// How the roles of the house come in: by name, since only this user reaches the socket.
    pub fn endpoint(&self, database: &str) -> Endpoint {
        Endpoint { url: self.url(database), app_url: None, relay_url: None, trusts_names: true }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(keeper) = self.keeper.take()
            && keeper.join().is_err()
        {
            tracing::error!("the keeper of PostgreSQL panicked");
        }
        if let Some(dir) = &self.throw_away {
            place::remove(dir);
        }
    }
}

fn url(socket_dir: &Path, database: &str) -> String {
    let host: String = socket_dir
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => char::from(*byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("postgres:///{database}?host={host}&port={}&user={OWNER}", process::PORT)
}

#[cfg(test)]
mod tests;
