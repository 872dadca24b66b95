//! The corridor: which crate may know which, and which libraries stay in which room.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

use super::sources::{Source, files_named, root};

/// Each crate and the siblings that it may use.
const EDGES: [(&str, &[&str]); 9] = [
    ("stoa-protocols", &[]),
    ("stoa-core", &["stoa-protocols"]),
    ("stoa-record", &["stoa-core", "stoa-protocols"]),
    ("stoa-webhooks", &["stoa-core", "stoa-protocols"]),
    ("stoa-actors", &["stoa-core", "stoa-protocols", "stoa-webhooks"]),
    ("stoa-jobs", &["stoa-actors", "stoa-core", "stoa-protocols", "stoa-record", "stoa-webhooks"]),
    ("stoa-http", &["stoa-actors", "stoa-core", "stoa-jobs", "stoa-protocols", "stoa-record", "stoa-webhooks"]),
    ("stoa", &["stoa-actors", "stoa-core", "stoa-http", "stoa-jobs", "stoa-protocols", "stoa-webhooks"]),
    ("stoa-bench", &["stoa-core", "stoa-protocols", "stoa-webhooks"]),
];

/// Libraries that a crate must not know; what begins so counts.
const NEVER: [(&str, &[&str]); 6] = [
    ("stoa-protocols", &["tokio", "diesel", "actix", "awc", "apalis", "lettre", "reqwest", "hyper"]),
    ("stoa-core", &["actix", "awc", "apalis", "lettre", "tera"]),
    ("stoa-record", &["actix", "awc", "apalis", "lettre", "tera"]),
    ("stoa-webhooks", &["actix", "awc", "apalis", "lettre", "tera"]),
    ("stoa-actors", &["actix-web", "apalis", "diesel", "tera"]),
    ("stoa-jobs", &["actix-web", "awc", "lettre", "tera"]),
];

/// What each package of the workspace depends on, tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata in JSON");
    let of = |package: &Value| {
        let all = package["dependencies"].as_array().expect("dependencies").iter();
        let real = all.filter(|dependency| dependency["kind"].is_null());
        let names = real.map(|dependency| dependency["name"].as_str().expect("a name").to_owned()).collect();
        (package["name"].as_str().expect("a name").to_owned(), names)
    };
    metadata["packages"].as_array().expect("packages").iter().map(of).collect()
}

#[test]
fn corridor_is_straight() {
    let dependencies = dependencies();
    let known: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(dependencies.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    for (name, allowed) in EDGES {
        let siblings = dependencies[name].iter().map(String::as_str).filter(|other| known.contains(other));
        for sibling in siblings {
            assert!(allowed.contains(&sibling), "{name} must not know {sibling}");
        }
    }
}

#[test]
fn libraries_stay_in_their_rooms() {
    let dependencies = dependencies();
    for (name, never) in NEVER {
        let found: Vec<_> =
            dependencies[name].iter().filter(|used| never.iter().any(|prefix| used.starts_with(prefix))).collect();
        assert!(found.is_empty(), "{name} must not know {found:?}");
    }
}

/// Files of the product that mention a word, but for those that may.
fn mention(word: &str, may: impl Fn(&Source) -> bool) -> Vec<String> {
    let rooms = ["protocols", "core", "record", "webhooks", "actors", "jobs", "http", "src"];
    files_named(".rs")
        .into_iter()
        .filter(|source| rooms.iter().any(|room| source.is_under(room)) && !source.path.contains("tests"))
        .filter(|source| source.text.contains(word) && !may(source))
        .map(|source| source.path)
        .collect()
}

#[test]
fn sql_stays_with_the_facts_and_the_queue() {
    assert_eq!(
        mention("diesel::", |source| ["core", "record", "webhooks", "jobs/queue"]
            .iter()
            .any(|room| source.is_under(room))),
        [""; 0]
    );
    assert_eq!(
        mention("tokio_postgres", |source| source.is_under("core/db") || source.is_under("actors/bell")),
        [""; 0]
    );
}

#[test]
fn http_stays_at_the_edge() {
    assert_eq!(
        mention("actix_web", |source| ["http", "src/house", "src/demo"].iter().any(|room| source.is_under(room))),
        [""; 0]
    );
    assert_eq!(mention("awc::", |source| source.is_under("actors/egress") || source.is_under("src/demo")), [""; 0]);
    assert_eq!(mention("lettre::", |source| source.is_under("actors/mailer")), [""; 0]);
}

#[test]
fn apalis_is_known_to_the_worker_alone() {
    for name in ["apalis::", "apalis_"] {
        assert_eq!(mention(name, |source| source.is_under("jobs/worker")), [""; 0]);
    }
}
