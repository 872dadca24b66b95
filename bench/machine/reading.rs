//! The files of `/proc`, read.

use std::fs;

/// Hundredths of a second of processor time.
pub(super) type Ticks = u64;

/// A process: its parent, what it used, and what its ended children used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    pid: u32,
    parent: u32,
    own: Ticks,
    children: Ticks,
}

/// Busy and whole time of all processors since the machine started.
pub(super) fn machine() -> Option<(Ticks, Ticks)> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<Ticks> =
        stat.lines().next()?.split_whitespace().skip(1).take(8).filter_map(|field| field.parse().ok()).collect();
    let idle: Ticks = fields.get(3..5)?.iter().sum();
    let whole: Ticks = fields.iter().sum();
    Some((whole - idle, whole))
}

/// What a process used, without its children.
pub(super) fn cpu_of(pid: u32) -> Option<Ticks> {
    process(pid).map(|process| process.own)
}

/// What a process and its children used, those too that have ended.
pub(super) fn tree_of(root: u32, all: &[Process]) -> Ticks {
    let of = |process: &Process| match process {
        root_itself if root_itself.pid == root => root_itself.own + root_itself.children,
        child if child.parent == root => child.own,
        _ => 0,
    };
    all.iter().map(of).sum()
}

/// All processes.
pub(super) fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| process(entry.file_name().to_str()?.parse().ok()?)).collect()
}

fn process(pid: u32) -> Option<Process> {
    parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse(pid: u32, stat: &str) -> Option<Process> {
    // The name stands in brackets and may hold anything, brackets too.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |place: usize| -> Option<u64> { fields.get(place)?.parse().ok() };
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        own: field(11)? + field(12)?,
        children: field(13)? + field(14)?,
    })
}

/// The machine in a line, for whoever reads the figures.
pub fn about() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let count = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: u64 = memory.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    format!("{count} × {model}, {} GiB, Linux {}", kib / 1024 / 1024, kernel.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_brackets() {
        let stat = "42 (a) b) S 7 42 42 0 -1 4194560 1 0 0 0 30 12 5 6 20 0 1 0 100 1 1";
        assert_eq!(parse(42, stat), Some(Process { pid: 42, parent: 7, own: 42, children: 11 }));
    }

    #[test]
    fn a_tree_counts_living_and_ended_children_once() {
        let process = |pid, parent, own, children| Process { pid, parent, own, children };
        let all = [process(1, 0, 5, 100), process(2, 1, 7, 50), process(3, 2, 9, 0)];
        assert_eq!(tree_of(1, &all), 112);
    }

    #[test]
    fn this_machine_can_be_read() {
        assert!(machine().is_some_and(|(busy, whole)| busy <= whole));
        assert!(cpu_of(std::process::id()).is_some());
    }
}
