//! The real binary as `make run` starts it, in a folder of its own that goes with it.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use serde_json::Value;

/// A first start makes a cluster and a schema, and the machine may be busy.
const READY_WITHIN: Duration = Duration::from_secs(90);
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Every line that the server wrote to its log so far.
type Log = Arc<Mutex<String>>;

/// A server that runs. Dropped, it is stopped and all that it kept is removed.
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    log: Log,
    pub(crate) address: SocketAddr,
    pub(crate) ops_address: SocketAddr,
}

impl Server {
    /// Starts it and waits until it says that it is ready.
    pub(crate) fn start(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("docs-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let (address, ops_address) = free_addresses();
        let mut child = command(env!("CARGO_BIN_EXE_stoa"), &folder)
            .arg("all")
            .env("STOA__SERVER__ADDRESS", address.to_string())
            .env("STOA__SERVER__OPS_ADDRESS", ops_address.to_string())
            .stdin(Stdio::null())
            .stdout(File::create(folder.join("stdout.log")).expect("a log"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server's binary");
        let lines = BufReader::new(child.stderr.take().expect("a pipe"));
        let server = Self { child, folder, log: Log::default(), address, ops_address };
        until_ready(lines, Arc::clone(&server.log));
        server
    }

    /// The binary, on this server's settings.
    pub(crate) fn stoa(&self) -> Command {
        command(env!("CARGO_BIN_EXE_stoa"), &self.folder)
    }

    /// A shell in which `stoa` is the binary, on this server's settings.
    pub(crate) fn shell(&self) -> Command {
        let binaries = Path::new(env!("CARGO_BIN_EXE_stoa")).parent().expect("a folder");
        let mut command = command("bash", &self.folder);
        command.env("PATH", format!("{}:{PATH}", binaries.display()));
        command
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        data(&self.folder)
    }

    /// An integration token with an admin's abilities.
    pub(crate) fn token(&self) -> String {
        let file: Value =
            serde_json::from_slice(&fs::read(self.data().join("demo.json")).expect("a file")).expect("JSON");
        file["token"].as_str().expect("a token").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, so that PostgreSQL is stopped before its folder goes.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        // Where PostgreSQL runs as another user, its folder may be a link to elsewhere.
        if let Ok(home) = data(&self.folder).join("postgres").canonicalize() {
            let _ = fs::remove_dir_all(home);
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("var")
}

fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", PATH).env("STOA__DATA__DIR", data(folder));
    command.env("STOA__ENVIRONMENT", "development").current_dir(folder);
    command
}

fn free_addresses() -> (SocketAddr, SocketAddr) {
    let [one, other] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    (one.local_addr().expect("an address"), other.local_addr().expect("an address"))
}

/// Reads the log until it says so, and goes on reading: a full pipe would stop the server.
fn until_ready(lines: BufReader<std::process::ChildStderr>, log: Log) {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            writeln!(log.lock().expect("the log"), "{line}").expect("a line");
            // Nobody listens any more once it is ready.
            let _ = tell.send(line);
        }
    });
    let mut said = Vec::new();
    while let Ok(line) = told.recv_timeout(READY_WITHIN) {
        if line.contains("ready on http") {
            return;
        }
        said.push(line);
    }
    panic!("the server does not become ready:\n{}", said.join("\n"));
}
