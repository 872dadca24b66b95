//! The measures, each a file, in the order in which they run: what leaves the server larger comes last.

mod accept;
mod deliver;
mod fan_out;
mod flatness;
mod hanging;
mod import;
mod latency;
mod members;
mod pages;
mod record;
mod replay;
mod run;
mod spread;
mod transactions;

use std::rc::Rc;

use anyhow::Context;
use serde_json::json;

use crate::{
    database::{Database, Session},
    machine::Meter,
    pace::{Args, Pace},
    peer::{
        caller::Caller,
        load::{Load, Senders},
        sink::{RECEIVERS, Sink},
    },
    report::{Mark, Report, Row},
    say::progress,
    server::Server,
    world::{Group, World, seed},
};

/// Names of the measures.
pub const NAMES: [&str; 13] = [
    "accept",
    "deliver",
    "latency",
    "fan-out",
    "hanging",
    "transactions",
    "replay",
    "import",
    "flatness",
    "spread",
    "pages",
    "members",
    "record",
];

/// What every measure works with.
struct Bench {
    pace: Pace,
    meter: Meter,
    senders: Senders,
    sink: Sink,
    world: World,
    session: Session,
    report: Report,
    database: Database,
    /// Memory of the server before anything was asked of it, MiB.
    idle_mib: f64,
    totals: Losses,
    /// Deliveries per second over one receiver, once known.
    delivered_rate: Option<f64>,
    /// Events per second to ten receivers, once known.
    fan_out_rate: Option<f64>,
    // Stopped last, after all that talks to it.
    server: Server,
}

/// What went wrong, over all runs.
#[derive(Debug, Default)]
struct Losses {
    lost: u64,
    duplicates: u64,
    strays: u64,
}

/// Runs the measures that are wanted and reports.
///
/// # Errors
/// When the server cannot be started or stops answering.
pub async fn run(args: &Args, pace: Pace) -> anyhow::Result<Report> {
    let mut bench = Bench::prepare(args, pace).await?;
    if bench.wants("accept") {
        accept::measure(&mut bench).await?;
    }
    if bench.wants("deliver") {
        deliver::measure(&mut bench).await?;
    }
    if bench.wants("latency") {
        latency::measure(&mut bench).await?;
    }
    if bench.wants("fan-out") {
        fan_out::measure(&mut bench).await?;
    }
    if bench.wants("hanging") {
        hanging::measure(&mut bench).await?;
    }
    if bench.wants("transactions") {
        transactions::measure(&mut bench).await?;
    }
    if bench.wants("replay") {
        replay::measure(&mut bench).await?;
    }
    if bench.wants("import") {
        import::measure(&mut bench).await?;
    }
    if bench.wants("flatness") {
        flatness::measure(&mut bench).await?;
    }
    bench.report_peak();
    if bench.wants("spread") {
        spread::measure(&mut bench).await?;
    }
    if bench.wants("pages") {
        pages::measure(&mut bench).await?;
    }
    if bench.wants("members") {
        members::measure(&mut bench).await?;
    }
    if bench.wants("record") {
        record::measure(&mut bench).await?;
    }
    bench.report_losses();
    Ok(std::mem::take(&mut bench.report))
}

impl Bench {
    async fn prepare(args: &Args, pace: Pace) -> anyhow::Result<Self> {
        progress("starting a server with a fresh database");
        let server = Server::start(args).await?;
        let (postgres, socket) = server.postgres()?;
        let meter = Meter::new(server.pid(), postgres);
        let sink = Sink::open().await?;
        let senders = Senders::new(server.address, Rc::clone(sink.ledger()));
        let (database, world) = (Database::at(&socket), World::lay_out());
        let idle_mib = meter.memory_mib();
        progress("writing institutions and learners");
        let mut session = database.connect().await?;
        seed::seed(&mut session, &world).await?;
        let mut bench = Self {
            pace,
            meter,
            senders,
            sink,
            world,
            session,
            database,
            report: Report::default(),
            idle_mib,
            totals: Losses::default(),
            delivered_rate: None,
            fan_out_rate: None,
            server,
        };
        bench.report.add(Row::of("idle memory", idle_mib, " MiB").wanting(Mark::AtMost(40.0), Mark::AtMost(80.0)));
        bench.subscribe().await?;
        bench.warm_up().await?;
        Ok(bench)
    }

    fn wants(&self, measure: &str) -> bool {
        self.pace.wants(measure)
    }

    /// Registers the receivers of the first groups.
    async fn subscribe(&mut self) -> anyhow::Result<()> {
        let (one, ten, hanging) =
            (Rc::clone(&self.world.one), Rc::clone(&self.world.ten), Rc::clone(&self.world.hanging));
        let mut caller = Caller::open(self.server.address).await?;
        subscribe(&mut caller, &one, 0, &self.sink.url(0)).await?;
        for receiver in 0..u64::from(RECEIVERS) {
            let url = self.sink.url(receiver);
            subscribe(&mut caller, &ten, 0, &url).await?;
            if receiver + 1 < u64::from(RECEIVERS) {
                subscribe(&mut caller, &hanging, 0, &url).await?;
            }
        }
        Ok(())
    }

    /// Fills caches, and gives PostgreSQL rows to plan with, as a server has that was used before.
    async fn warm_up(&mut self) -> anyhow::Result<()> {
        progress("warming up");
        let window = self.pace.window(1.5);
        let load = Load::singles(32, window);
        let world = &self.world;
        for (group, owed) in
            [(&world.plain, 0), (&world.one, 1), (&world.ten, 10)].map(|(g, owed)| (Rc::clone(g), owed))
        {
            self.run(&group, load, owed).await?;
        }
        self.session.batch_execute("VACUUM ANALYZE").await?;
        self.meter.take_peak_mib();
        Ok(())
    }

    fn report_peak(&mut self) {
        let peak = self.meter.take_peak_mib();
        let row =
            Row::of("memory at peak, all runs so far", peak, " MiB").wanting(Mark::AtMost(100.0), Mark::AtMost(200.0));
        self.report.add(row.note(format!("{:.0} MiB when idle", self.idle_mib)));
    }

    fn report_losses(&mut self) {
        let Losses { lost, duplicates, strays } = self.totals;
        let none = Mark::AtMost(0.0);
        let row = Row::of("webhooks lost, all runs", crate::figures::number(lost), "").wanting(none, none);
        self.report.add(row.note(format!("{duplicates} arrived twice, {strays} belonged to an earlier run")));
    }
}

/// Registers a receiver of an institution, and answers its id.
async fn subscribe(caller: &mut Caller, group: &Group, institution: u64, url: &str) -> anyhow::Result<String> {
    let body = json!({
        "url": url,
        "coalesce_seconds": 0,
        "events": ["material_stat.created", "material_stat.updated"],
        "dialect": "talktiko",
    });
    let line = "POST /api/integrations/webhooks";
    let made = caller.call(line, Some(group.token(institution)), Some(&body)).await?;
    let id = made.pointer("/data/id").and_then(serde_json::Value::as_str);
    id.map(str::to_owned).with_context(|| format!("no id in {made}"))
}
