//! Everything that is held of people is known: each table of institutions is declared, with every column that names one.

use std::collections::BTreeSet;

use serde_json::Value;
use stoa_record::privacy::held::{Erasure, HELD, Held, NOTHING_HELD, Shown};

use crate::support::database::TestDatabase;

/// Columns whose name says that they tell of a person.
const TELLING: [&str; 11] = [
    "actor_name",
    "email",
    "email_key",
    "external_user_id",
    "filed_name",
    "first_name",
    "full_name",
    "last_name",
    "recipient",
    "address_hash",
    "user_id",
];

const COLUMNS: &str = "SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
    EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = 'users'::regclass
      AND a.attnum = ANY (k.conkey) AND a.attname <> 'tenant_id') AS refers
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped
    AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped)
  ORDER BY 1, 2";

struct Column {
    table: String,
    name: String,
    kind: String,
    refers: bool,
}

async fn columns() -> Vec<Column> {
    let text = |row: &Value, key: &str| row[key].as_str().expect("a text").to_owned();
    let rows = TestDatabase::new().await.rows(COLUMNS);
    let column = |row: &Value| Column {
        table: text(row, "table"),
        name: text(row, "column"),
        kind: text(row, "type"),
        refers: row["refers"] == true,
    };
    rows.iter().map(column).collect()
}

fn declared(table: &str) -> Option<&'static Held> {
    HELD.iter().find(|held| held.table == table)
}

#[tokio::test]
async fn every_table_is_declared_once() {
    let tables: BTreeSet<String> = columns().await.into_iter().map(|column| column.table).collect();
    let mut named: Vec<&str> =
        HELD.iter().map(|held| held.table).chain(NOTHING_HELD.iter().map(|(name, _)| *name)).collect();
    named.sort_unstable();
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    assert_eq!(
        named, tables,
        "a new table gets a line in record/privacy/held/list.rs: what it holds of people, or why nothing"
    );
}

#[tokio::test]
async fn every_column_that_names_a_person_is_declared() {
    for column in columns().await {
        let Some(held) = declared(&column.table) else {
            let telling = column.refers || TELLING.contains(&column.name.as_str());
            assert!(!telling, "{}.{} tells of a person", column.table, column.name);
            continue;
        };
        if column.refers || column.name == "user_id" {
            let told = held.of.contains(&column.name.as_str()) || held.by.contains(&column.name.as_str());
            let whole = matches!(held.erasure, Erasure::Step(..));
            assert!(
                told || whole,
                "{}.{} names a person: is the row his, or had he a hand in it?",
                column.table,
                column.name
            );
        }
    }
}

#[tokio::test]
async fn what_is_declared_is_there() {
    let columns = columns().await;
    let find = |table: &str, name: &str| columns.iter().find(|column| column.table == table && column.name == name);
    for held in HELD {
        let emptied: &[_] = if let Erasure::Blank(columns, _) = held.erasure { columns } else { &[] };
        let hidden: &[_] = if let Shown::But(columns) = held.shown { columns } else { &[] };
        let names = held.of.iter().chain(held.by).chain(held.mentions).chain(hidden);
        let names =
            names.copied().chain(held.known.iter().map(|(name, _)| *name)).chain(emptied.iter().map(|(name, _)| *name));
        for name in names {
            assert!(find(held.table, name).is_some(), "{} has no column {name}", held.table);
        }
        for name in held.mentions {
            let kind = &find(held.table, name).expect("a column").kind;
            assert!(
                ["text", "jsonb"].contains(&kind.as_str()),
                "{}.{name} is {kind}: words are struck out of texts and JSON",
                held.table
            );
        }
        let shows = matches!(held.shown, Shown::But(_));
        assert!(!shows || !held.of.is_empty(), "{} is shown, and nothing says whose its rows are", held.table);
        let emptied_of_nobody = matches!(held.erasure, Erasure::Blank(..)) && held.of.is_empty();
        assert!(!emptied_of_nobody, "{} is emptied, and nothing says whose its rows are", held.table);
    }
}
