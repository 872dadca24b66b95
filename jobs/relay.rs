//! The sorting room: from events to deliveries in the hands of the post room, a batch at a time.
//!
//! Takes no input but the outbox. Events that this node recorded come straight from their commit; what a crash,
//! a full hand or another node left behind is found in the outbox a moment later. Both go the same way: one
//! transaction clears the outbox, writes the deliveries and the promise behind them, already under this node's
//! lease; then the deliveries go to the post room. What waits for a window is promised for its end. Idempotent: an event is taken out of the outbox once.

use std::time::Duration;

use stoa_actors::bell::{Bell, Channel};
use stoa_core::{
    Result,
    events::{HandoffReceiver, RecordedEvent},
};
use stoa_protocols::event::EventType;
use stoa_webhooks as webhooks;
use stoa_webhooks::FanOut;
use tokio::{sync::watch, time::Instant};

use crate::{
    context::JobTools,
    job::Queue,
    mail::{TokenExpiringLetter, TokenLeakedLetter, WebhookDisabledLetter, WebhookFailingLetter},
    queue::{self, HOUSE, NewJob},
    webhooks::{DeliverWebhooks, Hand, promises_of_batch},
};

/// How the relay gathers.
#[derive(Debug, Clone)]
pub struct RelayOptions {
    /// Events of one transaction, about: the last commit may pass it.
    pub batch_events_max: usize,
    /// From one look at the outbox to the next.
    pub poll: Duration,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self { batch_events_max: 512, poll: Duration::from_millis(500) }
    }
}

/// Runs until told to stop. The handoff is left as it is then: its events are in the outbox.
pub async fn run(
    tools: JobTools,
    options: RelayOptions,
    mut handed: HandoffReceiver,
    (bell, mut stop): (Bell, watch::Receiver<bool>),
) {
    let mut look = tokio::time::interval(options.poll);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut more = false;
    let mut rest = Instant::now();
    loop {
        // What was just recorded goes before what waits, batch by batch, however much that is.
        tokio::select! {
            biased;
            () = told(&mut stop) => return,
            Some(first) = handed.recv() => {
                let events = gather(first, &mut handed, options.batch_events_max);
                if let Err(error) = relay(&tools, events).await {
                    tracing::warn!(%error, "a batch could not be relayed; its events wait in the outbox");
                }
            }
            () = tokio::time::sleep_until(rest), if more => (more, rest) = sweep_some(&tools, &options).await,
            _ = look.tick() => (more, rest) = sweep_some(&tools, &options).await,
            () = bell.rung(Channel::Outbox) => (more, rest) = sweep_some(&tools, &options).await,
        }
    }
}

/// Until the word to stop, or until nobody is left to give it.
pub(crate) async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn gather(mut events: Vec<RecordedEvent>, handed: &mut HandoffReceiver, most: usize) -> Vec<RecordedEvent> {
    while events.len() < most
        && let Ok(more) = handed.try_recv()
    {
        events.extend(more);
    }
    events
}

/// Relays a batch of what waits in the outbox. Answers whether there may be more, and until when that can wait: what stands
/// in the background is relayed for half of the time at most.
async fn sweep_some(tools: &JobTools, options: &RelayOptions) -> (bool, Instant) {
    let began = Instant::now();
    match sweep_lanes(tools, options.batch_events_max).await {
        Ok(Swept { due, background }) => {
            let rest = if background > 0 { began.elapsed() } else { Duration::ZERO };
            (due + background == options.batch_events_max, Instant::now() + rest)
        }
        Err(error) => {
            tracing::warn!(%error, "the outbox could not be swept; it is looked at again");
            (false, began)
        }
    }
}

/// Relays what is overdue in the outbox, and answers how many events that were.
///
/// # Errors
/// As the database says; then nothing was taken.
pub async fn sweep(tools: &JobTools, most: usize) -> Result<usize> {
    sweep_lanes(tools, most).await.map(|swept| swept.due + swept.background)
}

/// How many events of a batch were due, and how many came from the background.
struct Swept {
    due: usize,
    background: usize,
}

async fn sweep_lanes(tools: &JobTools, most: usize) -> Result<Swept> {
    let limit = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut tx = tools.db.house().await?;
    let mut events = webhooks::overdue(&mut tx, limit(most)).await?;
    let due = events.len();
    if due < most {
        events.extend(webhooks::in_background(&mut tx, limit(most - due)).await?);
    }
    let background = events.len() - due;
    if !events.is_empty() {
        // Recorded by jobs, or by a process that is gone: nobody was told yet.
        tools.db.news().recorded(events.iter().map(|event| event.tenant));
        relay_in(tools, tx, events).await?;
    }
    Ok(Swept { due, background })
}

/// Relays events that were just recorded.
async fn relay(tools: &JobTools, events: Vec<RecordedEvent>) -> Result<()> {
    let tx = tools.db.house().await?;
    relay_in(tools, tx, events).await
}

/// The letter that an event is told in too, beside webhooks: to those who look after integrations.
fn letter(event: &RecordedEvent) -> Result<Option<NewJob>> {
    match event.fact.event_type {
        EventType::WebhookDisabled => NewJob::of(event.tenant, &WebhookDisabledLetter::of(event)).map(Some),
        EventType::WebhookFailing => NewJob::of(event.tenant, &WebhookFailingLetter::of(event)).map(Some),
        EventType::TokenExpiring => NewJob::of(event.tenant, &TokenExpiringLetter::of(event)).map(Some),
        EventType::TokenRevoked => {
            TokenLeakedLetter::of(event).map(|letter| NewJob::of(event.tenant, &letter)).transpose()
        }
        _ => Ok(None),
    }
}

async fn relay_in(tools: &JobTools, mut tx: stoa_core::db::HouseTx, events: Vec<RecordedEvent>) -> Result<()> {
    let room = &tools.post_room;
    let oldest = events.iter().map(|event| event.created_at).min();
    let with = (room.sealer(), room.base_url());
    let FanOut { events, outgoing, later: waiting } = webhooks::fan_out(&mut tx, with, events).await?;
    let mut later = Vec::new();
    for event in &events {
        later.extend(letter(event)?);
    }
    let wakes = !later.is_empty();
    later.extend(promises_of_batch(&waiting)?);
    queue::enqueue_many(&mut tx, later).await?;
    let promise =
        DeliverWebhooks { deliveries: outgoing.iter().map(|one| (one.receiver.tenant, one.delivery)).collect() };
    let promised = if outgoing.is_empty() { Vec::new() } else { vec![NewJob::of(HOUSE, &promise)?] };
    let lease = queue::enqueue_running(&mut tx, &tools.leases, promised).await?.pop();
    tx.commit().await?;
    if let Some(oldest) = oldest {
        let lag = (tools.now() - oldest).to_std().unwrap_or_default();
        metrics::histogram!("stoa_relay_lag_seconds").record(lag.as_secs_f64());
        metrics::counter!("stoa_events_relayed_total").increment(u64::try_from(events.len()).unwrap_or_default());
    }
    if let Some(lease) = lease {
        let promise = (lease.key(), lease.attempt());
        let hand = Hand::with_lease(outgoing.len(), lease);
        if room.send(outgoing, hand).await.is_err() {
            // The process stops. Whoever comes next should not have to wait until the lease runs out.
            let mut tx = tools.db.house().await?;
            queue::release(&mut tx, tools.leases.process(), &[promise]).await?;
            tx.commit().await?;
        }
    }
    if wakes {
        tools.wakes.wake(Queue::Mail);
    }
    if waiting.iter().any(|one| one.at <= tools.now()) {
        tools.wakes.wake(Queue::Webhooks);
    }
    Ok(())
}
