//! A node's memory of one institution, touched one message at a time.
//!
//! Not here: facts. What it knows can be lost at any moment; then permits and breakers begin anew.

use std::sync::Arc;

use actix::{Actor, Context, Handler, MessageResult};
use chrono::{DateTime, Utc};

use super::{
    concerns::{Concerns, Limits, Period},
    messages::{Admission, Admit, Grant, Inspect, Report, Spend, TenantObservation},
};

/// Messages that may wait; whoever sends more waits in front of the mailbox.
const MAILBOX: usize = 256;

pub(super) struct TenantActor {
    limits: Arc<Limits>,
    concerns: Concerns,
    life: u32,
}

impl TenantActor {
    pub(super) fn new(limits: Arc<Limits>, life: u32) -> Self {
        Self { limits, concerns: Concerns::default(), life }
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

    fn handle(&mut self, Admit { now, webhook, want, own }: Admit, _: &mut Context<Self>) -> Self::Result {
        let share = self.concerns.admit(now, webhook, (want, own), &self.limits);
        let grant = Grant { webhook, period: Period::of(now), life: self.life };
        MessageResult(Admission { granted: share.granted, grant, retry_at: share.retry_at, why: share.why })
    }
}

impl Handler<Report> for TenantActor {
    type Result = ();

    fn handle(&mut self, Report { now, grant, tally }: Report, _: &mut Context<Self>) {
        if grant.life == self.life {
            self.concerns.give_back(grant.period, grant.webhook, tally.count());
        }
        self.concerns.report(now, grant.webhook, tally, &self.limits);
    }
}

impl Handler<Spend> for TenantActor {
    type Result = Result<(), DateTime<Utc>>;

    fn handle(&mut self, Spend { now, count }: Spend, _: &mut Context<Self>) -> Self::Result {
        self.concerns.spend(now, count, &self.limits)
    }
}

impl Handler<Inspect> for TenantActor {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, Inspect { now }: Inspect, _: &mut Context<Self>) -> Self::Result {
        MessageResult(TenantObservation { life: self.life, concerns: self.concerns.observe(now) })
    }
}

/// Makes an actor panic, for the test of what happens then.
#[cfg(test)]
#[derive(Debug, Clone, actix::Message)]
#[rtype(result = "()")]
pub(super) struct Panic;

#[cfg(test)]
impl Handler<Panic> for TenantActor {
    type Result = ();

    fn handle(&mut self, _: Panic, _: &mut Context<Self>) {
        panic!("as asked");
    }
}
