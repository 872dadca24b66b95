//! Delivered webhooks per second, end to end: one receiver, one event per request, until the last one has arrived.

use std::rc::Rc;

use anyhow::Context;

use super::Bench;
use crate::{
    figures::median_by,
    peer::load::Load,
    report::{Mark, Row},
};

/// The load that the rate is measured under.
fn load(bench: &Bench, seconds: f64) -> Load {
    Load::singles(64, bench.pace.window(seconds))
}

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let (plain, one) = (Rc::clone(&bench.world.plain), Rc::clone(&bench.world.one));
    let (accept, deliver) = (load(bench, 3.0), load(bench, 5.0));
    let (mut accepted, mut delivered) = (Vec::new(), Vec::new());
    for _ in 0..bench.pace.repeats() {
        accepted.push(bench.run(&plain, accept, 0).await?);
        delivered.push(bench.run(&one, deliver, 1).await?);
    }
    let accepted = median_by(accepted, |run| run.accepted_rate).context("nothing was run")?;
    let run = median_by(delivered, |run| run.delivered_rate).context("nothing was run")?;
    bench.delivered_rate = Some(run.delivered_rate);
    let row = Row::of("delivered webhooks, one receiver, 64 connections", run.delivered_rate, "/s")
        .beside("accepted events without a receiver", accepted.accepted_rate)
        .wanting(Mark::AtLeast(0.8), Mark::AtLeast(0.6))
        .note(run.webhook_note())
        .note(format!("accepted {:.0}/s meanwhile", run.accepted_rate))
        .note(run.warnings());
    bench.report.add(row);
    Ok(())
}

/// Deliveries per second, measured before or now.
pub(super) async fn rate(bench: &mut Bench) -> anyhow::Result<f64> {
    if let Some(rate) = bench.delivered_rate {
        return Ok(rate);
    }
    let (one, short) = (Rc::clone(&bench.world.one), load(bench, 3.0));
    let rate = bench.run(&one, short, 1).await?.delivered_rate;
    bench.delivered_rate = Some(rate);
    Ok(rate)
}
