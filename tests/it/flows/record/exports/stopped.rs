//! An export that somebody stops in the middle of its copy: its rows flow, and a part of its file is there.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use actix_web::http::StatusCode;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use stoa_actors::storage::{Storage, StorageOptions};
use stoa_core::db::{TenantTx, sql};

use super::{super::storage, PATH, ask};
use crate::support::{TestHouse, bucket::Server};

/// More than two parts of an upload, so that one is kept while the next is gathered.
const ROWS: i64 = 14_000;
/// Longest wait for something that comes by itself.
const PATIENCE: Duration = Duration::from_secs(30);
/// Connections that copy.
const COPYING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY (%'";

/// Entries of the audit log, the last of which PostgreSQL tells to nobody as long as somebody holds a lock.
fn fill(house: &TestHouse) {
    let tenant = house.school.tenant.uuid();
    house.database.run(&format!(
        "INSERT INTO audit_log (tenant_id, id, at, actor_kind, actor_name, action, object_kind, object_id, after)
         SELECT '{tenant}', ('ffffffff-ffff-7fff-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '2026-11-21T08:00:00Z', 'house',
           'Stoa', 'row.written', 'row', n::text, jsonb_build_object('text', repeat('x', 1000))
         FROM generate_series(1, {ROWS}) n"
    ));
    house.database.run(&format!(
        "CREATE POLICY stalls ON audit_log AS RESTRICTIVE FOR SELECT TO stoa_app
           USING (object_id <> '{ROWS}' OR pg_advisory_xact_lock_shared(4711) IS NOT NULL)"
    ));
}

/// Holds the lock until it is dropped.
async fn hold(house: &TestHouse) -> TenantTx {
    let mut tx = house.tx().await;
    sql("SELECT pg_advisory_xact_lock(4711)").execute(tx.connection()).await.expect("the lock");
    tx
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "{what}");
}

async fn look(house: &TestHouse, export: &str) -> Value {
    house.admin().get(&format!("{PATH}/{export}")).await.data()
}

/// Stops an export in the middle; `kept` tells all that lies where files do, whole or not.
async fn stop_in_the_middle(house: &TestHouse, kept: impl Fn() -> Vec<String>) {
    fill(house);
    let asked = || json!({ "type": "audit", "filters": { "actions": ["row.written"] } });
    let held = hold(house).await;
    let export = ask(&house.admin(), asked()).await;
    let stop = async {
        until("a part of the file is there", || !kept().is_empty()).await;
        until("rows are told of", || house.database.number("SELECT rows_done FROM exports") > 0).await;
        assert_eq!(house.database.number(COPYING), 1);
        let shown = look(house, &export).await;
        assert_eq!((&shown["status"], &shown["row_count"]), (&json!("running"), &Value::Null), "{shown}");
        assert!(shown["progress"]["rows_done"].as_i64().is_some_and(|rows| rows < ROWS), "{shown}");
        let download = house.admin().get(&format!("{PATH}/{export}/download")).await.refusal();
        assert_eq!((download.0, download.1.as_str()), (409, "export_not_ready"));
        let stopped = house.admin().post(&format!("{PATH}/{export}/cancel"), json!({})).await.expect(StatusCode::OK);
        assert_eq!(stopped.data()["status"], "cancelled");
    };
    tokio::join!(house.settle(), stop);
    let shown = look(house, &export).await;
    assert_eq!((&shown["status"], &shown["row_count"]), (&json!("cancelled"), &Value::Null), "{shown}");
    assert_eq!(house.database.number("SELECT count(*) FROM exports WHERE file_key IS NOT NULL"), 0);
    // PostgreSQL waits for the row still: that nobody is there any more who would read is enough for it to give up.
    until("the connection is given back", || house.database.number(COPYING) == 0).await;
    until("nothing is left of the file", || kept().is_empty()).await;
    assert_eq!(house.database.number("SELECT count(*) FROM events WHERE type LIKE 'export.%'"), 0);
    drop(held);
    let again = ask(&house.admin(), asked()).await;
    house.settle().await;
    let shown = look(house, &again).await;
    assert_eq!((&shown["status"], &shown["row_count"]), (&json!("completed"), &json!(ROWS)), "{shown}");
    assert_eq!(kept().len(), 1, "{:?}", kept());
}

/// Files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        // What is taken back meanwhile is not there.
        for path in fs::read_dir(next).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() { folders.push(path) } else { found.push(path.display().to_string()) }
        }
    }
    found
}

#[actix_web::test]
async fn of_one_that_is_stopped_in_the_middle_nothing_is_left_in_the_folder() {
    let name = format!("stopped-{}", hex::encode(rand::random::<[u8; 16]>()));
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let place = Storage::open(&StorageOptions::Local(folder.clone())).expect("a folder");
    let house = TestHouse::keeping(place).await;
    stop_in_the_middle(&house, || files(&folder)).await;
    fs::remove_dir_all(&folder).expect("it was there");
}

#[actix_web::test]
async fn of_one_that_is_stopped_in_the_middle_nothing_is_left_in_the_bucket() {
    let server = Server::start();
    let house = TestHouse::keeping(storage::storage(&server)).await;
    stop_in_the_middle(&house, || server.files()).await;
}
