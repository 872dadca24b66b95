//! One line per receiver. A receiver that hangs or fails fills its own line and nobody else's.
//!
//! One task owns all lines, so nothing here is locked: it is told of new batches, of permits that were granted
//! and of attempts that ended, and starts the next ones. Everything that waits is asked for, never slept on.
//!
//! # Rule
//! - An attempt needs a permit of the institution's actor. What the breaker refuses goes back to the queue, and one of
//!   it comes back when the breaker lets one through. A line that has used up its receiver's rate rests until there is more.
//! - While the first announcement of an object is under way, the object's others wait behind it. One whose first
//!   announcement is in other hands goes back to the queue for a moment.
//! - What is replayed goes when nothing fresh waits, and never takes more than a few permits.
//! - A line that grows too long gives its tail to the queue, for when its turn may come: memory is bounded, the rows are
//!   not. What stays in memory keeps its promise alive, however long that takes.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use stoa_actors::{
    egress::Outbound,
    tenant::{Admission, Grant, Refusal, Tally, TenantDirectory},
};
use stoa_core::{Id, TenantId, clock::Clock, id};
use stoa_webhooks::{Outgoing, Promised};
use tokio::sync::{mpsc, watch};

use crate::relay::told;

use super::{
    attempt::{Fared, Tried, attempt},
    hand::Hand,
    line::{LINE_MAX, Line, Parcel, ceil},
    promises::{Later, Why},
    settler::Outcome,
};

/// Permits asked for at once.
const ASK_MAX: usize = 64;
/// How long an idle line is remembered: longer than an outcome takes to be written.
const IDLE_KEPT: TimeDelta = TimeDelta::seconds(5);
/// When a delivery behind an unattempted first announcement looks again.
const HELD_AGAIN: TimeDelta = TimeDelta::milliseconds(250);
/// How long a line behind an open breaker is left to the one delivery that asks: what waits is called back when the
/// receiver answers, and comes by itself after this time, should whoever would have called be gone.
const UNASKED: TimeDelta = TimeDelta::minutes(10);
/// From one look at the clock to the next, at most.
const LOOK: std::time::Duration = std::time::Duration::from_millis(250);

/// Deliveries handed in together.
pub(super) struct Batch {
    pub(super) deliveries: Vec<Outgoing>,
    pub(super) hand: Arc<Hand>,
}

type Key = (TenantId, Id<id::Webhook>);

enum News {
    Admitted(Key, Admission),
    Attempted(Key, Box<Parcel>, Grant, Tried),
    /// A moment has passed after which permits may be free.
    Again(Key),
    /// The time has come at which the receiver's rate allows more.
    Rested(Key),
    /// A report was taken; nothing follows.
    Reported,
}

/// The lines and what they wait for.
pub(super) struct Lanes {
    batches: mpsc::Receiver<Batch>,
    outbound: Arc<dyn Outbound>,
    directory: TenantDirectory,
    clock: Arc<dyn Clock>,
    settle: mpsc::Sender<Outcome>,
    lines: HashMap<Key, Line>,
    /// Lines that had nothing to do, and since when, the longest idle first.
    idle: VecDeque<(DateTime<Utc>, Key)>,
    news: FuturesUnordered<BoxFuture<'static, News>>,
}

impl Lanes {
    pub(super) fn new(
        batches: mpsc::Receiver<Batch>,
        outbound: Arc<dyn Outbound>,
        directory: TenantDirectory,
        clock: Arc<dyn Clock>,
        settle: mpsc::Sender<Outcome>,
    ) -> Self {
        let (lines, idle, news) = (HashMap::new(), VecDeque::new(), FuturesUnordered::new());
        Self { batches, outbound, directory, clock, settle, lines, idle, news }
    }

    /// Runs until told to stop; then attempts under way are finished, and nothing new is begun.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                biased;
                () = told(&mut stop) => break,
                Some(news) = self.news.next(), if !self.news.is_empty() => self.hear(news).await,
                batch = self.batches.recv() => match batch {
                    Some(batch) => self.sort(batch).await,
                    None => break,
                },
            }
        }
        self.batches.close();
        while let Some(news) = self.news.next().await {
            if let News::Attempted(key, parcel, grant, tried) = news {
                self.attempted(key, *parcel, grant, tried).await;
            }
        }
        self.give_back().await;
    }

    /// Gives what was not begun to the queue, due at once: nobody should have to wait until a lease runs out.
    async fn give_back(&mut self) {
        let now = self.clock.now();
        for (_, line) in std::mem::take(&mut self.lines) {
            let waiting = line.waiting.into_iter().chain(line.replays);
            for parcel in waiting.chain(line.opening.into_values().flatten()) {
                self.defer(parcel, now, Why::Time).await;
            }
        }
        while let Some(batch) = self.batches.recv().await {
            for outgoing in batch.deliveries {
                self.defer(Parcel { outgoing, hand: Arc::clone(&batch.hand) }, now, Why::Time).await;
            }
        }
    }

    async fn hear(&mut self, news: News) {
        match news {
            News::Admitted(key, admission) => self.admitted(key, admission).await,
            News::Attempted(key, parcel, grant, tried) => {
                self.attempted(key, *parcel, grant, tried).await;
                self.ask(key);
            }
            News::Again(key) => self.ask(key),
            News::Rested(key) => {
                if let Some(line) = self.lines.get_mut(&key) {
                    line.resting = false;
                }
                self.ask(key);
            }
            News::Reported => {}
        }
    }

    /// Puts each delivery at the end of its receiver's line.
    async fn sort(&mut self, batch: Batch) {
        self.forget_idle();
        let mut keys: Vec<Key> = Vec::new();
        for outgoing in batch.deliveries {
            let key = (outgoing.receiver.tenant, outgoing.receiver.webhook);
            let line = self.lines.entry(key).or_default();
            let parcel = Parcel { outgoing, hand: Arc::clone(&batch.hand) };
            line.limit(&parcel.outgoing.receiver);
            let now = self.clock.now();
            if parcel.outgoing.held && !line.opened.contains(&parcel.outgoing.object) {
                self.defer(parcel, now + HELD_AGAIN, Why::Time).await;
                continue;
            }
            if line.is_full_for(&parcel) {
                let turn = line.book(now);
                self.defer(parcel, turn, Why::Turn(key.1)).await;
                continue;
            }
            // What is replayed may wait for long: others look for themselves whether it went.
            if parcel.outgoing.opens && !parcel.outgoing.is_replayed() {
                // Forgetting is safe, and a busy line would remember for ever.
                if line.opened.len() >= LINE_MAX {
                    line.opened.clear();
                }
                line.opened.insert(parcel.outgoing.object);
            }
            line.push(parcel);
            if keys.last() != Some(&key) {
                keys.push(key);
            }
        }
        for key in keys {
            self.ask(key);
        }
    }

    /// Asks the institution's actor for permits, once at a time for each line.
    fn ask(&mut self, key: Key) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        if line.ready() == 0 {
            let now = self.clock.now();
            if line.is_idle() && line.opened.is_empty() && !line.expects(now) {
                self.lines.remove(&key);
            } else if line.is_idle() {
                // Only what it knows is kept, not the room that it took.
                line.waiting = VecDeque::new();
                line.idle_since = now;
                self.idle.push_back((now, key));
            }
            return;
        }
        if line.asking || line.resting {
            return;
        }
        line.asking = true;
        let own = line.own;
        let want = u32::try_from(line.ready().min(ASK_MAX)).unwrap_or(u32::MAX);
        let directory = self.directory.clone();
        self.news
            .push(async move { News::Admitted(key, directory.admit(key.0, key.1.uuid(), (want, own)).await) }.boxed());
    }

    /// Lets lines go that had nothing to do for a while. Not at once: until an outcome is written, only the line
    /// knows that the first announcement of an object was attempted.
    fn forget_idle(&mut self) {
        let now = self.clock.now();
        while let Some((since, key)) = self.idle.pop_front_if(|(since, _)| *since <= now - IDLE_KEPT) {
            let Some(line) = self.lines.get_mut(&key).filter(|line| line.is_idle() && line.idle_since == since) else {
                continue;
            };
            if line.expects(now) {
                line.idle_since = now;
                self.idle.push_back((now, key));
            } else {
                self.lines.remove(&key);
            }
        }
    }

    async fn admitted(&mut self, key: Key, admission: Admission) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        line.asking = false;
        let mut unused = admission.granted;
        while unused > 0
            && let Some(parcel) = line.next()
        {
            unused -= 1;
            line.under_way += 1;
            self.news.push(send(Arc::clone(&self.outbound), Arc::clone(&self.clock), (key, admission.grant), parcel));
        }
        if unused > 0 {
            self.report(key, admission.grant, Tally { unused, ..Tally::default() });
        }
        match (admission.why, admission.retry_at) {
            (Some(Refusal::BreakerOpen), Some(until)) => self.clear(key, until).await,
            (Some(Refusal::RateReached), Some(at)) => self.rest(key, at),
            (None, _) => self.ask(key),
            (Some(_), at) => self.ask_later(key, at),
        }
    }

    /// Permits are used up. The end of an attempt of this line asks again; with none under way a moment does.
    fn ask_later(&mut self, key: Key, at: Option<DateTime<Utc>>) {
        let idle = self.lines.get(&key).is_some_and(|line| line.under_way == 0 && line.ready() > 0);
        if idle {
            let wait = at.and_then(|at| (at - self.clock.now()).to_std().ok()).unwrap_or_default();
            let wait = wait.clamp(std::time::Duration::from_millis(10), std::time::Duration::from_millis(250));
            self.news.push(tokio::time::sleep(wait).map(move |()| News::Again(key)).boxed());
        }
    }

    /// The receiver had as much as it may get. Nothing but the time brings more, so nobody is asked until then.
    fn rest(&mut self, key: Key, until: DateTime<Utc>) {
        let Some(line) = self.lines.get_mut(&key).filter(|line| line.ready() > 0) else { return };
        line.resting = true;
        let clock = Arc::clone(&self.clock);
        let resting = async move {
            // By our clock and not by the runtime's: a clock that is set must not leave a line asleep.
            while let Ok(wait) = (until - clock.now()).to_std()
                && !wait.is_zero()
            {
                tokio::time::sleep(wait.min(LOOK)).await;
            }
            News::Rested(key)
        };
        self.news.push(resting.boxed());
    }

    async fn attempted(&mut self, key: Key, parcel: Parcel, grant: Grant, tried: Tried) {
        let behind = self.lines.get_mut(&key).and_then(|line| line.ended(&parcel)).unwrap_or_default();
        let tally = match &tried {
            Tried::Settled(_, Fared::Received) => Tally { received: 1, ..Tally::default() },
            Tried::Settled(_, Fared::Failed) => Tally { failed: 1, ..Tally::default() },
            Tried::Settled(_, Fared::TimedOut) => Tally { timed_out: 1, ..Tally::default() },
            Tried::NotSent(_) => Tally { unused: 1, ..Tally::default() },
        };
        self.report(key, grant, tally);
        match tried {
            Tried::Settled(settlement, _) => {
                if let Some(line) = self.lines.get_mut(&key) {
                    line.learn(settlement.duration_ms);
                }
                // Closed only when the settler is gone with the process; the promise brings the delivery back.
                let _ = self.settle.send(Outcome::Attempted(settlement, parcel.hand)).await;
                if let Some(line) = self.lines.get_mut(&key) {
                    behind.into_iter().rev().for_each(|next| line.waiting.push_front(next));
                }
            }
            Tried::NotSent(until) => {
                // It comes back, and what it would have opened the way for comes back behind it.
                let line = self.lines.get_mut(&key).filter(|_| parcel.outgoing.opens);
                let further = line.map(|line| line.take_of(parcel.outgoing.object)).unwrap_or_default();
                for parcel in std::iter::once(parcel).chain(behind).chain(further) {
                    self.defer(parcel, until, Why::Time).await;
                }
            }
        }
    }

    fn report(&mut self, key: Key, grant: Grant, tally: Tally) {
        let directory = self.directory.clone();
        self.news.push(async move { directory.report(key.0, grant, tally).map(|()| News::Reported).await }.boxed());
    }

    /// Gives a whole line back to the queue: the receiver fails, and its breaker is open. One delivery comes back when
    /// the breaker lets one through, and asks for all; the others wait until the receiver answers.
    async fn clear(&mut self, key: Key, until: DateTime<Utc>) {
        let now = self.clock.now();
        let Some(line) = self.lines.get_mut(&key) else { return };
        let mut waiting = line.take_waiting();
        let mut asks_at = Some(line.asks_at).filter(|at| *at > now);
        while asks_at.is_none()
            && let Some(parcel) = waiting.pop_front()
        {
            asks_at = self.leave(parcel, until, Why::Time).await;
        }
        if let Some(line) = self.lines.get_mut(&key) {
            line.asks_at = asks_at.unwrap_or_default();
        }
        for parcel in waiting {
            self.leave(parcel, ceil(until.max(now + UNASKED)), Why::Answer(key.1)).await;
        }
        self.ask(key);
    }

    /// Leaves a delivery alone until a time, at the latest until its retry window closes, and tells which. None if that
    /// has closed: it is over.
    async fn leave(&mut self, parcel: Parcel, until: DateTime<Utc>, why: Why) -> Option<DateTime<Utc>> {
        let outgoing = &parcel.outgoing;
        let closes = outgoing.first_attempt_at.map(|first| first + outgoing.receiver.policy.window());
        match closes {
            Some(closes) if closes <= self.clock.now() => {
                let (tenant, webhook) = (outgoing.receiver.tenant, outgoing.receiver.webhook);
                let (delivery, hand) = (outgoing.delivery, parcel.hand);
                let _ = self.settle.send(Outcome::Expired { tenant, webhook, delivery, hand }).await;
                None
            }
            closes => {
                let at = closes.map_or(until, |closes| until.min(ceil(closes)));
                self.defer(parcel, at, why).await;
                Some(at)
            }
        }
    }

    async fn defer(&mut self, parcel: Parcel, at: DateTime<Utc>, why: Why) {
        let Parcel { outgoing, hand } = parcel;
        if outgoing.opens
            && outgoing.attempts == 0
            && let Some(line) = self.lines.get_mut(&(outgoing.receiver.tenant, outgoing.receiver.webhook))
        {
            line.opened.remove(&outgoing.object);
        }
        let promised = Promised { tenant: outgoing.receiver.tenant, delivery: outgoing.delivery, at };
        let _ = self.settle.send(Outcome::Deferred(Later { promised, why }, hand)).await;
    }
}

fn send(
    outbound: Arc<dyn Outbound>,
    clock: Arc<dyn Clock>,
    (key, grant): (Key, Grant),
    parcel: Parcel,
) -> BoxFuture<'static, News> {
    async move {
        let tried = attempt(&*outbound, &*clock, &parcel.outgoing).await;
        News::Attempted(key, Box::new(parcel), grant, tried)
    }
    .boxed()
}
