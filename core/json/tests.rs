//! What is refused, what is read, and that nothing makes either stop.

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::*;
use crate::{
    id::{Course, Id},
    scope::Role,
    time::Timestamp,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read")]
struct Outer {
    name: String,
    #[serde(default)]
    count: Option<i32>,
    #[serde(default)]
    when: Option<Timestamp>,
    #[serde(default)]
    courses: Vec<Id<Course>>,
    #[serde(default)]
    roles: Vec<Role>,
    #[serde(default)]
    inner: Option<Inner>,
    #[serde(default)]
    raw: Vec<Box<RawValue>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    #[serde(rename = "a/b")]
    flag: bool,
}

fn fault(text: &str) -> String {
    let fault = read::<Outer>(text).unwrap_err();
    format!("{} {}: {}", fault.pointer, fault.code, fault.detail)
}

#[test]
fn says_where_and_what_in_its_own_words() {
    let faults: Vec<_> = [
        "{}",
        "[]",
        r#"["x"]"#,
        r#"{"name": null}"#,
        r#"{"name": 7}"#,
        r#"{"name": "x", "nmae": "y"}"#,
        r#"{"name": "x", "count": 1.5}"#,
        r#"{"name": "x", "count": 3000000000}"#,
        r#"{"name": "x", "when": "yesterday"}"#,
        r#"{"name": "x", "courses": ["crs_01h455vb4pex5vsknk084sn02q", "lsn_1"]}"#,
        r#"{"name": "x", "roles": ["boss"]}"#,
        r#"{"name": "x", "inner": {"a/b": "yes"}}"#,
        r#"{"name": "x", "inner": [true]}"#,
        r#"{"name": "x", "raw": [{"a": [1]}], "more": 1}"#,
    ]
    .map(fault)
    .to_vec();
    insta::assert_snapshot!(faults.join("\n"), @r"
    /name required: must be given
     type: wanted an object
     type: wanted an object
    /name type: wanted a text
    /name type: wanted a text
    /nmae unknown: there is no such field
    /count type: wanted a whole number
    /count range: out of range
    /when format: wanted a time such as 2026-11-21T09:00:00.123Z, with its offset, from 1970 to 2100
    /courses/1 format: wanted the id of a course, crs_…
    /roles/0 value: wanted one of: owner, admin, billing_admin, manager, support, integrator, learner, auditor
    /inner/a~1b type: wanted true or false
    /inner type: wanted an object
    /more unknown: there is no such field
    ");
}

#[test]
fn reads_what_fits() {
    let text = r#" {"n\u0061me": "👋 \ud83d\udc4b \"\\\/\b\f\n\r\t", "count": null, "inner" : {"a/b":true}, "raw": [{"a": [1]}, -0.5e3 ]} "#;
    let read = read::<Outer>(check(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(read.name, "👋 👋 \"\\/\u{8}\u{c}\n\r\t");
    assert_eq!(read.raw.iter().map(|raw| raw.get()).collect::<Vec<_>>(), [r#"{"a": [1]}"#, "-0.5e3"]);
    assert!(read.inner.is_some_and(|inner| inner.flag));
}

/// Pointer and word of the flaw.
fn flaw(document: &[u8]) -> String {
    let fault = check(document).unwrap_err();
    format!("{} {}", fault.pointer, fault.code)
}

#[test]
fn what_is_not_one_document_is_refused() {
    for document in [
        &b""[..],
        b" ",
        b"{",
        b"{} {}",
        b"{\"a\": 1,}",
        b"[1,]",
        b"[,1]",
        b"[1 2]",
        b"{a: 1}",
        b"{\"a\" 1}",
        b"{\"a\": 01}",
        b"{\"a\": +1}",
        b"{\"a\": 1.}",
        b"{\"a\": .5}",
        b"{\"a\": 1e}",
        b"{\"a\": NaN}",
        b"{\"a\": yes}",
        b"{\"a\": \"\\x\"}",
        b"{\"a\": \"\\u12\"}",
        b"{\"a\": \"b}",
        b"\xef\xbb\xbf{}",
        b"'a'",
        b"// a\n1",
    ] {
        let flaw = flaw(document);
        assert!(flaw.ends_with(" syntax"), "{flaw}: {}", String::from_utf8_lossy(document));
    }
    assert_eq!(flaw(b"{\"a\": \"\xff\"}"), " utf8");
    assert_eq!(flaw(b"{\"a\": \"\t\"}"), "/a control");
}

#[test]
fn what_two_readers_read_differently_is_refused() {
    let long = format!(r#"{{"a": {}}}"#, "1".repeat(65));
    for (document, wanted) in [
        (r#"{"a": 1, "b": 2, "a": 3}"#, "/a duplicate_key"),
        (r#"{"a": 1, "\u0061": 2}"#, "/a duplicate_key"),
        (r#"{"a": [{"b/c": 1, "b/c": 2}]}"#, "/a/0/b~1c duplicate_key"),
        (r#"{"a": "b\u0000c"}"#, "/a nul"),
        (r#"{"\u0000": 1}"#, " nul"),
        (r#"{"a": "\ud800"}"#, "/a surrogate"),
        (r#"{"a": "\ud800\u0041"}"#, "/a surrogate"),
        (r#"{"a": "\udc00\ud800"}"#, "/a surrogate"),
        (r#"{"a": 1e999}"#, "/a number"),
        (&long, "/a number"),
    ] {
        assert_eq!(flaw(document.as_bytes()), wanted, "{document}");
    }
}

#[test]
fn the_nest_has_a_bottom() {
    let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    check(nest(scan::DEPTH).as_bytes()).unwrap();
    assert!(flaw(nest(scan::DEPTH + 1).as_bytes()).ends_with(" depth"));
    // What is refused uses up no stack.
    assert!(flaw("[".repeat(1_000_000).as_bytes()).ends_with(" depth"));
    assert_eq!(read::<Value>(&"[".repeat(1_000_000)).unwrap_err().code, "depth");
}

const NEAR_JSON: &str = r#"[\[\]{}:,"\\tnu0-9a-f.eE+\- ]{0,40}|\{("[ab]": ?(1|"x"|\[|\]|\{|\}|null|,){0,5},?){0,4}\}"#;

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>) {
        let _ = check(&bytes).map(read::<Outer>);
    }

    #[test]
    fn any_text_is_refused_or_read(text in NEAR_JSON) {
        let _ = read::<Outer>(&text);
    }

    /// Whatever is let through, everybody's parser reads, and as we do.
    #[test]
    fn what_is_let_through_is_read_by_everybody(text in NEAR_JSON) {
        if check(text.as_bytes()).is_ok() {
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), read::<Value>(&text).unwrap());
        }
    }

    #[test]
    fn what_everybody_writes_is_read(name: String, numbers: Vec<i64>, floats: Vec<f64>, big: u64) {
        let value = serde_json::json!({ "name": name, "list": [numbers, floats, big, null, true] });
        let text = value.to_string();
        if text.contains("\\u0000") {
            prop_assert!(check(text.as_bytes()).is_err());
        } else {
            prop_assert_eq!(read::<Value>(check(text.as_bytes()).unwrap()).unwrap(), value);
        }
    }
}
