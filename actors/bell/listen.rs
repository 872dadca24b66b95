//! One connection that listens, from its beginning to its end.
//!
//! Not here: beginning again.

use std::{future::poll_fn, time::Duration};

use futures::future::{Either, select};
use stoa_core::{
    db::{Endpoint, Login},
    events::NEWS_CHANNEL,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Bell, Channel, TENANTS_CHANNEL};
use crate::tls;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// After so much silence the kernel asks whether the other side lives.
const ASK_AFTER: Duration = Duration::from_secs(30);

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("the database address is not valid: {0}")]
    Address(stoa_core::Error),
    #[error("{0}")]
    Connection(#[from] tokio_postgres::Error),
    #[error("PostgreSQL ended the connection")]
    Ended,
}

/// Listens on every channel, and answers why it no longer does.
pub(super) async fn until_broken(bell: &Bell, endpoint: &Endpoint) -> Broken {
    match open(bell, endpoint).await {
        Ok(never) => match never {},
        Err(broken) => broken,
    }
}

async fn open(bell: &Bell, endpoint: &Endpoint) -> Result<std::convert::Infallible, Broken> {
    let mut config = endpoint.config(Login::Relay).map_err(Broken::Address)?;
    config.connect_timeout(CONNECT_WITHIN).keepalives_idle(ASK_AFTER).tcp_user_timeout(ASK_AFTER);
    if config.get_ssl_mode() == SslMode::Require {
        listen_with(bell, &config, MakeRustlsConnect::new(tls::client_config(&[], &[]))).await
    } else {
        listen_with(bell, &config, NoTls).await
    }
}

async fn listen_with<T>(bell: &Bell, config: &Config, tls: T) -> Result<std::convert::Infallible, Broken>
where
    T: tokio_postgres::tls::MakeTlsConnect<tokio_postgres::Socket>,
{
    let (client, connection) = config.connect(tls).await?;
    // The connection moves only while it is polled, so the question and the listening are two futures side by side.
    let asking = Box::pin(subscribe(bell, client));
    let hearing = Box::pin(hear(bell, connection));
    match select(asking, hearing).await {
        Either::Left((Ok(never), _)) => match never {},
        Either::Left((Err(error), _)) => Err(error.into()),
        Either::Right((result, _)) => result,
    }
}

async fn subscribe(bell: &Bell, client: Client) -> Result<std::convert::Infallible, tokio_postgres::Error> {
    for name in Channel::ALL.map(Channel::as_str).into_iter().chain([NEWS_CHANNEL, TENANTS_CHANNEL]) {
        client.batch_execute(&format!("LISTEN {name}")).await?;
    }
    bell.listening();
    // A client that goes ends its connection.
    std::future::pending().await
}

async fn hear<S, T>(bell: &Bell, mut connection: Connection<S, T>) -> Result<std::convert::Infallible, Broken>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
        let AsyncMessage::Notification(news) = message? else { continue };
        if news.channel() == NEWS_CHANNEL {
            bell.heard_news(news.payload());
        } else if news.channel() == TENANTS_CHANNEL {
            bell.heard_change(news.payload());
        } else if let Some(channel) = Channel::ALL.into_iter().find(|channel| channel.as_str() == news.channel()) {
            bell.ring(channel);
        }
    }
    Err(Broken::Ended)
}
