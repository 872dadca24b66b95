//! The binary as a process: started, killed, stopped.

use std::{
    fs::OpenOptions,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use super::{eventually, site::Site, wire::Channel};

/// A first start makes a cluster and a schema, and the machine may be busy.
const READY_WITHIN: Duration = Duration::from_mins(1);
const ENDED_WITHIN: Duration = Duration::from_secs(30);

/// A server that was started, and may have been killed since.
pub(crate) struct Server {
    pub(crate) site: Site,
    child: Child,
    started: Instant,
}

impl Server {
    /// Starts it, and does not wait.
    pub(crate) fn start(site: Site) -> Self {
        let child = spawn(&site);
        Self { site, child, started: Instant::now() }
    }

    /// Starts it again after its end.
    pub(crate) fn restart(&mut self) {
        assert!(self.child.try_wait().expect("a child").is_some(), "the server still runs");
        self.child = spawn(&self.site);
        self.started = Instant::now();
    }

    /// Waits until it takes requests, and answers how long that took from its start.
    pub(crate) async fn ready(&mut self) -> Duration {
        let address = self.site.ops_address;
        let child = &mut self.child;
        eventually("the server is ready", READY_WITHIN, async || {
            if let Some(status) = child.try_wait().expect("a child") {
                panic!("the server ended at its start ({status}), see {}", self.site.folder.display());
            }
            let mut channel = Channel::open(address).await.map_err(|error| error.to_string())?;
            let answer = channel.call("GET /readyz", None, "").await.map_err(|error| error.to_string())?;
            if answer.status() == 200 { Ok(()) } else { Err(answer.text()) }
        })
        .await;
        self.started.elapsed()
    }

    /// Number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it; it gets no chance to say anything.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
    }

    /// Asks it to stop, and waits for its end.
    pub(crate) async fn stop(&mut self) -> ExitStatus {
        signal("TERM", self.pid());
        let child = &mut self.child;
        eventually("the server ends", ENDED_WITHIN, async || child.try_wait().expect("a child").ok_or("it runs")).await
    }

    /// Does its process still run.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// Stops it at the end of a test that went well, and removes what it left.
    pub(crate) async fn close(mut self) {
        assert!(self.stop().await.success());
        self.site.forget();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its PostgreSQL is told by the kernel. Of one that has ended this changes nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
pub(crate) fn signal(name: &str, pid: u32) {
    let status = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().expect("kill");
    assert!(status.success(), "no process {pid}");
}

fn spawn(site: &Site) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(site.folder.join("server.log")).expect("a log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_stoa"));
    command.arg("all").env_clear().env("PATH", "/usr/bin:/bin").envs(site.environment()).current_dir(&site.folder);
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
    command.spawn().expect("the server's binary")
}
