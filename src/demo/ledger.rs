//! What must arrive, what did, and the account of both.
//!
//! Not here: how one arrival is told (`receipt`), and how it is verified (`checks`).

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use anyhow::bail;
use serde_json::Value;
use stoa_protocols::{event::EventType, webhook::DialectName};

use super::{
    checks,
    day::{Counts, Hour, Outcome},
    receipt::{Receipt, about, span, text, type_of},
    receivers::Arrival,
    school::School,
};
use crate::cli::say;

/// Progress of what is complete, in basis points.
const COMPLETE: i64 = 10_000;

/// The account of a run.
#[derive(Default)]
pub(super) struct Ledger {
    /// Events by id, and when their cause was sent in.
    events: HashMap<String, Instant>,
    /// Those that tell of something older than what was known.
    late: HashSet<String>,
    /// Learners by id, and when they were sent in; their `user.created` is told to Reach 360's receiver.
    learners: HashMap<String, Instant>,
    learners_told: HashSet<String>,
    counts: Counts,
    requests: usize,
    /// Types of events, learned from the receiver that is told of everything.
    types: HashMap<String, EventType>,
    received: HashSet<(DialectName, String)>,
    receipts: Vec<Receipt>,
    faults: Vec<String>,
}

impl Ledger {
    pub(super) fn expect_learner(&mut self, learner: String, sent: Instant) {
        self.learners.insert(learner, sent);
    }

    pub(super) fn note(&mut self, hour: &Hour, outcome: &Outcome) {
        let counts = outcome.counts();
        self.requests += 1;
        self.counts.accepted += counts.accepted;
        self.counts.duplicate += counts.duplicate;
        self.counts.rejected += counts.rejected;
        for event in outcome.events() {
            self.events.insert(event.to_owned(), outcome.sent);
            if hour.late {
                self.late.insert(event.to_owned());
            }
        }
    }

    /// Takes a request to a receiver. Reach 360's also hears of what other people do meanwhile; that is passed over.
    pub(super) fn receive(&mut self, school: &School, arrival: &Arrival) {
        let (body, dialect) = (checks::body(arrival), arrival.dialect);
        let event = arrival.headers.get("webhook-id").cloned().unwrap_or_default();
        let is_user_created = text(&body, "/type") == "user.created";
        let learner = text(&body, "/data/user/id");
        let sent = if is_user_created { self.learners.get(learner) } else { self.events.get(&event) };
        let Some(sent) = sent.copied() else { return };
        let fault = self.fault(arrival, school.secret(dialect), (&event, &body));
        self.faults.extend(fault.iter().map(|fault| format!("{dialect} {event}: {fault}")));
        if let (DialectName::Talktiko, Ok(known)) = (dialect, text(&body, "/type").parse()) {
            self.types.insert(event.clone(), known);
        }
        let before = self.receipts.iter().filter(|one| one.dialect == dialect && one.event == event).count();
        let receipt = Receipt {
            dialect,
            event_type: type_of(dialect, &body),
            about: about(dialect, &body),
            after: arrival.at.saturating_duration_since(sent),
            answered: arrival.answered,
            attempt: before + 1,
            fault,
            event,
        };
        if receipt.is_received() {
            self.received.insert((dialect, receipt.event.clone()));
            if is_user_created {
                self.learners_told.insert(learner.to_owned());
            }
        }
        self.receipts.push(receipt);
    }

    fn fault(&self, arrival: &Arrival, secret: &str, (event, body): (&str, &Value)) -> Option<String> {
        if let Some(fault) = checks::fault(arrival, secret) {
            return Some(fault);
        }
        if !checks::notices_a_changed_byte(arrival, secret) {
            return Some("a changed byte is not noticed".to_owned());
        }
        // What was complete stays complete, whatever is heard later of earlier.
        let is_late = self.late.contains(event) && text(body, "/type") == "material_stat.updated";
        let progress = body.pointer("/data/standing/progress").and_then(Value::as_i64);
        (is_late && progress != Some(COMPLETE)).then(|| "a late event took something back".to_owned())
    }

    /// What has not arrived yet. Who must hear of an event is known by its type, and that from Talktiko's receiver.
    pub(super) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for event in self.events.keys() {
            let Some(event_type) = self.types.get(event) else {
                missing.push(format!("{} {event}", DialectName::Talktiko));
                continue;
            };
            let owed = DialectName::ALL.into_iter().filter(|dialect| dialect.dialect().speaks(*event_type));
            let lacking = owed.filter(|dialect| !self.received.contains(&(*dialect, event.clone())));
            missing.extend(lacking.map(|dialect| format!("{dialect} {event} {event_type}")));
        }
        let untold = self.learners.keys().filter(|learner| !self.learners_told.contains(*learner));
        missing.extend(untold.map(|learner| format!("{} user.created of {learner}", DialectName::Reach360)));
        missing
    }

    /// Tells what arrived, receiver by receiver.
    pub(super) fn tell(&self) {
        say::line("\nWhat arrived, and how long after it was sent in");
        for dialect in DialectName::ALL {
            say::line(format_args!("\n  {dialect}, verified by {}\n", checks::verified_by(dialect)));
            for receipt in self.receipts.iter().filter(|receipt| receipt.dialect == dialect) {
                say::line(receipt.line());
            }
        }
    }

    /// Tells how many.
    pub(super) fn totals(&self, log: &HashMap<String, u64>) {
        let sent = self.receipts.len();
        let received = self.receipts.iter().filter(|receipt| receipt.is_received()).count();
        let retries = self.receipts.iter().filter(|receipt| receipt.attempt > 1).count();
        let repeated = received.saturating_sub(self.received.len());
        let firsts = self.receipts.iter().filter(|receipt| receipt.attempt == 1);
        let mut delays: Vec<Duration> = firsts.map(|receipt| receipt.after).collect();
        delays.sort_unstable();
        let median = delays.get(delays.len() / 2).copied().unwrap_or_default();
        let longest = delays.last().copied().unwrap_or_default();
        let mut logged: Vec<String> =
            log.iter().filter(|(_, count)| **count > 0).map(|(status, count)| format!("{count} {status}")).collect();
        logged.sort_unstable();
        say::line("\nTotals\n");
        say::line(format_args!("  activity        {} in {} requests", self.counts, self.requests));
        say::line(format_args!("  events caused   {}, and {} user.created", self.events.len(), self.learners.len()));
        say::line(format_args!("  requests sent   {sent}: {received} received, {} refused", sent - received));
        say::line(format_args!("  retries         {retries}"));
        say::line(format_args!("  repeats         {repeated} (received before, and sent again)"));
        say::line(format_args!("  delivery log    {}", logged.join(", ")));
        say::line(format_args!("  first attempts  half within {}, all within {}", span(median), span(longest)));
    }

    /// # Errors
    /// When something is missing, does not verify, or is logged otherwise.
    pub(super) fn verdict(&self, log: &HashMap<String, u64>) -> anyhow::Result<()> {
        let mut faults = self.faults.clone();
        faults.extend(self.missing().into_iter().map(|what| format!("did not arrive: {what}")));
        let succeeded = log.get("succeeded").copied().unwrap_or_default();
        if u64::try_from(self.received.len()).is_ok_and(|received| succeeded < received) {
            faults.push(format!("{} were received, and {succeeded} are logged as succeeded", self.received.len()));
        }
        if !self.receipts.iter().any(|receipt| receipt.attempt > 1) {
            faults.push("the refused delivery was not sent again".to_owned());
        }
        if !faults.is_empty() {
            bail!("not all is well:\n  {}", faults.join("\n  "));
        }
        say::line("\nEverything that had to arrive arrived, and every signature verifies.");
        Ok(())
    }
}
