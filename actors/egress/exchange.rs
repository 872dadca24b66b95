//! One attempt: a request out, a bounded look at the answer.
//!
//! Not here: where it may go (`guard`), and how many at once (`actor`).

use std::{rc::Rc, sync::Arc};

use actix_rt::time::{Instant, timeout};
use awc::{
    Client, ClientResponse,
    error::SendRequestError,
    http::header::{HeaderName, LOCATION, RETRY_AFTER, USER_AGENT},
};
use futures::StreamExt;
use stoa_protocols::webhook::retry_after;

use super::{
    failure,
    messages::{Answer, FailureClass, Outcome, Post},
    options::EgressOptions,
    stages::{Stage, millis},
    wire::{Footprint, Letter},
    words::Scene,
};

/// Of an answer's body, read at most; then the connection is cut.
const READ_LIMIT_BYTES: usize = 16 * 1024;
/// Of an answer's body, kept.
const EXCERPT_BYTES: usize = 1024;
/// Of the address in a redirect, kept.
const LOCATION_LETTERS: usize = 512;

/// Sends and answers in bounded time, whatever the receiver does.
pub(super) async fn attempt(client: Client, options: Arc<EgressOptions>, post: Post) -> Answer {
    let started = Instant::now();
    let footprint = Rc::new(if post.fresh { Footprint::detailed() } else { Footprint::default() });
    let exchange = footprint.of(exchange(&client, &options, &post, &footprint));
    // Around everything: awc's own limit ends with the head of the answer.
    let outcome = timeout(options.total_within, exchange).await.unwrap_or_else(|_| {
        let detail = scene(&options, &post, &footprint).timed_out(options.total_within);
        Outcome::Failure { class: FailureClass::Timeout, detail }
    });
    Answer {
        duration_ms: millis(started.elapsed()),
        address: footprint.address().map(|address| address.to_string()),
        timings: footprint.timings(),
        tls: footprint.tls(),
        outcome,
    }
}

fn scene<'a>(options: &EgressOptions, post: &'a Post, footprint: &Footprint) -> Scene<'a> {
    Scene::new(&post.url, (footprint.address(), footprint.stage()), options.connect_within)
}

async fn exchange(client: &Client, options: &EgressOptions, post: &Post, footprint: &Footprint) -> Outcome {
    let mut sent = send(client, options, post).await;
    // A receiver may close a kept connection in the moment in which we write to it. That says nothing about the
    // receiver, and its deliveries are at least once anyway: try again on another connection, as Go's client does.
    // Its other kept connections may be as stale, hence not once but until a fresh one was tried.
    while footprint.is_reused() && sent.as_ref().is_err_and(failure::is_hang_up) {
        sent = send(client, options, post).await;
    }
    match sent {
        Ok(response) => {
            Footprint::note_stage(Stage::Reading);
            read(response, options).await
        }
        Err(error) => failure::outcome(&error, &scene(options, post, footprint)),
    }
}

async fn send(client: &Client, options: &EgressOptions, post: &Post) -> Result<ClientResponse, SendRequestError> {
    let mut request = client.post(&*post.url);
    for (name, value) in &post.headers {
        request = request.append_header((name.as_str(), value.as_str()));
    }
    request
        .insert_header_if_none((USER_AGENT, options.user_agent.as_str()))
        .send_body(Letter::new(post.body.clone()))
        .await
}

async fn read(mut response: ClientResponse, options: &EgressOptions) -> Outcome {
    let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header(RETRY_AFTER)
        .and_then(|value| retry_after(value, options.clock.now()))
        .and_then(|wait| u64::try_from(wait.num_seconds()).ok());
    let redirects = response.status().is_redirection();
    let location = header(LOCATION).filter(|_| redirects).map(|to| to.chars().take(LOCATION_LETTERS).collect());
    let mut kept = Vec::new();
    let mut seen = 0_usize;
    // Status and start of the body are known: that the rest breaks off, or is too long, changes nothing. Dropping
    // the response before its end closes the connection, so that no rest is mistaken for the next answer.
    while let Some(Ok(chunk)) = response.next().await {
        let room = EXCERPT_BYTES.saturating_sub(kept.len());
        kept.extend(chunk.iter().take(room));
        seen = seen.saturating_add(chunk.len());
        if seen > READ_LIMIT_BYTES {
            break;
        }
    }
    Outcome::Response { status: response.status().as_u16(), excerpt: text(&kept), retry_after, location }
}

/// Makes bytes into text that can be stored and shown: no broken characters, no controls, no NUL.
fn text(bytes: &[u8]) -> String {
    let whole = match std::str::from_utf8(bytes) {
        // Cut within a character: leave its first half out.
        Err(error) if error.error_len().is_none() => bytes.get(..error.valid_up_to()).unwrap_or_default(),
        _ => bytes,
    };
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter,
        _ if letter.is_control() => char::REPLACEMENT_CHARACTER,
        _ => letter,
    };
    String::from_utf8_lossy(whole).chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_become_text() {
        assert_eq!(text(b"thank you\n"), "thank you\n");
        assert_eq!(text("grüß".as_bytes()), "grüß");
        assert_eq!(text(b"a\0b\x1b[31m\x7f"), "a\u{fffd}b\u{fffd}[31m\u{fffd}");
        assert_eq!(text(&"ü".as_bytes()[..1]), "");
        assert_eq!(text(b"\xff\xfeok"), "\u{fffd}\u{fffd}ok");
    }
}
