//! One `postgres` process: started, awaited and stopped. The only file with `unsafe` in it.
//!
//! - It runs in a process group of its own, so that Ctrl-C reaches the server alone, which stops PostgreSQL last.
//! - The kernel sends it SIGINT (a fast shutdown) when the thread that started it ends, so that not even
//!   `kill -9` of the server leaves it running. That thread is the keeper's.
//! - Its environment is empty but for a path: settings of the server are none of its business, and variables
//!   such as `PGPORT` would change its ways.

use std::{
    ffi::OsString,
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;

use super::{binaries::Binaries, place::Place, postmaster::Postmaster};

/// Only part of the socket's name; no TCP port is opened.
pub(super) const PORT: u16 = 5432;
const LOOK: Duration = Duration::from_millis(5);
/// How long a fast shutdown, with its checkpoint, may take.
const FAST_STOP: Duration = Duration::from_secs(30);
const IMMEDIATE_STOP: Duration = Duration::from_secs(5);
/// Connections beside the pools': migrations, an operator's `psql`, a verb of the command line.
const SPARE_CONNECTIONS: usize = 60;

/// How a cluster is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) connections: usize,
    /// Off only for throw-away clusters.
    pub(super) durable: bool,
}

impl Settings {
    fn arguments(self, socket_dir: &Path) -> Vec<OsString> {
        let safe = if self.durable { "on" } else { "off" };
        let mut sockets = OsString::from("unix_socket_directories=");
        sockets.push(socket_dir);
        let mut settings = vec![sockets];
        settings.extend(
            [
                "listen_addresses=".to_owned(),
                format!("port={PORT}"),
                "unix_socket_permissions=0700".to_owned(),
                format!("max_connections={}", self.connections.saturating_add(SPARE_CONNECTIONS)),
                format!("fsync={safe}"),
                format!("synchronous_commit={safe}"),
                format!("full_page_writes={safe}"),
                "shared_buffers=128MB".to_owned(),
                "wal_buffers=16MB".to_owned(),
                // Fewer checkpoints: each makes the next write of every page cost a whole page of log.
                "max_wal_size=2GB".to_owned(),
                "checkpoint_timeout=15min".to_owned(),
                "random_page_cost=1.1".to_owned(),
                // The statements are short; compiling them costs more than it saves.
                "jit=off".to_owned(),
                // The queue and the outbox turn over quickly.
                "autovacuum_naptime=15s".to_owned(),
                "autovacuum_vacuum_cost_delay=0".to_owned(),
                "log_line_prefix=%m [%p] ".to_owned(),
                "log_min_duration_statement=1s".to_owned(),
                "log_checkpoints=off".to_owned(),
                "timezone=UTC".to_owned(),
                "log_timezone=UTC".to_owned(),
                "cluster_name=stoa".to_owned(),
            ]
            .map(OsString::from),
        );
        settings
    }
}

/// A child of ours that is `postgres`.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    data: PathBuf,
}

impl Process {
    pub(super) fn spawn(place: &Place, binaries: &Binaries, settings: Settings) -> anyhow::Result<Self> {
        let log = place.open_log().with_context(|| format!("cannot open {}", place.log().display()))?;
        let data = place.data();
        let mut command = command(place, &binaries.path("postgres"));
        command.arg("-D").arg(&data);
        for setting in settings.arguments(place.socket_dir()) {
            command.arg("-c").arg(setting);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(Self { child: command.spawn().context("cannot run postgres")?, data })
    }

    /// Waits until it takes connections, has ended, or `give_up` says so.
    pub(super) fn wait_ready(&mut self, mut give_up: impl FnMut() -> bool) -> anyhow::Result<bool> {
        let started = Instant::now();
        let mut said = 0;
        while !give_up() {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("PostgreSQL ended at its start ({status})");
            }
            // Its own pid must stand there: the file may be an earlier one's.
            if Postmaster::read(&self.data).is_some_and(|file| file.ready && file.pid == self.child.id()) {
                return Ok(true);
            }
            let tens = started.elapsed().as_secs() / 10;
            if tens > said {
                said = tens;
                tracing::info!("PostgreSQL is not ready after {} s; it may be recovering from a crash", tens * 10);
            }
            thread::sleep(LOOK);
        }
        Ok(false)
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Stops it: rolls back what is open and writes a checkpoint; after too long without one.
    pub(super) fn stop(mut self) -> io::Result<()> {
        for (signal, patience) in [(libc::SIGINT, FAST_STOP), (libc::SIGQUIT, IMMEDIATE_STOP)] {
            send(self.child.id(), signal);
            if self.wait_end(patience)? {
                return Ok(());
            }
            tracing::warn!("PostgreSQL has not stopped after {} s", patience.as_secs());
        }
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    fn wait_end(&mut self, patience: Duration) -> io::Result<bool> {
        let asked = Instant::now();
        while asked.elapsed() < patience {
            if self.child.try_wait()?.is_some() {
                return Ok(true);
            }
            thread::sleep(LOOK);
        }
        Ok(false)
    }
}

/// A command that runs as the owner of the cluster and does not outlive us.
pub(super) fn command(place: &Place, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").current_dir(place.home()).process_group(0);
    if let Some(owner) = place.owner {
        // Also clears the supplementary groups of root.
        command.uid(owner.uid).gid(owner.gid);
    }
    end_with_us(&mut command);
    command
}

/// Asks the kernel for SIGINT when the thread that starts the command ends.
#[expect(unsafe_code, reason = "std has no parent-death signal")]
fn end_with_us(command: &mut Command) {
    let us = i32::try_from(std::process::id());
    let ask = move || {
        // SAFETY: both calls are async-signal-safe and touch no memory of ours.
        let (asked, parent) = unsafe { (libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT), libc::getppid()) };
        // A parent that died before the question will send no signal.
        if asked == 0 && us == Ok(parent) { Ok(()) } else { Err(io::Error::last_os_error()) }
    };
    // SAFETY: the closure runs between fork and exec and allocates nothing. It runs after the change of user, which
    // would clear the signal.
    unsafe { command.pre_exec(ask) };
}

/// Sends a signal; a process that is gone is no fault.
#[expect(unsafe_code, reason = "std can only kill")]
pub(super) fn send(pid: u32, signal: libc::c_int) {
    if let Ok(pid @ 1..) = libc::pid_t::try_from(pid) {
        // SAFETY: kill touches no memory; a positive pid names one process.
        unsafe { libc::kill(pid, signal) };
    }
}

#[expect(unsafe_code, reason = "std does not tell the effective user")]
pub(super) fn we_are_root() -> bool {
    // SAFETY: geteuid always succeeds and touches no memory.
    unsafe { libc::geteuid() == 0 }
}
