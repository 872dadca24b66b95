//! The mail server of `tests/peers/smtp`, as a process of its own.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

use serde_json::Value;
use stoa_actors::mailer::{Mailer, Smtp, Transport};

/// Longest wait for a line of the server.
const PATIENCE: Duration = Duration::from_mins(1);
/// Distinguishes the servers of one run.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A mail server that runs, and what it said.
pub(crate) struct Sink {
    child: Child,
    /// Closed, it tells the server to go.
    stdin: Option<ChildStdin>,
    folder: PathBuf,
    said: mpsc::Receiver<Value>,
    port: u64,
    authority: Vec<u8>,
}

impl Sink {
    /// Starts one and waits until it has greeted itself.
    pub(crate) fn start(mode: &str) -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("stoa-sink-{}-{nth}", std::process::id()));
        let mut child = Command::new(root.join("target/peers/venv/bin/python"))
            .arg(root.join("tests/peers/smtp/sink.py"))
            .args(["--mode", mode, "--folder"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("the mail server: {error}; scripts/setup test installs it"));
        let stdin = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let (tell, said) = mpsc::channel();
        std::thread::spawn(move || {
            lines.for_each(|line| drop(tell.send(serde_json::from_str::<Value>(&line).expect("a line of JSON"))));
        });
        let up =
            said.recv_timeout(PATIENCE).expect("the mail server says that it is up; scripts/setup test installs it");
        let authority = std::fs::read(up["authority"].as_str().expect("a path")).expect("a certificate");
        Self { child, stdin, folder, said, port: up["port"].as_u64().expect("a port"), authority }
    }

    /// How it is reached: `smtp://app:secret@{}?tls=required`, with the place of the host and port.
    pub(crate) fn settings(&self, url: &str) -> Smtp {
        let url = url.replace("{}", &format!("localhost:{}", self.port));
        let further_authorities = Some(self.authority.clone());
        Smtp { further_authorities, letter_within: Duration::from_secs(10), ..Smtp::at(url) }
    }

    /// A mailer that hands letters to it.
    pub(crate) fn mailer(&self, url: &str) -> Mailer {
        Mailer::new(Transport::Smtp(self.settings(url))).expect("an address")
    }

    /// What it says next.
    pub(crate) fn next(&self) -> Value {
        self.said.recv_timeout(PATIENCE).expect("the mail server says something")
    }

    /// What it has said since the last look; what it says later is not waited for.
    pub(crate) fn so_far(&self) -> Vec<Value> {
        self.said.try_iter().collect()
    }

    /// Ends it, so that nobody listens at its port any more.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stdin.take());
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.end();
    }
}
