//! The queue and its workers against a real database.

mod promises;
mod workers;

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use stoa_actors::{
    mailer::{Mailer, Party},
    tenant::{TenantDirectory, TenantOptions},
    testing::ScriptedEgress,
};
use stoa_core::{
    Id, Scope, TenantId,
    clock::{Clock, MockClock},
    db::{Db, DbOptions, PageRequest},
    events::Handoff,
    retention::Retention,
    sealed::Sealer,
};
use stoa_jobs::{
    Accounts, Backoff, Job, JobCtx, JobTools, MailTools, Outcome, Policy, ProcessId, Queue, Registry,
    queue::{
        self, Claim, Claimed, Leases, NewJob, Settlement, Verdict, Wakes,
        operate::{self, JobFilter, JobRow},
    },
    webhooks::{PostRoom, PostRoomParts},
};
use stoa_protocols::render::Renderer;
use stoa_webhooks::HealthRules;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::support::{database::TestDatabase, house::storage, node};

/// How long a lease lasts here.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// A database with a queue, a clock that stands still, and as many processes as a test likes.
struct Floor {
    database: TestDatabase,
    clock: MockClock,
    tools: JobTools,
}

impl Floor {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let clock = MockClock::at("2026-11-21T09:00:00Z".parse().unwrap());
        let tools = process(&database, &clock);
        Self { database, clock, tools }
    }

    /// Another node on the same database.
    fn another_process(&self) -> JobTools {
        process(&self.database, &self.clock)
    }

    async fn promise(&self, job: NewJob) -> Option<Id<stoa_core::id::Job>> {
        let mut tx = self.tools.db.house().await.unwrap();
        let id = queue::enqueue(&mut tx, job).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn claim(&self, most: usize) -> Vec<Claimed> {
        claim(&self.tools, Claim { queue: Queue::Webhooks, most, per_tenant: 100, running: HashMap::new() }).await
    }

    async fn settle(&self, job: Claimed, outcome: Outcome) {
        let verdict = Verdict::of(outcome, job.lease.attempt(), &POLICY, (self.clock.now(), 0));
        let mut tx = self.tools.db.house().await.unwrap();
        queue::settle(&mut tx, &[Settlement { lease: job.lease, verdict }]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn release_stale(&self) -> usize {
        let mut tx = self.tools.db.house().await.unwrap();
        let released = queue::release_stale(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        released.len()
    }

    /// The rows, oldest first.
    async fn rows(&self) -> Vec<JobRow> {
        let mut tx = self.tools.db.house().await.unwrap();
        let page = PageRequest { page: 1, per_page: 100 };
        let mut rows = operate::list(&mut tx, &JobFilter::default(), page).await.unwrap().rows;
        rows.reverse();
        rows
    }

    /// The only row.
    async fn row(&self) -> JobRow {
        let mut rows = self.rows().await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }

    /// Asks the database until it is as wanted.
    async fn until(&self, what: &str, wanted: impl Fn(&[JobRow]) -> bool) -> Vec<JobRow> {
        let asking = async {
            loop {
                let rows = self.rows().await;
                if wanted(&rows) {
                    return rows;
                }
            }
        };
        let Ok(rows) = tokio::time::timeout(Duration::from_secs(20), asking).await else {
            panic!("not {what}: {:?}", self.rows().await)
        };
        rows
    }
}

fn process(database: &TestDatabase, clock: &MockClock) -> JobTools {
    let options = DbOptions { app_connections: 2, relay_connections: 4, wait: Duration::from_secs(5) };
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let db = Db::new(database.endpoint(), &options, clock.clone(), Handoff::none()).unwrap();
    let leases = Leases::new(ProcessId::fresh(&db), LEASE);
    let wakes = Wakes::new();
    let tenants = TenantDirectory::start(TenantOptions::new(clock.clone()));
    let (post_room, _works) = PostRoom::new(PostRoomParts {
        db: db.clone(),
        outbound: Arc::new(ScriptedEgress::answering(200)),
        directory: tenants.clone(),
        sealer: Sealer::new("no secret is sealed here"),
        base_url: "https://stoa.example".into(),
        wakes: wakes.clone(),
        leases: leases.clone(),
    });
    let accounts = Accounts {
        sealer: Sealer::new("no secret is sealed here"),
        app_url: "https://stoa.example".into(),
        rules: node::accounts(),
    };
    let mail = MailTools {
        renderer: Arc::new(Renderer::new().unwrap()),
        mailer: Mailer::kept().0,
        from: Party { name: None, address: "stoa@example.com".into() },
    };
    JobTools {
        db,
        clock,
        leases,
        wakes,
        post_room,
        tenants,
        mail,
        accounts,
        storage: storage(),
        retention: Retention::default(),
        health: HealthRules::default(),
    }
}

async fn claim(tools: &JobTools, claim: Claim) -> Vec<Claimed> {
    let mut tx = tools.db.house().await.unwrap();
    let jobs = queue::claim(&mut tx, &tools.leases, &claim).await.unwrap();
    tx.commit().await.unwrap();
    jobs
}

/// A made-up institution; the queue asks no more of one than its id.
fn tenant(n: u128) -> TenantId {
    Id::from_uuid(Uuid::from_u128(n))
}

fn house_scope(n: u128) -> Scope {
    Scope::house(tenant(n))
}

const POLICY: Policy =
    Policy { attempts: 3, timeout: Duration::from_millis(200), backoff: Backoff::doubling(1_000, 60_000) };

/// What a scripted job does in each of its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Act {
    Finish,
    Fail,
    Panic,
    Hang,
    Snooze,
    Stop,
}

/// A job that does as it is told and reports each run to its test.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Scripted {
    board: u64,
    act: Act,
    key: Option<String>,
}

/// What a scripted job knew when it ran.
#[derive(Debug, Clone)]
struct Report {
    tenant: TenantId,
    attempt: i32,
    last: bool,
    request_id: Option<Arc<str>>,
}

static BOARDS: LazyLock<Mutex<HashMap<u64, mpsc::UnboundedSender<Report>>>> = LazyLock::new(Mutex::default);

/// Where the runs of one test are reported.
fn board() -> (u64, mpsc::UnboundedReceiver<Report>) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (tell, hear) = mpsc::unbounded_channel();
    BOARDS.lock().unwrap().insert(number, tell);
    (number, hear)
}

/// The next report.
async fn heard(reports: &mut mpsc::UnboundedReceiver<Report>) -> Report {
    tokio::time::timeout(Duration::from_secs(20), reports.recv()).await.expect("no job ran").unwrap()
}

impl Job for Scripted {
    const NAME: &'static str = "test/do_as_told";
    const QUEUE: Queue = Queue::Webhooks;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        let tell = BOARDS.lock().unwrap().get(&self.board).cloned();
        if let Some(tell) = tell {
            let request_id = ctx.scope.request_id.clone();
            let _ = tell.send(Report { tenant: ctx.scope.tenant, attempt: ctx.attempt, last: ctx.last, request_id });
        }
        match self.act {
            Act::Finish => Outcome::Done,
            Act::Fail => Outcome::Again("told to fail".into()),
            Act::Panic => panic!("told to panic"),
            Act::Hang => std::future::pending().await,
            Act::Snooze => Outcome::Snooze(TimeDelta::seconds(7)),
            Act::Stop => Outcome::Stop("told to stop".into()),
        }
    }

    fn unique_key(&self) -> Option<String> {
        self.key.clone()
    }

    fn sample() -> Self {
        Self { board: 0, act: Act::Finish, key: None }
    }
}

/// Hangs as long as it is let, for tests that break it off.
#[derive(Debug, Serialize, Deserialize)]
struct Endless {
    board: u64,
}

impl Job for Endless {
    const NAME: &'static str = "test/never_end";
    const QUEUE: Queue = Queue::Webhooks;
    const POLICY: Policy = Policy { timeout: Duration::from_hours(1), ..POLICY };

    async fn run(self, ctx: &JobCtx) -> Outcome {
        Scripted { board: self.board, act: Act::Hang, key: None }.run(ctx).await
    }

    fn sample() -> Self {
        Self { board: 0 }
    }
}

fn registry() -> Registry {
    Registry::default().register::<Scripted>().register::<Endless>()
}

fn scripted(board: u64, act: Act) -> NewJob {
    NewJob::of(tenant(1), &Scripted { board, act, key: None }).unwrap()
}

fn quiet(tenant: TenantId) -> NewJob {
    NewJob::of(tenant, &Scripted::sample()).unwrap()
}

fn keyed(key: &str) -> NewJob {
    NewJob::of(tenant(1), &Scripted { board: 0, act: Act::Finish, key: Some(key.into()) }).unwrap()
}

fn seconds_after(start: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    start + TimeDelta::seconds(seconds)
}
