//! Where a server of a test runs, and with which settings: what is the same over all its starts.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU16, Ordering},
};

use serde_json::Value;

/// Ports from here on are below those that the system gives to outgoing connections: while a server is dead, nobody
/// takes its port by chance.
const PORTS: std::ops::Range<u16> = 12_000..32_000;

/// What differs from the defaults, beside folder and ports: receivers on loopback, and short times, so that what a
/// crash left comes back while a test waits. What makes PostgreSQL durable is as an operator has it.
const SETTINGS: &[(&str, &str)] = &[
    ("STOA__ENVIRONMENT", "development"),
    ("STOA__SECRETS__SEALING_KEY", "the same for all nodes of one database"),
    ("STOA__LOG__FILTER", "warn,stoa::house=info,stoa::cluster=info"),
    ("STOA__SERVER__SHUTDOWN_GRACE_SECS", "5"),
    ("STOA__AUTH__ARGON2_MEMORY_KIB", "64"),
    ("STOA__AUTH__ARGON2_ITERATIONS", "1"),
    ("STOA__JOBS__LEASE_SECS", "3"),
    ("STOA__JOBS__POLL_MS", "100"),
    ("STOA__RELAY__POLL_MS", "200"),
    ("STOA__WEBHOOKS__CONNECT_TIMEOUT_MS", "700"),
    ("STOA__WEBHOOKS__TOTAL_TIMEOUT_MS", "1400"),
    ("STOA__WEBHOOKS__BREAKER_SHORTEST_MS", "500"),
    ("STOA__WEBHOOKS__BREAKER_LONGEST_MS", "1000"),
];

/// A place for a server.
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    pub(crate) address: SocketAddr,
    pub(crate) ops_address: SocketAddr,
    settings: Vec<(String, String)>,
}

impl Site {
    /// A new place; what earlier runs left of that name is removed.
    pub(crate) fn new(name: &str) -> Self {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("durability");
        sweep(&all, name);
        let folder = all.join(format!("{name}.{}", std::process::id()));
        fs::create_dir_all(folder.join("data")).expect("a folder under target");
        let site = Self { folder, address: free_address(), ops_address: free_address(), settings: Vec::new() };
        let (data, address, ops) = (site.data(), site.address.to_string(), site.ops_address.to_string());
        let data = data.to_str().expect("a path of letters");
        site.with("STOA__DATA__DIR", data)
            .with("STOA__SERVER__ADDRESS", &address)
            .with("STOA__SERVER__OPS_ADDRESS", &ops)
    }

    /// With one more setting.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The environment of the process; a later setting wins.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        SETTINGS.iter().copied().chain(own)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The token of the demo institution.
    pub(crate) fn token(&self) -> String {
        let text = fs::read_to_string(self.data().join("demo.json")).expect("demo.json");
        let demo: Value = serde_json::from_str(&text).expect("JSON");
        demo["token"].as_str().expect("a token").to_owned()
    }

    /// Process of its PostgreSQL and folder of the socket; none while it does not run.
    pub(crate) fn postmaster(&self) -> Option<(u32, PathBuf)> {
        let text = fs::read_to_string(self.data().join("postgres/data/postmaster.pid")).ok()?;
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        (lines.get(7) == Some(&"ready")).then_some(())?;
        Some((lines[0].parse().ok()?, PathBuf::from(lines[4])))
    }

    /// Address of its database for the owner.
    pub(crate) fn database_url(&self) -> String {
        let (_, socket) = self.postmaster().expect("PostgreSQL runs");
        format!("postgres:///stoa?host={}&port=5432&user=stoa", socket.display())
    }

    /// Removes all of it.
    pub(crate) fn forget(&self) {
        forget(&self.folder);
    }
}

/// Removes the places of runs that have ended.
fn sweep(all: &Path, name: &str) {
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let file_name = entry.file_name();
        let run = file_name.to_str().and_then(|text| text.strip_prefix(name)?.strip_prefix('.'));
        if run.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            forget(&entry.path());
        }
    }
}

/// Removes a folder, and the cluster that its data folder may only link to.
fn forget(folder: &Path) {
    if let Ok(cluster) = folder.join("data/postgres").canonicalize() {
        let _ = fs::remove_dir_all(cluster);
    }
    let _ = fs::remove_dir_all(folder);
}

fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    let first = rand::random::<u16>() % span;
    let _ = NEXT.compare_exchange(0, first + 1, Ordering::Relaxed, Ordering::Relaxed);
    loop {
        let port = PORTS.start + NEXT.fetch_add(1, Ordering::Relaxed) % span;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
