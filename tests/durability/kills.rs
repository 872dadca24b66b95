//! The server is killed at random moments, also while it starts, and also together with its PostgreSQL.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::support::{
    accounts::{come_to_rest, settle_accounts},
    database::Database,
    ledger::Ledger,
    load::Load,
    receivers::Receivers,
    school::School,
    seed,
    server::{Server, signal},
    site::Site,
};

const KILLS: usize = 9;
/// Of them, those that hit a server that is not ready yet.
const KILLED_WHILE_STARTING: usize = 3;
/// Each of this number takes PostgreSQL along, as a machine does that loses its power.
const POWER_FAILS: usize = 3;
/// Much more than a restart takes; how much it took is printed.
const BACK_WITHIN: Duration = Duration::from_secs(15);
/// Longest life of a server, from when it is ready.
const LIFE_MS: u64 = 6_000;
/// Longest life of one that is killed while it starts; a start takes about so long.
const BIRTH_MS: u64 = 700;
const REST_WITHIN: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments() {
    let seed = seed();
    let mut dice = StdRng::seed_from_u64(seed);
    let mut server = Server::start(Site::new("kills"));
    // The very first start makes the cluster, the schema and the school: it must be possible to break that off too.
    live(dice.random_range(0..4_000)).await;
    server.kill();
    server.restart();
    server.ready().await;
    let database = Database::of(&server.site).await;
    let school = School::read(server.site.token(), &database).await;
    let receivers = Receivers::open().await;
    school.register(server.site.address, &receivers).await;
    let ledger = Ledger::default();
    let load = Load::start(&[server.site.address], &school, &ledger, seed).await;
    let mut slowest = Duration::ZERO;
    for kill in 0..KILLS {
        live(dice.random_range(0..LIFE_MS)).await;
        if kill % POWER_FAILS == 0 {
            let (postmaster, _) = server.site.postmaster().expect("PostgreSQL runs");
            signal("KILL", postmaster);
        }
        server.kill();
        server.restart();
        if kill < KILLED_WHILE_STARTING {
            live(dice.random_range(0..BIRTH_MS)).await;
            server.kill();
            server.restart();
        }
        let back = server.ready().await;
        println!("kill {kill}: ready again after {back:?}");
        slowest = slowest.max(back);
    }
    load.stop().await;
    assert!(slowest < BACK_WITHIN, "a restart took {slowest:?}");
    let resting = Instant::now();
    let database = Database::of(&server.site).await;
    come_to_rest(&database, REST_WITHIN).await;
    println!("slowest restart {slowest:?}; at rest after {:?}", resting.elapsed());
    settle_accounts(&ledger, &database, &receivers).await;
    server.close().await;
}

/// Lets the server live for a random time: the moment of its death is the test, and nothing waits for anything here.
async fn live(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
