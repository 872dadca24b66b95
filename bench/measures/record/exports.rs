//! Rows per second of an export in CSV, beside `COPY (same query) TO STDOUT` over one connection, and memory meanwhile.
//!
//! The query is the server's own, taken from what PostgreSQL says of it while it runs, and run once more by the same role
//! behind the same wall; its rows are counted and thrown away. So the limit leaves out what an export does besides: to
//! write cells as they should be, to hash and to store them.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::Context;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::{Value, json};

use super::{Bench, FLAT, Size};
use crate::{
    figures::{many, median_by, number, per_second, share},
    peer::caller::Caller,
    report::{Mark, Row},
    say,
};

/// Few enough that PostgreSQL tells the whole query, of which it keeps a thousand bytes.
const COLUMNS: [&str; 8] = [
    "user_id",
    "user_external_id",
    "user_name",
    "course_external_id",
    "enrolled_at",
    "completed_at",
    "best_score",
    "time_spent_seconds",
];
const EXPORTS: &str = "/api/integrations/exports";
const RUNNING: &str =
    "SELECT query FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY (%' AND pid <> pg_backend_pid()";
const LOOK: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_mins(5);

/// An export that is whole.
struct Made {
    rows: u64,
    secs: f64,
    /// The query that was seen; none where it was over too soon.
    query: Option<String>,
}

impl Made {
    fn rate(&self) -> f64 {
        share(number(self.rows), self.secs)
    }

    fn cost_us(&self) -> f64 {
        share(self.secs * 1_000_000.0, number(self.rows))
    }
}

pub(super) async fn measure(bench: &mut Bench, sizes: &[Size]) -> anyhow::Result<()> {
    say::progress("exports of completions");
    let mut medians = Vec::new();
    bench.meter.take_peak_mib();
    let idle = bench.meter.memory_mib();
    for size in sizes {
        let mut made = Vec::new();
        for _ in 0..bench.pace.repeats() {
            made.push(export(bench, size).await?);
        }
        medians.extend(median_by(made, Made::rate));
    }
    let peak = bench.meter.take_peak_mib();
    let (Some(largest), Some(size)) = (medians.last(), sizes.last()) else { return Ok(()) };
    let query = largest.query.as_deref().context("the query of an export was never seen")?;
    anyhow::ensure!(query.contains("TO STDOUT"), "only a part of a query was seen: {query}");
    let mut limits = Vec::new();
    for _ in 0..bench.pace.repeats() {
        limits.push(copied_per_sec(bench, (size, query)).await?);
    }
    let limit = median_by(limits, |rate| *rate).unwrap_or_default();
    let row = Row::of("rows/s of a CSV export", largest.rate(), "/s").beside("COPY of the same query", limit);
    let note = format!("{} rows in {:.1} s, medians", largest.rows, largest.secs);
    bench.report.add(row.wanting(Mark::AtLeast(0.8), Mark::AtLeast(0.5)).note(note));
    let row = Row::of("memory during exports, over idle", peak - idle, " MiB");
    let note =
        format!("{idle:.0} MiB before; {} exports", many(&medians) * number(u64::try_from(bench.pace.repeats())?));
    bench.report.add(row.wanting(Mark::AtMost(32.0), Mark::AtMost(64.0)).note(note));
    let Some(single) = medians.first() else { return Ok(()) };
    for (size, made) in sizes.iter().zip(&medians).skip(1) {
        let row = Row::of(format!("cost of an exported row, at {} parts", size.parts), made.cost_us(), " µs");
        bench.report.add(row.beside("at one part", single.cost_us()).wanting(FLAT.0, FLAT.1));
    }
    Ok(())
}

/// Has a file made, and looks at it until it is whole.
async fn export(bench: &Bench, size: &Size) -> anyhow::Result<Made> {
    let mut caller = Caller::open(bench.server.address).await?;
    let token = Some(size.token.as_str());
    let body = json!({ "type": "completions", "format": "csv", "columns": COLUMNS });
    let asked = caller.call(&format!("POST {EXPORTS}"), token, Some(&body)).await?;
    let id = asked.pointer("/data/id").and_then(Value::as_str).context("an export without an id")?.to_owned();
    let (began, mut query) = (Instant::now(), None);
    loop {
        let running = bench.session.query_opt(RUNNING, &[]).await?;
        query = running.map(|row| row.try_get(0)).transpose()?.or(query);
        let told = caller.call(&format!("GET {EXPORTS}/{id}"), token, None).await?;
        let data = told.get("data").context("no export")?;
        match data.get("status").and_then(Value::as_str) {
            Some("completed") => return Made::of(data, query),
            Some("queued" | "running") if began.elapsed() < PATIENCE => tokio::time::sleep(LOOK).await,
            _ => anyhow::bail!("an export ended as {data}"),
        }
    }
}

impl Made {
    fn of(data: &Value, query: Option<String>) -> anyhow::Result<Self> {
        let at = |name: &str| -> anyhow::Result<DateTime<Utc>> {
            Ok(data.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {data}"))?.parse()?)
        };
        let rows = data.get("row_count").and_then(Value::as_u64).context("no rows are told")?;
        let secs = (at("finished_at")? - at("started_at")?).to_std()?.as_secs_f64();
        Ok(Self { rows, secs, query })
    }
}

/// Runs the query of an export once more, and throws its rows away.
async fn copied_per_sec(bench: &Bench, (size, query): (&Size, &str)) -> anyhow::Result<f64> {
    let session = bench.database.connect().await?;
    session.batch_execute(&format!("SET ROLE stoa_app; SET stoa.tenants = '{{{}}}'", size.tenant)).await?;
    let began = Instant::now();
    let mut stream = pin!(session.copy_out(query).await?);
    let mut rows = 0_u64;
    // PostgreSQL sends a row a message.
    while stream.try_next().await?.is_some() {
        rows += 1;
    }
    Ok(per_second(rows, began.elapsed()))
}
