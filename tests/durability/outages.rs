//! PostgreSQL is killed under the server, which lives on.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::support::{
    accounts::{come_to_rest, settle_accounts},
    database::Database,
    eventually,
    ledger::Ledger,
    load::Load,
    receivers::Receivers,
    school::School,
    seed,
    server::{Server, signal},
    site::Site,
};

/// SIGKILL leaves everything to recovery and orphans the backends; SIGQUIT makes them quit at once.
const DEATHS: [&str; 5] = ["KILL", "QUIT", "KILL", "KILL", "QUIT"];
/// From one death to the next, at most. Some hit a PostgreSQL that has just recovered.
const LIFE_MS: u64 = 4_000;
const BACK_WITHIN: Duration = Duration::from_secs(30);
const REST_WITHIN: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_restarts_under_load() {
    let seed = seed();
    let mut dice = StdRng::seed_from_u64(seed);
    let mut server = Server::start(Site::new("outages"));
    server.ready().await;
    let database = Database::of(&server.site).await;
    let school = School::read(server.site.token(), &database).await;
    let receivers = Receivers::open().await;
    school.register(server.site.address, &receivers).await;
    let ledger = Ledger::default();
    let load = Load::start(&[server.site.address], &school, &ledger, seed).await;
    let mut longest = Duration::ZERO;
    for death in DEATHS {
        // The moment is the test; nothing waits for anything here.
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..LIFE_MS))).await;
        longest = longest.max(outage(death, &mut server, &ledger).await);
    }
    load.stop().await;
    let resting = Instant::now();
    let database = Database::of(&server.site).await;
    come_to_rest(&database, REST_WITHIN).await;
    println!("longest outage {longest:?}; at rest after {:?}", resting.elapsed());
    settle_accounts(&ledger, &database, &receivers).await;
    assert!(ledger.lock().refused > 0, "requests were refused meanwhile");
    assert_eq!(ledger.lock().unanswered, 0, "the server answered every request");
    server.close().await;
}

/// Kills PostgreSQL, and waits until the server accepts events again; answers how long that took.
async fn outage(death: &str, server: &mut Server, ledger: &Ledger) -> Duration {
    let (killed, _) = server.site.postmaster().expect("PostgreSQL runs");
    signal(death, killed);
    let began = Instant::now();
    eventually("PostgreSQL is started again", BACK_WITHIN, async || {
        server.site.postmaster().filter(|(pid, _)| *pid != killed).ok_or("it is not ready")
    })
    .await;
    ledger.accepts(1).await;
    assert!(server.is_running(), "the server lives through it");
    began.elapsed()
}
