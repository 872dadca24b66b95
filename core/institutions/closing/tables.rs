//! The tables that hold rows of institutions, in the order in which they can be emptied.

use std::collections::BTreeSet;

use diesel::{
    QueryableByName,
    sql_types::{Array, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{
    db::{failed, sql},
    error::Result,
};

/// Left out of an export: what proves who somebody is, what only this server can use, and files whose rows are there.
pub const NOT_EXPORTED: [&str; 9] = [
    "credentials",
    "idempotency_keys",
    "import_files",
    "outbox",
    "password_resets",
    "payloads",
    "queue_jobs",
    "recovery_codes",
    "second_factors",
];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Array<Text>)]
    refers_to: Vec<String>,
}

/// Every table with rows of institutions, each before those that it refers to.
///
/// # Errors
/// As the database says.
pub async fn in_order(connection: &mut AsyncPgConnection) -> Result<Vec<String>> {
    let text = "SELECT name, refers_to FROM stoa_tables_of_institutions()";
    let rows: Vec<Row> = sql(text).load(connection).await.map_err(failed)?;
    Ok(sorted(rows.into_iter().map(|row| (row.name, row.refers_to.into_iter().collect())).collect()))
}

/// Takes away, again and again, what nothing that is left refers to. Tables that refer to each other come last.
fn sorted(mut left: Vec<(String, BTreeSet<String>)>) -> Vec<String> {
    let mut order = Vec::new();
    while !left.is_empty() {
        let needed: BTreeSet<String> = left
            .iter()
            .flat_map(|(name, refers_to)| refers_to.iter().filter(move |other| *other != name).cloned())
            .collect();
        let (free, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|(name, _)| !needed.contains(name));
        if free.is_empty() {
            order.extend(rest.into_iter().map(|(name, _)| name));
            return order;
        }
        order.extend(free.into_iter().map(|(name, _)| name));
        left = rest;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, refers_to: &[&str]) -> (String, BTreeSet<String>) {
        (name.to_owned(), refers_to.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn who_refers_goes_first() {
        let tables = vec![
            table("courses", &["institutions"]),
            table("enrolments", &["courses", "users"]),
            table("lessons", &["courses", "lessons"]),
            table("users", &["institutions"]),
        ];
        assert_eq!(sorted(tables), ["enrolments", "lessons", "courses", "users"]);
    }

    #[test]
    fn a_circle_is_no_endless_loop() {
        assert_eq!(sorted(vec![table("a", &["b"]), table("b", &["a"]), table("c", &["a"])]), ["c", "a", "b"]);
    }
}
