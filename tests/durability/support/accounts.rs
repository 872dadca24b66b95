//! The settling of accounts: what was promised, what is written, what arrived.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use stoa_core::{Id, id};

use super::{
    database::Database,
    eventually,
    ledger::Ledger,
    receivers::{self, Arrival, Receivers},
};

/// Most faults that are listed.
const LISTED: usize = 8;

/// How much arrived. At least once is the promise; what came twice is its price.
#[derive(Debug)]
pub(crate) struct Counted {
    /// Deliveries, each event once for each receiver.
    pub(crate) delivered: usize,
    /// Receiver, event, and the number of its calls that are not in the log of attempts.
    pub(crate) twice: Vec<((String, String), i64)>,
}

/// Waits until nothing is left to do: outbox empty, no delivery owed, no promise kept waiting.
pub(crate) async fn come_to_rest(database: &Database, within: Duration) {
    eventually("everything comes to rest", within, async || {
        let left: [i64; 3] = database
            .numbers(
                "SELECT (SELECT count(*) FROM outbox),
                   (SELECT count(*) FROM deliveries WHERE status IN ('pending', 'retrying')),
                   (SELECT count(*) FROM queue_jobs WHERE queue = 'webhooks')",
            )
            .await;
        if left == [0, 0, 0] { Ok(()) } else { Err(format!("left in outbox, deliveries, queue: {left:?}")) }
    })
    .await;
}

/// Holds promises, rows and arrivals against each other, and answers how often something came twice.
pub(crate) async fn settle_accounts(ledger: &Ledger, database: &Database, receivers: &Receivers) -> Counted {
    promises_are_kept(ledger, database).await;
    rows_are_whole(database).await;
    let arrivals = receivers.arrivals().clone();
    everything_arrived(database, &arrivals).await;
    what_opens_came_first(database, &arrivals).await;
    let counted = count(database, &arrivals).await;
    let kept = ledger.lock();
    println!(
        "accepted {} and {} more whose answer was lost, {} asked about again; requests without an answer {}, refused {}; \
         delivered {}, twice {}",
        kept.accepted,
        kept.found_accepted,
        kept.confirmed,
        kept.unanswered,
        kept.refused,
        counted.delivered,
        counted.twice.len(),
    );
    counted
}

/// Each accepted event is there once, with the events that its sender was told of; and there is no other.
async fn promises_are_kept(ledger: &Ledger, database: &Database) {
    let written = database.lists("SELECT client_id, event_ids::text[] FROM progress_events").await;
    let written: HashMap<String, Vec<String>> =
        written.into_iter().map(|(id, events)| (id, events.iter().map(|uuid| event_id(uuid)).collect())).collect();
    let kept = ledger.lock();
    let broken = kept.told.iter().filter(|(id, events)| written.get(*id) != Some(events));
    none("promises broken", broken);
    none("events that nobody was told of", written.keys().filter(|id| !kept.told.contains_key(*id)));
    assert_eq!(kept.told.len(), kept.accepted + kept.found_accepted);
    assert!(kept.accepted > 0, "there was a load");
}

/// Every event has its deliveries, every delivery ended well, and nothing was folded twice.
async fn rows_are_whole(database: &Database) {
    let without_delivery = "SELECT e.type || ' ' || e.id FROM events e
        JOIN webhooks w ON w.tenant_id = e.tenant_id AND w.created_at < e.created_at
        LEFT JOIN deliveries d ON d.tenant_id = e.tenant_id AND d.event_id = e.id AND d.webhook_id = w.id
        WHERE d.id IS NULL";
    none("events without their deliveries", database.texts(without_delivery).await);
    let twice = "SELECT 'event ' || event_id FROM deliveries GROUP BY event_id, webhook_id HAVING count(*) > 1";
    none("events owed twice", database.texts(twice).await);
    let unfinished = "SELECT d.id || ' ' || d.status FROM deliveries d WHERE d.status <> 'succeeded'
        OR NOT EXISTS (SELECT FROM attempts a WHERE a.tenant_id = d.tenant_id AND a.delivery_id = d.id)";
    none("deliveries that did not end well", database.texts(unfinished).await);
    let folded_twice = "SELECT type || ' ' || object_id || ' ' || revision FROM events
        WHERE type LIKE '%_stat.%' GROUP BY type, object_id, revision HAVING count(*) > 1";
    none("changes told twice", database.texts(folded_twice).await);
    let gaps = "SELECT object_id::text FROM events WHERE type LIKE '%_stat.%' GROUP BY object_id
        HAVING count(*) <> max(revision) OR min(revision) <> 1";
    none("objects with a gap in what was told of them", database.texts(gaps).await);
}

/// Each event reached each receiver, and what reached them is an event that was committed.
async fn everything_arrived(database: &Database, arrivals: &[Arrival]) {
    let owed = "SELECT DISTINCT event_id::text FROM deliveries";
    let owed: HashSet<String> = database.texts(owed).await.iter().map(|uuid| event_id(uuid)).collect();
    for receiver in receivers::ALL {
        let arrived: HashSet<&str> =
            arrivals.iter().filter(|one| one.at == receiver).map(|one| one.event.as_str()).collect();
        none(&format!("events lost on the way to {receiver}"), owed.iter().filter(|id| !arrived.contains(id.as_str())));
        none(&format!("events at {receiver} that never were"), arrived.iter().filter(|id| !owed.contains(**id)));
    }
}

/// `created` of an object came before anything else of it, unless its first attempt is known to have failed on the way.
async fn what_opens_came_first(database: &Database, arrivals: &[Arrival]) {
    let missed = "SELECT DISTINCT d.event_id::text FROM attempts a
        JOIN deliveries d ON d.tenant_id = a.tenant_id AND d.id = a.delivery_id WHERE a.http_status IS NULL AND d.opens";
    let missed: HashSet<String> = database.texts(missed).await.iter().map(|uuid| event_id(uuid)).collect();
    let opens = |one: &&Arrival| one.event_type.ends_with("_stat.created");
    let excused: HashSet<&str> = arrivals
        .iter()
        .filter(opens)
        .filter(|one| missed.contains(&one.event))
        .map(|one| one.object.as_str())
        .collect();
    let mut opened: HashSet<(&str, &str)> = HashSet::new();
    let mut early = Vec::new();
    for one in arrivals.iter().filter(|one| one.event_type.contains("_stat.")) {
        let object = (one.at.as_str(), one.object.as_str());
        if opens(&one) {
            opened.insert(object);
        } else if !opened.contains(&object) && !excused.contains(object.1) {
            early.push(one);
        }
    }
    none("changes told before their object", early);
}

async fn count(database: &Database, arrivals: &[Arrival]) -> Counted {
    let mut calls: HashMap<(String, String), i64> = HashMap::new();
    for one in arrivals {
        *calls.entry((one.at.clone(), one.event.clone())).or_default() += 1;
    }
    let delivered = calls.len();
    // Attempts that failed were repeated as they should be; what came beyond them came twice.
    let attempts = "SELECT substring(url FROM '/[a-z]+$') || ' ' || event_id, attempts::bigint FROM deliveries";
    for (delivery, attempts) in database.counts(attempts).await {
        let (at, uuid) = delivery.split_once(' ').expect("two words");
        if let Some(calls) = calls.get_mut(&(at.to_owned(), event_id(uuid))) {
            *calls -= attempts;
        }
    }
    let twice = calls.into_iter().filter(|(_, calls)| *calls > 0).collect();
    Counted { delivered, twice }
}

fn event_id(uuid: &str) -> String {
    Id::<id::Event>::from_uuid(uuid.parse().expect("a uuid")).to_string()
}

fn none<T: std::fmt::Debug>(what: &str, found: impl IntoIterator<Item = T>) {
    let mut found = found.into_iter();
    let first: Vec<T> = found.by_ref().take(LISTED).collect();
    assert!(first.is_empty(), "{what}: {first:#?} and {} more", found.count());
}
