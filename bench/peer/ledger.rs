//! What is known of each event of a run: when it was sent, answered and first delivered, and how often.
//!
//! A webhook may overtake the answer to its event, so each side makes the entry that it does not find.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    time::Instant,
};

use crate::figures::{Spans, micros};

/// The bits of an event's id.
pub type EventBits = u128;

/// The accounts of one run.
#[derive(Debug)]
pub struct Ledger {
    began: Instant,
    /// Receivers that each event is owed to.
    owed: u32,
    events: HashMap<EventBits, Entry, BuildHasherDefault<Fold>>,
    complete: u64,
    totals: Totals,
    last_arrival: Instant,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Events that the server accepted.
    pub accepted: u64,
    /// Deliveries, each event once for each receiver.
    pub delivered: u64,
    /// Deliveries to a receiver that had the event already.
    pub duplicates: u64,
    /// Requests that reached the receiver that never answers.
    pub swallowed: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    is_accepted: bool,
    /// Microseconds since the run began.
    sent: u64,
    answered: u64,
    arrived: u64,
    /// A bit for each receiver that has it.
    receivers: u16,
}

impl Ledger {
    /// Begins a run in which each event is owed to so many receivers.
    pub fn begin(owed: u32) -> Self {
        let now = Instant::now();
        let events = HashMap::default();
        Self { began: now, owed, events, complete: 0, totals: Totals::default(), last_arrival: now }
    }

    /// An event was accepted.
    pub fn accepted(&mut self, event: EventBits, sent: Instant, answered: Instant) {
        let (sent, answered) = (self.since(sent), self.since(answered));
        self.totals.accepted += 1;
        let owed = self.owed;
        let entry = self.events.entry(event).or_default();
        (entry.is_accepted, entry.sent, entry.answered) = (true, sent, answered);
        self.complete += u64::from(entry.is_complete(owed));
    }

    /// A webhook arrived at a receiver.
    pub fn arrived(&mut self, event: EventBits, receiver: u8) {
        let now = Instant::now();
        let (arrived, owed) = (self.since(now), self.owed);
        let bit = 1_u16.checked_shl(u32::from(receiver)).unwrap_or_default();
        let entry = self.events.entry(event).or_default();
        if entry.receivers & bit != 0 {
            self.totals.duplicates += 1;
            return;
        }
        if entry.receivers == 0 {
            entry.arrived = arrived;
        }
        entry.receivers |= bit;
        self.complete += u64::from(entry.is_complete(owed));
        self.totals.delivered += 1;
        self.last_arrival = now;
    }

    /// A webhook arrived where nothing is answered.
    pub const fn swallowed(&mut self) {
        self.totals.swallowed += 1;
    }

    /// Has every accepted event arrived at every receiver.
    pub const fn is_settled(&self) -> bool {
        self.complete == self.totals.accepted
    }

    /// The counts.
    pub const fn totals(&self) -> Totals {
        self.totals
    }

    /// Deliveries owed that did not arrive.
    pub fn lost(&self) -> u64 {
        let missing = |entry: &Entry| u64::from(self.owed.saturating_sub(entry.receivers.count_ones()));
        self.events.values().filter(|entry| entry.is_accepted).map(missing).sum()
    }

    /// Deliveries of events that were not accepted in this run: late repetitions of an earlier one.
    pub fn strays(&self) -> u64 {
        let stray = |entry: &Entry| u64::from(entry.receivers.count_ones());
        self.events.values().filter(|entry| !entry.is_accepted).map(stray).sum()
    }

    /// When the last webhook arrived.
    pub const fn last_arrival(&self) -> Instant {
        self.last_arrival
    }

    /// From the answer, which is given after the commit, to the first delivery; 0 where the webhook came first.
    pub fn after_commit(&self) -> Spans {
        self.spans(|entry| entry.arrived.saturating_sub(entry.answered))
    }

    /// From the sending of the event to the first delivery.
    pub fn whole_way(&self) -> Spans {
        self.spans(|entry| entry.arrived.saturating_sub(entry.sent))
    }

    /// From the sending of the event to the answer.
    pub fn answers(&self) -> Spans {
        Spans::of(
            self.events.values().filter(|entry| entry.is_accepted).map(|e| e.answered.saturating_sub(e.sent)).collect(),
        )
    }

    fn spans(&self, of: impl Fn(&Entry) -> u64) -> Spans {
        let arrived = self.events.values().filter(|entry| entry.is_accepted && entry.receivers != 0);
        Spans::of(arrived.map(of).collect())
    }

    fn since(&self, moment: Instant) -> u64 {
        micros(moment.saturating_duration_since(self.began))
    }
}

impl Entry {
    const fn is_complete(&self, owed: u32) -> bool {
        self.is_accepted && self.receivers.count_ones() == owed
    }
}

/// Folds the bits of an id, which are random enough as they are.
#[derive(Debug, Default)]
struct Fold(u64);

impl Hasher for Fold {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, bits: u128) {
        let halves = uuid::Uuid::from_u128(bits).as_u64_pair();
        self.0 = (halves.0 ^ halves.1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_for_every_event_whoever_comes_first() {
        let mut ledger = Ledger::begin(2);
        let now = Instant::now();
        ledger.arrived(1, 0);
        assert!(ledger.is_settled(), "nothing was accepted yet");
        ledger.accepted(1, now, now);
        ledger.accepted(2, now, now);
        assert_eq!((ledger.is_settled(), ledger.lost(), ledger.strays()), (false, 3, 0));
        ledger.arrived(1, 1);
        ledger.arrived(2, 0);
        ledger.arrived(2, 1);
        ledger.arrived(2, 1);
        ledger.arrived(3, 0);
        assert_eq!((ledger.is_settled(), ledger.lost(), ledger.strays()), (true, 0, 1));
        let counted = Totals { accepted: 2, delivered: 5, duplicates: 1, swallowed: 0 };
        assert_eq!(ledger.totals(), counted);
    }
}
