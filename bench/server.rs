//! A server of the benchmark's own: the release binary with a fresh data folder, and so a fresh PostgreSQL.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;

use crate::{pace::Args, peer::caller::Caller};

/// Making a cluster and its schema, on a slow disk.
const READY_WITHIN: Duration = Duration::from_mins(2);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// What differs from the defaults: receivers on loopback, a log that says only what is wrong, and no limit on what
/// one institution may send, for here one sends as much as the machine takes. All else is what an operator gets.
const SETTINGS: &[(&str, &str)] = &[
    ("STOA__ENVIRONMENT", "production"),
    ("STOA__SECRETS__SEALING_KEY", "the benchmark's key, which guards nothing"),
    ("STOA__LOG__FILTER", "warn"),
    ("STOA__WEBHOOKS__ALLOW_HTTP", "true"),
    ("STOA__WEBHOOKS__ALLOW_PRIVATE", "127.0.0.0/8"),
    ("STOA__TENANTS__REQUESTS_PER_SECOND", "1000000"),
    ("STOA__TENANTS__REQUESTS_BURST", "1000000"),
];

/// The running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    data: PathBuf,
    keep: bool,
    /// Where the API listens.
    pub address: SocketAddr,
    /// Where operators ask.
    pub ops_address: SocketAddr,
}

impl Server {
    /// Starts a server and waits until it is ready.
    ///
    /// # Errors
    /// When the binary is not there, or the server ends or does not become ready; its log says why.
    pub async fn start(args: &Args) -> anyhow::Result<Self> {
        let data = args.folder.join("data");
        forget(&data);
        fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
        let (address, ops_address) = (free_address()?, free_address()?);
        let log_path = args.folder.join("server.log");
        let log = fs::File::create(&log_path)?;
        let mut command = Command::new(&args.server);
        command.arg("all").env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("STOA__DATA__DIR", &data).envs(SETTINGS.iter().copied());
        command.env("STOA__SERVER__ADDRESS", address.to_string());
        command.env("STOA__SERVER__OPS_ADDRESS", ops_address.to_string());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("cannot run {}; build it first", args.server.display()))?;
        let mut server = Self { child, data, keep: args.keep, address, ops_address };
        server.wait_ready().await.with_context(|| format!("see {}", log_path.display()))?;
        Ok(server)
    }

    async fn wait_ready(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < READY_WITHIN {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("the server ended at its start ({status})");
            }
            if let Ok(mut caller) = Caller::open(self.ops_address).await
                && caller.call("GET /readyz", None, None).await.is_ok()
            {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
        anyhow::bail!("the server was not ready after {} s", READY_WITHIN.as_secs())
    }

    /// Where its data lies.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Process and socket folder of its PostgreSQL.
    ///
    /// # Errors
    /// When it does not run.
    pub fn postgres(&self) -> anyhow::Result<(u32, PathBuf)> {
        let file = self.data.join("postgres/data/postmaster.pid");
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut lines = text.lines().map(str::trim);
        let pid = lines.next().and_then(|line| line.parse().ok()).context("no process in postmaster.pid")?;
        let socket = lines.nth(3).context("no socket in postmaster.pid")?;
        Ok((pid, PathBuf::from(socket)))
    }

    fn ask_to_stop(&self) {
        let _ = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
    }

    fn ended_in_time(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < STOPPED_WITHIN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            std::thread::sleep(LOOK);
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ask_to_stop();
        if !self.ended_in_time() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if !self.keep {
            forget(&self.data);
        }
    }
}

/// Removes a data folder, and the cluster that it may only link to.
fn forget(data: &Path) {
    if let Ok(cluster) = data.join("postgres").canonicalize() {
        let _ = fs::remove_dir_all(cluster);
    }
    let _ = fs::remove_dir_all(data);
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
