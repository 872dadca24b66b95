//! Every tenth row broken in another way: exactly those are refused, each with its line and a reason.
//!
//! Not here: a million rows, which the benchmark sends.

use super::{counted, counts};
use crate::support::TestHouse;

const ROWS: usize = 5_000;

/// A broken row, and the code that says why.
type Way = (fn(usize) -> String, &'static str);

const WAYS: [Way; 14] = [
    (|at| format!("e{at},person{at}.home.example,A,learner,,,ko"), "format"),
    (|at| format!("e{at},p{at}@home.example,A\0,learner,,,ko"), "nul"),
    (|at| format!("e{at},p{at}@home.example,A,wizard,,,ko"), "unknown_word"),
    (|at| format!("e{at},p{at}@home.example,A,learner"), "cells_missing"),
    (|at| format!("e{at},p{at}@home.example,A,learner,,,ko,extra"), "too_many_cells"),
    (|_| ",,A,learner,,,ko".to_owned(), "key_missing"),
    (|at| format!("e{at},p{at}@home.example,{},learner,,,ko", "x".repeat(300)), "length"),
    (|at| format!("e{at},p{at}@home.example,A,\\N,,,ko"), "not_clearable"),
    (|_| "external_id,email,name,role,groups,courses,locale".to_owned(), "header_again"),
    (|at| format!("e{at},p{at}@home.example,A,learner,,,k!"), "format"),
    (|at| format!("e{at},p{at}@home.example,A,learner,Nowhere,,ko"), "group_not_found"),
    (|at| format!("e{at},p{at}@home.example,A,learner,,nothing,ko"), "course_not_found"),
    (|at| format!("e{at},,A,learner,,,ko"), "required"),
    (|at| format!("e{at},OWNER@home.example,A{at},learner,,,ko"), ""),
];

fn way(at: usize) -> Option<Way> {
    at.is_multiple_of(10).then(|| WAYS[at / 10 % (WAYS.len() - 1)])
}

#[actix_web::test]
async fn exactly_the_broken_rows_are_refused() {
    let house = TestHouse::new().await;
    let row = |at: usize| match way(at) {
        Some((broken, _)) => broken(at),
        None => format!("e{at},person{at}@home.example,\"Kim, {at}\",learner,,,ko"),
    };
    let rows: Vec<String> = (1..=ROWS).map(row).collect();
    let file = format!("external_id,email,name,role,groups,courses,locale\n{}\n", rows.join("\n"));
    let there = house.people();
    let (sent, shown) = house.import("mode=apply", &file).await;
    assert_eq!(shown["status"], "completed_with_errors", "{shown}");
    let (good, bad) = (i64::try_from(ROWS - ROWS / 10).unwrap(), i64::try_from(ROWS / 10).unwrap());
    assert_eq!(counts(&shown["applied"]), counted(&[("create", good), ("invalid", bad)]));
    assert_eq!(house.people(), there + good);
    for (at, (line, action, codes)) in (1..).zip(house.planned_lines(&sent)) {
        assert_eq!(line, i64::try_from(at).unwrap() + 1);
        match way(at) {
            Some((_, code)) => {
                assert_eq!(action, "invalid", "{line}: {}", row(at));
                assert!(codes.iter().any(|known| known == code), "{line}: {codes:?}, not {code}: {}", row(at));
            }
            None => assert_eq!((action.as_str(), codes.len()), ("create", 0), "{line}"),
        }
    }
}
