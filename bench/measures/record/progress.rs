//! Lesson by lesson of one learner, beside one look-up by the primary key over the same connection: a lesson, by the same
//! server, with the same token, behind the same wall.

use stoa_core::{Id, id};

use super::{Bench, Size, ask, report_flatness, told};
use crate::{
    figures::Spans,
    peer::caller::Caller,
    report::{Mark, Row},
    say,
    world::record,
};

pub(super) async fn measure(bench: &mut Bench, sizes: &[Size]) -> anyhow::Result<()> {
    say::progress("lesson progress of single learners");
    let mut caller = Caller::open(bench.server.address).await?;
    let course = Id::<id::Course>::from_uuid(record::course());
    let lesson = Id::<id::Lesson>::from_uuid(record::lesson());
    let look_up = ask(&mut caller, sizes, |_, _| format!("GET /api/lessons/{lesson}")).await?.map(Spans::of);
    let progress = |_: &Size, person: u64| {
        let learner = Id::<id::User>::from_uuid(record::person(person));
        format!("GET /api/courses/{course}/lesson-progress?user_id={learner}")
    };
    let spans = ask(&mut caller, sizes, progress).await?.map(Spans::of);
    let (Some(largest), Some(limit)) = (spans.last(), look_up.last()) else { return Ok(()) };
    let row = Row::of("lesson progress of one learner, p95", largest.percentile_ms(95), " ms");
    let row = row.beside("one look-up by the primary key", limit.percentile_ms(95));
    bench.report.add(row.wanting(Mark::AtMost(5.0), Mark::AtMost(10.0)).note(told(sizes, &spans)));
    report_flatness(bench, "lesson progress of one learner", sizes, &spans);
    Ok(())
}
