//! `postmaster.pid`: what a running PostgreSQL says of itself, and what a dead one leaves behind.
//!
//! # Source
//! PostgreSQL, `src/include/utils/pidfile.h`: pid, data folder, start time, port, socket folder, listen address,
//! shared memory key, status; a line each.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::process;

const FILE: &str = "postmaster.pid";
const LOOK: Duration = Duration::from_millis(20);
/// An orphan was told by the kernel to stop when its server died; these are only for one that was not.
const ASK_AGAIN: Duration = Duration::from_secs(1);
const INSIST: Duration = Duration::from_secs(15);
const GIVE_UP: Duration = Duration::from_mins(1);

/// The file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: u32,
    pub(super) socket_dir: PathBuf,
    pub(super) ready: bool,
}

impl Postmaster {
    pub(super) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join(FILE)).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        Some(Self {
            pid: lines.first()?.parse().ok()?,
            socket_dir: PathBuf::from(lines.get(4).copied().unwrap_or_default()),
            ready: lines.get(7).is_some_and(|status| *status == "ready"),
        })
    }

    /// The process runs and is this cluster's.
    pub(super) fn runs_in(&self, data: &Path) -> bool {
        works_in(self.pid, data)
    }
}

/// Waits until nothing of a PostgreSQL that was killed, or whose server was, works in the data folder any more, and
/// removes the files that it left.
///
/// We hold the lock on the folder, so no server owns what runs there. Children of a killed `postgres` leave by
/// themselves, but not at once, and until then a new one does not start. A file whose number has since been given
/// to another process, or stays that of a zombie, would keep it from starting for ever.
pub(super) fn clear_up(data: &Path, socket_dir: &Path) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut signals = [(ASK_AGAIN, libc::SIGINT), (INSIST, libc::SIGQUIT)].into_iter().peekable();
    loop {
        let left = working_in(data);
        if left.is_empty() {
            break;
        }
        let waited = began.elapsed();
        anyhow::ensure!(waited < GIVE_UP, "an orphaned PostgreSQL does not stop (processes {left:?})");
        if let Some((_, signal)) = signals.next_if(|(after, _)| waited > *after) {
            for pid in left {
                process::send(pid, signal);
            }
        }
        thread::sleep(LOOK);
    }
    let socket = socket_dir.join(format!(".s.PGSQL.{}.lock", process::PORT));
    for file in [data.join(FILE), socket] {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Processes whose working folder it is, which is so for every process of a PostgreSQL.
fn working_in(data: &Path) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| works_in(*pid, data)).collect()
}

fn works_in(pid: u32, data: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_whole_file_and_the_beginning_of_one() {
        let whole = "4242\n/srv/var/postgres/data\n1795000000\n5432\n/srv/var/postgres/run\n\n  1 2\nready   \n";
        let read = Postmaster::parse(whole).unwrap();
        assert_eq!(read, Postmaster { pid: 4242, socket_dir: "/srv/var/postgres/run".into(), ready: true });
        assert!(!Postmaster::parse("4242\n/srv/var/postgres/data\n").unwrap().ready);
        assert_eq!(Postmaster::parse(""), None);
    }

    #[test]
    fn the_file_of_a_dead_one_is_removed() {
        let data = std::env::temp_dir().join(format!("stoa-pid-{:016x}", rand::random::<u64>()));
        fs::create_dir_all(&data).unwrap();
        // This process lives, but is no PostgreSQL of that folder.
        fs::write(data.join(FILE), format!("{}\n{}\n", std::process::id(), data.display())).unwrap();
        clear_up(&data, &data).unwrap();
        assert!(!data.join(FILE).exists());
        fs::remove_dir_all(data).unwrap();
    }
}
