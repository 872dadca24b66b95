//! What must not stand in any file, and what must stand in those of one kind.

use std::collections::BTreeSet;

use stoa_jobs::Registry;

use super::sources::{Source, files, files_named};

/// Says what others decided: sources are cited where bytes have one.
const WITHOUT_SOURCE: [&str; 0] = [];
/// What schools call the columns and roles in their files has no author.
const SCHOOLS_OWN: &str = "protocols/roster/people";

fn project() -> Vec<Source> {
    // This file has to spell what it looks for.
    files()
        .into_iter()
        .filter(|source| source.path != "tests/it/house/words.rs" && source.path != "Cargo.lock")
        .collect()
}

#[test]
fn nothing_is_left_to_do() {
    for source in project() {
        for word in ["TODO", "FIXME", "todo!(", "unimplemented!("] {
            let at = source.text.lines().position(|line| line.contains(word));
            assert!(at.is_none(), "{}:{} says {word}", source.path, at.unwrap_or_default() + 1);
        }
    }
}

#[test]
fn nothing_is_commented_out() {
    for source in files_named(".rs") {
        for (at, line) in source.text.lines().enumerate() {
            let comment = line.trim().strip_prefix("// ").unwrap_or_default();
            let code = comment.ends_with(';')
                || comment.starts_with("let ")
                || comment.starts_with("fn ")
                || comment.ends_with(" {");
            assert!(!code, "{}:{}: {line}", source.path, at + 1);
        }
    }
}

/// Where a build gets its packages is a matter of the machine that builds.
#[test]
fn no_registry_is_named() {
    for source in project() {
        // Put together here, so that this file names none either.
        let hosts = [
            ("static", "crates.io"),
            ("index", "crates.io"),
            ("registry", "npmjs.org"),
            ("pypi", "org"),
            ("files", "pythonhosted.org"),
        ];
        for host in hosts.map(|(first, rest)| format!("{first}.{rest}")) {
            assert!(!source.text.contains(&host), "{} names {host}", source.path);
        }
    }
}

/// A wire form has an author; whoever reads ours must be able to read his.
#[test]
fn protocols_cite_sources() {
    for source in files_named(".rs").iter().filter(|source| source.is_under("protocols")) {
        let test = source.path.contains("tests") || source.path.contains("samples");
        let cites = source.text.contains("# Source");
        assert!(
            cites
                || test
                || source.is_under(SCHOOLS_OWN)
                || source.path == "protocols/lib.rs"
                || WITHOUT_SOURCE.contains(&source.path.as_str()),
            "{} cites none",
            source.path
        );
    }
}

#[test]
fn jobs_are_registered() {
    let registered: BTreeSet<String> = Registry::house().entries().iter().map(|entry| entry.name.to_owned()).collect();
    let mut written = BTreeSet::new();
    for source in
        files_named(".rs").iter().filter(|source| source.is_under("jobs") && source.text.contains("impl Job for "))
    {
        let names = source.text.lines().filter_map(|line| line.trim().strip_prefix("const NAME: &'static str = \""));
        written.extend(names.map(|rest| rest.trim_end_matches("\";").to_owned()));
        assert!(source.lines() <= 150, "{}: a job is a page", source.path);
    }
    assert_eq!(written, registered);
}
