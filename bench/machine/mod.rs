//! What the machine did meanwhile: time of processors and memory of processes, from `/proc`.
//!
//! # Source
//! proc(5): `/proc/stat`, `/proc/[pid]/stat`, `/proc/[pid]/status`. Times are in hundredths of a second.

mod reading;

use std::{
    cell::Cell,
    fs,
    path::Path,
    process::Command,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::task::JoinSet;

use crate::figures::{number, share};
pub use reading::about;
use reading::{Ticks, cpu_of, machine, processes, tree_of};

/// Milliseconds of one tick.
const TICK_MS: f64 = 10.0;
/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Looks at the processes of one server.
#[derive(Debug)]
pub struct Meter {
    server: u32,
    postgres: u32,
    highest_kib: Rc<Cell<u64>>,
    _looks: JoinSet<()>,
}

/// Bytes that are free where a folder lies.
///
/// # Errors
/// When `df` of the GNU core utilities cannot tell.
pub fn free_bytes(folder: &Path) -> anyhow::Result<u64> {
    let told = Command::new("df").args(["--output=avail", "-B1"]).arg(folder).output().context("running df")?;
    let text = String::from_utf8(told.stdout)?;
    let free = text.lines().nth(1).with_context(|| format!("df told nothing about {}", folder.display()))?;
    Ok(free.trim().parse()?)
}

/// What had been used at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    at: Instant,
    server: Ticks,
    postgres: Ticks,
    bench: Ticks,
    busy: Ticks,
    whole: Ticks,
}

/// What was used between two moments.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// Time of processors that the server took, milliseconds.
    pub server_ms: f64,
    /// PostgreSQL, all its processes.
    pub postgres_ms: f64,
    /// The benchmark itself: senders and receivers.
    pub bench_ms: f64,
    /// Share of all processors' time that somebody else took, 0 to 1.
    pub others: f64,
    /// How long it was, seconds.
    pub seconds: f64,
}

impl Meter {
    /// Begins to look at a server and its PostgreSQL.
    pub fn new(server: u32, postgres: u32) -> Self {
        let highest_kib = Rc::new(Cell::new(0));
        let mut looks = JoinSet::new();
        let highest = Rc::clone(&highest_kib);
        looks.spawn_local(async move {
            let mut ticks = tokio::time::interval(LOOK);
            loop {
                ticks.tick().await;
                highest.set(highest.get().max(resident_kib(server)));
            }
        });
        Self { server, postgres, highest_kib, _looks: looks }
    }

    /// What has been used so far.
    ///
    /// # Errors
    /// When a process is gone.
    pub fn read(&self) -> anyhow::Result<Reading> {
        let (busy, whole) = machine().context("/proc/stat")?;
        let all = processes();
        Ok(Reading {
            at: Instant::now(),
            server: cpu_of(self.server).context("the server is gone")?,
            postgres: tree_of(self.postgres, &all),
            bench: cpu_of(std::process::id()).unwrap_or_default(),
            busy,
            whole,
        })
    }

    /// What has been used since.
    ///
    /// # Errors
    /// As [`Meter::read`].
    pub fn since(&self, before: Reading) -> anyhow::Result<Used> {
        let now = self.read()?;
        let ms = |after: Ticks, before: Ticks| number(after.saturating_sub(before)) * TICK_MS;
        let (server_ms, postgres_ms) = (ms(now.server, before.server), ms(now.postgres, before.postgres));
        let bench_ms = ms(now.bench, before.bench);
        let others_ms = (ms(now.busy, before.busy) - server_ms - postgres_ms - bench_ms).max(0.0);
        Ok(Used {
            server_ms,
            postgres_ms,
            bench_ms,
            others: share(others_ms, ms(now.whole, before.whole)),
            seconds: now.at.duration_since(before.at).as_secs_f64(),
        })
    }

    /// Memory of the server now, MiB.
    pub fn memory_mib(&self) -> f64 {
        mib(resident_kib(self.server))
    }

    /// Most memory of the server since the last call, MiB.
    pub fn take_peak_mib(&self) -> f64 {
        let highest = self.highest_kib.replace(0).max(resident_kib(self.server));
        mib(highest)
    }
}

fn mib(kib: u64) -> f64 {
    number(kib) / 1024.0
}

/// Resident memory of a process; 0 when it is gone.
fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
