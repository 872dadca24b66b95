//! The public listener and the operator's.

use std::{sync::Arc, time::Duration};

use actix_web::{App as Web, HttpServer, dev::ServerHandle, web::ServiceConfig};
use anyhow::Context;
use stoa_http::{self, App};
use tokio::task::JoinSet;

use super::Role;
use crate::config::Config;

/// Listeners that are open.
pub(super) struct Listeners {
    public: Option<ServerHandle>,
    ops: ServerHandle,
    serving: JoinSet<std::io::Result<()>>,
    app: Arc<App>,
}

/// Hangs the doors of a listener.
type Configure = fn(&mut ServiceConfig, &Arc<App>);

/// Opens what the role serves; the operator's listener is always open.
///
/// # Errors
/// An address that is taken.
pub(super) fn open(config: &Config, app: &Arc<App>, role: Role) -> anyhow::Result<Listeners> {
    let mut serving = JoinSet::new();
    let server = &config.server;
    let workers = match server.workers {
        0 => std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        given => given,
    };
    let mut public = None;
    if role.serves() {
        public = Some(listen(&mut serving, server.address, (app, stoa_http::configure), (config, workers))?);
    }
    let ops = listen(&mut serving, server.ops_address, (app, stoa_http::ops::configure), (config, 1))?;
    Ok(Listeners { public, ops, serving, app: Arc::clone(app) })
}

fn listen(
    serving: &mut JoinSet<std::io::Result<()>>,
    address: std::net::SocketAddr,
    (app, configure): (&Arc<App>, Configure),
    (config, workers): (&Config, usize),
) -> anyhow::Result<ServerHandle> {
    let app = Arc::clone(app);
    let server = HttpServer::new(move || {
        let app = Arc::clone(&app);
        Web::new().configure(move |config| configure(config, &app))
    })
    .workers(workers)
    .client_request_timeout(Duration::from_secs(config.server.client_timeout_secs))
    .shutdown_timeout(config.server.shutdown_grace_secs)
    .disable_signals()
    .bind(address)
    .with_context(|| format!("cannot listen on {address}"))?
    .run();
    let handle = server.handle();
    serving.spawn_local(server);
    Ok(handle)
}

impl Listeners {
    /// Takes no more requests, and finishes those that came within the grace.
    pub(super) async fn stop(self, grace: Duration) {
        let Self { public, ops, mut serving, app } = self;
        app.readiness.drain();
        // Whoever waits for events is answered at once, with none.
        app.db.news().close();
        drop(app);
        let stopping = async {
            if let Some(public) = public {
                public.stop(true).await;
            }
            ops.stop(true).await;
            while serving.join_next().await.is_some() {}
        };
        if tokio::time::timeout(grace + Duration::from_secs(1), stopping).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
    }
}
