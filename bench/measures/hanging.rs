//! Ten receivers of which one takes requests and never answers: do the nine others notice.
//!
//! # Rule
//! The same load in both runs, half of what ten healthy receivers can be sent. At full load the run with the hanging
//! receiver would be the faster one, for it has a tenth less to do. It lasts longer than an attempt may take, so
//! that what the hanging receiver holds has all been taken and given back once.

use std::rc::Rc;

use super::{Bench, fan_out, subscribe};
use crate::{
    figures::share,
    peer::{caller::Caller, load::Load, sink::RECEIVERS},
    report::{Mark, Row},
};

/// Receivers that answer in both runs.
const HEALTHY: u8 = RECEIVERS - 1;

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let rate = fan_out::rate(bench).await? / 2.0;
    let load = |window| Load::singles(32, window).at_rate(rate);
    let (ten, hanging) = (Rc::clone(&bench.world.ten), Rc::clone(&bench.world.hanging));
    let (short, long) = (bench.pace.window(8.0), bench.pace.window(24.0));
    let without = bench.run(&ten, load(short), u32::from(RECEIVERS)).await?;

    let mut caller = Caller::open(bench.server.address).await?;
    let silent = subscribe(&mut caller, &hanging, 0, &bench.sink.silent_url()).await?;
    let with = bench.run(&hanging, load(long), u32::from(HEALTHY)).await?;
    let line = format!("DELETE /api/integrations/webhooks/{silent}");
    Caller::open(bench.server.address).await?.call(&line, Some(hanging.token(0)), None).await?;

    let healthy = share(f64::from(HEALTHY), f64::from(RECEIVERS));
    let row = Row::of("nine healthy receivers beside one that hangs", with.delivered_rate, "/s")
        .beside("the same nine beside one that answers", without.delivered_rate * healthy)
        .wanting(Mark::AtLeast(0.98), Mark::AtLeast(0.95))
        .note(format!("offered {rate:.0} events/s for {:.0} s", long.as_secs_f64()))
        .note(format!("the hanging one was sent {} requests", with.totals.swallowed))
        .note(format!(
            "event sent to first webhook p99 {:.1} ms, without {:.1} ms",
            with.whole_way.percentile_ms(99),
            without.whole_way.percentile_ms(99)
        ))
        .note(with.warnings());
    bench.report.add(row);
    Ok(())
}
