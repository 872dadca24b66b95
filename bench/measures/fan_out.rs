//! One event to ten receivers, beside plain signed POSTs by the same client to the same receivers.

use std::rc::Rc;

use super::Bench;
use crate::{
    limits::{self, posts},
    peer::{ledger::Ledger, load::Load},
    report::{Mark, Row},
};

fn load(bench: &Bench, seconds: f64) -> Load {
    Load::singles(16, bench.pace.window(seconds))
}

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let (body, url) = (limits::webhook_body()?, bench.sink.url(0));
    let (ledger, window) = (Rc::clone(bench.sink.ledger()), bench.pace.window(2.0));
    let limit = async || {
        *ledger.borrow_mut() = Ledger::begin(1);
        posts::per_sec(&url, &body, window).await
    };
    let (ten, full) = (Rc::clone(&bench.world.ten), load(bench, 5.0));
    let (limit, run) = bench.in_turn(limit, &ten, (full, 10), |run| run.delivered_rate).await?;
    bench.fan_out_rate = Some(run.accepted_rate);
    let row = Row::of("delivered webhooks, one event to ten receivers", run.delivered_rate, "/s")
        .beside(format!("signed POSTs of {} bytes", body.len()), limit.rate)
        .wanting(Mark::AtLeast(0.4), Mark::AtLeast(0.2))
        .note(run.webhook_note())
        .note(run.warnings())
        .note(format!("accepted {:.0} events/s meanwhile", run.accepted_rate))
        .note(limit.warnings());
    bench.report.add(row);
    Ok(())
}

/// Events per second to ten receivers, measured before or now.
pub(super) async fn rate(bench: &mut Bench) -> anyhow::Result<f64> {
    if let Some(rate) = bench.fan_out_rate {
        return Ok(rate);
    }
    let (ten, short) = (Rc::clone(&bench.world.ten), load(bench, 3.0));
    let run = bench.run(&ten, short, 10).await?;
    let rate = run.delivered_rate / 10.0;
    bench.fan_out_rate = Some(rate);
    Ok(rate)
}
