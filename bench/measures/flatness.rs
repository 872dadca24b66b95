//! Does memory stay flat: many events in rounds, memory after each, and the line through what was seen.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use super::Bench;
use crate::{
    figures::{number, slope},
    peer::load::Load,
    report::{Mark, Row},
    say::progress,
};

/// Length of a round; all of it is accounted for before the next begins, which bounds what is remembered here.
const ROUND: Duration = Duration::from_secs(5);

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let whole = bench.pace.flatness();
    progress(format_args!("{} s of events, to see whether memory is flat", whole.as_secs()));
    let one = Rc::clone(&bench.world.one);
    let load = Load::singles(64, ROUND);
    let began = Instant::now();
    let (mut delivered, mut points) = (0, Vec::new());
    while began.elapsed() < whole {
        let run = bench.run(&one, load, 1).await?;
        delivered += run.totals.delivered;
        points.push((number(delivered), bench.meter.memory_mib()));
    }
    let growth = slope(&points) * number(delivered);
    let ends = [points.first(), points.last()].map(|point| point.map_or(0.0, |point| point.1));
    let row = Row::of("growth of memory over a long run", growth, " MiB")
        .wanting(Mark::AtMost(5.0), Mark::AtMost(20.0))
        .note(format!("{delivered} webhooks in {:.0} s", began.elapsed().as_secs_f64()))
        .note(format!("{:.1} MiB after the first round, {:.1} MiB after the last", ends[0], ends[1]));
    bench.report.add(row);
    Ok(())
}
