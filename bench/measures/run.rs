//! One run: send, wait until all has arrived, account for it.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::Context;

use super::Bench;
use crate::{
    figures::{Spans, median_by, number, per_second, share},
    machine::Used,
    peer::{
        ledger::{Ledger, Totals},
        load::{Load, Sent},
    },
    world::Group,
};

/// How long late webhooks are waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(5);
/// Until the outcomes of the last webhooks are written.
const SETTLING: Duration = Duration::from_millis(300);

/// Share of the machine that others may take before a run is doubted.
const OTHERS_MAX: f64 = 0.05;

/// What this machine can do at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) rate: f64,
    others: f64,
}

/// What a run came to.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) totals: Totals,
    pub(super) lost: u64,
    /// Events per second that were accepted, from the first request to the last answer.
    pub(super) accepted_rate: f64,
    /// Webhooks per second that arrived, from the first request to the last arrival.
    pub(super) delivered_rate: f64,
    pub(super) used: Used,
    pub(super) answers: Spans,
    pub(super) after_commit: Spans,
    pub(super) whole_way: Spans,
    sent: Sent,
}

impl Bench {
    /// Sends to a group, each of whose events is owed to so many receivers.
    pub(super) async fn run(&mut self, group: &Rc<Group>, load: Load, owed: u32) -> anyhow::Result<Run> {
        let ledger = Rc::clone(self.sink.ledger());
        *ledger.borrow_mut() = Ledger::begin(owed);
        let (before, began) = (self.meter.read()?, Instant::now());
        let sent = self.senders.send(group, load).await?;
        let waiting = Instant::now();
        while !ledger.borrow().is_settled() && waiting.elapsed() < PATIENCE {
            tokio::time::sleep(LOOK).await;
        }
        tokio::time::sleep(SETTLING).await;
        let used = self.meter.since(before)?;
        let ledger = ledger.borrow();
        let (totals, lost) = (ledger.totals(), ledger.lost());
        self.totals.lost += lost;
        self.totals.duplicates += totals.duplicates;
        self.totals.strays += ledger.strays();
        Ok(Run {
            totals,
            lost,
            accepted_rate: per_second(totals.accepted, sent.took),
            delivered_rate: per_second(totals.delivered, ledger.last_arrival().saturating_duration_since(began)),
            used,
            answers: ledger.answers(),
            after_commit: ledger.after_commit(),
            whole_way: ledger.whole_way(),
            sent,
        })
    }

    /// Measures a limit and a run in turn, a few times, so that a machine whose speed drifts does so for both; of
    /// each the one in the middle counts.
    pub(super) async fn in_turn(
        &mut self,
        limit: impl AsyncFn() -> anyhow::Result<f64>,
        group: &Rc<Group>,
        (load, owed): (Load, u32),
        figure: fn(&Run) -> f64,
    ) -> anyhow::Result<(Limit, Run)> {
        let (mut limits, mut runs) = (Vec::new(), Vec::new());
        for _ in 0..self.pace.repeats() {
            let before = self.meter.read()?;
            let rate = limit().await?;
            limits.push(Limit { rate, others: self.meter.since(before)?.others });
            runs.push(self.run(group, load, owed).await?);
        }
        let medians = median_by(limits, |limit| limit.rate).zip(median_by(runs, figure));
        medians.context("nothing was run")
    }
}

impl Limit {
    /// What makes it less trustworthy; nothing if nothing does.
    pub(super) fn warnings(&self) -> String {
        if self.others <= OTHERS_MAX {
            return String::new();
        }
        format!("others took {:.0} % of the machine while the limit was measured", self.others * 100.0)
    }
}

impl Run {
    /// Time of processors for each of so many, in microseconds: of the server, and of PostgreSQL.
    fn cost_us(&self, count: u64) -> (f64, f64) {
        let each = |ms: f64| share(ms * 1_000.0, number(count));
        (each(self.used.server_ms), each(self.used.postgres_ms))
    }

    /// Time of processors for each webhook, server and PostgreSQL together, in microseconds.
    pub(super) fn cost_of_webhook_us(&self) -> f64 {
        let (server, postgres) = self.cost_us(self.totals.delivered);
        server + postgres
    }

    /// Cost of each webhook, in words.
    pub(super) fn webhook_note(&self) -> String {
        self.cost_note("webhook", self.totals.delivered)
    }

    /// Cost of each event, in words.
    pub(super) fn event_note(&self) -> String {
        self.cost_note("event", self.totals.accepted)
    }

    fn cost_note(&self, what: &str, count: u64) -> String {
        let (server, postgres) = self.cost_us(count);
        let bench = share(self.used.bench_ms, self.used.seconds * 10.0);
        format!(
            "server {server:.0} µs and PostgreSQL {postgres:.0} µs of processor per {what}, the benchmark itself {bench:.0} % of one"
        )
    }

    /// What makes a run less trustworthy; nothing if nothing does.
    pub(super) fn warnings(&self) -> String {
        let refusal = self.sent.refusal.as_deref().unwrap_or_default();
        let all = [
            (self.used.others > OTHERS_MAX, format!("others took {:.0} % of the machine", self.used.others * 100.0)),
            (self.sent.refused > 0, format!("{} requests refused, first: {refusal}", self.sent.refused)),
            (self.sent.late > 0, format!("{} requests sent late", self.sent.late)),
            (self.lost > 0, format!("{} webhooks LOST", self.lost)),
        ];
        let said: Vec<String> = all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words).collect();
        said.join("; ")
    }
}
