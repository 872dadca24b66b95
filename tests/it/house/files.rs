//! Files are small, rooms have a sign at the door, names say what is meant.

use std::collections::BTreeSet;

use super::sources::{Source, files, files_named, folders, root};

/// Printed by a tool, and as long as the schema is.
const GENERATED: [&str; 1] = ["core/db/schema.rs"];
const SOURCE_MAX: usize = 400;
const TEST_MAX: usize = 500;
const README_MAX: usize = 120;
const MIGRATION_MAX: usize = 150;
const CRATE_MAX: usize = 20_000;
/// Core holds every concept but what is owed to receivers, and is wide rather than deep: no folder of it is much larger
/// than 3,000 lines, and a slice knows few others. When it grows further, `imports`, which no other slice knows, is the next
/// to become a wall of its own, as `webhooks` did, and then `content` with `progress`.
const CORE_MAX: usize = 32_000;
/// What an institution reads of its learners: a folder for each way of reading, of which few know another. When it grows
/// further, `gamification`, which none of the others knows, is the next to become a wall of its own.
const RECORD_MAX: usize = 24_000;
/// The edge has all surfaces, each a folder of doors that know no other surface: wide, and nowhere deep.
const HTTP_MAX: usize = 30_000;
/// As many as are seen at a glance.
const ENTRIES_MAX: usize = 32;
/// A list by time, that nobody reads as a map.
const LISTS: [&str; 1] = ["migrations"];
/// Rooms with a wall, and those beside them that somebody has to learn about.
const ROOMS: [&str; 12] = [
    "protocols",
    "core",
    "record",
    "webhooks",
    "actors",
    "jobs",
    "http",
    "bench",
    "migrations",
    "templates",
    "config",
    ".",
];
/// Folders at the top.
const TOP: [&str; 15] = [
    "actors",
    "bench",
    "config",
    "core",
    "docs",
    "http",
    "jobs",
    "migrations",
    "protocols",
    "record",
    "scripts",
    "src",
    "templates",
    "tests",
    "webhooks",
];
const NAMES_THAT_SAY_NOTHING: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "misc", "manager", "stuff"];

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn is_rust(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|ending| ending == "rs")
}

#[test]
fn files_are_small() {
    let long: Vec<String> = files()
        .iter()
        .filter(|source| !GENERATED.contains(&source.path.as_str()))
        .filter_map(|source| {
            let limit = match source.path.as_str() {
                path if path.ends_with("README.md") => README_MAX,
                path if path.ends_with("up.sql") => MIGRATION_MAX,
                path if !is_rust(path) => return None,
                path if is_test(path) => TEST_MAX,
                _ => SOURCE_MAX,
            };
            (source.lines() > limit).then(|| format!("{}: {} lines of {limit}", source.path, source.lines()))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn crates_are_small() {
    for room in ["protocols", "core", "record", "webhooks", "actors", "jobs", "http", "src"] {
        let sources = files_named(".rs");
        let written = sources.iter().filter(|source| !GENERATED.contains(&source.path.as_str()));
        let lines: usize = written.filter(|source| source.is_under(room)).map(Source::lines).sum();
        let limit = match room {
            "core" => CORE_MAX,
            "record" => RECORD_MAX,
            "http" => HTTP_MAX,
            _ => CRATE_MAX,
        };
        assert!(lines <= limit, "{room} has {lines} lines: it is time to split it");
    }
}

#[test]
fn folders_are_small() {
    let is_map = |folder: &str| !folder.is_empty() && !LISTS.contains(&folder);
    let full: Vec<_> =
        folders().into_iter().filter(|(folder, entries)| is_map(folder) && *entries > ENTRIES_MAX).collect();
    assert!(full.is_empty(), "{full:?}");
}

/// The top level is a map of the house: rooms, and beside them only files of tools.
#[test]
fn the_top_level_is_the_map() {
    let tops: BTreeSet<String> =
        files().iter().filter_map(|source| Some(source.path.split_once('/')?.0.to_owned())).collect();
    let more: Vec<_> = tops.iter().filter(|top| !top.starts_with('.') && !TOP.contains(&top.as_str())).collect();
    assert!(more.is_empty(), "{more:?}");
}

#[test]
fn rooms_have_readmes() {
    for room in ROOMS {
        assert!(root().join(room).join("README.md").is_file(), "{room} has no README.md");
    }
}

/// A room is one folder: its door is `mod.rs`, and nothing stands beside it under the same name.
#[test]
fn names_say_something() {
    for source in files_named(".rs") {
        let parts = source.path.trim_end_matches(".rs").split(['/', '_']);
        let empty: Vec<&str> = parts.filter(|part| NAMES_THAT_SAY_NOTHING.contains(part)).collect();
        assert!(empty.is_empty(), "{} is named {empty:?}", source.path);
        let twin = root().join(source.path.trim_end_matches(".rs"));
        assert!(!twin.is_dir(), "{} stands beside a folder of its name", source.path);
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for source in files_named(".rs").iter().filter(|source| !GENERATED.contains(&source.path.as_str())) {
        let first = source.text.lines().next().unwrap_or_default();
        let says = first.starts_with("//! ") || first.starts_with("#![doc = include_str!(");
        assert!(says, "{} begins with {first:?}", source.path);
    }
}
