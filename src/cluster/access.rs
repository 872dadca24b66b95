//! The database of this process: the configured one, or a private cluster.

use stoa_core::db::Endpoint;

use super::{Cluster, ClusterOptions, DATABASE, place, postmaster::Postmaster, url};
use crate::config::{Config, SecretText};

/// A database that answers, kept so as long as this lives.
#[derive(Debug)]
pub enum Database {
    /// Named in the settings.
    Configured(Endpoint),
    /// Our own.
    Private(Cluster),
    /// The private cluster of a server that runs beside us.
    Neighbour(Endpoint),
}

impl Database {
    /// For a server: the configured database, or the private cluster, which must be free. Blocking.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn own(config: &Config) -> anyhow::Result<Self> {
        if let Some(endpoint) = configured(config) {
            return Ok(Self::Configured(endpoint));
        }
        let pools = config.database.app_connections.saturating_add(config.database.relay_connections);
        let options = ClusterOptions {
            dir: config.data.dir.clone(),
            binaries_dir: config.database.binaries_dir.clone(),
            connections: pools,
        };
        Ok(Self::Private(Cluster::start(&options)?))
    }

    /// For a verb of the command line: the same, but a running server's cluster is shared. Blocking.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn shared(config: &Config) -> anyhow::Result<Self> {
        match neighbour(config) {
            Some(endpoint) if config.database.url.is_none() => Ok(Self::Neighbour(endpoint)),
            _ => Self::own(config),
        }
    }

    /// How the roles of the house come in.
    pub fn endpoint(&self) -> Endpoint {
        match self {
            Self::Configured(endpoint) | Self::Neighbour(endpoint) => endpoint.clone(),
            Self::Private(cluster) => cluster.endpoint(DATABASE),
        }
    }
}

fn configured(config: &Config) -> Option<Endpoint> {
    let text = |secret: &Option<SecretText>| secret.as_ref().map(|secret| secret.expose().to_owned());
    let database = &config.database;
    text(&database.url).map(|url| Endpoint {
        url,
        app_url: text(&database.app_url),
        relay_url: text(&database.relay_url),
        trusts_names: false,
    })
}

fn neighbour(config: &Config) -> Option<Endpoint> {
    let data = place::existing_home(&config.data.dir)?.join("data");
    let file = Postmaster::read(&data).filter(|file| file.ready && file.runs_in(&data))?;
    Some(Endpoint { url: url(&file.socket_dir, DATABASE), app_url: None, relay_url: None, trusts_names: true })
}
