//! Rows on their way out by `COPY`: values that are bound, walls that hold, and copies that nobody finishes.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use stoa_core::{
    Code, Id, Scope,
    db::{Copy, Snapshot},
    id,
};
use stoa_protocols::table::{Column, Format, Kind, Table, Writer};
use stoa_record::exports::copy::{CopyQuery, CopyValue};
use uuid::Uuid;

use crate::support::TestHouse;

const WITHIN: Duration = Duration::from_mins(1);

async fn snapshot(house: &TestHouse, scope: &Scope) -> Snapshot {
    house.db().snapshot(scope, Tz::Asia__Kathmandu, WITHIN).await.expect("a snapshot")
}

/// Every row of a copy as a line of JSON.
async fn lines(mut copy: Copy, columns: Vec<Column>) -> Vec<Value> {
    let mut writer = Writer::new(Vec::new(), &Table::new(columns, Format::Jsonl)).expect("a writer");
    while let Some(piece) = copy.next().await.expect("rows") {
        writer.copied(&piece.text).expect("rows");
    }
    let (file, written) = writer.finish().expect("a file");
    assert_eq!(written.rows, copy.copied());
    let file = String::from_utf8(file).expect("UTF-8");
    file.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn one_column(house: &TestHouse, scope: &Scope, query: &CopyQuery) -> Vec<Value> {
    let copy = query.copy(snapshot(house, scope).await).expect("a copy");
    let rows = lines(copy, vec![Column::new("x", Kind::Text)]).await;
    rows.into_iter().map(|mut row| row["x"].take()).collect()
}

#[actix_web::test]
async fn every_value_arrives_as_it_was_bound() {
    let house = TestHouse::new().await;
    let hostile = [
        "it's",
        "'; DROP TABLE users; --",
        "\\'; SELECT 1; --",
        "E'\\x41'",
        "$1 $2 $$ $tag$",
        "a\r\nb\tc\\N\\.",
        "\u{feff}\u{202e}מימין \u{10ffff} e\u{301}",
        "/* -- */ \";\" ' '' '''",
        "",
    ];
    let texts: Vec<String> = hostile.iter().map(ToString::to_string).collect();
    let query = CopyQuery::new("SELECT * FROM unnest($1) AS x").bind(texts.clone());
    assert_eq!(one_column(&house, &house.scope(), &query).await, hostile.map(Value::from));
    for text in texts {
        let query = CopyQuery::new("SELECT $1 AS x").bind(text.clone());
        assert_eq!(one_column(&house, &house.scope(), &query).await, [Value::from(text)]);
    }
    let uuid = Uuid::from_u128(7);
    let at: DateTime<Utc> = "2026-03-29T01:00:00.000001Z".parse().expect("a moment");
    let query = CopyQuery::new("SELECT $1 = ANY ($2), $3 - 1, NOT $4, $5, $6 + 1, $7, $1 = ANY ($8)")
        .bind(uuid)
        .bind(vec![Uuid::nil(), uuid])
        .bind(i64::MIN + 1)
        .bind(false)
        .bind(at)
        .bind(NaiveDate::from_ymd_opt(2024, 2, 28).expect("a day"))
        .bind(CopyValue::Null("bigint"))
        .bind(Vec::<Uuid>::new());
    let kinds =
        [Kind::Boolean, Kind::Integer, Kind::Boolean, Kind::Timestamp, Kind::Date, Kind::Integer, Kind::Boolean];
    let columns =
        ["a", "b", "c", "d", "e", "f", "g"].into_iter().zip(kinds).map(|(name, kind)| Column::new(name, kind));
    let copy = query.copy(snapshot(&house, &house.scope()).await).expect("a copy");
    let told = lines(copy, columns.collect()).await;
    let at = "2026-03-29T06:45:00.000001+05:45";
    assert_eq!(
        told,
        [json!({ "a": true, "b": i64::MIN, "c": true, "d": at, "e": "2024-02-29", "f": null, "g": false })]
    );
}

#[actix_web::test]
async fn the_walls_are_those_of_every_other_transaction() {
    let house = TestHouse::new().await;
    house.class(&[&[]], &["ana", "ben"]).await;
    house.settle().await;
    let people = CopyQuery::new("SELECT external_id AS x FROM users WHERE external_id IN ('ana', 'ben') ORDER BY 1");
    assert_eq!(one_column(&house, &house.scope(), &people).await, ["ana", "ben"]);
    let stranger = Scope::house(Id::from_uuid(Uuid::from_u128(99)));
    assert_eq!(one_column(&house, &stranger, &people).await, [Value::Null; 0]);
    let manager = Scope { led_by: Some(house.school.manager.id), ..house.scope() };
    assert_eq!(one_column(&house, &manager, &people).await, [Value::Null; 0], "he leads nobody yet");
    let group = house.admin().post("/api/groups", json!({ "name": "A" })).await.data()["id"].clone();
    let group = group.as_str().expect("an id");
    let ben = house.database.value("SELECT id::text FROM users WHERE external_id = 'ben'");
    let ben = Id::<id::User>::from_uuid(ben.as_str().expect("an id").parse().expect("an id"));
    house.admin().put(&format!("/api/groups/{group}/members/{ben}"), json!({})).await;
    house.admin().put(&format!("/api/groups/{group}/managers/{}", house.school.manager.id), json!({})).await;
    assert_eq!(one_column(&house, &manager, &people).await, ["ben"]);
    let courses = CopyQuery::new("SELECT external_id AS x FROM courses");
    assert_eq!(one_column(&house, &house.scope(), &courses).await, ["spanish"]);
    let elsewhere = Scope { courses: Some([Uuid::nil()].into()), ..house.scope() };
    assert_eq!(one_column(&house, &elsewhere, &courses).await, [Value::Null; 0]);
    house.settle().await;
}

#[actix_web::test]
async fn a_snapshot_shows_one_moment_and_changes_nothing() {
    let house = TestHouse::new().await;
    house.learners(&["ana"]).await;
    house.settle().await;
    let people = CopyQuery::new("SELECT external_id AS x FROM users WHERE external_id IN ('ana', 'ben')");
    let mut snapshot = snapshot(&house, &house.scope()).await;
    house.learners(&["ben"]).await;
    house.settle().await;
    assert_eq!(people.count(&mut snapshot).await.expect("a number"), 1);
    let copy = people.copy(snapshot).expect("a copy");
    assert_eq!(lines(copy, vec![Column::new("x", Kind::Text)]).await, [json!({ "x": "ana" })]);
    let mut other = house.db().snapshot(&house.scope(), Tz::UTC, WITHIN).await.expect("a snapshot");
    assert_eq!(people.count(&mut other).await.expect("a number"), 2);
    let writing = CopyQuery::new("WITH gone AS (DELETE FROM users RETURNING 1) SELECT count(*) FROM gone");
    let refused = writing.copy(other).expect("a copy").next().await.expect_err("it is refused");
    assert_eq!(refused.code(), Code::Internal);
    assert_eq!(house.database.number("SELECT count(*) FROM users WHERE external_id IN ('ana', 'ben')"), 2);
}

#[actix_web::test]
async fn pieces_are_small_whatever_the_rows_are() {
    let house = TestHouse::new().await;
    let many =
        CopyQuery::new("SELECT repeat('x', (1 + n % 300)::int) FROM generate_series(1, $1) AS n").bind(50_000_i64);
    let mut copy = many.copy(snapshot(&house, &house.scope()).await).expect("a copy");
    let (mut rows, mut largest) = (0, 0);
    while let Some(piece) = copy.next().await.expect("rows") {
        assert_eq!(piece.rows, u64::try_from(piece.text.split(|byte| *byte == b'\n').count() - 1).expect("few"));
        (rows, largest) = (rows + piece.rows, largest.max(piece.text.len()));
    }
    assert_eq!(rows, 50_000);
    assert!(largest < 140_000, "{largest}");
}

#[actix_web::test]
async fn what_takes_too_long_is_cut_off_and_what_nobody_reads_is_given_up() {
    let house = TestHouse::new().await;
    let slow = CopyQuery::new("SELECT pg_sleep(60)");
    let short = house.db().snapshot(&house.scope(), Tz::UTC, Duration::from_millis(50)).await.expect("a snapshot");
    let mut copy = slow.copy(short).expect("a copy");
    assert_eq!(copy.next().await.expect_err("it is cut off").code(), Code::UpstreamUnavailable);
    let mut copy = slow.copy(snapshot(&house, &house.scope()).await).expect("a copy");
    let running = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'COPY (SELECT pg_sleep%' AND state = 'active'";
    let begun = Instant::now();
    // It begins, and its reader goes.
    {
        let mut reading = std::pin::pin!(copy.next());
        while house.database.number(running) == 0 {
            assert!(begun.elapsed() < Duration::from_secs(30), "it does not begin");
            assert!(futures::poll!(&mut reading).is_pending());
            tokio::task::yield_now().await;
        }
    }
    drop(copy);
    let dropped = Instant::now();
    while house.database.number(running) > 0 {
        assert!(dropped.elapsed() < Duration::from_secs(30), "it runs on");
        tokio::task::yield_now().await;
    }
}
