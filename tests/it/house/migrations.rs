//! Migrations go up, down to nothing and up again to the same; `core/db/schema.rs` is what they make.

use std::collections::BTreeSet;

use serde_json::Value;
use stoa_core::db::{Endpoint, SchemaState, migrate, revert_all, schema_state};

use super::sources::read;
use crate::support::database::TestDatabase;

/// Everything in the schema that a migration could forget to take back.
const EVERYTHING: &str = "
  SELECT 'column' AS kind, table_name || '.' || column_name AS name, data_type || is_nullable || coalesce(column_default, '') AS what
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'
  UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '__diesel_schema_migrations'
  UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND conrelid::regclass::text <> '__diesel_schema_migrations'
  UNION ALL SELECT 'policy', tablename || '.' || policyname, roles::text || coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies
  UNION ALL SELECT 'routine', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT 'grant', table_name || ' ' || grantee, string_agg(privilege_type, ' ' ORDER BY privilege_type)
    FROM information_schema.role_table_grants WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'
    GROUP BY table_name, grantee
  UNION ALL SELECT 'sequence', sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'
  ORDER BY 1, 2, 3";

async fn blocking<T: Send + 'static>(endpoint: &Endpoint, work: fn(&Endpoint) -> stoa_core::Result<T>) -> T {
    let endpoint = endpoint.clone();
    tokio::task::spawn_blocking(move || work(&endpoint)).await.unwrap().unwrap()
}

#[tokio::test]
async fn migrations_go_up_down_and_up() {
    let database = TestDatabase::empty().await;
    let endpoint = database.endpoint();
    let bare = database.rows(EVERYTHING);
    let run = blocking(&endpoint, migrate).await;
    assert!(run.len() > 5, "{run:?}");
    let first = database.rows(EVERYTHING);
    assert_eq!(blocking(&endpoint, schema_state).await, SchemaState::Current);
    assert_eq!(blocking(&endpoint, migrate).await, [""; 0], "a second run has nothing to do");
    blocking(&endpoint, revert_all).await;
    assert_eq!(database.rows(EVERYTHING), bare, "something was not taken back");
    blocking(&endpoint, migrate).await;
    assert_eq!(database.rows(EVERYTHING), first);
}

/// A line for each column: table, column, type as diesel has it.
fn columns_of(text: &str) -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    let mut table = String::new();
    let code = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//") && !line.starts_with("#[") && !line.starts_with("diesel::"));
    for line in code {
        if let Some((name, rest)) = line.split_once(' ') {
            if rest.starts_with('(') && rest.ends_with('{') {
                table = name.to_owned();
            } else if let Some(kind) = rest.strip_prefix("-> ") {
                // What would be a keyword has an underscore behind it.
                columns.insert(format!("{table}.{} {}", name.trim_end_matches('_'), kind.trim_end_matches(',')));
            }
        }
    }
    columns
}

fn diesel_type(column: &Value) -> String {
    let plain = match column["type"].as_str().unwrap() {
        "uuid" => "Uuid",
        "text" => "Text",
        "text[]" => "Array<Nullable<Text>>",
        "uuid[]" => "Array<Nullable<Uuid>>",
        "bigint" => "Int8",
        "integer" => "Int4",
        "smallint" => "Int2",
        "boolean" => "Bool",
        "bytea" => "Bytea",
        "jsonb" => "Jsonb",
        "double precision" => "Float8",
        "timestamp with time zone" => "Timestamptz",
        "date" => "Date",
        other => panic!("{column}: how does diesel call {other}?"),
    };
    if column["required"] == true { plain.to_owned() } else { format!("Nullable<{plain}>") }
}

#[tokio::test]
async fn schema_rs_is_current() {
    let database = TestDatabase::new().await;
    let columns = database.rows(
        "SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
           AND c.relname <> '__diesel_schema_migrations'",
    );
    let there =
        columns.iter().map(|column| format!("{} {}", column["name"].as_str().unwrap(), diesel_type(column))).collect();
    let written = columns_of(&read("core/db/schema.rs"));
    let differ: Vec<&String> = written.symmetric_difference(&there).collect();
    assert!(differ.is_empty(), "run `make schema`: {differ:#?}");
}
