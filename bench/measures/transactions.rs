//! Transactions of the database for a thousand webhooks of a burst, all of them: taking the events in, relaying them,
//! writing what came of the attempts, and whatever the server does besides.

use std::{rc::Rc, time::Duration};

use super::Bench;
use crate::{
    figures::{number, share},
    peer::load::Load,
    report::{Mark, Row},
    say::progress,
};

/// Until every process of PostgreSQL has told of its transactions: ten seconds at most, and a little.
const TOLD: Duration = Duration::from_millis(10_500);

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    progress("counting transactions; PostgreSQL tells of them ten seconds late");
    tokio::time::sleep(TOLD).await;
    let before = bench.database.transactions().await?;
    let one = Rc::clone(&bench.world.one);
    let burst = Load { per_request: 100, ..Load::singles(32, bench.pace.window(4.0)) };
    let run = bench.run(&one, burst, 1).await?;
    tokio::time::sleep(TOLD).await;
    let after = bench.database.transactions().await?;
    let count = after.saturating_sub(before);
    let each = share(number(count) * 1_000.0, number(run.totals.delivered));
    let row = Row::of("transactions per 1,000 webhooks of a burst", each, "")
        .wanting(Mark::AtMost(20.0), Mark::AtMost(100.0))
        .note(format!("{count} for {} webhooks, 100 events per request", run.totals.delivered))
        .note(format!("{:.0} webhooks/s", run.delivered_rate))
        .note(run.webhook_note())
        .note(run.warnings());
    bench.report.add(row);
    Ok(())
}
