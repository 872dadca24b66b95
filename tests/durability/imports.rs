//! The server is killed at random moments while a file of people is read, planned and applied: no row is lost, none is
//! applied twice, and each is told of once.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;

use crate::support::{
    database::Database,
    eventually, seed,
    server::{Server, signal},
    site::Site,
    wire::Channel,
};

const ROWS: usize = 20_000;
/// While it is read and planned, and again while it is applied.
const KILLS: usize = 3;
/// Each of this number takes PostgreSQL along.
const POWER_FAILS: usize = 2;
/// Longest life of a server, from when it is ready: a few chunks.
const LIFE_MS: u64 = 2_500;
const ENDS_WITHIN: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_file_is_imported() {
    let mut dice = StdRng::seed_from_u64(seed());
    let mut server = Server::start(Site::new("imports"));
    server.ready().await;
    let database = Database::of(&server.site).await;
    let tenant = database.texts("SELECT tenant_id::text FROM institutions WHERE external_id = 'demo'").await.remove(0);
    let members = "/api/institutions/external_id:demo/members/bulk?mode=apply";
    let rows: Vec<String> = (0..ROWS).map(|n| format!("k{n},killed.{n}@school.example,Person {n}")).collect();
    let file = format!("external_id,email,name\n{}\n", rows.join("\n"));
    let mut channel = Channel::open(server.site.address).await.expect("the server listens");
    let token = server.site.token();
    let sent = channel.send_file(&format!("POST {members}"), &token, &file).await.expect("an answer");
    assert_eq!(sent.status(), 202, "{}", sent.text());
    let id = sent.json()["data"]["id"].as_str().expect("an id").to_owned();
    let path = format!("GET /api/institutions/external_id:demo/imports/{id}");
    let mut seen = kill_and_look(&mut server, &mut dice, (&path, &token)).await;
    eventually("the plan is applied", ENDS_WITHIN, async || {
        let import = look(&server, &path, &token).await;
        if import["status"] == "validating" { Err(import.to_string()) } else { Ok(()) }
    })
    .await;
    seen.extend(kill_and_look(&mut server, &mut dice, (&path, &token)).await);
    let ended = eventually("the import ends", ENDS_WITHIN, async || {
        let import = look(&server, &path, &token).await;
        if import["status"] == "completed" { Ok(import) } else { Err(import.to_string()) }
    })
    .await;
    println!("after each kill: {seen:?}");
    let rows = i64::try_from(ROWS).expect("a count");
    assert_eq!(ended["applied"]["create"], rows, "{ended}");
    let database = Database::of(&server.site).await;
    let counted = format!(
        "SELECT (SELECT count(*) FROM users WHERE tenant_id = '{tenant}' AND external_id LIKE 'k%' AND email LIKE 'killed.%'),
           (SELECT count(*) FROM memberships WHERE tenant_id = '{tenant}' AND provisioned_by = 'csv'),
           (SELECT count(*) FROM events WHERE tenant_id = '{tenant}' AND type = 'user.created' AND data -> 'user' ->> 'email' LIKE 'killed.%'),
           (SELECT count(DISTINCT object_id) FROM events WHERE tenant_id = '{tenant}' AND type = 'user.created' AND data -> 'user' ->> 'email' LIKE 'killed.%'),
           (SELECT count(*) FROM events WHERE tenant_id = '{tenant}' AND type = 'member_import.completed')"
    );
    assert_eq!(database.numbers(&counted).await, [rows, rows, rows, rows, 1]);
    server.close().await;
}

/// Kills the server and starts it again, and answers how far the import was each time.
async fn kill_and_look(server: &mut Server, dice: &mut StdRng, (path, token): (&str, &str)) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(dice.random_range(100..LIFE_MS))).await;
        if kill % POWER_FAILS == 0 {
            let (postmaster, _) = server.site.postmaster().expect("PostgreSQL runs");
            signal("KILL", postmaster);
        }
        server.kill();
        server.restart();
        server.ready().await;
        let import = look(server, path, token).await;
        seen.push((import["status"].to_string(), import["progress"]["rows_done"].to_string()));
    }
    seen
}

async fn look(server: &Server, path: &str, token: &str) -> Value {
    let mut channel = Channel::open(server.site.address).await.expect("the server listens");
    let answer = channel.call(path, Some(token), "").await.expect("an answer");
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()["data"].clone()
}
