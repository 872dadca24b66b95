//! The server is killed at random moments while a file of the record is made: one whole file is offered in the end, no torso
//! ever, and nothing is left of the attempts that died.

use std::{fs, path::Path, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{
    database::Database,
    eventually, seed,
    server::{Server, signal},
    site::Site,
    wire::Channel,
};

const ROWS: i64 = 250_000;
const KILLS: usize = 4;
/// Each of this number takes PostgreSQL along.
const POWER_FAILS: usize = 2;
/// Longest life of a server, from when it is ready: less than a file takes.
const LIFE_MS: u64 = 900;
const ENDS_WITHIN: Duration = Duration::from_mins(3);
const EXPORTS: &str = "/api/integrations/exports";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_file_is_made() {
    let mut dice = StdRng::seed_from_u64(seed());
    let mut server = Server::start(Site::new("exports"));
    server.ready().await;
    let database = Database::of(&server.site).await;
    fill(&database).await;
    let token = server.site.token();
    let asked = "{\"type\": \"audit\", \"filters\": {\"actions\": [\"row.written\"]}}";
    let mut channel = Channel::open(server.site.address).await.expect("the server listens");
    let answer = channel.call(&format!("POST {EXPORTS}"), Some(&token), asked).await.expect("an answer");
    assert_eq!(answer.status(), 202, "{}", answer.text());
    let path = format!("GET {EXPORTS}/{}", answer.json()["data"]["id"].as_str().expect("an id"));
    let mut seen = Vec::new();
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(dice.random_range(50..LIFE_MS))).await;
        if kill % POWER_FAILS == 0 {
            let (postmaster, _) = server.site.postmaster().expect("PostgreSQL runs");
            signal("KILL", postmaster);
        }
        server.kill();
        server.restart();
        server.ready().await;
        let export = look(&server, &path, &token).await;
        if export["status"] != "completed" {
            let early = fetch(&server, &path, &token).await;
            assert_eq!((early.0, early.1), (409, None), "nothing is offered before it is whole: {export}");
        }
        seen.push((export["status"].to_string(), export["progress"]["rows_done"].to_string()));
    }
    println!("after each kill: {seen:?}");
    let export = eventually("the export ends", ENDS_WITHIN, async || {
        let export = look(&server, &path, &token).await;
        if export["status"] == "completed" { Ok(export) } else { Err(export.to_string()) }
    })
    .await;
    assert_eq!(export["row_count"], ROWS);
    let (status, digest) = fetch(&server, &path, &token).await;
    assert_eq!((status, digest.as_deref()), (200, export["sha256"].as_str()));
    let database = Database::of(&server.site).await;
    let told = "SELECT count(*), count(DISTINCT object_id) FROM events WHERE type = 'export.completed'";
    assert_eq!(database.numbers(told).await, [1, 1]);
    let kept = database.texts("SELECT file_key FROM exports WHERE file_key IS NOT NULL").await;
    assert_eq!(files(&server.site.folder.join("data/files")), kept, "no attempt that died has left anything");
    server.close().await;
}

/// Entries of the audit log, enough that a file of them takes longer than a server lives.
async fn fill(database: &Database) {
    let rows = format!(
        "WITH rows AS (INSERT INTO audit_log (tenant_id, id, at, actor_kind, actor_name, action, object_kind, object_id, after)
           SELECT i.tenant_id, gen_random_uuid(), now(), 'house', 'Stoa', 'row.written', 'row', n::text, jsonb_build_object('n', n, 'text', repeat('x', 100))
           FROM institutions i CROSS JOIN generate_series(1, {ROWS}) n WHERE i.external_id = 'demo' RETURNING 1)
         SELECT count(*) FROM rows"
    );
    assert_eq!(database.numbers(&rows).await, [ROWS]);
}

async fn look(server: &Server, path: &str, token: &str) -> Value {
    let mut channel = Channel::open(server.site.address).await.expect("the server listens");
    let answer = channel.call(path, Some(token), "").await.expect("an answer");
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()["data"].clone()
}

/// The status of a download, and the digest of what came where something did.
async fn fetch(server: &Server, path: &str, token: &str) -> (u16, Option<String>) {
    let mut channel = Channel::open(server.site.address).await.expect("the server listens");
    let answer = channel.call(&format!("{path}/download"), Some(token), "").await.expect("an answer");
    let digest = || hex::encode(Sha256::digest(answer.text()));
    (answer.status(), (answer.status() == 200).then(digest))
}

/// The files below a folder, as keys.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let key = path.strip_prefix(folder).expect("below the folder");
                found.push(key.to_str().expect("a name of ours").to_owned());
            }
        }
    }
    found
}
