//! Are two pieces of JSON the same, but for what differs from run to run.
//!
//! # Rule
//! `…` in an expected text stands for any text there. Two ids of one kind, two times, and two numbers of an id or of
//! milliseconds are alike. An expected `"…"` at the end of a list allows for more elements. All else must be equal.

use chrono::DateTime;
use serde_json::Value;

/// The first difference, with its place; none if they are alike.
pub(crate) fn difference(expected: &Value, actual: &Value) -> Option<String> {
    differ(expected, actual, "")
}

fn differ(expected: &Value, actual: &Value, place: &str) -> Option<String> {
    match (expected, actual) {
        (Value::Object(wanted), Value::Object(given)) => {
            let keys = |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
            let missing = keys(wanted).into_iter().find(|key| !given.contains_key(key));
            let surplus = keys(given).into_iter().find(|key| !wanted.contains_key(key));
            missing
                .map(|key| format!("{place}/{key} is missing"))
                .or_else(|| surplus.map(|key| format!("{place}/{key} is not expected")))
                .or_else(|| {
                    wanted.iter().find_map(|(key, value)| differ(value, &given[key], &format!("{place}/{key}")))
                })
        }
        (Value::Array(wanted), Value::Array(given)) => {
            let open = wanted.last().is_some_and(|last| last == "…");
            let wanted = if open { &wanted[..wanted.len() - 1] } else { &wanted[..] };
            let counts = if open { given.len() >= wanted.len() } else { given.len() == wanted.len() };
            (!counts).then(|| format!("{place} has {} elements", given.len())).or_else(|| {
                wanted
                    .iter()
                    .zip(given)
                    .enumerate()
                    .find_map(|(at, (one, other))| differ(one, other, &format!("{place}/{at}")))
            })
        }
        (Value::String(wanted), Value::String(given)) if texts_are_alike(wanted, given) => None,
        (Value::Number(wanted), Value::Number(given)) if wanted == given || may_vary(place) => None,
        _ if expected == actual => None,
        _ => Some(format!("{place} is {actual}, not {expected}")),
    }
}

/// Numbers of rows depend on what else is in the database.
fn may_vary(place: &str) -> bool {
    let key = place.rsplit('/').next().unwrap_or_default();
    ["number", "id", "revision"].contains(&key) || key.ends_with("_id") || key.ends_with("_ms")
}

/// The same text, or two of one kind.
pub(crate) fn texts_are_alike(wanted: &str, given: &str) -> bool {
    wanted == given
        || fits(wanted, given)
        || both_are(wanted, given, is_time)
        || kind_of(wanted).is_some_and(|kind| kind_of(given) == Some(kind))
}

fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('…') else { return pattern == text };
    let Some(rest) = text.strip_prefix(head) else { return false };
    (0..=rest.len()).any(|at| rest.is_char_boundary(at) && fits(tail, &rest[at..]))
}

fn both_are(one: &str, other: &str, what: fn(&str) -> bool) -> bool {
    what(one) && what(other)
}

fn is_time(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
}

/// `usr` of `usr_…`.
fn kind_of(text: &str) -> Option<&str> {
    let (kind, letters) = text.split_once('_')?;
    (letters.len() == 26 && letters.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(kind)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_and_times_may_differ_and_nothing_else() {
        let expected = json!({ "id": "usr_01m802s19te488m96m0dd54h9c", "at": "2026-11-21T09:00:00Z", "url": "http://x/…/y", "n": 1, "all": [1, "…"] });
        let alike = json!({ "id": "usr_01m802s19te488m96m0dd54h00", "at": "2025-01-01T00:00:00.123Z", "url": "http://x/ab/y", "n": 1, "all": [1, 2, 3] });
        assert_eq!(difference(&expected, &alike), None);
        for (key, value) in [
            ("id", json!("crs_01m802s19te488m96m0dd54h9c")),
            ("at", json!("yesterday")),
            ("url", json!("http://x/ab/z")),
            ("n", json!(2)),
            ("all", json!([])),
            ("more", json!(null)),
        ] {
            let mut other = alike.clone();
            other[key] = value;
            assert!(difference(&expected, &other).is_some(), "{key}");
        }
    }
}
