//! One process of the house, in a thread: the public listener, the recorder, the post room and the actors.
//!
//! Not here: the relay, the workers and the calendar. A test runs them by hand, so that it knows when. The composition
//! of a real process is `stoa::house`.
//!
//! A thread of its own, because it must be possible to let a process die in the middle of anything: dropping a
//! [`Node`] ends all that it runs at once and finishes nothing.

use std::{
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use actix_web::{HttpServer, dev::Server};
use chrono::TimeDelta;
use stoa::http::{
    self, App, Passwords, Road, Settings,
    caller::{Addresses, TokenCache},
    ops::Readiness,
};
use stoa_actors::{
    egress::Outbound,
    mailer::{Mailer, Party},
    observe::Registry as Cast,
    tenant::{TenantDirectory, TenantOptions},
};
use stoa_core::{
    auth::{Hasher, SignInRules},
    clock::{Clock, MockClock},
    db::Endpoint,
    progress::{Recorder, RecorderOptions, Writers},
    retention::Retention,
    sealed::Sealer,
    tokens::Touches,
};
use stoa_jobs::{
    JobTools, MailTools, ProcessId,
    queue::{Leases, Wakes},
    webhooks::{PostRoom, PostRoomParts, PostRoomWorks},
};
use stoa_protocols::render::Renderer;
use stoa_webhooks::{HealthRules, target::TargetPolicy};
use tokio::sync::{oneshot, watch};

use super::schools::db;

/// How long a job stays with a process that fell silent.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Largest body that the listener takes.
pub(crate) const BODY_LIMIT_BYTES: usize = 256 * 1024;
/// What links inside payloads begin with.
pub(crate) const BASE_URL: &str = "https://stoa.example";

/// What processes of one house have in common.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) endpoint: Endpoint,
    pub(crate) clock: MockClock,
    pub(crate) outbound: Arc<dyn Outbound>,
    pub(crate) mailer: Mailer,
    pub(crate) targets: TargetPolicy,
    /// Keys that seal secrets at rest, the newest first.
    pub(crate) sealing_keys: Vec<String>,
}

/// A running process.
pub(crate) struct Node {
    pub(crate) tools: JobTools,
    pub(crate) app: Arc<App>,
    pub(crate) address: SocketAddr,
    die: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Built {
    tools: JobTools,
    app: Arc<App>,
    works: PostRoomWorks,
    writers: Writers,
}

impl Node {
    /// Starts a process and waits until it listens.
    pub(crate) fn start(shared: Shared) -> Self {
        let (die, death) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let live = move || actix_web::rt::System::new().block_on(live(shared, tell, death));
        let thread = std::thread::Builder::new().name("node".to_owned()).spawn(live).expect("a thread");
        let (tools, app, address) = told.recv().expect("the node starts");
        Self { tools, app, address, die: Some(die), thread: Some(thread) }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.die.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the node panicked");
        }
    }
}

async fn live(shared: Shared, tell: mpsc::Sender<(JobTools, Arc<App>, SocketAddr)>, death: oneshot::Receiver<()>) {
    let Built { tools, app, works, writers } = build(shared);
    let (server, address) = listen(&app);
    let handle = server.handle();
    let (stop, stopping) = watch::channel(false);
    let working = async { tokio::join!(writers.run(stopping.clone()), works.run(stopping), server) };
    tell.send((tools, app, address)).expect("the test waits");
    tokio::select! {
        _ = working => unreachable!("nobody told the node to stop"),
        // Whoever holds the other end never speaks; he drops it.
        _ = death => {}
    }
    // What was under way above is dropped as it was; the listener's threads would outlive it.
    drop(stop);
    drop(handle.stop(false));
}

fn listen(app: &Arc<App>) -> (Server, SocketAddr) {
    let app = Arc::clone(app);
    let server = HttpServer::new(move || actix_web::App::new().configure(|config| http::configure(config, &app)))
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a port");
    let address = server.addrs()[0];
    (server.run(), address)
}

fn build(shared: Shared) -> Built {
    let clock: Arc<dyn Clock> = Arc::new(shared.clock.clone());
    let db = db(shared.endpoint, shared.clock);
    let leases = Leases::new(ProcessId::fresh(&db), LEASE);
    let (wakes, sealer) = (Wakes::new(), Sealer::with_keys(&shared.sealing_keys));
    let (post_room, works) = PostRoom::new(PostRoomParts {
        db: db.clone(),
        outbound: shared.outbound,
        directory: TenantDirectory::start(TenantOptions::new(Arc::clone(&clock))),
        sealer: sealer.clone(),
        base_url: BASE_URL.into(),
        wakes: wakes.clone(),
        leases: leases.clone(),
    });
    let (recorder, writers) = Recorder::new(db.clone(), RecorderOptions::default());
    let road =
        Road { recorder, post_room: post_room.clone(), wakes: wakes.clone(), targets: shared.targets, rate: None };
    let app = Arc::new(App {
        db: db.clone(),
        sealer,
        settings: settings(),
        passwords: Passwords::new(Hasher::new(8, 1).expect("a cost that Argon2 takes"), 2),
        tokens: TokenCache::default(),
        touches: Touches::default(),
        actors: Cast::default(),
        metrics: None,
        road,
        readiness: Readiness::default(),
    });
    let from = Party { name: Some("Stoa".to_owned()), address: "stoa@stoa.example".to_owned() };
    let mail = MailTools { renderer: Arc::new(Renderer::new().expect("the templates")), mailer: shared.mailer, from };
    Built {
        tools: JobTools {
            db,
            clock,
            leases,
            wakes,
            post_room,
            mail,
            retention: Retention::default(),
            health: HealthRules::default(),
        },
        app,
        works,
        writers,
    }
}

fn settings() -> Settings {
    Settings {
        public_url: Some(BASE_URL.to_owned()),
        trusted_proxies: Addresses::default(),
        body_limit_bytes: BODY_LIMIT_BYTES,
        body_timeout: Duration::from_secs(10),
        sign_in: SignInRules {
            failures_per_account: 5,
            failures_per_address: 50,
            window: Duration::from_mins(15),
            session: Duration::from_hours(12),
        },
        requests_expire_days: 30,
    }
}
