//! Running: outcomes, panics, lost processes, outages, the stop.

use stoa_jobs::{
    drain::drain_due,
    worker::{self, WorkerOptions},
};
use tokio::{sync::watch, task::JoinHandle};

use super::*;

/// A worker of the webhooks queue on the floor.
struct Worker {
    tools: JobTools,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    fn start(tools: &JobTools, grace: Duration) -> Self {
        let options = WorkerOptions {
            queue: Queue::Webhooks,
            concurrency: 16,
            per_tenant: 8,
            poll: Duration::from_millis(20),
            grace,
        };
        let (stop, stopped) = watch::channel(false);
        #[expect(clippy::disallowed_methods, reason = "the house's task set is not under test")]
        let task = tokio::spawn(worker::work(tools.clone(), Arc::new(registry()), options, stopped));
        Self { tools: tools.clone(), stop, task }
    }

    /// Stops in an orderly way.
    async fn stop(self) {
        self.stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(20), self.task).await.expect("the worker did not stop").unwrap();
        assert_eq!(self.tools.leases.count(), 0, "something is still in hand");
    }

    /// Stops as a crash does.
    async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

const PATIENT: Duration = Duration::from_secs(20);

#[actix_rt::test]
async fn a_run_knows_for_whom_and_which_time_it_runs() {
    let floor = Floor::new().await;
    let (number, mut reports) = board();
    floor.promise(scripted(number, Act::Fail).caused_by(Some("req_7"))).await;
    for attempt in 1..=3 {
        assert_eq!(drain_due(&floor.tools, &registry()).await.unwrap(), 1);
        let report = heard(&mut reports).await;
        assert_eq!((report.tenant, report.attempt, report.last), (tenant(1), attempt, attempt == 3));
        assert_eq!(report.request_id.as_deref(), Some("req_7"));
        floor.clock.advance(TimeDelta::seconds(10));
    }
    assert_eq!(floor.row().await.state, "discarded");
    assert_eq!(drain_due(&floor.tools, &registry()).await.unwrap(), 0);
}

#[actix_rt::test]
async fn a_panic_is_a_failure_like_any_other() {
    let floor = Floor::new().await;
    let (number, mut reports) = board();
    let worker = Worker::start(&floor.tools, PATIENT);
    floor.promise(scripted(number, Act::Panic)).await;
    for attempt in 1..=3 {
        assert_eq!(heard(&mut reports).await.attempt, attempt);
        floor.until("settled", |rows| rows[0].state != "running").await;
        floor.clock.advance(TimeDelta::seconds(10));
    }
    let row = floor.row().await;
    assert_eq!(row.state, "discarded");
    assert_eq!(row.last_error.as_deref(), Some("no attempt is left: panicked: told to panic"));

    floor.promise(scripted(number, Act::Finish)).await;
    assert_eq!(heard(&mut reports).await.attempt, 1, "the worker lives on");
    worker.stop().await;
}

#[actix_rt::test]
async fn a_job_that_takes_too_long_is_broken_off() {
    let floor = Floor::new().await;
    let (number, _reports) = board();
    let worker = Worker::start(&floor.tools, PATIENT);
    floor.promise(scripted(number, Act::Hang)).await;
    let rows = floor.until("broken off", |rows| rows[0].last_error.is_some()).await;
    assert_eq!(rows[0].last_error.as_deref(), Some("took longer than 200ms"));
    assert_eq!(rows[0].state, "available");
    worker.stop().await;
}

#[actix_rt::test]
async fn a_payload_that_does_not_fit_is_discarded_at_once() {
    #[derive(Serialize, Deserialize)]
    struct Older {
        message: String,
    }
    impl Job for Older {
        const NAME: &'static str = Scripted::NAME;
        const QUEUE: Queue = Queue::Webhooks;
        const POLICY: Policy = POLICY;
        async fn run(self, _: &JobCtx) -> Outcome {
            Outcome::Done
        }
        fn sample() -> Self {
            Self { message: "from last year".into() }
        }
    }
    let floor = Floor::new().await;
    floor.promise(NewJob::of(tenant(1), &Older::sample()).unwrap()).await;
    drain_due(&floor.tools, &registry()).await.unwrap();
    let row = floor.row().await;
    assert_eq!((row.state.as_str(), row.attempts), ("discarded", 1));
    assert!(row.last_error.unwrap().starts_with("the payload does not fit test/do_as_told: missing field `board`"));
}

#[actix_rt::test]
async fn a_job_of_a_newer_binary_is_left_to_it() {
    let floor = Floor::new().await;
    floor.promise(quiet(tenant(1))).await;
    drain_due(&floor.tools, &Registry::default()).await.unwrap();
    let row = floor.row().await;
    assert_eq!((row.state.as_str(), row.attempts), ("available", 0));
    assert_eq!(row.run_at, seconds_after(floor.clock.now(), 30));
}

#[actix_rt::test]
async fn what_a_killed_worker_had_in_hand_runs_again_elsewhere() {
    let floor = Floor::new().await;
    let (number, mut reports) = board();
    let doomed = Worker::start(&floor.tools, PATIENT);
    floor.promise(NewJob::of(tenant(1), &Endless { board: number }).unwrap()).await;
    assert_eq!(heard(&mut reports).await.attempt, 1);
    doomed.kill().await;
    assert_eq!(floor.row().await.state, "running", "nobody has noticed yet");

    let other = floor.another_process();
    let worker = Worker::start(&other, Duration::ZERO);
    for attempt in [2, 3] {
        // Its process lives on, but nobody holds the job there any more.
        queue::extend_leases(&floor.tools.db, &floor.tools.leases).await.unwrap();
        floor.clock.advance(LEASE + TimeDelta::seconds(1));
        assert_eq!(floor.release_stale().await, 1);
        assert_eq!(heard(&mut reports).await.attempt, attempt);
    }
    worker.kill().await;

    floor.clock.advance(LEASE + TimeDelta::seconds(1));
    floor.release_stale().await;
    drain_due(&floor.tools, &registry()).await.unwrap();
    let row = floor.row().await;
    assert_eq!(row.state, "discarded", "what kills each process that runs it runs out of attempts");
    assert_eq!(row.last_error.as_deref(), Some("no attempt is left: its process was lost while it ran"));
}

#[actix_rt::test]
async fn a_worker_survives_the_loss_of_its_connections() {
    let floor = Floor::new().await;
    let (number, mut reports) = board();
    let worker = Worker::start(&floor.tools, PATIENT);
    floor.promise(scripted(number, Act::Finish)).await;
    heard(&mut reports).await;
    for _ in 0..5 {
        floor.database.cut_connections();
        let other = floor.another_process();
        let mut tx = other.db.house().await.unwrap();
        let jobs = (0..20).map(|_| scripted(number, Act::Finish)).collect();
        queue::enqueue_many(&mut tx, jobs).await.unwrap();
        tx.commit().await.unwrap();
        floor.database.cut_connections();
        let other = floor.another_process();
        for _ in 0..20 {
            // A claim whose commit was not heard of is nobody's until its lease runs out.
            while tokio::time::timeout(Duration::from_secs(2), reports.recv()).await.is_err() {
                floor.clock.advance(LEASE + TimeDelta::seconds(1));
                let mut tx = other.db.house().await.unwrap();
                queue::release_stale(&mut tx).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }
    worker.stop().await;
    let mut tx = floor.another_process().db.house().await.unwrap();
    assert_eq!(operate::count(&mut tx, &JobFilter::default()).await.unwrap(), 0, "all were settled");
}

#[actix_rt::test]
async fn a_stopping_worker_gives_back_what_does_not_finish() {
    let floor = Floor::new().await;
    let (number, mut reports) = board();
    let worker = Worker::start(&floor.tools, Duration::from_millis(50));
    floor.promise(NewJob::of(tenant(1), &Endless { board: number }).unwrap()).await;
    heard(&mut reports).await;
    worker.stop().await;
    let row = floor.row().await;
    assert_eq!((row.state.as_str(), row.attempts), ("available", 0), "at once, and not to its account");
}

#[actix_rt::test]
async fn many_jobs_of_many_institutions_each_run_once() {
    let floor = Floor::new().await;
    let other = floor.another_process();
    let (number, mut reports) = board();
    let mut tx = floor.tools.db.house().await.unwrap();
    let job = Scripted { board: number, act: Act::Finish, key: None };
    let jobs = (0..1_000).map(|n| NewJob::of(tenant(1 + n % 40), &job).unwrap()).collect();
    queue::enqueue_many(&mut tx, jobs).await.unwrap();
    tx.commit().await.unwrap();

    let workers = [&floor.tools, &other].map(|tools| Worker::start(tools, PATIENT));
    for _ in 0..1_000 {
        heard(&mut reports).await;
    }
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(floor.rows().await.len(), 0);
    assert!(reports.try_recv().is_err(), "none ran twice");
}

#[actix_rt::test]
async fn snoozing_and_stopping() {
    let floor = Floor::new().await;
    let (number, mut reports) = board();
    floor.promise(scripted(number, Act::Snooze)).await;
    for _ in 0..5 {
        assert_eq!(drain_due(&floor.tools, &registry()).await.unwrap(), 1);
        assert_eq!(heard(&mut reports).await.attempt, 1, "a snooze costs no attempt");
        floor.clock.advance(TimeDelta::seconds(7));
    }
    floor.promise(scripted(number, Act::Stop)).await;
    drain_due(&floor.tools, &registry()).await.unwrap();
    let states: Vec<_> = floor.rows().await.into_iter().map(|row| row.state).collect();
    assert_eq!(states, ["available", "discarded"]);
}
