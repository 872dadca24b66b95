//! A node's memory of one institution, touched one message at a time.
//!
//! Not here: facts. What it knows can be lost at any moment; then permits and breakers begin anew, and what the rows
//! say is read again. Reading happens beside the mailbox: no message waits for the database.

use std::{sync::Arc, time::Duration};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, MessageResult, WrapFuture};
use chrono::{DateTime, Utc};
use stoa_core::{
    TenantId,
    institutions::{Counts, Settings},
};
use tokio::sync::watch;

use super::{
    concerns::{Concerns, Freshness, Imports, Known, Period, Read, Turn},
    messages::{
        Admission, Admit, AdmitImport, Changed, Grant, Heard, ImportWord, Inspect, OfImport, Recall, Remembered,
        Report, Spend, TenantObservation, Verdict,
    },
    options::Nature,
};

/// Messages that may wait; whoever sends more waits in front of the mailbox.
const MAILBOX: usize = 256;

pub(super) struct TenantActor {
    tenant: TenantId,
    nature: Arc<Nature>,
    life: u32,
    born_at: DateTime<Utc>,
    answered: u64,
    concerns: Concerns,
    settings: Known<Arc<Settings>>,
    counts: Known<Counts>,
    imports: Imports,
    /// Tells who waits for the first settings, or for younger ones: readings that ended, well or not.
    ended: watch::Sender<u64>,
}

impl TenantActor {
    pub(super) fn new(tenant: TenantId, nature: Arc<Nature>, (life, born_at): (u32, DateTime<Utc>)) -> Self {
        Self {
            tenant,
            nature,
            life,
            born_at,
            answered: 0,
            concerns: Concerns::default(),
            settings: Known::default(),
            counts: Known::default(),
            imports: Imports::default(),
            ended: watch::Sender::new(0),
        }
    }

    /// Begins what readings are due, beside the mailbox. Called with every message, so it costs next to nothing.
    fn warm(&mut self, now: DateTime<Utc>, ctx: &mut Context<Self>) {
        self.answered = self.answered.wrapping_add(1);
        let nature = Arc::clone(&self.nature);
        let Some(source) = &nature.source else { return };
        if self.settings.begin(now, &self.settings_freshness()) {
            let reading = source.settings(self.tenant).into_actor(self);
            ctx.spawn(reading.map(move |read, actor, ctx| actor.learn_settings(read, now, ctx)));
        }
        if self.counts.begin(now, &nature.counts) {
            let reading = source.counts(self.tenant).into_actor(self);
            ctx.spawn(reading.map(move |read, actor, ctx| actor.learn_counts(read, now, ctx)));
        }
    }

    /// Without news of changes, settings are believed for a moment only.
    fn settings_freshness(&self) -> Freshness {
        if self.nature.hears() { self.nature.settings } else { self.nature.settings_unheard }
    }

    fn learn_settings(&mut self, read: Option<Read<Settings>>, begun: DateTime<Utc>, ctx: &mut Context<Self>) {
        let freshness = self.settings_freshness();
        if let Some(read) = &read {
            self.imports.learn(read);
        }
        let read = read.map(|Read { what, at, took }| Read { what: Arc::new(what), at, took });
        self.settings.learn(read, begun, &freshness);
        self.ended.send_modify(|ended| *ended = ended.wrapping_add(1));
        self.rest(self.settings.due_at(), begun, ctx);
    }

    fn learn_counts(&mut self, read: Option<Read<Counts>>, begun: DateTime<Utc>, ctx: &mut Context<Self>) {
        self.counts.learn(read, begun, &self.nature.counts);
        self.rest(self.counts.due_at(), begun, ctx);
    }

    /// Comes back for a reading that has to wait.
    fn rest(&mut self, due_at: Option<DateTime<Utc>>, now: DateTime<Utc>, ctx: &mut Context<Self>) {
        let Some(due_at) = due_at else { return self.warm_again(now, ctx) };
        let pause = (due_at - now).to_std().unwrap_or(Duration::ZERO);
        ctx.run_later(pause, move |actor, ctx| actor.warm_again(due_at, ctx));
    }

    fn warm_again(&mut self, now: DateTime<Utc>, ctx: &mut Context<Self>) {
        self.warm(now, ctx);
        self.answered = self.answered.wrapping_sub(1);
    }
}

impl Actor for TenantActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Handler<Admit> for TenantActor {
    type Result = MessageResult<Admit>;

    fn handle(&mut self, Admit { now, webhook, want, own }: Admit, ctx: &mut Context<Self>) -> Self::Result {
        self.warm(now, ctx);
        let share = self.concerns.admit(now, webhook, (want, own), &self.nature.limits);
        let grant = Grant { webhook, period: Period::of(now), life: self.life };
        MessageResult(Admission { granted: share.granted, grant, retry_at: share.retry_at, why: share.why })
    }
}

impl Handler<Report> for TenantActor {
    type Result = ();

    fn handle(&mut self, Report { now, grant, tally }: Report, ctx: &mut Context<Self>) {
        self.warm(now, ctx);
        if grant.life == self.life {
            self.concerns.give_back(grant.period, grant.webhook, tally.count());
        }
        self.concerns.report(now, grant.webhook, tally, &self.nature.limits);
    }
}

impl Handler<Spend> for TenantActor {
    type Result = MessageResult<Spend>;

    fn handle(&mut self, Spend { now, asked }: Spend, ctx: &mut Context<Self>) -> Self::Result {
        self.warm(now, ctx);
        let status = self.settings.last().map(|settings| settings.status);
        MessageResult(Verdict { status, spent: self.concerns.spend(now, asked) })
    }
}

impl Handler<Heard> for TenantActor {
    type Result = MessageResult<Heard>;

    fn handle(&mut self, Heard { now, what }: Heard, ctx: &mut Context<Self>) -> Self::Result {
        if matches!(what, Changed::Settings | Changed::All) {
            self.settings.heard();
        }
        if matches!(what, Changed::Counts | Changed::All) {
            self.counts.heard();
        }
        let ended = self.ended.subscribe();
        let under_way = u64::from(self.settings.is_reading());
        let wanted = ended.borrow().wrapping_add(1 + under_way);
        self.warm_again(now, ctx);
        MessageResult((ended, wanted))
    }
}

impl Handler<AdmitImport> for TenantActor {
    type Result = MessageResult<AdmitImport>;

    fn handle(&mut self, AdmitImport { now, import }: AdmitImport, ctx: &mut Context<Self>) -> Self::Result {
        self.warm(now, ctx);
        let turn: Turn = self.imports.admit(now, import);
        MessageResult(turn)
    }
}

impl Handler<OfImport> for TenantActor {
    type Result = bool;

    fn handle(&mut self, OfImport { now, import, word }: OfImport, ctx: &mut Context<Self>) -> bool {
        self.warm(now, ctx);
        match word {
            ImportWord::Progress(progress) => self.imports.tell(now, import, progress),
            ImportWord::Ended => self.imports.end(import),
            ImportWord::Cancel => self.imports.cancel(import),
            ImportWord::Ask => {}
        }
        self.imports.is_cancelled(import)
    }
}

impl Handler<Recall> for TenantActor {
    type Result = MessageResult<Recall>;

    fn handle(&mut self, Recall { now }: Recall, ctx: &mut Context<Self>) -> Self::Result {
        self.warm(now, ctx);
        let remembered = Remembered { settings: self.settings.last().cloned(), counts: self.counts.last().copied() };
        let waits = remembered.settings.is_none() && self.nature.source.is_some();
        MessageResult((remembered, waits.then(|| self.ended.subscribe())))
    }
}

impl Handler<Inspect> for TenantActor {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, Inspect { now }: Inspect, _: &mut Context<Self>) -> Self::Result {
        MessageResult(TenantObservation {
            life: self.life,
            born_at: self.born_at,
            answered: self.answered,
            knows: self.settings.observe(now),
            settings: self.settings.last().map(|settings| Settings::clone(settings)),
            import: self.imports.observe(now),
            open_imports: self.imports.open(),
            counted: self.counts.observe(now),
            counts: self.counts.last().copied(),
            concerns: self.concerns.observe(now),
        })
    }
}

/// Makes an actor panic, for the tests of what happens then.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Clone, actix::Message)]
#[rtype(result = "()")]
pub(super) struct Panic;

#[cfg(any(test, feature = "testing"))]
impl Handler<Panic> for TenantActor {
    type Result = ();

    #[expect(clippy::panic, reason = "that is what it is for")]
    fn handle(&mut self, _: Panic, _: &mut Context<Self>) {
        panic!("as asked");
    }
}
