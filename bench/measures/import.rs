//! A file of people, planned and applied, beside plain `COPY` of the rows that it wrote; and fresh events of somebody else
//! beside one.
//!
//! # Rule
//! The rows of the limit are those that the import wrote, of another institution: into the same tables, with their
//! indexes, keys and checks, by the owner of the tables, whom no policy stops. So the limit leaves out what an import does
//! besides: to read the file, find people, decide, and keep its own rows.

use std::{fmt::Write, rc::Rc, time::Duration};

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde_json::Value;
use stoa_core::TenantId;

use super::{Bench, run::Run};
use crate::{
    figures::{number, share},
    limits::copy::copied_per_sec,
    peer::{caller::Caller, load::Load},
    report::{Mark, Row},
    say::progress,
    world,
};

/// Rows of the file, and in a quick run.
const ROWS: u64 = 100_000;
const ROWS_QUICK: u64 = 20_000;
/// Rows of a file whose size must not show in memory.
const ROWS_MANY: u64 = 1_000_000;
/// Fresh events per second, as in the measure of latency.
const FRESH_RATE: f64 = 600.0;
const LOOK: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_mins(15);

/// What an import says of itself at its end.
struct Ended {
    status: String,
    plan: Value,
    applied: Value,
    planned_secs: f64,
    applied_secs: f64,
}

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let rows = if bench.pace.is_quick() { ROWS_QUICK } else { ROWS };
    progress("importing people");
    bench.session.batch_execute("VACUUM ANALYZE").await?;
    bench.meter.take_peak_mib();
    let idle = bench.meter.memory_mib();
    let ended = import(bench, "", &file("first", rows)).await?;
    rates(bench, rows, &ended).await?;
    let again = import(bench, "", &file("first", rows)).await?;
    let figure = share(number(rows), again.planned_secs + again.applied_secs);
    let row = Row::of("rows/s of the same file again, planned and applied", figure, "/s");
    bench.report.add(row.note(format!("{}: {}", again.status, again.applied)));
    if !bench.pace.is_quick() {
        broken(bench).await?;
    }
    let peak = bench.meter.take_peak_mib();
    let row = Row::of("memory during imports, over idle", peak - idle, " MiB");
    let largest = if bench.pace.is_quick() { rows } else { ROWS_MANY };
    let note = format!("{idle:.0} MiB before; the largest file had {largest} rows");
    bench.report.add(row.wanting(Mark::AtMost(32.0), Mark::AtMost(64.0)).note(note));
    beside(bench, rows).await
}

/// A file of people whom nobody knows yet.
fn file(word: &str, rows: u64) -> String {
    let mut file = String::from("external_id,email,first_name,last_name,role,locale\n");
    for n in 0..rows {
        let _ = writeln!(file, "{word}-{n},{word}.person.{n}@school.example,Haneul,Kim {n},learner,ko");
    }
    file
}

/// Each tenth row is broken in another way.
fn broken_file(rows: u64) -> String {
    let mut file = String::from("external_id,email,first_name,last_name,role,locale\n");
    for n in 1..=rows {
        let _ = match (n % 10, n / 10 % 6) {
            (0, 0) => writeln!(file, "b-{n},no.address.{n},A,B,learner,ko"),
            (0, 1) => writeln!(file, "b-{n},p{n}@school.example,A,B,wizard,ko"),
            (0, 2) => writeln!(file, "b-{n},p{n}@school.example,A,B"),
            (0, 3) => writeln!(file, ",,A,B,learner,ko"),
            (0, 4) => writeln!(file, "b-{n},p{n}@school.example,A,B,learner,k!"),
            (0, _) => writeln!(file, "b-{n},p{n}@school.example,A\u{0},B,learner,ko"),
            (_, _) => writeln!(file, "b-{n},b.person.{n}@school.example,Haneul,Kim {n},learner,ko"),
        };
    }
    file
}

/// Sends a file, waits for its plan, has it applied and waits for the end.
async fn import(bench: &Bench, query: &str, file: &str) -> anyhow::Result<Ended> {
    let group = &bench.world.people;
    let tenant = TenantId::from_uuid(world::Row::Institution.id(group.first_institution));
    let mut caller = Caller::open(bench.server.address).await?;
    let line = format!("POST /api/institutions/{tenant}/members/bulk?{query}");
    let sent = caller.upload(&line, Some(group.token(0)), file.as_bytes()).await?;
    let path = format!("/api/institutions/{tenant}/imports/{}", text(&sent, "/data/id")?);
    let mut shown = wait(bench, &path).await?;
    if text(&shown, "/data/status")? == "planned" {
        let mut caller = Caller::open(bench.server.address).await?;
        caller.call(&format!("POST {path}/apply"), Some(group.token(0)), None).await?;
        shown = wait(bench, &path).await?;
    }
    let at = |name: &str| -> anyhow::Result<DateTime<Utc>> { Ok(text(&shown, &format!("/data/{name}"))?.parse()?) };
    let secs = |from: &str, to: &str| anyhow::Ok((at(to)? - at(from)?).as_seconds_f64());
    Ok(Ended {
        status: text(&shown, "/data/status")?.to_owned(),
        plan: shown.pointer("/data/plan").cloned().unwrap_or_default(),
        applied: shown.pointer("/data/applied").cloned().unwrap_or_default(),
        planned_secs: secs("created_at", "planned_at")?,
        applied_secs: secs("applying_at", "finished_at")?,
    })
}

/// Waits until an import does not go on by itself, and answers what it says.
async fn wait(bench: &Bench, path: &str) -> anyhow::Result<Value> {
    let looking = async {
        loop {
            // Each time anew: the server closes what stands idle.
            let mut caller = Caller::open(bench.server.address).await?;
            let token = Some(bench.world.people.token(0));
            let shown = caller.call(&format!("GET {path}"), token, None).await?;
            if !matches!(text(&shown, "/data/status")?, "validating" | "applying") {
                return Ok(shown);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.context("the import does not end")?
}

async fn rates(bench: &mut Bench, rows: u64, ended: &Ended) -> anyhow::Result<()> {
    let first = bench.world.people.first_institution;
    let [of, to] = [first, first + 1].map(|place| world::Row::Institution.id(place));
    let limit = copied_per_sec(&mut bench.session, (of, to)).await?;
    let note = format!("{}: {}", ended.status, ended.applied);
    let figure = share(number(rows), ended.applied_secs);
    let row = Row::of(format!("rows/s, apply of an import of {rows} rows"), figure, "/s");
    let row = row.beside("COPY of what it wrote", limit).wanting(Mark::AtLeast(0.5), Mark::AtLeast(0.2));
    bench.report.add(row.note(note));
    let row = Row::of("rows/s, plan of the same import", share(number(rows), ended.planned_secs), "/s");
    bench.report.add(row.beside("COPY of what it wrote", limit).note(ended.plan.to_string()));
    Ok(())
}

/// A million rows, every tenth broken: exactly those are refused.
async fn broken(bench: &mut Bench) -> anyhow::Result<()> {
    progress("importing a million rows, every tenth broken");
    let ended = import(bench, "", &broken_file(ROWS_MANY)).await?;
    let refused = ended.plan.pointer("/invalid").and_then(Value::as_u64).unwrap_or_default();
    let wrong = refused.abs_diff(ROWS_MANY / 10);
    let row = Row::of("rows refused or taken wrongly, of a million with every tenth broken", number(wrong), "");
    bench
        .report
        .add(row.wanting(Mark::AtMost(0.0), Mark::AtMost(0.0)).note(format!("{}: {}", ended.status, ended.plan)));
    let rate = share(number(ROWS_MANY), ended.planned_secs + ended.applied_secs);
    bench.report.add(Row::of("rows/s of that file, planned and applied", rate, "/s"));
    Ok(())
}

/// Fresh events of another institution, alone and beside an import.
async fn beside(bench: &mut Bench, rows: u64) -> anyhow::Result<()> {
    let window = bench.pace.window(20.0);
    let one = Rc::clone(&bench.world.one);
    let load = Load::singles(64, window).at_rate(FRESH_RATE);
    let without = bench.run(&one, load, 1).await?;
    let (tenant, token) = {
        let group = &bench.world.people;
        (TenantId::from_uuid(world::Row::Institution.id(group.first_institution)), group.token(0).to_owned())
    };
    let mut caller = Caller::open(bench.server.address).await?;
    let line = format!("POST /api/institutions/{tenant}/members/bulk?mode=apply");
    let sent = caller.upload(&line, Some(&token), file("beside", rows * 2).as_bytes()).await?;
    let path = format!("/api/institutions/{tenant}/imports/{}", text(&sent, "/data/id")?);
    let with = bench.run(&one, load, 1).await?;
    let mut caller = Caller::open(bench.server.address).await?;
    let shown = caller.call(&format!("GET {path}"), Some(&token), None).await?;
    let done = shown.pointer("/data/progress").cloned().unwrap_or_default();
    report(
        bench,
        (&without, &with),
        &format!("after the window the import is {}: {done}", text(&shown, "/data/status")?),
    );
    wait(bench, &path).await?;
    Ok(())
}

fn report(bench: &mut Bench, (without, with): (&Run, &Run), import: &str) {
    for percent in [50, 99] {
        let row = Row::of(
            format!("fresh events of another institution beside an import, p{percent}"),
            with.whole_way.percentile_ms(percent),
            " ms",
        )
        .beside("without the import", without.whole_way.percentile_ms(percent))
        .wanting(Mark::AtMost(1.5), Mark::AtMost(2.0));
        let row = if percent == 50 { row.note(import.to_owned()) } else { row.note(with.warnings()) };
        bench.report.add(row);
    }
}

fn text<'a>(answer: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    answer.pointer(pointer).and_then(Value::as_str).with_context(|| format!("no {pointer} in {answer}"))
}
