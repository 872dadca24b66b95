//! Transactions of the database for a thousand webhooks of a burst, all of them: taking the events in, relaying them,
//! writing what came of the attempts.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use super::Bench;
use crate::{
    figures::{number, per_second, share},
    peer::load::Load,
    report::{Mark, Row},
    say::progress,
};

/// Until every process of PostgreSQL has told of its transactions: ten seconds at most, and a little.
const TOLD: Duration = Duration::from_millis(10_500);
/// How long the server is watched doing nothing: what it does then is no part of the burst.
const IDLE: Duration = Duration::from_secs(5);

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    progress("counting transactions; PostgreSQL tells of them ten seconds late");
    tokio::time::sleep(TOLD).await;
    let (before, began) = (bench.session.transactions().await?, Instant::now());
    let one = Rc::clone(&bench.world.one);
    let burst = Load { per_request: 100, ..Load::singles(32, bench.pace.window(4.0)) };
    let run = bench.run(&one, burst, 1).await?;
    tokio::time::sleep(TOLD).await;
    let (after, took) = (bench.session.transactions().await?, began.elapsed());
    tokio::time::sleep(IDLE).await;
    let idle = per_second(bench.session.transactions().await?.saturating_sub(after), IDLE);
    let count = number(after.saturating_sub(before)) - idle * took.as_secs_f64();
    let each = share(count.max(0.0) * 1_000.0, number(run.totals.delivered));
    let row = Row::of("transactions per 1,000 webhooks of a burst", each, "")
        .wanting(Mark::AtMost(20.0), Mark::AtMost(100.0))
        .note(format!("{count:.0} for {} webhooks, 100 events per request", run.totals.delivered))
        .note(format!("without the {idle:.0} per second that the idle server makes"))
        .note(format!("{:.0} webhooks/s", run.delivered_rate))
        .note(run.webhook_note())
        .note(run.warnings());
    bench.report.add(row);
    Ok(())
}
