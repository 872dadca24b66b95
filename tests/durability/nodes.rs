//! Two servers on one database: both serve and work, one is killed, and what it had in hand comes to the other.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{
    accounts::{come_to_rest, settle_accounts},
    database::Database,
    eventually,
    ledger::Ledger,
    load::{Load, rush},
    receivers::Receivers,
    school::School,
    seed,
    server::Server,
    site::Site,
    wire::Channel,
};

/// Events that are accepted from one step of the story to the next.
const FOR_A_WHILE: usize = 600;
const REST_WITHIN: Duration = Duration::from_mins(1);
/// How soon a token that was revoked on one node has stopped on the others.
const REVOKED_WITHIN: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_one_database() {
    let seed = seed();
    let mut first = Server::start(Site::new("node-1"));
    first.ready().await;
    // Few connections: the private cluster of the first allows as many as the first needs, and some.
    let site = Site::new("node-2")
        .with("STOA__DATABASE__URL", &first.site.database_url())
        .with("STOA__DATABASE__APP_CONNECTIONS", "6")
        .with("STOA__DATABASE__RELAY_CONNECTIONS", "4");
    let mut second = Server::start(site);
    second.ready().await;
    let database = Database::of(&first.site).await;
    let school = School::read(first.site.token(), &database).await;
    let receivers = Receivers::open().await;
    school.register(first.site.address, &receivers).await;
    let ledger = Ledger::default();
    let doors = [first.site.address, second.site.address];

    // Both learn of every object at the same moment: `created` comes from one, the first `updated` from the other.
    rush(doors, &school, &ledger).await;
    let load = Load::start(&doors, &school, &ledger, seed).await;
    ledger.accepts(FOR_A_WHILE).await;
    second.kill();
    ledger.accepts(FOR_A_WHILE).await;
    second.restart();
    second.ready().await;
    ledger.accepts(FOR_A_WHILE).await;
    revoked_everywhere(&first, &second, &school.token).await;
    load.stop().await;

    let resting = Instant::now();
    come_to_rest(&database, REST_WITHIN).await;
    println!("at rest after {:?}", resting.elapsed());
    println!("objects whose change was begun before their creation: {}", overtaken(&database).await);
    settle_accounts(&ledger, &database, &receivers).await;
    second.close().await;
    first.close().await;
}

/// How often the rush met what it is for: the node that changed an object gave an earlier id than the one that made it.
async fn overtaken(database: &Database) -> i64 {
    let [objects] = database
        .numbers(
            "SELECT count(DISTINCT made.object_id) FROM events made
             JOIN events changed ON changed.object_id = made.object_id AND changed.id < made.id
             WHERE made.type LIKE '%.created' AND changed.type LIKE '%.updated'",
        )
        .await;
    objects
}

/// A token that is revoked on one node stops on the other within a second, although it was just used there.
async fn revoked_everywhere(one: &Server, other: &Server, token: &str) {
    let mut here = Channel::open(one.site.address).await.expect("the first node listens");
    let mut there = Channel::open(other.site.address).await.expect("the second node listens");
    let new = json!({ "name": "For a moment", "abilities": ["webhooks:read"] }).to_string();
    let made = here.call("POST /api/integrations/tokens", Some(token), &new).await.expect("an answer");
    assert_eq!(made.status(), 201, "{}", made.text());
    let made = made.json();
    let (id, text) = (made["data"]["id"].as_str().expect("an id"), made["data"]["token"].as_str().expect("a token"));
    let mut used = async || {
        let answer = there.call("GET /api/integrations/webhooks", Some(text), "").await.expect("an answer");
        answer.status()
    };
    assert_eq!(used().await, 200);
    let revoked = here.call(&format!("DELETE /api/integrations/tokens/{id}"), Some(token), "").await;
    assert_eq!(revoked.expect("an answer").status(), 204);
    let since = Instant::now();
    eventually("a revoked token stops on the other node", REVOKED_WITHIN, async || match used().await {
        401 => Ok(()),
        status => Err(status),
    })
    .await;
    println!("revoked on the other node after {:?}", since.elapsed());
}
