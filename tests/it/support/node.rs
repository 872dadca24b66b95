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
use stoa::house::{TenantReadings, TenantRows};
use stoa_actors::{
    bell::Bell,
    egress::Outbound,
    mailer::{Mailer, Party},
    observe::Registry as Cast,
    shared_rates::SharedRates,
    storage::Storage,
    tenant::{TenantDirectory, TenantOptions, concerns::Freshness},
};
use stoa_core::{
    auth::{AccountRules, Hasher, Limits, SignInRules, password_reset::ResetRules},
    clock::{Clock, MockClock},
    db::Endpoint,
    members::invitations::InvitationRules,
    progress::{Recorder, RecorderOptions, Writers},
    retention::Retention,
    sealed::Sealer,
    tokens::Touches,
};
use stoa_http::{
    self, App, Passwords, Road, Settings,
    body::upload::UploadBounds,
    caller::{Addresses, TokenCache},
    limits::{Limiter, Quotas},
    ops::Readiness,
};
use stoa_jobs::{
    Accounts, JobTools, MailTools, ProcessId,
    queue::{Leases, Wakes},
    webhooks::{PostRoom, PostRoomParts, PostRoomWorks},
};
use stoa_protocols::render::Renderer;
use stoa_webhooks::{HealthRules, target::TargetPolicy};
use tokio::sync::{oneshot, watch};

use super::schools::db;

/// How long a job stays with a process that fell silent.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Longest wait for Redis: long enough for a machine that is busy with other tests.
const REDIS_WAIT: Duration = Duration::from_secs(2);
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
    /// What the edge keeps to.
    pub(crate) edge: Edge,
    /// Where files lie.
    pub(crate) storage: Storage,
}

/// Limits of requests, none at first, and whom the edge believes.
#[derive(Clone, Default)]
pub(crate) struct Edge {
    pub(crate) quotas: Quotas,
    /// Where nodes count requests together.
    pub(crate) redis_url: Option<String>,
    /// Proxies, as networks.
    pub(crate) proxies: Vec<&'static str>,
}

impl Edge {
    fn limiter(&self) -> Limiter {
        let shared = self.redis_url.as_deref().map(|url| SharedRates::new(url, REDIS_WAIT).expect("an address"));
        Limiter::new(self.quotas, shared)
    }

    fn settings(&self) -> Settings {
        let proxies: Vec<_> = self.proxies.iter().map(|network| network.parse().expect("a network")).collect();
        Settings { trusted_proxies: Addresses::new(proxies), ..settings() }
    }
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
    bell: Bell,
    readings: TenantReadings,
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
    let endpoint = shared.endpoint.clone();
    let Built { tools, app, works, writers, bell, readings } = build(shared);
    let (server, address) = listen(&app);
    let handle = server.handle();
    let (stop, stopping) = watch::channel(false);
    let mirror = app.limits.shares().cloned();
    let sharing = async {
        match mirror {
            Some(mirror) => mirror.run(std::future::pending()).await,
            None => std::future::pending().await,
        }
    };
    let knowing = async {
        tokio::join!(bell.run(endpoint, std::future::pending()), readings.run(std::future::pending()), sharing)
    };
    let working = async { tokio::join!(writers.run(stopping.clone()), works.run(stopping), server, knowing) };
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
    let server = HttpServer::new(move || actix_web::App::new().configure(|config| stoa_http::configure(config, &app)))
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a port");
    let address = server.addrs()[0];
    (server.run(), address)
}

#[expect(clippy::too_many_lines, reason = "one list of the parts of a node, in the order in which they are made")]
fn build(shared: Shared) -> Built {
    let clock: Arc<dyn Clock> = Arc::new(shared.clock.clone());
    let db = db(shared.endpoint, shared.clock);
    let leases = Leases::new(ProcessId::fresh(&db), LEASE);
    let (wakes, sealer) = (Wakes::new(), Sealer::with_keys(&shared.sealing_keys));
    let (rows, readings) = TenantRows::new(db.clone());
    let tenants = TenantDirectory::start(tenant_options(&clock, rows));
    let bell = Bell::new(db.news().clone(), tenants.clone());
    let cast = Cast::default();
    cast.enter(tenants.clone());
    cast.enter(bell.clone());
    let (post_room, works) = PostRoom::new(PostRoomParts {
        db: db.clone(),
        outbound: shared.outbound,
        directory: tenants.clone(),
        sealer: sealer.clone(),
        base_url: BASE_URL.into(),
        wakes: wakes.clone(),
        leases: leases.clone(),
    });
    let (recorder, writers) = Recorder::new(db.clone(), RecorderOptions::default());
    let road = Road {
        recorder,
        post_room: post_room.clone(),
        wakes: wakes.clone(),
        targets: shared.targets,
        tenants: tenants.clone(),
    };
    let app = Arc::new(App {
        db: db.clone(),
        sealer: sealer.clone(),
        settings: shared.edge.settings(),
        limits: shared.edge.limiter(),
        passwords: Passwords::new(Hasher::new(8, 1).expect("a cost that Argon2 takes"), 2),
        tokens: TokenCache::default(),
        touches: Touches::default(),
        actors: cast,
        metrics: None,
        road,
        storage: shared.storage.clone(),
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
            tenants,
            mail,
            accounts: Accounts { sealer, app_url: BASE_URL.into(), rules: accounts() },
            storage: shared.storage,
            retention: Retention::default(),
            health: HealthRules::default(),
        },
        app,
        works,
        writers,
        bell,
        readings,
    }
}

/// As in production, but without rests between countings: the clock that they would be measured by stands still.
fn tenant_options(clock: &Arc<dyn Clock>, rows: TenantRows) -> TenantOptions {
    let mut options = TenantOptions::new(Arc::clone(clock));
    options.counts = Freshness { rest: 0, ..options.counts };
    options.source = Some(Arc::new(rows));
    options
}

/// What holds for accounts in tests.
pub(crate) fn accounts() -> AccountRules {
    AccountRules {
        invitations: InvitationRules { life: TimeDelta::days(14), sends_per_day: 3 },
        resets: ResetRules {
            life: TimeDelta::hours(1),
            limits: Limits { per_account: 3, per_address: 10, window: Duration::from_hours(1) },
        },
        staff_session: TimeDelta::hours(8),
        staff_second_factor: false,
    }
}

/// Small enough to be passed in a test.
const UPLOADS: UploadBounds = UploadBounds {
    sent_bytes_max: 24 << 20,
    unpacked_bytes_max: 48 << 20,
    unpack_ratio_max: 100,
    pause: Duration::from_secs(2),
    whole: Duration::from_mins(1),
};

fn settings() -> Settings {
    Settings {
        public_url: Some(BASE_URL.to_owned()),
        app_url: BASE_URL.into(),
        trusted_proxies: Addresses::default(),
        body_limit_bytes: BODY_LIMIT_BYTES,
        body_timeout: Duration::from_secs(10),
        sign_in: SignInRules {
            failures_per_account: 5,
            failures_per_address: 50,
            window: Duration::from_mins(15),
            session: Duration::from_hours(12),
        },
        accounts: accounts(),
        institutions: stoa_core::institutions::Rules::default(),
        privacy: stoa_record::privacy::Rules { grace: TimeDelta::hours(72), due: TimeDelta::days(30) },
        uploads: UPLOADS,
        requests_expire_days: 30,
    }
}
