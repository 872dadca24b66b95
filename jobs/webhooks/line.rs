//! One receiver's line: what waits, what is under way, and how long the rest may have to wait.
//!
//! Not here: permits and attempts (`lanes`). Nothing in here asks anybody or sleeps.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use stoa_actors::tenant::OwnLimits;
use stoa_webhooks::{Outgoing, Receiver};
use uuid::Uuid;

use super::hand::Hand;

/// Longest line kept in memory.
pub(super) const LINE_MAX: usize = 1_024;
/// How much of a line with limits of its own is kept in memory: what can go within this time.
const HERE: TimeDelta = TimeDelta::seconds(5);
/// When the tail of a long line comes back, at the earliest.
const LATER: TimeDelta = TimeDelta::seconds(2);
/// Attempts at the same time where the receiver has no limit of its own.
const USUAL_IN_FLIGHT: f64 = 64.0;
/// What an attempt is thought to take before one was seen, seconds.
const USUAL_SECONDS: f64 = 0.1;
/// Of the attempts seen, how much the newest counts.
const NEWEST: f64 = 0.125;

/// Attempts of replays at the same time, where there is nothing fresh: the rest of the receiver's permits is kept for what
/// happens now.
const REPLAYED_MAX: usize = 8;

/// A delivery in hand.
pub(super) struct Parcel {
    pub(super) outgoing: Outgoing,
    pub(super) hand: Arc<Hand>,
}

/// A receiver's line.
#[derive(Default)]
pub(super) struct Line {
    pub(super) waiting: VecDeque<Parcel>,
    /// What is replayed: goes when nothing else does, a few at a time.
    pub(super) replays: VecDeque<Parcel>,
    /// Of what is under way, how many are replayed.
    replayed: usize,
    /// Objects whose first announcement is under way, and what waits behind it.
    pub(super) opening: HashMap<Uuid, VecDeque<Parcel>>,
    /// Objects whose first announcement came this way while the line was there.
    pub(super) opened: HashSet<Uuid>,
    pub(super) under_way: usize,
    pub(super) asking: bool,
    /// Waits for its rate, and asks nobody meanwhile.
    pub(super) resting: bool,
    pub(super) idle_since: DateTime<Utc>,
    /// The limits that the newest delivery brought.
    pub(super) own: OwnLimits,
    /// Behind an open breaker: when the delivery comes back that asks for all.
    pub(super) asks_at: DateTime<Utc>,
    /// Until when its turns are given away to what is in the queue.
    booked: DateTime<Utc>,
    /// What an attempt takes, seconds; none before the first.
    seconds: Option<f64>,
}

impl Line {
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.replays.is_empty() && self.under_way == 0 && !self.asking && !self.resting
    }

    /// Is something in the queue that it must know of when more comes.
    pub(super) fn expects(&self, now: DateTime<Utc>) -> bool {
        self.asks_at > now || self.booked > now
    }

    /// Takes over the limits of a receiver as it was loaded last.
    pub(super) fn limit(&mut self, receiver: &Receiver) {
        self.own = OwnLimits { in_flight: receiver.max_in_flight, per_second: receiver.rate_per_second };
    }

    /// Puts a delivery at the end: of what is fresh, or of what is replayed.
    pub(super) fn push(&mut self, parcel: Parcel) {
        if parcel.outgoing.is_replayed() { self.replays.push_back(parcel) } else { self.waiting.push_back(parcel) }
    }

    /// How many may go now, as far as the line itself is concerned.
    pub(super) fn ready(&self) -> usize {
        self.waiting.len() + self.replays.len().min(REPLAYED_MAX.saturating_sub(self.replayed))
    }

    /// Takes all that waits, what is fresh before what is replayed.
    pub(super) fn take_waiting(&mut self) -> VecDeque<Parcel> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.append(&mut self.replays);
        waiting
    }

    /// Is there no more room in memory for such a one: what is replayed takes none from what is fresh.
    pub(super) fn is_full_for(&self, parcel: &Parcel) -> bool {
        self.is_full(if parcel.outgoing.is_replayed() { self.replays.len() } else { self.waiting.len() })
    }

    fn is_full(&self, waiting: usize) -> bool {
        let most = if self.own == OwnLimits::default() { LINE_MAX } else { self.within(HERE).clamp(1, LINE_MAX) };
        waiting >= most
    }

    /// Gives the next turn away that is not given away yet, so that the tail of a long line comes back a part at a time
    /// and as fast as it can go. Turns of one second come back together.
    pub(super) fn book(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let each = self.seconds_each();
        let waiting = f64::from(u32::try_from(self.waiting.len()).unwrap_or(u32::MAX));
        self.booked = self.booked.max(now + seconds(each * waiting)).max(now + LATER) + seconds(each);
        ceil(self.booked)
    }

    /// Learns how long an attempt took.
    pub(super) fn learn(&mut self, duration_ms: i32) {
        let took = f64::from(duration_ms.max(1)) / 1_000.0;
        self.seconds = Some(self.seconds.map_or(took, |usual| usual + (took - usual) * NEWEST));
    }

    /// Counts an attempt as ended, and gives what waited behind it.
    pub(super) fn ended(&mut self, parcel: &Parcel) -> Option<VecDeque<Parcel>> {
        self.under_way = self.under_way.saturating_sub(1);
        self.replayed = self.replayed.saturating_sub(usize::from(parcel.outgoing.is_replayed()));
        parcel.outgoing.opens.then(|| self.opening.remove(&parcel.outgoing.object)).flatten()
    }

    /// Takes what waits of an object.
    pub(super) fn take_of(&mut self, object: Uuid) -> VecDeque<Parcel> {
        let mut taken = VecDeque::new();
        for queue in [&mut self.waiting, &mut self.replays] {
            let (of_it, others): (VecDeque<_>, VecDeque<_>) =
                queue.drain(..).partition(|parcel| parcel.outgoing.object == object);
            *queue = others;
            taken.extend(of_it);
        }
        taken
    }

    /// The next delivery that may go; those behind a first announcement under way are set aside.
    pub(super) fn next(&mut self) -> Option<Parcel> {
        while let Some(parcel) = self.pop() {
            if let Some(behind) = self.opening.get_mut(&parcel.outgoing.object) {
                behind.push_back(parcel);
                continue;
            }
            if parcel.outgoing.opens && parcel.outgoing.attempts == 0 {
                self.opening.insert(parcel.outgoing.object, VecDeque::new());
            }
            self.replayed += usize::from(parcel.outgoing.is_replayed());
            return Some(parcel);
        }
        None
    }

    fn pop(&mut self) -> Option<Parcel> {
        let fresh = self.waiting.pop_front();
        if fresh.is_some() || self.replayed >= REPLAYED_MAX { fresh } else { self.replays.pop_front() }
    }

    /// From one delivery to the next, in seconds, as far as limits and the receiver allow.
    fn seconds_each(&self) -> f64 {
        let in_flight = self.own.in_flight.map_or(USUAL_IN_FLIGHT, |most| f64::from(most.max(1)).min(USUAL_IN_FLIGHT));
        let by_receiver = self.seconds.unwrap_or(USUAL_SECONDS) / in_flight;
        self.own.per_second.map_or(by_receiver, |most| by_receiver.max(1.0 / f64::from(most.max(1))))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::as_conversions,
        reason = "clamped first"
    )]
    fn within(&self, time: TimeDelta) -> usize {
        (time.as_seconds_f64() / self.seconds_each()).clamp(0.0, 1_000_000.0) as usize
    }
}

#[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "clamped to some years first")]
fn seconds(seconds: f64) -> TimeDelta {
    TimeDelta::microseconds((seconds.clamp(0.0, 1.0e8) * 1.0e6) as i64)
}

/// The next full second, so that what comes back at about the same time shares a promise.
pub(super) fn ceil(at: DateTime<Utc>) -> DateTime<Utc> {
    let over = i64::from(at.timestamp_subsec_micros());
    if over == 0 { at } else { at + TimeDelta::microseconds(1_000_000 - over) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    fn limited(in_flight: Option<u32>, per_second: Option<u32>) -> Line {
        Line { own: OwnLimits { in_flight, per_second }, ..Line::default() }
    }

    #[test]
    fn turns_are_given_away_as_fast_as_the_rate_goes() {
        let mut line = limited(None, Some(4));
        let turns: Vec<i64> = (0..12).map(|_| (line.book(at(0)) - at(0)).num_milliseconds()).collect();
        assert_eq!(turns, [3_000, 3_000, 3_000, 3_000, 4_000, 4_000, 4_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
        assert_eq!((line.book(at(60_000)) - at(60_000)).num_milliseconds(), 3_000, "what is past is given to nobody");
    }

    #[test]
    fn a_slow_receiver_keeps_little_in_memory() {
        let here = |line: &Line| line.within(HERE);
        assert_eq!(here(&limited(None, Some(1))), 5);
        assert_eq!(here(&limited(Some(1), None)), 50);
        let mut slow = limited(Some(1), None);
        (0..100).for_each(|_| slow.learn(10_000));
        assert_eq!(here(&slow), 0, "and one at least is kept all the same");
        assert!(!slow.is_full(0));
        let mut quick = limited(Some(1), Some(10_000));
        (0..100).for_each(|_| quick.learn(1));
        assert!(here(&quick) > LINE_MAX);
    }

    #[test]
    fn turns_come_back_by_the_second() {
        assert_eq!(ceil(at(0)), at(0));
        assert_eq!(ceil(at(1)), at(1_000));
        assert_eq!(ceil(at(999)), at(1_000));
    }
}
