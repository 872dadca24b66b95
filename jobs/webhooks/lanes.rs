//! One line per receiver. A receiver that hangs or fails fills its own line and nobody else's.
//!
//! One task owns all lines, so nothing here is locked: it is told of new batches, of permits that were granted
//! and of attempts that ended, and starts the next ones. Everything that waits is asked for, never slept on.
//!
//! # Rule
//! - An attempt needs a permit of the institution's actor. What the breaker refuses goes back to the queue.
//! - While the first announcement of an object is under way, the object's others wait behind it. One whose first
//!   announcement is in other hands goes back to the queue for a moment.
//! - A line that grows too long gives its tail to the queue: memory is bounded, the rows are not.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use stoa_actors::{
    egress::Outbound,
    tenant::{Admission, Grant, Refusal, Tally, TenantDirectory},
};
use stoa_core::{Id, TenantId, clock::Clock, id, webhooks::Outgoing};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::relay::told;

use super::{
    attempt::{Fared, Tried, attempt},
    deliver::HELD_AGAIN,
    hand::Hand,
    settler::Outcome,
};

/// Longest line kept in memory.
const LINE_MAX: usize = 1_024;
/// Permits asked for at once.
const ASK_MAX: usize = 64;
/// How long an idle line is remembered: longer than an outcome takes to be written.
const IDLE_KEPT: TimeDelta = TimeDelta::seconds(5);
/// When the tail of a long line comes back.
const LATER: TimeDelta = TimeDelta::seconds(2);

/// Deliveries handed in together.
pub(super) struct Batch {
    pub(super) deliveries: Vec<Outgoing>,
    pub(super) hand: Arc<Hand>,
}

struct Parcel {
    outgoing: Outgoing,
    hand: Arc<Hand>,
}

type Key = (TenantId, Id<id::Webhook>);

#[derive(Default)]
struct Line {
    waiting: VecDeque<Parcel>,
    /// Objects whose first announcement is under way, and what waits behind it.
    opening: HashMap<Uuid, VecDeque<Parcel>>,
    /// Objects whose first announcement came this way while the line was there.
    opened: HashSet<Uuid>,
    under_way: usize,
    asking: bool,
    idle_since: DateTime<Utc>,
}

impl Line {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.under_way == 0 && !self.asking
    }
}

enum News {
    Admitted(Key, Admission),
    Attempted(Key, Box<Parcel>, Grant, Tried),
    /// A moment has passed after which permits may be free.
    Again(Key),
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
            for parcel in line.waiting.into_iter().chain(line.opening.into_values().flatten()) {
                self.defer(parcel, now).await;
            }
        }
        while let Some(batch) = self.batches.recv().await {
            for outgoing in batch.deliveries {
                self.defer(Parcel { outgoing, hand: Arc::clone(&batch.hand) }, now).await;
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
            let later = if parcel.outgoing.held && !line.opened.contains(&parcel.outgoing.object) {
                Some(HELD_AGAIN)
            } else {
                (line.waiting.len() >= LINE_MAX).then_some(LATER)
            };
            if let Some(later) = later {
                let until = self.clock.now() + later;
                self.defer(parcel, until).await;
                continue;
            }
            if parcel.outgoing.opens {
                // Forgetting is safe, and a busy line would remember for ever.
                if line.opened.len() >= LINE_MAX {
                    line.opened.clear();
                }
                line.opened.insert(parcel.outgoing.object);
            }
            line.waiting.push_back(parcel);
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
        if line.waiting.is_empty() {
            if line.is_idle() && line.opened.is_empty() {
                self.lines.remove(&key);
            } else if line.is_idle() {
                // Only what it knows is kept, not the room that it took.
                line.waiting = VecDeque::new();
                line.idle_since = self.clock.now();
                self.idle.push_back((line.idle_since, key));
            }
            return;
        }
        if line.asking {
            return;
        }
        line.asking = true;
        let want = u32::try_from(line.waiting.len().min(ASK_MAX)).unwrap_or(u32::MAX);
        let directory = self.directory.clone();
        self.news.push(async move { News::Admitted(key, directory.admit(key.0, key.1.uuid(), want).await) }.boxed());
    }

    /// Lets lines go that had nothing to do for a while. Not at once: until an outcome is written, only the line
    /// knows that the first announcement of an object was attempted.
    fn forget_idle(&mut self) {
        let before = self.clock.now() - IDLE_KEPT;
        while let Some((since, key)) = self.idle.pop_front_if(|(since, _)| *since <= before) {
            if self.lines.get(&key).is_some_and(|line| line.is_idle() && line.idle_since == since) {
                self.lines.remove(&key);
            }
        }
    }

    async fn admitted(&mut self, key: Key, admission: Admission) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        line.asking = false;
        let mut unused = admission.granted;
        while unused > 0
            && let Some(parcel) = next_of(line)
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
            (None, _) => self.ask(key),
            (Some(_), at) => self.ask_later(key, at),
        }
    }

    /// Permits are used up. The end of an attempt of this line asks again; with none under way a moment does.
    fn ask_later(&mut self, key: Key, at: Option<DateTime<Utc>>) {
        let idle = self.lines.get(&key).is_some_and(|line| line.under_way == 0 && !line.waiting.is_empty());
        if idle {
            let wait = at.and_then(|at| (at - self.clock.now()).to_std().ok()).unwrap_or_default();
            let wait = wait.clamp(std::time::Duration::from_millis(10), std::time::Duration::from_millis(250));
            self.news.push(tokio::time::sleep(wait).map(move |()| News::Again(key)).boxed());
        }
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
                    self.defer(parcel, until).await;
                }
            }
        }
    }

    fn report(&mut self, key: Key, grant: Grant, tally: Tally) {
        let directory = self.directory.clone();
        self.news.push(async move { directory.report(key.0, grant, tally).map(|()| News::Reported).await }.boxed());
    }

    /// Gives a whole line back to the queue: the receiver fails, and its breaker is open.
    async fn clear(&mut self, key: Key, until: DateTime<Utc>) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        let waiting = std::mem::take(&mut line.waiting);
        for parcel in waiting {
            self.leave(parcel, until).await;
        }
        self.ask(key);
    }

    /// Leaves a delivery alone until a time, at the latest until its retry window closes; then it is over.
    async fn leave(&mut self, parcel: Parcel, until: DateTime<Utc>) {
        let outgoing = &parcel.outgoing;
        let closes = outgoing.first_attempt_at.map(|first| first + outgoing.receiver.policy.window());
        match closes {
            Some(closes) if closes <= self.clock.now() => {
                let (tenant, delivery) = (outgoing.receiver.tenant, outgoing.delivery);
                let _ = self.settle.send(Outcome::Expired { tenant, delivery, hand: parcel.hand }).await;
            }
            Some(closes) => self.defer(parcel, until.min(closes)).await,
            None => self.defer(parcel, until).await,
        }
    }

    async fn defer(&mut self, parcel: Parcel, until: DateTime<Utc>) {
        let outgoing = &parcel.outgoing;
        if outgoing.opens
            && outgoing.attempts == 0
            && let Some(line) = self.lines.get_mut(&(outgoing.receiver.tenant, outgoing.receiver.webhook))
        {
            line.opened.remove(&outgoing.object);
        }
        let outcome = Outcome::Deferred {
            tenant: parcel.outgoing.receiver.tenant,
            delivery: parcel.outgoing.delivery,
            until,
            hand: parcel.hand,
        };
        let _ = self.settle.send(outcome).await;
    }
}

impl Line {
    /// Counts an attempt as ended, and gives what waited behind it.
    fn ended(&mut self, parcel: &Parcel) -> Option<VecDeque<Parcel>> {
        self.under_way = self.under_way.saturating_sub(1);
        parcel.outgoing.opens.then(|| self.opening.remove(&parcel.outgoing.object)).flatten()
    }

    /// Takes what waits of an object.
    fn take_of(&mut self, object: Uuid) -> VecDeque<Parcel> {
        let (of_it, others) = self.waiting.drain(..).partition(|parcel| parcel.outgoing.object == object);
        self.waiting = others;
        of_it
    }
}

/// The next delivery that may go; those behind a first announcement under way are set aside.
fn next_of(line: &mut Line) -> Option<Parcel> {
    while let Some(parcel) = line.waiting.pop_front() {
        if let Some(behind) = line.opening.get_mut(&parcel.outgoing.object) {
            behind.push_back(parcel);
            continue;
        }
        if parcel.outgoing.opens && parcel.outgoing.attempts == 0 {
            line.opening.insert(parcel.outgoing.object, VecDeque::new());
        }
        return Some(parcel);
    }
    None
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
