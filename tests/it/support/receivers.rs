//! Receivers of webhooks that follow a script: the way out of a house under test.
//!
//! A call to an address that no test announced is remembered as unexpected and fails the test at its end.
//!
//! Not here: the real way out (`stoa_actors::egress`, with tests of its own).

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use stoa_actors::egress::{Answer, FailureClass, Outbound, Outcome, Post};
use stoa_core::clock::{Clock, MockClock};
use tokio::sync::{Notify, oneshot};

/// Longest wait for a call that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every receiver that a test announced. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Receivers {
    clock: MockClock,
    state: Arc<Mutex<State>>,
    news: Arc<Notify>,
}

#[derive(Default)]
struct State {
    known: HashMap<String, Script>,
    unexpected: Vec<String>,
}

#[derive(Default)]
struct Script {
    calls: Vec<Call>,
    next: VecDeque<Reply>,
    otherwise: Option<Outcome>,
}

enum Reply {
    Now(Outcome),
    When(oneshot::Receiver<Outcome>),
}

/// One request as a receiver saw it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// By the test's clock.
    pub(crate) at: DateTime<Utc>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Call {
    /// The value of a header, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body, which every dialect writes as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a body in JSON")
    }

    /// The event's type, which every dialect writes at the same place.
    pub(crate) fn event_type(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }
}

/// One receiver, as its test sees it.
#[derive(Clone)]
pub(crate) struct Receiver {
    url: String,
    all: Receivers,
}

/// An answer that a receiver has not given yet. Dropped, the connection breaks.
pub(crate) struct Held(oneshot::Sender<Outcome>);

impl Held {
    /// Gives it.
    pub(crate) fn answer(self, status: u16) {
        assert!(self.0.send(status_only(status)).is_ok(), "nobody waits for the answer any more");
    }
}

/// An answer with a status and nothing else.
pub(crate) fn status_only(status: u16) -> Outcome {
    Outcome::Response { status, excerpt: String::new(), retry_after: None, location: None }
}

/// An answer that asks for a pause.
pub(crate) fn later(status: u16, seconds: u64) -> Outcome {
    Outcome::Response { status, excerpt: "later".to_owned(), retry_after: Some(seconds), location: None }
}

/// No answer.
pub(crate) fn failure(class: FailureClass) -> Outcome {
    Outcome::Failure { class, detail: format!("scripted: {class}") }
}

impl Receivers {
    pub(super) fn new(clock: MockClock) -> Self {
        Self { clock, state: Arc::default(), news: Arc::default() }
    }

    /// Announces a receiver, which answers 200 until it is told otherwise.
    pub(crate) fn at(&self, url: &str) -> Receiver {
        self.lock().known.entry(url.to_owned()).or_default();
        Receiver { url: url.to_owned(), all: self.clone() }
    }

    pub(super) fn take_unexpected(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().unexpected)
    }

    fn reply(&self, post: Post) -> Reply {
        let mut state = self.lock();
        let Some(script) = state.known.get_mut(&*post.url) else {
            state.unexpected.push(post.url.to_string());
            return Reply::Now(status_only(404));
        };
        script.calls.push(Call { at: self.clock.now(), headers: post.headers, body: post.body });
        let otherwise = script.otherwise.clone().unwrap_or_else(|| status_only(200));
        let reply = script.next.pop_front().unwrap_or(Reply::Now(otherwise));
        drop(state);
        self.news.notify_waiters();
        reply
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Receiver {
    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Answers every further call with a status.
    pub(crate) fn always(&self, status: u16) {
        self.script(|script| script.otherwise = Some(status_only(status)));
    }

    /// Answers the next calls with these, in order, and then as before.
    pub(crate) fn then(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.script(|script| script.next.extend(outcomes.into_iter().map(Reply::Now)));
    }

    /// Answers the next call only when the test says so.
    pub(crate) fn hold(&self) -> Held {
        let (give, take) = oneshot::channel();
        self.script(|script| script.next.push_back(Reply::When(take)));
        Held(give)
    }

    /// The calls since the last look, in the order in which they came.
    pub(crate) fn take(&self) -> Vec<Call> {
        self.script(|script| std::mem::take(&mut script.calls))
    }

    /// The types of the events of the calls since the last look, sorted: calls of one moment have no order.
    pub(crate) fn take_types(&self) -> Vec<String> {
        let mut types: Vec<String> = self.take().iter().map(Call::event_type).collect();
        types.sort();
        types
    }

    /// Waits until so many calls have come since the last look.
    pub(crate) async fn called(&self, times: usize) {
        let waiting = async {
            loop {
                let news = self.all.news.notified();
                tokio::pin!(news);
                // From here on no call is missed.
                news.as_mut().enable();
                if self.script(|script| script.calls.len()) >= times {
                    return;
                }
                news.await;
            }
        };
        let came = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(
            came.is_ok(),
            "{} was called {} times, not {times}",
            self.url,
            self.script(|script| script.calls.len())
        );
    }

    fn script<T>(&self, work: impl FnOnce(&mut Script) -> T) -> T {
        work(self.all.lock().known.entry(self.url.clone()).or_default())
    }
}

impl Outbound for Receivers {
    fn post(&self, post: Post) -> BoxFuture<'_, Answer> {
        let reply = self.reply(post);
        async move {
            let outcome = match reply {
                Reply::Now(outcome) => outcome,
                Reply::When(given) => given.await.unwrap_or_else(|_| failure(FailureClass::Reset)),
            };
            Answer { duration_ms: 1, address: Some("192.0.2.1:443".to_owned()), ..Answer::of(outcome) }
        }
        .boxed()
    }

    fn permits(&self, _: Arc<str>) -> BoxFuture<'_, bool> {
        async { true }.boxed()
    }
}

impl std::fmt::Debug for Receivers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receivers").finish_non_exhaustive()
    }
}
