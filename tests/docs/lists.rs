//! What the documents list is what there is: figures, error codes, words of the API.

use std::{collections::BTreeSet, fs, path::Path};

use stoa_actors::egress::FailureClass;
use stoa_core::{Code, progress::Verb, staff::StaffRole};
use stoa_protocols::{
    roster::{FaultCode, Field, FileFaultKind, RowRole, RowStatus},
    webhook::{DialectName, RetryPolicy},
};
use stoa_webhooks::{
    DeliveryStatus, WebhookStatus,
    subscription_requests::{ItemOutcome, RequestStatus},
};

#[test]
fn every_word_of_the_api_is_explained_to_integrators() {
    let document = fs::read_to_string(root().join("docs/integrating.md")).expect("the document");
    let mut words: Vec<&str> = Vec::new();
    words.extend(Code::ALL.iter().map(|code| code.as_str()));
    words.extend(FailureClass::ALL.iter().map(|class| class.as_str()));
    words.extend(DeliveryStatus::ALL.iter().map(|status| status.as_str()));
    words.extend(WebhookStatus::ALL.iter().map(|status| status.as_str()));
    words.extend(RetryPolicy::ALL.iter().map(|policy| policy.as_str()));
    words.extend(DialectName::ALL.iter().map(|dialect| dialect.as_str()));
    words.extend(Verb::ALL.iter().map(|verb| verb.as_str()));
    // Never in a log, or not to be had yet.
    let silent = [FailureClass::Busy.as_str(), WebhookStatus::PendingApproval.as_str()];
    let missing: Vec<_> =
        words.iter().filter(|word| !silent.contains(word) && !document.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "docs/integrating.md does not explain {missing:?}");
}

#[test]
fn every_word_of_a_request_is_explained_to_support() {
    let document = fs::read_to_string(root().join("docs/support.md")).expect("the document");
    let mut words: Vec<&str> = RequestStatus::ALL.iter().map(|status| status.as_str()).collect();
    words.extend(ItemOutcome::ALL.iter().map(|outcome| outcome.as_str()));
    words.extend(StaffRole::ALL.iter().map(|role| role.as_str()));
    let missing: Vec<_> = words.iter().filter(|word| !document.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "docs/support.md does not explain {missing:?}");
}

#[test]
fn every_word_of_a_file_of_people_is_explained() {
    let document = fs::read_to_string(root().join("docs/imports.md")).expect("the document");
    let words = Field::ALL.iter().map(|(field, _)| field.as_str());
    let words = words.chain(RowRole::ALL.iter().map(|(role, _)| role.as_str()));
    let words = words.chain(RowStatus::ALL.iter().map(|(status, _)| status.as_str()));
    let words = words.chain(FaultCode::ALL.iter().map(|code| code.as_str()));
    let words = words.chain(FileFaultKind::ALL.iter().map(|kind| kind.as_str()));
    let missing: Vec<_> = words.filter(|word| !document.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "docs/imports.md does not explain {missing:?}");
    let titles = Field::ALL.iter().flat_map(|(_, titles)| titles.iter());
    let titles = titles.chain(RowRole::ALL.iter().flat_map(|(_, words)| words.iter()));
    let titles = titles.chain(RowStatus::ALL.iter().flat_map(|(_, words)| words.iter()));
    let missing: Vec<_> = titles.filter(|title| !document.contains(**title)).collect();
    assert!(missing.is_empty(), "docs/imports.md does not list {missing:?}");
}

#[test]
fn what_the_documents_point_at_is_there() {
    let documents = [
        "README.md",
        "docs/architecture.md",
        "docs/audit.md",
        "docs/catching-up.md",
        "docs/endpoints.md",
        "docs/imports.md",
        "docs/institutions.md",
        "docs/integrating.md",
        "docs/members.md",
        "docs/operating.md",
        "docs/outages.md",
        "docs/reach360.md",
        "docs/support.md",
        "docs/teachbase.md",
    ];
    for document in documents {
        let path = root().join(document);
        let text = fs::read_to_string(&path).expect("the document");
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        let links = links.filter(|link| !link.is_empty() && !link.contains(':'));
        let lost: Vec<&str> = links.filter(|link| !path.with_file_name(link).exists()).collect();
        let is_source =
            |name: &&str| name.contains('/') && Path::new(name).extension().is_some_and(|kind| kind == "rs");
        let named = text.split('`').skip(1).step_by(2).filter(is_source);
        let gone: Vec<&str> = named.filter(|name| !name.contains(['{', '<']) && !root().join(name).exists()).collect();
        assert!(lost.is_empty() && gone.is_empty(), "{document} points at {lost:?} {gone:?}");
    }
}

#[test]
fn every_figure_is_documented_and_there() {
    let document = fs::read_to_string(root().join("docs/operating.md")).expect("the document");
    let rows = document.lines().filter(|line| line.starts_with("| `stoa_"));
    let names = rows.flat_map(|row| row.split("`stoa_").skip(1)).filter_map(|rest| rest.split(['{', '`']).next());
    let documented: BTreeSet<String> = names.map(ToOwned::to_owned).collect();
    let mut written = BTreeSet::new();
    for room in ["src", "http", "core", "actors", "jobs"] {
        read(&root().join(room), &mut written);
    }
    assert_eq!(documented, written, "left: docs/operating.md, right: the code");
}

/// Collects the names behind `counter!(`, `gauge!(` and `histogram!(`.
fn read(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            read(&entry, names);
        } else if entry.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&entry).expect("a source");
            for kind in ["counter!(", "gauge!(", "histogram!("] {
                let behind = text.split(kind).skip(1).filter_map(|rest| rest.trim_start().strip_prefix("\"stoa_"));
                names.extend(behind.filter_map(|name| name.split('"').next()).map(ToOwned::to_owned));
            }
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
