//! The house for a test: a database of its own, a process that serves it, a clock that stands still, receivers that
//! follow a script.
//!
//! The relay and the jobs run when the test says so: [`TestHouse::settle`] runs them until nothing is left to do now,
//! [`TestHouse::advance`] moves the clock first. A house that ends with events not relayed, with jobs due, discarded
//! or in hand, or after a call to somebody whom the test did not announce, fails its test; a test that means it says
//! so by [`TestHouse::leaves`].

use std::{cell::RefCell, path::Path, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use stoa_actors::{
    egress::{EgressOptions, EgressPool, Outbound},
    mailer::{Mail, Mailer},
    storage::{Storage, StorageOptions},
    testing::Kept,
};
use stoa_core::{
    Ability, Scope,
    clock::{Clock, MockClock},
    db::{Db, TenantTx},
    staff::{self, NewStaff, StaffRole},
    tokens::{self, NewToken},
};
use stoa_jobs::{JobTools, Registry, drain::drain_due, relay::sweep};
use stoa_webhooks::target::TargetPolicy;

use super::{
    callers::Caller,
    database::{TestDatabase, schools},
    node::{Edge, Node, Shared},
    receivers::Receivers,
    schools::{School, start},
};

/// Longest time until nothing is left to do.
const PATIENCE: Duration = Duration::from_mins(1);
/// Events relayed at once, as in production.
const BATCH: usize = 512;

/// What seals secrets at rest.
pub(crate) const SEALING_KEY: &str = "the tests' key";

/// What a test may leave behind on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// Events that were not relayed.
    Events,
    /// Jobs that are due or in hand.
    Jobs,
    /// Jobs given up.
    Discarded,
    /// Calls to addresses that were not announced.
    Calls,
}

/// A house with one process. [`TestHouse::another_node`] starts more on the same database.
pub(crate) struct TestHouse {
    /// The process. Before the database, so that it ends first.
    pub(crate) node: Node,
    pub(crate) clock: MockClock,
    pub(crate) receivers: Receivers,
    /// The institution that the test works in.
    pub(crate) school: School,
    pub(crate) database: TestDatabase,
    letters: Kept,
    shared: Shared,
    left: RefCell<Vec<Left>>,
}

impl TestHouse {
    /// Opens a house.
    pub(crate) async fn new() -> Self {
        let clock = MockClock::at(start());
        let receivers = Receivers::new(clock.clone());
        let outbound = Arc::new(receivers.clone());
        Self::open(clock, receivers, (outbound, TargetPolicy::default()), Mailer::kept()).await
    }

    /// Opens a house whose letters go to a mail server.
    pub(crate) async fn posting_by(mailer: Mailer) -> Self {
        let clock = MockClock::at(start());
        let receivers = Receivers::new(clock.clone());
        let outbound = Arc::new(receivers.clone());
        Self::open(clock, receivers, (outbound, TargetPolicy::default()), (mailer, Kept::default())).await
    }

    /// Opens a house with the real way out, which may call this machine by plain HTTP.
    pub(crate) async fn over_the_wire() -> Self {
        let clock = MockClock::at(start());
        let policy = TargetPolicy { allow_http: true, allow_private: vec!["127.0.0.0/8".parse().expect("a range")] };
        let options = EgressOptions { policy: policy.clone(), ..EgressOptions::new(Arc::new(clock.clone())) };
        Self::open(clock.clone(), Receivers::new(clock), (Arc::new(EgressPool::start(options)), policy), Mailer::kept())
            .await
    }

    /// Opens a house that keeps its files elsewhere than in a folder.
    pub(crate) async fn keeping(storage: Storage) -> Self {
        let mut house = Self::new().await;
        house.shared.storage = storage;
        house.crash();
        house
    }

    async fn open(
        clock: MockClock,
        receivers: Receivers,
        (outbound, targets): (Arc<dyn Outbound>, TargetPolicy),
        (mailer, letters): (Mailer, Kept),
    ) -> Self {
        let database = TestDatabase::new().await;
        let shared = Shared {
            endpoint: database.endpoint(),
            clock: clock.clone(),
            outbound,
            mailer,
            targets,
            sealing_keys: vec![SEALING_KEY.to_owned()],
            edge: Edge::default(),
            storage: storage(),
        };
        let node = Node::start(shared.clone());
        let left = RefCell::default();
        Self { node, clock, receivers, school: schools().home.clone(), database, letters, shared, left }
    }

    /// Starts another process on the same database. It must go before the house does.
    pub(crate) fn another_node(&self) -> Node {
        Node::start(self.shared.clone())
    }

    /// Starts another process that knows these keys, the newest first.
    pub(crate) fn another_node_knowing(&self, keys: &[&str]) -> Node {
        let sealing_keys = keys.iter().map(ToString::to_string).collect();
        Node::start(Shared { sealing_keys, ..self.shared.clone() })
    }

    /// Starts another process with limits of requests, behind proxies, or with Redis.
    pub(crate) fn another_node_with(&self, edge: Edge) -> Node {
        Node::start(Shared { edge, ..self.shared.clone() })
    }

    /// Lets the process die as it is, and starts it anew.
    pub(crate) fn crash(&mut self) {
        let reborn = Node::start(self.shared.clone());
        drop(std::mem::replace(&mut self.node, reborn));
    }

    /// What the process's jobs work with.
    pub(crate) fn tools(&self) -> &JobTools {
        &self.node.tools
    }

    /// The way to the rows.
    pub(crate) fn db(&self) -> &Db {
        &self.node.tools.db
    }

    /// The house's own scope in the school.
    pub(crate) fn scope(&self) -> Scope {
        Scope::house(self.school.tenant)
    }

    /// A transaction in the school.
    pub(crate) async fn tx(&self) -> TenantTx {
        self.db().tenant(&self.scope()).await.expect("a transaction")
    }

    /// Letters written since the last look.
    pub(crate) fn take_letters(&self) -> Vec<Mail> {
        self.letters.take()
    }

    /// Moves the clock and settles.
    pub(crate) async fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
        self.settle().await;
    }

    /// Relays events and runs due jobs until nothing is left to do at this time.
    pub(crate) async fn settle(&self) {
        settle(self.tools()).await;
    }

    /// Lets followers of learners' activity go on until nothing is new to them, as every node does every two seconds. What
    /// other tests of the same server are writing at the moment holds them up, as it does the feed.
    pub(crate) async fn follow(&self) {
        let names = stoa_jobs::record::followers().iter().map(|one| format!("('{}')", one.name())).collect::<Vec<_>>();
        let waiting = format!(
            "SELECT (SELECT count(*) FROM enrolment_changes) + (SELECT count(*) FROM progress_events e
               CROSS JOIN (VALUES {}) AS n(name) LEFT JOIN followers f USING (tenant_id, name)
               WHERE e.position > coalesce(f.position, 0))",
            names.join(", ")
        );
        let following = async {
            loop {
                stoa_jobs::record::follow::catch_up(self.tools()).await.expect("the followers go on");
                if self.database.number(&waiting) == 0 {
                    return;
                }
            }
        };
        assert!(tokio::time::timeout(PATIENCE, following).await.is_ok(), "there is no end of following");
    }

    /// Waits until whatever was written by now lies behind every transaction that is open, of other tests too: from then on
    /// nobody who asks what is new is told of it again.
    pub(crate) async fn past(&self) {
        let written = self.database.number("SELECT pg_current_xact_id()::text::bigint");
        let passing = async {
            while self.database.number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint") <= written {
                tokio::task::yield_now().await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, passing).await.is_ok(), "a transaction does not end");
    }

    /// Moves the clock to the next promise and settles; answers how far that was, or none if nothing is promised.
    pub(crate) async fn skip(&self) -> Option<TimeDelta> {
        let next = self.database.value("SELECT min(run_at) FROM queue_jobs WHERE state = 'available'");
        let next: DateTime<Utc> = next.as_str()?.parse().expect("a time");
        let pause = next - self.clock.now();
        self.advance(pause).await;
        Some(pause)
    }

    /// Moves the clock from promise to promise until none is left.
    pub(crate) async fn skip_all(&self) {
        while self.skip().await.is_some() {}
    }

    /// Gives back what died with a process, as every node does every few seconds.
    pub(crate) async fn release_stale(&self) {
        stoa_jobs::housekeeping::release_stale(self.tools().clone()).await.expect("stale jobs are given back");
    }

    /// Relays events once and leaves their deliveries to the post room, without waiting for it.
    pub(crate) async fn relay(&self) -> usize {
        sweep(self.tools(), BATCH).await.expect("the outbox is swept")
    }

    /// Ends the house with something left.
    pub(crate) fn leaves(&self, what: Left) {
        self.left.borrow_mut().push(what);
    }

    /// Somebody without credentials.
    pub(crate) fn anonymous(&self) -> Caller {
        self.caller(None)
    }

    pub(crate) fn owner(&self) -> Caller {
        self.caller(Some(&self.school.owner.token))
    }

    pub(crate) fn admin(&self) -> Caller {
        self.caller(Some(&self.school.admin.token))
    }

    pub(crate) fn manager(&self) -> Caller {
        self.caller(Some(&self.school.manager.token))
    }

    pub(crate) fn learner(&self) -> Caller {
        self.caller(Some(&self.school.learner.token))
    }

    /// The owner of another institution.
    pub(crate) fn stranger(&self) -> Caller {
        self.caller(Some(&schools().abroad.owner.token))
    }

    /// An integration that may do these things alone.
    pub(crate) async fn token(&self, abilities: &[Ability]) -> Caller {
        let mut tx = self.tx().await;
        let new = NewToken { name: "a test".to_owned(), abilities: abilities.to_vec(), ..NewToken::default() };
        let issued = tokens::create(&mut tx, &self.scope(), new).await.expect("a token");
        tx.commit().await.expect("a token");
        self.caller(Some(issued.text.expose()))
    }

    /// Somebody of the platform's staff, whose token ends after ninety days.
    pub(crate) async fn staff(&self, name: &str, role: StaffRole) -> Caller {
        let mut tx = self.db().house().await.expect("a transaction");
        let email = format!("{name}@support.example");
        let new = NewStaff { email, name: None, role, expires_days: Some(90) };
        let hired = staff::hire(&mut tx, new).await.expect("a member of the staff");
        tx.commit().await.expect("a member of the staff");
        self.caller(Some(hired.token.expose()))
    }

    /// Takes somebody off the staff.
    pub(crate) async fn revoke_staff(&self, id: &str) {
        let mut tx = self.db().house().await.expect("a transaction");
        staff::revoke(&mut tx, id.parse().expect("an id")).await.expect("a member of the staff");
        tx.commit().await.expect("a member of the staff");
    }

    /// Whoever has a token.
    pub(crate) fn caller(&self, token: Option<&str>) -> Caller {
        Self::caller_of(&self.node, token)
    }

    /// Whoever has a token and asks another process.
    pub(crate) fn caller_of(node: &Node, token: Option<&str>) -> Caller {
        Caller::new(format!("http://{}", node.address), token.map(ToOwned::to_owned))
    }

    fn faults(&self) -> Vec<String> {
        let now = self.clock.now().to_rfc3339();
        let count = |query: &str| self.database.number(&format!("SELECT count(*) FROM {query}"));
        let due = format!("queue_jobs WHERE state = 'running' OR state = 'available' AND run_at <= '{now}'");
        let found = [
            (Left::Events, count(UNTOLD), "events were not relayed"),
            (Left::Jobs, count(&due), "jobs are due or in hand"),
            (Left::Discarded, count("queue_jobs WHERE state = 'discarded'"), "jobs were given up"),
        ];
        let left = self.left.borrow();
        let kept = |what: &Left| !left.contains(what);
        let mut faults: Vec<String> = found
            .into_iter()
            .filter(|(what, count, _)| *count > 0 && kept(what))
            .map(|(_, count, text)| format!("{count} {text}"))
            .collect();
        let calls = self.receivers.take_unexpected();
        if !calls.is_empty() && kept(&Left::Calls) {
            faults.push(format!("calls to {calls:?} were not announced"));
        }
        faults
    }
}

impl Drop for TestHouse {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let faults = self.faults();
            assert!(faults.is_empty(), "the house is left in disorder: {}", faults.join("; "));
        }
    }
}

/// A folder of its own.
pub(crate) fn storage() -> Storage {
    let folder = format!("files-{}", hex::encode(rand::random::<[u8; 16]>()));
    Storage::open(&StorageOptions::Local(Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder))).expect("a folder")
}

/// Events that were not relayed. Whoever makes a token for a test, or ends it, need not wait until that is told.
const UNTOLD: &str = "outbox o WHERE NOT EXISTS (SELECT FROM events e
  WHERE e.tenant_id = o.tenant_id AND e.id = o.event_id AND e.type LIKE 'token.%')";

/// Relays events and runs due jobs of a process until nothing is left to do at this time.
pub(crate) async fn settle(tools: &JobTools) {
    let registry = Registry::house();
    let working = async {
        loop {
            // What ends may let something else begin: only what began with nothing in hand tells that all is done.
            let in_hand = tools.leases.count();
            let relayed = sweep(tools, BATCH).await.expect("the outbox is swept");
            let run = drain_due(tools, &registry).await.expect("the due jobs run");
            while tools.leases.count() > 0 {
                // Deliveries are on their way on the node's thread. Asking the database lets other tests run meanwhile.
                drop(tools.db.house().await.expect("a transaction"));
            }
            if relayed + run + in_hand == 0 {
                return;
            }
        }
    };
    assert!(tokio::time::timeout(PATIENCE, working).await.is_ok(), "there is no end of work");
}
