//! Activity without end, from several connections, of learners that they share.
//!
//! A request that was not answered is sent again, byte for byte, until it is: that is the part of the bargain which
//! a sender has to keep. Now and then an answered one is sent again too.

use std::{net::SocketAddr, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use stoa_core::clock::{Clock, SystemClock};
use tokio::{sync::watch, task::JoinSet, time::Interval};

use super::{ledger::Ledger, school::School, wire::Channel};

const CONNECTIONS: u64 = 6;
/// From one request of a connection to its next, so that a server in a debug build and its receivers keep up.
const PACE: Duration = Duration::from_millis(60);
const EVENTS_MAX: usize = 6;
/// One request in so many is sent a second time though it was answered.
const DOUBTED: u32 = 12;
const WAY_IN: &str = "POST /api/progress-events";

/// Senders at work.
pub(crate) struct Load {
    senders: JoinSet<()>,
    stop: watch::Sender<bool>,
}

struct Sender {
    name: String,
    school: School,
    ledger: Ledger,
    /// The servers; the next one is tried when one does not answer.
    doors: Vec<SocketAddr>,
    channel: Option<Channel>,
    dice: StdRng,
    pace: Interval,
    requests: u64,
}

impl Load {
    /// Puts all learners on all courses, and begins to send to servers on one database.
    pub(crate) async fn start(doors: &[SocketAddr], school: &School, ledger: &Ledger, seed: u64) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mut senders = JoinSet::new();
        Sender::new(0, (doors, seed), school, ledger).enrol().await;
        for number in 1..=CONNECTIONS {
            let sender = Sender::new(number, (doors, seed), school, ledger);
            senders.spawn(sender.run(stopping.clone()));
        }
        Self { senders, stop }
    }

    /// Ends when every request is answered. The servers must run.
    pub(crate) async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.senders.join_next().await {
            ended.expect("a sender that found nothing wrong");
        }
    }
}

/// Tells two servers of each object at the same moment: every learner on every item, each server with ids of its own.
pub(crate) async fn rush(doors: [SocketAddr; 2], school: &School, ledger: &Ledger) {
    let [mut one, mut other] = doors.map(|door| Sender::new(u64::from(door.port()), (&[door], 0), school, ledger));
    Sender::new(0, (&doors, 0), school, ledger).enrol().await;
    for item in &school.items {
        let (here, there) = (one.everybody_on(item, 0.25), other.everybody_on(item, 0.75));
        tokio::join!(one.submit(&here), other.submit(&there));
    }
}

impl Sender {
    fn new(number: u64, (doors, seed): (&[SocketAddr], u64), school: &School, ledger: &Ledger) -> Self {
        let mut doors = doors.to_vec();
        let first = usize::try_from(number).unwrap_or_default() % doors.len();
        doors.rotate_left(first);
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Self {
            name: format!("sender-{number}"),
            school: school.clone(),
            ledger: ledger.clone(),
            doors,
            channel: None,
            dice: StdRng::seed_from_u64(seed.wrapping_add(number)),
            pace,
            requests: 0,
        }
    }

    async fn enrol(mut self) {
        for course in self.school.courses.clone() {
            let event =
                |learner: &String| self.event(&format!("{learner}-{course}"), learner, ("course", &course), "enrolled");
            let events: Vec<Value> = self.school.learners.iter().map(event).collect();
            self.submit(&json!({ "events": events }).to_string()).await;
        }
    }

    fn everybody_on(&self, item: &str, progress: f64) -> String {
        let event = |learner: &String| {
            let mut event = self.event(&format!("{learner}-{item}"), learner, ("item", item), "progressed");
            event["result"] = json!({ "progress": progress });
            event
        };
        let events: Vec<Value> = self.school.learners.iter().map(event).collect();
        json!({ "events": events }).to_string()
    }

    async fn run(mut self, stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let body = self.request();
            self.submit(&body).await;
            if self.dice.random_ratio(1, DOUBTED) {
                self.submit(&body).await;
            }
            self.pace.tick().await;
        }
    }

    fn request(&mut self) -> String {
        self.requests += 1;
        let count = self.dice.random_range(1..=EVENTS_MAX);
        let events: Vec<Value> = (0..count)
            .map(|nth| {
                let learner = one_of(&mut self.dice, &self.school.learners);
                let item = one_of(&mut self.dice, &self.school.items);
                let verb = if self.dice.random_ratio(1, 20) { "completed" } else { "progressed" };
                let mut event = self.event(&format!("{}-{nth}", self.requests), &learner, ("item", &item), verb);
                event["result"] = json!({ "progress": self.dice.random_range(0.0..0.99), "duration_seconds": 3 });
                if verb == "completed" {
                    event["result"]["progress"] = json!(1.0);
                }
                event
            })
            .collect();
        json!({ "events": events }).to_string()
    }

    fn event(&self, id: &str, learner: &str, (kind, object): (&str, &str), verb: &str) -> Value {
        json!({
            "id": format!("{}-{id}", self.name),
            "occurred_at": SystemClock.now().to_rfc3339(),
            "user": { "external_id": learner },
            "object": { "kind": kind, "external_id": object },
            "verb": verb,
        })
    }

    /// Sends until there is an answer.
    async fn submit(&mut self, body: &str) {
        while !self.is_answered(body).await {
            self.pace.tick().await;
        }
    }

    async fn is_answered(&mut self, body: &str) -> bool {
        let answer = match self.channel.take() {
            Some(channel) => Ok(channel),
            None => Channel::open(self.doors[0]).await,
        };
        let answer = match answer {
            Ok(mut channel) => {
                channel.call(WAY_IN, Some(&self.school.token), body).await.map(|answer| (channel, answer))
            }
            Err(error) => Err(error),
        };
        let Ok((channel, answer)) = answer else {
            self.doors.rotate_left(1);
            self.ledger.lock().unanswered += 1;
            return false;
        };
        self.channel = Some(channel).filter(|_| answer.header("connection") != Some("close"));
        match answer.status() {
            200 => self.ledger.lock().answered(&answer.json()),
            503 => {
                assert!(answer.header("retry-after").is_some(), "503 without Retry-After: {}", answer.text());
                self.ledger.lock().refused += 1;
            }
            status => panic!("{status}: {}", answer.text()),
        }
        answer.status() == 200
    }
}

fn one_of(dice: &mut StdRng, all: &[String]) -> String {
    all[dice.random_range(0..all.len())].clone()
}
