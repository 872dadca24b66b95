//! A long replay beside a steady flow of fresh events to the same receiver: do the fresh ones notice.
//!
//! # Rule
//! The same flow twice, first alone and then beside the replay, which runs as fast as one may be asked to. What is
//! replayed is what earlier runs delivered, so nothing has to be broken first; in the accounts of the run it belongs to an
//! earlier one.

use std::{rc::Rc, time::Duration};

use anyhow::Context;
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use stoa_core::clock::{Clock, SystemClock};

use super::{Bench, run::Run};
use crate::{
    figures::{number, share},
    peer::{caller::Caller, load::Load},
    report::{Mark, Row},
};

/// Fresh events per second, as in the measure of latency.
const FRESH_RATE: f64 = 600.0;
/// Replayed deliveries per second: the most that may be asked for.
const REPLAY_RATE: u32 = 400;
/// Deliveries that are replayed, and in a quick run.
const REPLAYED: u64 = 100_000;
const REPLAYED_QUICK: u64 = 10_000;
/// From one look at the replay to the next.
const LOOK: Duration = Duration::from_millis(250);
/// How much longer than its rate says a replay may take.
const PATIENCE: u32 = 4;

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let wanted = if bench.pace.is_quick() { REPLAYED_QUICK } else { REPLAYED };
    let since = SystemClock.now() - TimeDelta::seconds(1);
    deliver(bench, wanted).await?;
    let until = SystemClock.now();
    let window = Duration::from_secs(wanted) / REPLAY_RATE;
    let without = fresh(bench, window.min(Duration::from_secs(30))).await?;
    let line = begin(bench, [since, until].map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true))).await?;
    let strays = bench.totals.strays;
    let with = fresh(bench, window).await?;
    // What was replayed belongs to an earlier run on purpose.
    bench.totals.strays = strays;
    let replay = wait(bench, &line, window * PATIENCE).await?;
    report(bench, (&without, &with), &replay);
    Ok(())
}

/// Fills the log with what is to be replayed.
async fn deliver(bench: &mut Bench, wanted: u64) -> anyhow::Result<()> {
    let one = Rc::clone(&bench.world.one);
    let load = Load { requests: wanted, ..Load::singles(64, Duration::from_mins(2)) };
    bench.run(&one, load, 1).await?;
    Ok(())
}

async fn fresh(bench: &mut Bench, window: Duration) -> anyhow::Result<Run> {
    let one = Rc::clone(&bench.world.one);
    bench.run(&one, Load::singles(64, window).at_rate(FRESH_RATE), 1).await
}

/// Asks for the replay, and answers the line that shows it.
async fn begin(bench: &Bench, [since, until]: [String; 2]) -> anyhow::Result<String> {
    let mut caller = Caller::open(bench.server.address).await?;
    let token = Some(bench.world.one.token(0));
    let webhooks = caller.call("GET /api/integrations/webhooks", token, None).await?;
    let webhook = text(&webhooks, "/data/0/id")?;
    let path = format!("/api/integrations/webhooks/{webhook}/replays");
    let body = json!({ "since": since, "until": until, "statuses": ["succeeded"], "rate_per_second": REPLAY_RATE });
    let replay = caller.call(&format!("POST {path}"), token, Some(&body)).await?;
    Ok(format!("GET {path}/{}", text(&replay, "/data/id")?))
}

/// Waits for the end of the replay, and answers what it says of itself.
async fn wait(bench: &Bench, line: &str, patience: Duration) -> anyhow::Result<Value> {
    // The server has closed what stood idle meanwhile.
    let mut caller = Caller::open(bench.server.address).await?;
    let token = Some(bench.world.one.token(0));
    let looking = async {
        loop {
            let replay = caller.call(line, token, None).await?;
            if text(&replay, "/data/status")? != "running" {
                return Ok(replay);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(patience, looking).await.context("the replay does not end")?
}

fn report(bench: &mut Bench, (without, with): (&Run, &Run), replay: &Value) {
    let count = |pointer: &str| replay.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    let status = replay.pointer("/data/status").and_then(Value::as_str).unwrap_or_default().to_owned();
    let took = |pointer: &str| replay.pointer(pointer).and_then(Value::as_str).and_then(|at| at.parse().ok());
    let seconds: Option<f64> = took("/data/finished_at").zip(took("/data/created_at")).map(
        |(end, begin): (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>)| (end - begin).as_seconds_f64(),
    );
    let done = count("/data/done");
    for percent in [50, 99] {
        let figure = with.whole_way.percentile_ms(percent);
        let row = Row::of(format!("fresh events beside a replay, p{percent}"), figure, " ms")
            .beside("without the replay", without.whole_way.percentile_ms(percent))
            .wanting(Mark::AtMost(1.5), Mark::AtMost(2.0));
        let row = if percent == 50 { row.note(without.warnings()) } else { row.note(with.warnings()) };
        bench.report.add(row);
    }
    let rate = seconds.map_or(0.0, |seconds| share(number(done), seconds));
    let row = Row::of("replayed deliveries beside fresh events", rate, "/s")
        .note(format!("{done} of {} replayed, {status}, beside {FRESH_RATE:.0} fresh events/s", count("/data/total")));
    bench.report.add(row);
}

fn text<'a>(answer: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    answer.pointer(pointer).and_then(Value::as_str).with_context(|| format!("no {pointer} in {answer}"))
}
