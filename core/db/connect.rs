//! Where PostgreSQL is and as whom we go there.

use std::sync::Arc;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use futures::FutureExt;
use tokio_postgres::{Client, Config, NoTls, config::SslMode};

use super::copy::Driver;
use crate::error::{Code, Error, Result};

/// Names whom a connection works as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// Owner of the schema: migrations only.
    Owner,
    /// The application, behind the wall.
    App,
    /// The relay, the queue and operators: every tenant, few tables.
    Relay,
}

impl Login {
    const fn role(self) -> Option<&'static str> {
        match self {
            Self::Owner => None,
            Self::App => Some("stoa_app"),
            Self::Relay => Some("stoa_relay"),
        }
    }
}

/// Every statement of the roles looks rows up by key, a batch at a time, and its plan is kept. A plan made while a
/// table was small must not scan the table when it has grown a thousandfold a minute later, before PostgreSQL has
/// counted it again; and planning anew for each batch would cost as much as running it. Whoever needs a scan says so in
/// its own transaction.
const BY_KEY: &str = " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off \
    -c plan_cache_mode=force_generic_plan";

/// A PostgreSQL database and how each role comes in.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Address and user that own the schema, as a `postgres://` address or `key=value` words.
    pub url: String,
    /// Address of the application's own login; none means the owner's login with the role put on at start.
    pub app_url: Option<String>,
    /// Address of the relay's own login; likewise.
    pub relay_url: Option<String>,
    /// The database lets anybody in by name (the private cluster behind its socket), so roles log in as themselves.
    pub trusts_names: bool,
}

impl Endpoint {
    /// The words to connect with.
    ///
    /// # Errors
    /// `internal` when the address is not one.
    pub fn config(&self, login: Login) -> Result<Config> {
        let own = match login {
            Login::Owner => None,
            Login::App => self.app_url.as_deref(),
            Login::Relay => self.relay_url.as_deref(),
        };
        let mut config: Config = own.unwrap_or(&self.url).parse().map_err(|error: tokio_postgres::Error| {
            Error::new(Code::Internal, "the database address is not valid").because(error)
        })?;
        config.application_name("stoa");
        let mut options = "-c timezone=UTC -c lock_timeout=20s -c idle_in_transaction_session_timeout=60s".to_owned();
        match (own, login.role()) {
            (None, Some(role)) if self.trusts_names => {
                config.user(role);
            }
            // Put on at start, so that even RESET ROLE returns to it.
            (None, Some(role)) => options.extend([" -c role=", role]),
            (Some(_), _) | (_, None) => {}
        }
        if login != Login::Owner {
            options.push_str(" -c statement_timeout=60s");
            options.push_str(BY_KEY);
        }
        config.options(&options);
        Ok(config)
    }
}

/// Opens a connection, with TLS where the address asks for it.
pub(crate) async fn connect(config: Config) -> ConnectionResult<AsyncPgConnection> {
    let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(format!("{:#}", anyhow::Error::new(error)));
    if config.get_ssl_mode() == SslMode::Require {
        let (client, connection) = config.connect(tls()).await.map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    } else {
        let (client, connection) = config.connect(NoTls).await.map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    }
}

/// Opens a connection that whoever uses it drives himself.
pub(super) async fn open(config: Config) -> Result<(Client, Driver), tokio_postgres::Error> {
    if config.get_ssl_mode() == SslMode::Require {
        let (client, connection) = config.connect(tls()).await?;
        Ok((client, connection.boxed().fuse()))
    } else {
        let (client, connection) = config.connect(NoTls).await?;
        Ok((client, connection.boxed().fuse()))
    }
}

fn tls() -> tokio_postgres_rustls::MakeRustlsConnect {
    tokio_postgres_rustls::MakeRustlsConnect::new(tls_config())
}

fn tls_config() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    match rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions() {
        Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
        Err(error) => unreachable!("ring speaks the default versions: {error}"),
    }
}
