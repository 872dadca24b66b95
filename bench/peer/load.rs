//! Senders: many connections at once, each with learners of its own, so that one learner's events keep their order.

use std::{
    cell::{Cell, RefCell},
    fmt::Write,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::Context;
use chrono::SecondsFormat;
use stoa_core::clock::{Clock, SystemClock};
use tokio::task::JoinSet;

use super::{
    sink::{SharedLedger, event_ids},
    wire::Channel,
};
use crate::world::{Group, too_small};

/// How much behind its time a request is sent late, and counted from when it should have been sent.
const LATE: Duration = Duration::from_millis(2);
/// Refusals after which a run is given up.
const REFUSED_MAX: u64 = 1_000;
/// Requests of any run; more than this machine takes in a window.
const REQUESTS_MAX: u64 = 10_000_000;
/// How long a sender waits after a refusal.
const PAUSE: Duration = Duration::from_millis(20);

/// What is sent in a run.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections.
    pub connections: u64,
    /// Events of one request, all of one institution.
    pub per_request: u64,
    /// When the next request goes.
    pub drive: Drive,
    /// How long at most.
    pub window: Duration,
    /// How many requests at most.
    pub requests: u64,
}

impl Load {
    /// Single events over so many connections, each sent when the last is answered.
    pub const fn singles(connections: u64, window: Duration) -> Self {
        Self { connections, per_request: 1, drive: Drive::Closed, window, requests: REQUESTS_MAX }
    }

    /// The same at a rate, in requests per second over all connections.
    pub const fn at_rate(self, rate: f64) -> Self {
        Self { drive: Drive::Rate(rate), ..self }
    }
}

/// When the next request goes.
#[derive(Debug, Clone, Copy)]
pub enum Drive {
    /// When the last one is answered.
    Closed,
    /// At its time, requests per second over all connections.
    Rate(f64),
}

/// What came of it, beside what is in the ledger.
#[derive(Debug, Default)]
pub struct Sent {
    /// From the first request to the last answer.
    pub took: Duration,
    /// Requests that were not answered by 200 with every event accepted.
    pub refused: u64,
    /// The first of them.
    pub refusal: Option<String>,
    /// Requests that went later than their time.
    pub late: u64,
}

struct Sender {
    address: SocketAddr,
    group: Rc<Group>,
    ledger: SharedLedger,
    load: Load,
    began: Instant,
    /// Numbers the events of all runs.
    numbers: Rc<Cell<u64>>,
    sent: Rc<RefCell<Sent>>,
}

/// Sends to one server, run after run.
#[derive(Debug)]
pub struct Senders {
    address: SocketAddr,
    ledger: SharedLedger,
    numbers: Rc<Cell<u64>>,
}

impl Senders {
    /// Makes senders that write into a ledger.
    pub fn new(address: SocketAddr, ledger: SharedLedger) -> Self {
        Self { address, ledger, numbers: Rc::default() }
    }

    /// Sends to a group of institutions until the window is over and all is answered.
    ///
    /// # Errors
    /// When a connection breaks, or too many requests are refused.
    pub async fn send(&self, group: &Rc<Group>, load: Load) -> anyhow::Result<Sent> {
        if load.connections > group.learners || (load.per_request > 1 && group.institutions > 1) {
            return Err(too_small().into());
        }
        let sent = Rc::new(RefCell::new(Sent::default()));
        let began = Instant::now();
        let mut senders = JoinSet::new();
        for connection in 0..load.connections {
            let sender = Sender {
                address: self.address,
                group: Rc::clone(group),
                ledger: Rc::clone(&self.ledger),
                load,
                began,
                numbers: Rc::clone(&self.numbers),
                sent: Rc::clone(&sent),
            };
            senders.spawn_local(sender.run(connection));
        }
        while let Some(ended) = senders.join_next().await {
            ended?.context("sending events")?;
        }
        let mut sent = sent.take();
        sent.took = began.elapsed();
        Ok(sent)
    }
}

impl Sender {
    async fn run(self, connection: u64) -> anyhow::Result<()> {
        let mut channel = Channel::open(self.address).await?;
        let (mut request, mut body) = (String::new(), String::new());
        let mut learner = connection;
        let mut turn = connection;
        loop {
            let Some(due) = self.wait(turn).await else { return Ok(()) };
            turn += self.load.connections;
            body.clear();
            request.clear();
            let institution = self.group.institution_of(learner);
            learner = self.write_body(&mut body, learner);
            write!(
                request,
                "POST /api/progress-events HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                self.group.token(institution),
                body.len()
            )?;
            self.exchange(&mut channel, &request, due).await?;
        }
    }

    /// Waits for the time of a request, and tells from when it counts; none when all was sent or the window is over.
    async fn wait(&self, turn: u64) -> Option<Instant> {
        if turn >= self.load.requests {
            return None;
        }
        let Drive::Rate(rate) = self.load.drive else {
            return (self.began.elapsed() < self.load.window).then(Instant::now);
        };
        let after = Duration::from_secs_f64(crate::figures::number(turn) / rate);
        if after >= self.load.window {
            return None;
        }
        let due = self.began + after;
        tokio::time::sleep_until(due.into()).await;
        let now = Instant::now();
        if now.saturating_duration_since(due) > LATE {
            self.sent.borrow_mut().late += 1;
            return Some(due);
        }
        Some(now)
    }

    /// Writes the events of a request; answers whose turn is next.
    fn write_body(&self, body: &mut String, mut learner: u64) -> u64 {
        let now = SystemClock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
        body.push_str(r#"{"events":["#);
        for nth in 0..self.load.per_request {
            if nth > 0 {
                body.push(',');
            }
            let number = self.numbers.get();
            self.numbers.set(number + 1);
            self.group.write_event(body, learner, (number, &now));
            learner += self.load.connections;
            if learner >= self.group.learners {
                learner %= self.load.connections;
            }
        }
        body.push_str("]}");
        learner
    }

    async fn exchange(&self, channel: &mut Channel, request: &str, sent: Instant) -> anyhow::Result<()> {
        let answer = channel.exchange(request.as_bytes()).await?;
        let answered = Instant::now();
        let mut accepted = 0;
        if answer.status() == 200 {
            let mut ledger = self.ledger.borrow_mut();
            for event in event_ids(answer.body) {
                ledger.accepted(event, sent, answered);
                accepted += 1;
            }
        }
        if accepted == self.load.per_request {
            return Ok(());
        }
        let refused = {
            let mut counted = self.sent.borrow_mut();
            counted.refused += 1;
            counted.refusal.get_or_insert_with(|| format!("{}: {}", answer.status(), answer.text()));
            counted.refused
        };
        anyhow::ensure!(refused < REFUSED_MAX, "the server refuses: {}", answer.text());
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}
