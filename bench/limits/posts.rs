//! Signed POSTs per second, by the HTTP client of the product with the settings of the product and nothing around it.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use actix_rt::Arbiter;
use anyhow::Context;
use awc::{Client, Connector};
use bytes::Bytes;
use stoa_core::clock::{Clock, SystemClock};
use stoa_protocols::{
    event::EventType,
    webhook::{DialectName, Signing, SigningKey},
};
use tokio::{sync::oneshot, task::JoinSet};

use crate::figures::per_second;

/// Threads with a client each, as the server has.
const ARBITERS: u64 = 2;
/// Requests under way on each.
const IN_FLIGHT: u64 = 32;
const KEEP_ALIVE: Duration = Duration::from_secs(4);
const SECRET: &[u8] = b"whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const MESSAGE: &str = "evt_01m7ynayr6f59r7xcc7ks9t3d9";

/// Sends for a while and answers how many per second were taken.
///
/// # Errors
/// When the receiver does not take them.
pub async fn per_sec(url: &str, body: &[u8], window: Duration) -> anyhow::Result<f64> {
    let began = Instant::now();
    let body = Bytes::copy_from_slice(body);
    let mut counts = Vec::new();
    let arbiters: Vec<Arbiter> = (0..ARBITERS).map(|_| Arbiter::new()).collect();
    for arbiter in &arbiters {
        let (tell, told) = oneshot::channel();
        let (url, body) = (url.to_owned(), body.clone());
        // The client cannot leave its thread, so it is made there.
        arbiter.spawn_fn(move || {
            tokio::task::spawn_local(async move {
                let _ = tell.send(post_until(url, body, began + window).await);
            });
        });
        counts.push(told);
    }
    let mut posts = 0;
    for told in counts {
        posts += told.await.context("a thread of clients ended")??;
    }
    let took = began.elapsed();
    for arbiter in arbiters {
        arbiter.stop();
    }
    Ok(per_second(posts, took))
}

#[expect(clippy::disallowed_methods, reason = "the limit of the way out is the client without the way out")]
async fn post_until(url: String, body: Bytes, until: Instant) -> anyhow::Result<u64> {
    let connector = Connector::new().conn_keep_alive(KEEP_ALIVE).limit(0);
    let client = Rc::new(Client::builder().connector(connector).disable_redirects().disable_timeout().finish());
    let mut lines = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let (client, url, body) = (Rc::clone(&client), url.clone(), body.clone());
        lines.spawn_local(async move {
            let mut posts = 0;
            while Instant::now() < until {
                post(&client, &url, &body).await?;
                posts += 1;
            }
            anyhow::Ok(posts)
        });
    }
    let mut posts = 0;
    while let Some(line) = lines.join_next().await {
        posts += line??;
    }
    Ok(posts)
}

async fn post(client: &Client, url: &str, body: &Bytes) -> anyhow::Result<()> {
    let signing = Signing {
        message_id: MESSAGE,
        timestamp: SystemClock.now().timestamp(),
        body,
        keys: &[SigningKey::of(SECRET)],
        api_version: None,
        event_type: EventType::MaterialStatUpdated,
        test: false,
    };
    let mut request = client.post(url);
    for header in DialectName::Talktiko.dialect().headers(&signing) {
        request = request.append_header(header);
    }
    let sent = request.send_body(body.clone()).await;
    let mut answer = sent.map_err(|error| anyhow::anyhow!("the receiver does not take a POST: {error}"))?;
    answer.body().await?;
    Ok(())
}
