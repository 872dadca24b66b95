//! The analytics of an institution: 28 days beside the 28 before, from the roll-ups.

use super::{Bench, Size, ask, report_flatness, told};
use crate::{
    figures::Spans,
    peer::caller::Caller,
    report::{Mark, Row},
    say,
};

pub(super) async fn measure(bench: &mut Bench, sizes: &[Size]) -> anyhow::Result<()> {
    say::progress("analytics of an institution");
    let mut caller = Caller::open(bench.server.address).await?;
    let line = |size: &Size, _| format!("GET /api/institutions/{}/analytics?compare=previous_period", size.id());
    let spans = ask(&mut caller, sizes, line).await?.map(Spans::of);
    let Some(largest) = spans.last() else { return Ok(()) };
    let row = Row::of("analytics of an institution, p95", largest.percentile_ms(95), " ms");
    bench.report.add(row.wanting(Mark::AtMost(20.0), Mark::AtMost(100.0)).note(told(sizes, &spans)));
    report_flatness(bench, "analytics of an institution", sizes, &spans);
    Ok(())
}
