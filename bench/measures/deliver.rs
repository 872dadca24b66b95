//! Delivered webhooks per second, end to end: one receiver, one event per request, until the last one has arrived.

use std::rc::Rc;

use super::Bench;
use crate::{
    peer::load::Load,
    report::{Mark, Row},
};

/// The load that the rate is measured under.
fn load(bench: &Bench, seconds: f64) -> Load {
    Load::singles(64, bench.pace.window(seconds))
}

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let (plain, one) = (Rc::clone(&bench.world.plain), Rc::clone(&bench.world.one));
    let accept = load(bench, 3.0);
    let accepted = bench.median(&plain, (accept, 0), |run| run.accepted_rate).await?;
    let deliver = load(bench, 5.0);
    let run = bench.median(&one, (deliver, 1), |run| run.delivered_rate).await?;
    bench.delivered_rate = Some(run.delivered_rate);
    let row = Row::of("delivered webhooks, one receiver, 64 connections", run.delivered_rate, "/s")
        .beside("accepted events without a receiver", accepted.accepted_rate)
        .wanting(Mark::AtLeast(0.8), Mark::AtLeast(0.6))
        .note(run.webhook_note())
        .note(run.warnings())
        .note(format!("accepted {:.0}/s meanwhile", run.accepted_rate));
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
