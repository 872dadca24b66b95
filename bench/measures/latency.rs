//! From commit to first attempt, at half of what can be delivered, and at the rate that other servers are told of.
//!
//! # Rule
//! The commit is taken to be when its answer is read, since the answer is given after it. What is measured is
//! therefore too short by the way of the answer; beside it stands the whole way from sending the event to its
//! webhook, which is too long by the way in. The truth lies between them.

use std::rc::Rc;

use super::{Bench, deliver, run::Run};
use crate::{
    peer::load::Load,
    report::{Mark, Row},
};

/// Events per second that Svix and others are measured at.
const COMMON_RATE: f64 = 600.0;

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let half = deliver::rate(bench).await? / 2.0;
    let run = at_rate(bench, half, 8.0).await?;
    let (p50, p99) = (run.after_commit.percentile_ms(50), run.after_commit.percentile_ms(99));
    let row = Row::of("commit to first attempt at half load, p50", p50, " ms")
        .wanting(Mark::AtMost(3.0), Mark::AtMost(50.0))
        .note(format!("{half:.0} events/s over 64 connections"))
        .note(run.warnings());
    bench.report.add(row);
    let row = Row::of("commit to first attempt at half load, p99", p99, " ms")
        .wanting(Mark::AtMost(10.0), Mark::AtMost(50.0))
        .note(whole_way(&run));
    bench.report.add(row);

    let run = at_rate(bench, COMMON_RATE, 5.0).await?;
    let name = |percent| format!("event sent to webhook received at 600 events/s, p{percent}");
    let row = Row::of(name(50), run.whole_way.percentile_ms(50), " ms").wanting(Mark::AtMost(1.0), Mark::AtMost(2.0));
    bench.report.add(row);
    let row = Row::of(name(99), run.whole_way.percentile_ms(99), " ms").wanting(Mark::AtMost(3.0), Mark::AtMost(8.0));
    bench.report.add(row.note("both are for a feeling").note(run.warnings()));
    Ok(())
}

async fn at_rate(bench: &mut Bench, rate: f64, seconds: f64) -> anyhow::Result<Run> {
    let one = Rc::clone(&bench.world.one);
    let load = Load::singles(64, bench.pace.window(seconds)).at_rate(rate);
    bench.run(&one, load, 1).await
}

fn whole_way(run: &Run) -> String {
    let whole = &run.whole_way;
    format!("event sent to webhook received {:.1} / {:.1} ms", whole.percentile_ms(50), whole.percentile_ms(99))
}
