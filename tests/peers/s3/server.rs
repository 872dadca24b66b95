//! An S3 service in the process of the test: s3s, on a thread of its own.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    thread::JoinHandle,
};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::{sync::oneshot, task::JoinSet};

/// Name of the one bucket.
pub const BUCKET: &str = "stoa-files";
/// Whom it knows.
pub const ACCESS_KEY: &str = "access";
/// And by which secret.
pub const SECRET_KEY: &str = "a secret of the tests";

/// A service with one bucket; its files are gone with it.
pub struct Server {
    folder: PathBuf,
    address: SocketAddr,
    running: Option<Running>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Starts one on a free port.
    pub fn start() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("stoa-s3-{}-{number}", std::process::id()));
        fs::create_dir_all(folder.join(BUCKET)).unwrap();
        let mut server = Self { folder, address: ([127, 0, 0, 1], 0).into(), running: None };
        server.start_again();
        server
    }

    /// Starts it again where it was, with what it had.
    pub fn start_again(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let listener = TcpListener::bind(self.address).unwrap();
        self.address = listener.local_addr().unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(&self.folder).unwrap());
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(listener, service, stopped));
        });
        self.running = Some(Running { stop, thread });
    }

    /// Stops it; connections break off.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = running.stop.send(());
            running.thread.join().unwrap();
        }
    }

    /// Where it is.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every file and every part of one below its folder, by its path, as whoever looks at the disk sees them; without
    /// what the service itself keeps of them.
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    files.push(entry.path().strip_prefix(&self.folder).unwrap().display().to_string());
                }
            }
        }
        files.retain(|file| {
            !(file.starts_with('.') && std::path::Path::new(file).extension().is_some_and(|kind| kind == "json"))
        });
        files.sort();
        files
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn serve(listener: TcpListener, service: S3Service, mut stopped: oneshot::Receiver<()>) {
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let http = Builder::new(TokioExecutor::new());
    let mut connections = JoinSet::new();
    loop {
        let socket = tokio::select! {
            accepted = listener.accept() => accepted.unwrap().0,
            _ = &mut stopped => return,
        };
        let connection = http.serve_connection(TokioIo::new(socket), service.clone()).into_owned();
        connections.spawn(async move {
            // One that breaks off is part of what is tested.
            let _ = connection.await;
        });
    }
}
