//! Statements as they come, and as they must not.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{verbs::Meaning, *};

fn statement() -> Value {
    json!({
        "id": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0", "version": "1.0.0", "timestamp": "2026-11-21T18:00:00+09:00",
        "actor": { "objectType": "Agent", "name": "김민준", "account": { "homePage": "https://stoa.example", "name": "s-1815" } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/passed", "display": { "en-US": "passed" } },
        "object": { "id": "https://school.example/en-b1/1", "definition": { "name": { "en": "Lesson 1" } } },
        "result": { "success": true, "completion": true, "duration": "PT1H30M5.5S", "score": { "scaled": 0.85, "raw": 17, "min": 0, "max": 20 },
            "extensions": { "https://w3id.org/xapi/cmi5/result/extensions/progress": 80 } },
        "context": { "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7" }, "stored": "2026-11-21T09:00:01Z", "authority": {},
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut statement = statement();
    *statement.pointer_mut(pointer).unwrap() = value;
    statement
}

fn faults(value: &Value) -> Vec<String> {
    let faults = read(value).expect_err("it has faults");
    faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}

#[test]
fn a_statement_is_read_whole() {
    let read = read(&statement()).unwrap();
    assert_eq!(read.verb, Meaning::Passed);
    assert_eq!(read.actor, Actor::Account { home_page: "https://stoa.example".into(), name: "s-1815".into() });
    assert_eq!(read.timestamp.unwrap().to_rfc3339(), "2026-11-21T09:00:00+00:00");
    let Outcome { progress, score, success, completion, seconds } = read.outcome;
    assert_eq!((progress, success, completion, seconds), (Some(0.8), Some(true), Some(true), Some(5_405.5)));
    assert_eq!(score, Some(Score { raw: 17.0, min: Some(0.0), max: Some(20.0) }));
}

#[test]
fn a_scaled_score_alone_is_a_score() {
    let read = |scaled: f64| read(&with("/result/score", json!({ "scaled": scaled }))).unwrap().outcome.score.unwrap();
    assert_eq!(read(0.5), Score { raw: 0.5, min: Some(0.0), max: Some(1.0) });
    assert_eq!(read(-0.5), Score { raw: -0.5, min: Some(-1.0), max: Some(1.0) });
}

#[test]
fn what_cannot_count_is_refused_at_its_place() {
    for (pointer, value, expected) in [
        ("/id", json!("fd41c918"), "/id format"),
        ("/timestamp", json!("2026-11-21T18:00:00"), "/timestamp format"),
        ("/timestamp", json!("2026-11-21T18:00:00-00:00"), "/timestamp format"),
        ("/actor", json!({ "objectType": "Group", "member": [] }), "/actor/objectType value"),
        ("/actor", json!({ "mbox": "ana@school.example" }), "/actor/mbox format"),
        ("/actor", json!({ "openid": "https://ana.example" }), "/actor/openid value"),
        ("/actor", json!({ "mbox": "mailto:a@b.example", "openid": "https://a.example" }), "/actor value"),
        ("/actor", json!({ "name": "Ana" }), "/actor value"),
        ("/actor/account", json!({ "name": "s-1" }), "/actor/account required"),
        ("/verb/id", json!("http://adlnet.gov/expapi/verbs/voided"), "/verb/id value"),
        ("/verb/id", json!("http://id.example/verbs/liked"), "/verb/id value"),
        (
            "/object",
            json!({ "objectType": "StatementRef", "id": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0" }),
            "/object/objectType value",
        ),
        ("/object/id", json!("no iri"), "/object/id format"),
        ("/object/id", json!("relative/path"), "/object/id format"),
        ("/result/duration", json!("90"), "/result/duration format"),
        ("/result/duration", json!("P1Y"), "/result/duration format"),
        ("/result/duration", json!("-PT5S"), "/result/duration format"),
        ("/result/success", json!("yes"), "/result/success type"),
        ("/result/score", json!({ "scaled": 1.5 }), "/result/score/scaled range"),
        ("/result/score", json!({ "raw": 21, "max": 20 }), "/result/score range"),
        ("/result/score/raw", Value::Null, "/result/score/raw value"),
        ("/context", Value::Null, "/context value"),
    ] {
        assert!(faults(&with(pointer, value.clone())).contains(&expected.to_owned()), "{pointer} {value}");
    }
    let mut more = statement();
    more["attachments"] = json!([]);
    more["x/y"] = json!(1);
    assert_eq!(faults(&more), ["/x~1y unknown", "/attachments value"]);
    assert_eq!(faults(&json!({})), ["/actor required", "/verb required", "/object required"]);
    assert_eq!(faults(&json!([])), [" type"]);
}

#[test]
fn versions_are_those_of_the_two_lines() {
    for (text, version) in
        [("1.0", Version::V1), ("1.0.0", Version::V1), ("1.0.3", Version::V1), ("2.0.0", Version::V2)]
    {
        assert_eq!(text.parse(), Ok(version));
    }
    for none in ["", "1", "0.95", "1.1.0", "2.00", "1.0.", "1.0.x", "3.0.0", "1.0.3333"] {
        assert!(none.parse::<Version>().is_err(), "{none}");
    }
}

proptest! {
    #[test]
    fn nothing_hostile_breaks_it(text in ".{0,60}", number in any::<f64>(), pick in 0_usize..9) {
        let places = ["/id", "/timestamp", "/actor/account/name", "/verb/id", "/object/id", "/result/duration", "/result/score/raw", "/result/extensions", "/actor"];
        let hostile = [json!(text), json!(number), json!([text]), json!({ text.clone(): number })];
        for value in hostile {
            drop(read(&with(places[pick], value.clone())));
            drop(read(&value));
        }
    }
}
