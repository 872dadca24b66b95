//! What reading the learning record costs as it grows: the same institution at 1, 10 and 100 parts.
//!
//! Its rows are written straight into the database. Asked over HTTP and one connection, and in turn of all three sizes, so
//! that a machine whose speed drifts does so for all of them; what is timed is the exchange, so server, database and
//! loopback together.

mod exports;
mod figures;
mod progress;

use std::{rc::Rc, time::Instant};

use stoa_core::TenantId;
use uuid::Uuid;

use super::Bench;
use crate::{
    figures::{Spans, micros},
    machine::free_bytes,
    peer::caller::Caller,
    report::{Mark, Row},
    say,
    world::{Row as Kind, record},
};

/// Members of one part, and in a quick run.
const PART: u64 = 10_000;
const PART_QUICK: u64 = 1_000;
/// The sizes, in parts.
const PARTS: [u64; 3] = [1, 10, 100];
/// Most courses that everybody is on. Fewer where half of the free disk would not hold them.
const COURSES_MAX: u64 = 10;
/// Requests of one kind at one size, after as many that are not timed: each connection of the server plans anew.
const ASKED: usize = 300;
/// How much more a request may cost at 10 or 100 parts than at one.
const FLAT: (Mark, Mark) = (Mark::AtMost(1.2), Mark::AtMost(1.5));

/// An institution of one size.
struct Size {
    parts: u64,
    members: u64,
    tenant: Uuid,
    token: String,
}

impl Size {
    /// The text of the institution's id.
    fn id(&self) -> String {
        TenantId::from_uuid(self.tenant).to_string()
    }
}

/// How long each request of a kind took, size by size.
type Took = [Vec<u64>; PARTS.len()];

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let sizes = prepare(bench).await?;
    figures::measure(bench, &sizes).await?;
    progress::measure(bench, &sizes).await?;
    exports::measure(bench, &sizes).await
}

async fn prepare(bench: &mut Bench) -> anyhow::Result<Vec<Size>> {
    let group = Rc::clone(&bench.world.record);
    let (part, courses) = if bench.pace.is_quick() {
        (PART_QUICK, 1)
    } else {
        let a_course = PART * PARTS.iter().sum::<u64>() * record::STANDINGS_BYTES;
        (PART, (free_bytes(bench.server.data())? / 2 / a_course).clamp(1, COURSES_MAX))
    };
    let mut sizes = Vec::new();
    for (place, parts) in (0..).zip(PARTS) {
        let tenant = Kind::Institution.id(group.first_institution + place);
        let members = part * parts;
        let standings = members * courses * record::STANDINGS_EACH;
        say::progress(format_args!("the record of {members} people, {standings} standings"));
        record::fill(&bench.session, (tenant, members, courses)).await?;
        sizes.push(Size { parts, members, tenant, token: group.token(place).to_owned() });
        let may =
            "UPDATE tokens SET abilities = abilities || '{analytics:read,progress:read,exports:read,exports:write}'
          WHERE tenant_id = $1::text::uuid";
        bench.session.execute(may, &[&tenant.to_string()]).await?;
    }
    bench.session.batch_execute("VACUUM ANALYZE").await?;
    Ok(sizes)
}

/// Asks all sizes in turn.
async fn ask(caller: &mut Caller, sizes: &[Size], line: impl Fn(&Size, u64) -> String) -> anyhow::Result<Took> {
    let mut took = Took::default();
    for nth in 0..ASKED * 2 {
        for (size, took) in sizes.iter().zip(&mut took) {
            // Somebody else each time, spread over all.
            let line = line(size, 1 + (u64::try_from(nth)? * 7_919) % size.members);
            let began = Instant::now();
            caller.exchange(&line, Some(&size.token)).await?;
            if nth >= ASKED {
                took.push(micros(began.elapsed()));
            }
        }
    }
    Ok(took)
}

/// Adds a row for each of the larger sizes beside the smallest one.
fn report_flatness(bench: &mut Bench, name: &str, sizes: &[Size], spans: &[Spans]) {
    let Some(single) = spans.first() else { return };
    for (size, spans) in sizes.iter().zip(spans).skip(1) {
        let row = Row::of(format!("{name}, at {} parts", size.parts), spans.percentile_ms(50), " ms");
        let note = format!("medians; {} people", size.members);
        bench.report.add(row.beside("at one part", single.percentile_ms(50)).wanting(FLAT.0, FLAT.1).note(note));
    }
}

/// Each size by its p50 and p95.
fn told(sizes: &[Size], spans: &[Spans]) -> String {
    let each = sizes.iter().zip(spans).map(|(size, spans)| {
        format!("{} people: {:.2}/{:.2}", size.members, spans.percentile_ms(50), spans.percentile_ms(95))
    });
    format!("p50/p95 in ms, {}", each.collect::<Vec<_>>().join(", "))
}
