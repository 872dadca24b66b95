//! The same load spread over 1, 100 and 10,000 institutions with a receiver each: what a webhook costs, and what an
//! actor for each of so many institutions weighs.

use std::{net::SocketAddr, rc::Rc, time::Duration};

use serde_json::Value;
use tokio::task::JoinSet;

use super::{Bench, run::Run, subscribe};
use crate::{
    figures::{median_by, share},
    peer::{caller::Caller, load::Load, sink::RECEIVERS},
    report::{Mark, Row},
    say::progress,
    world::{Group, SPREADS},
};

/// Longest time that an event of each institution may take.
const WAKING: Duration = Duration::from_mins(1);
/// Connections that register receivers.
const REGISTRARS: u64 = 16;

pub(super) async fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    progress("registering a receiver for each of 10,101 institutions");
    let groups = bench.world.spreads.clone();
    for group in &groups {
        register(bench, group).await?;
    }
    bench.session.batch_execute("ANALYZE webhooks").await?;
    bench.meter.take_peak_mib();
    let load = Load::singles(64, bench.pace.window(4.0));
    let mut runs: [Vec<Run>; SPREADS.len()] = Default::default();
    // In turn, so that a machine whose speed drifts does so for all of them.
    for _ in 0..bench.pace.repeats() {
        for (group, runs) in groups.iter().zip(&mut runs) {
            runs.push(bench.run(group, load, 1).await?);
        }
    }
    let medians = runs.map(|runs| median_by(runs, Run::cost_of_webhook_us));
    let [Some(single), Some(hundred), Some(many)] = medians else { return Ok(()) };
    for (name, run) in [("100", hundred), ("10,000", many)] {
        bench.report.add(row(name, &run, &single));
    }
    wake_all(bench).await?;
    report_memory(bench).await
}

fn row(name: &str, run: &Run, single: &Run) -> Row {
    let rates = format!(
        "{:.0} webhooks/s, {:.2} × those at one institution",
        run.delivered_rate,
        share(run.delivered_rate, single.delivered_rate)
    );
    Row::of(format!("processor time per webhook, {name} institutions"), run.cost_of_webhook_us(), " µs")
        .beside("at one institution", single.cost_of_webhook_us())
        .wanting(Mark::AtMost(1.1), Mark::AtMost(1.3))
        .note(rates)
        .note(run.webhook_note())
        .note(run.warnings())
}

/// Sends one event of each institution, so that an actor lives for every one of them.
async fn wake_all(bench: &mut Bench) -> anyhow::Result<()> {
    let Some(group) = bench.world.spreads.last().cloned() else { return Ok(()) };
    let load = Load { requests: group.learners, ..Load::singles(64, WAKING) };
    bench.run(&group, load, 1).await.map(drop)
}

async fn report_memory(bench: &mut Bench) -> anyhow::Result<()> {
    let (now, peak) = (bench.meter.memory_mib(), bench.meter.take_peak_mib());
    let row = Row::of("memory with 10,000 institutions alive, over idle", now - bench.idle_mib, " MiB")
        .wanting(Mark::AtMost(100.0), Mark::AtMost(200.0))
        .note(format!("{now:.0} MiB, {peak:.0} MiB at peak"))
        .note(format!("{} actors of institutions", actors(bench.server.ops_address).await?));
    bench.report.add(row);
    Ok(())
}

/// Actors alive, as the server tells its operator.
async fn actors(ops: SocketAddr) -> anyhow::Result<u64> {
    let cast = Caller::open(ops).await?.call("GET /ops/actors", None, None).await?;
    let cast = cast.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(cast.iter().filter_map(|one| one.pointer("/state/tenants").and_then(Value::as_u64)).sum())
}

/// Registers a receiver for each institution of a group, over the public API.
async fn register(bench: &Bench, group: &Rc<Group>) -> anyhow::Result<()> {
    let urls: Rc<[String]> = (0..u64::from(RECEIVERS)).map(|receiver| bench.sink.url(receiver)).collect();
    let mut registrars = JoinSet::new();
    for first in 0..REGISTRARS.min(group.institutions) {
        registrars.spawn_local(register_every(bench.server.address, Rc::clone(group), Rc::clone(&urls), first));
    }
    while let Some(done) = registrars.join_next().await {
        done??;
    }
    Ok(())
}

async fn register_every(address: SocketAddr, group: Rc<Group>, urls: Rc<[String]>, first: u64) -> anyhow::Result<()> {
    let mut caller = Caller::open(address).await?;
    let (mut institution, mut urls) = (first, urls.iter().cycle());
    while let (true, Some(url)) = (institution < group.institutions, urls.next()) {
        subscribe(&mut caller, &group, institution, url).await?;
        institution += REGISTRARS;
    }
    Ok(())
}
