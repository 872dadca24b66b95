//! The server is stopped in the orderly way, under load.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::support::{
    accounts::{come_to_rest, settle_accounts},
    database::Database,
    ledger::Ledger,
    load::Load,
    receivers::Receivers,
    school::School,
    seed,
    server::Server,
    site::Site,
};

const STOPS: usize = 3;
/// Events that are accepted between two stops.
const FOR_A_WHILE: usize = 500;
/// Shorter than the grace: nothing that goes on for long keeps the server from ending.
const STOPPED_WITHIN: Duration = Duration::from_secs(10);
/// Much shorter than the lease: what a stopped server had in hand is given back, not waited for.
const REST_WITHIN: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stops_in_order() {
    let seed = seed();
    // One call to a receiver at a time: while one hangs, deliveries wait in memory, and some stops meet them there.
    let site = Site::new("stops")
        .with("STOA__JOBS__LEASE_SECS", "300")
        .with("STOA__SERVER__SHUTDOWN_GRACE_SECS", "25")
        .with("STOA__WEBHOOKS__PER_WEBHOOK_IN_FLIGHT", "1");
    let mut server = Server::start(site);
    server.ready().await;
    let database = Database::of(&server.site).await;
    let school = School::read(server.site.token(), &database).await;
    let receivers = Receivers::open().await;
    school.register(server.site.address, &receivers).await;
    let ledger = Ledger::default();
    let load = Load::start(&[server.site.address], &school, &ledger, seed).await;
    for _ in 0..STOPS {
        ledger.accepts(FOR_A_WHILE).await;
        stop_and_start(&mut server).await;
    }
    load.stop().await;
    let resting = Instant::now();
    let database = Database::of(&server.site).await;
    come_to_rest(&database, REST_WITHIN).await;
    println!("at rest after {:?}", resting.elapsed());
    let counted = settle_accounts(&ledger, &database, &receivers).await;
    assert!(counted.twice.is_empty(), "an orderly stop leaves nothing to be sent twice: {counted:?}");
    server.close().await;
}

async fn stop_and_start(server: &mut Server) {
    let (postmaster, _) = server.site.postmaster().expect("PostgreSQL runs");
    let stopping = Instant::now();
    let status = server.stop().await;
    let stopped = stopping.elapsed();
    assert_eq!(status.code(), Some(0));
    assert!(stopped < STOPPED_WITHIN, "the stop took {stopped:?}");
    assert!(!Path::new(&format!("/proc/{postmaster}")).exists(), "PostgreSQL was stopped first");
    server.restart();
    println!("stopped after {stopped:?}, ready again after {:?}", server.ready().await);
}
