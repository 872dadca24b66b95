//! Accepted events per second, without any receiver: one event per request, and a hundred.

use std::rc::Rc;

use super::Bench;
use crate::{
    peer::load::Load,
    report::{Mark, Row},
};

/// Connections, as many as the commits beside it have.
const CONNECTIONS: u64 = 32;

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let plain = Rc::clone(&bench.world.plain);
    let one = Load::singles(CONNECTIONS, bench.pace.window(3.0));
    let run = bench.median(&plain, (one, 0), |run| run.accepted_rate).await?;
    let answers = &run.answers;
    let row = Row::of("accepted events, one per request, 32 connections", run.accepted_rate, "/s")
        .beside("single-row commits, 32 connections", bench.rates.commits)
        .wanting(Mark::AtLeast(1.0), Mark::AtLeast(0.6))
        .note(run.event_note())
        .note(run.warnings())
        .note(format!(
            "answered after {:.1} / {:.1} ms (p50 / p99)",
            answers.percentile_ms(50),
            answers.percentile_ms(99)
        ));
    bench.report.add(row);

    let hundred = Load { per_request: 100, ..one };
    let run = bench.median(&plain, (hundred, 0), |run| run.accepted_rate).await?;
    let row = Row::of("accepted events, 100 per request, 32 connections", run.accepted_rate, "/s")
        .beside("rows by 100-row inserts", bench.rates.rows)
        .wanting(Mark::AtLeast(0.4), Mark::AtLeast(0.2))
        .note(run.event_note())
        .note(run.warnings());
    bench.report.add(row);
    Ok(())
}
