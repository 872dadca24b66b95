//! Accepted events per second, without any receiver: one event per request, and a hundred.

use std::rc::Rc;

use super::Bench;
use crate::{
    limits::{self, commits::Commits},
    peer::load::Load,
    report::{Mark, Row},
};

/// Connections, as many as the commits beside it have.
const CONNECTIONS: u64 = 32;

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let commits = Commits::open(&bench.database, &limits::event_data()?).await?;
    singles(bench, &commits).await?;
    hundreds(bench, &commits).await
}

async fn singles(bench: &mut Bench, commits: &Commits) -> anyhow::Result<()> {
    let (plain, window) = (Rc::clone(&bench.world.plain), bench.pace.window(2.0));
    let load = Load::singles(CONNECTIONS, bench.pace.window(3.0));
    let limit = async || commits.singles_per_sec(window).await;
    let (limit, run) = bench.in_turn(limit, &plain, (load, 0), |run| run.accepted_rate).await?;
    let (p50, p99) = (run.answers.percentile_ms(50), run.answers.percentile_ms(99));
    let row = Row::of("accepted events, one per request, 32 connections", run.accepted_rate, "/s")
        .beside("single-row commits, 32 connections", limit.rate)
        .wanting(Mark::AtLeast(1.0), Mark::AtLeast(0.6))
        .note(run.event_note())
        .note(format!("answered after {p50:.1} / {p99:.1} ms (p50 / p99)"))
        .note(run.warnings())
        .note(limit.warnings());
    bench.report.add(row);
    Ok(())
}

async fn hundreds(bench: &mut Bench, commits: &Commits) -> anyhow::Result<()> {
    let (plain, window) = (Rc::clone(&bench.world.plain), bench.pace.window(2.0));
    let load = Load { per_request: 100, ..Load::singles(CONNECTIONS, bench.pace.window(3.0)) };
    let limit = async || commits.rows_per_sec(window).await;
    let (limit, run) = bench.in_turn(limit, &plain, (load, 0), |run| run.accepted_rate).await?;
    let row = Row::of("accepted events, 100 per request, 32 connections", run.accepted_rate, "/s")
        .beside("rows by 100-row inserts", limit.rate)
        .wanting(Mark::AtLeast(0.4), Mark::AtLeast(0.2))
        .note(run.event_note())
        .note(run.warnings())
        .note(limit.warnings());
    bench.report.add(row);
    Ok(())
}
