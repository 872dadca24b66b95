//! Limits that nodes share in Redis: a real one, and one that dies in the middle.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use actix_web::http::StatusCode;
use stoa_core::{
    Ability,
    tokens::{NewToken, Quota, create},
};
use stoa_http::limits::Quotas;

use crate::support::{
    TestHouse,
    callers::{Answer, Caller},
    node::{Edge, Node},
};

const ME: &str = "/api/auth/me";

/// A Redis of a test, on a socket of its own, without a file.
struct Redis {
    folder: PathBuf,
    process: Option<Child>,
}

impl Redis {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("stoa-redis-{:032x}", rand::random::<u128>()));
        std::fs::create_dir(&folder).expect("a folder");
        let mut redis = Self { folder, process: None };
        redis.revive();
        redis
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.folder.join("socket").display())
    }

    /// Starts it, with an empty memory, and waits until it listens.
    fn revive(&mut self) {
        let socket = self.folder.join("socket");
        let _ = std::fs::remove_file(&socket);
        let mut redis = Command::new("redis-server");
        redis.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]).arg(&socket);
        redis.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(redis.spawn().expect("redis-server, which scripts/setup test installs"));
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            std::thread::yield_now();
        }
    }

    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().and_then(|()| process.wait()).expect("it dies");
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Nothing comes back while the test runs: Redis has a clock of its own.
fn edge(redis: &Redis) -> Edge {
    let read = Some(Quota { quota: 6, window_seconds: 86_400 });
    let auth = Some(Quota { quota: 3, window_seconds: 86_400 });
    Edge { quotas: Quotas { read, auth, ..Quotas::default() }, redis_url: Some(redis.url()), ..Edge::default() }
}

async fn callers(house: &TestHouse, nodes: [&Node; 2]) -> [Caller; 2] {
    let mut tx = house.tx().await;
    let new = NewToken { name: "shared".to_owned(), abilities: vec![Ability::ContentRead], ..NewToken::default() };
    let issued = create(&mut tx, &house.scope(), new).await.unwrap();
    tx.commit().await.unwrap();
    nodes.map(|node| TestHouse::caller_of(node, Some(issued.text.expose())))
}

/// Waits until a node knows whether Redis is there.
async fn until(house: &TestHouse, node: &Node, is_up: bool) {
    let shares = node.app.limits.shares().expect("it is configured");
    while shares.is_up() != is_up {
        // Asking the database is a pause in which others work.
        drop(house.tx().await);
    }
}

fn left(answer: &Answer) -> u32 {
    answer.header("x-ratelimit-remaining").expect("a header").parse().expect("a number")
}

fn scope(answer: &Answer) -> &str {
    answer.header("ratelimit-policy").and_then(|policy| policy.split_once("stoa-scope=")).expect("a scope").1
}

#[actix_web::test]
async fn two_nodes_share_one_limit() {
    let (house, redis) = (TestHouse::new().await, Redis::start());
    let (one, two) = (house.another_node_with(edge(&redis)), house.another_node_with(edge(&redis)));
    for node in [&one, &two] {
        until(&house, node, true).await;
    }
    let [here, there] = callers(&house, [&one, &two]).await;
    for wanted in [(&here, 5), (&there, 4), (&there, 3), (&here, 2), (&there, 1), (&here, 0)] {
        let answer = wanted.0.get(ME).await.expect(StatusCode::OK);
        assert_eq!((left(&answer), scope(&answer)), (wanted.1, "shared"));
    }
    for caller in [&here, &there] {
        let refused = caller.get(ME).await.expect(StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((14_000..=14_400).contains(&wait), "a sixth of a day: {wait}");
    }
}

#[actix_web::test]
async fn addresses_are_shared_too() {
    let (house, redis) = (TestHouse::new().await, Redis::start());
    let (one, two) = (house.another_node_with(edge(&redis)), house.another_node_with(edge(&redis)));
    for node in [&one, &two] {
        until(&house, node, true).await;
    }
    let sign_in = async |node: &Node| {
        let body = serde_json::json!({ "email": "nobody@home.example", "password": "wrong" });
        TestHouse::caller_of(node, None).post("/api/auth/sign-in", body).await.status
    };
    assert_eq!(
        [sign_in(&one).await, sign_in(&two).await, sign_in(&one).await, sign_in(&two).await],
        [401, 401, 401, 429]
    );
}

#[actix_web::test]
async fn a_dead_redis_holds_nobody_up() {
    let (house, mut redis) = (TestHouse::new().await, Redis::start());
    let (one, two) = (house.another_node_with(edge(&redis)), house.another_node_with(edge(&redis)));
    for node in [&one, &two] {
        until(&house, node, true).await;
    }
    let [here, there] = callers(&house, [&one, &two]).await;
    for _ in 0..6 {
        here.get(ME).await.expect(StatusCode::OK);
    }
    here.get(ME).await.expect(StatusCode::TOO_MANY_REQUESTS);
    redis.kill();
    // From now on each node counts by itself, from nothing; nobody is refused for want of Redis, and nobody waits.
    for caller in [&here, &there] {
        for wanted in (0..6).rev() {
            let answer = caller.get(ME).await.expect(StatusCode::OK);
            assert_eq!((left(&answer), scope(&answer)), (wanted, "node"));
        }
        caller.get(ME).await.expect(StatusCode::TOO_MANY_REQUESTS);
    }
    redis.revive();
    for node in [&one, &two] {
        until(&house, node, true).await;
    }
    let answer = there.get(ME).await.expect(StatusCode::OK);
    assert_eq!((left(&answer), scope(&answer)), (5, "shared"), "and it is back by itself");
}
