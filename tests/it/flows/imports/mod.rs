//! Files of people, from the upload to the receivers.
//!
//! - `planning` – what a plan says, and that it changes nobody
//! - `applying` – what is written, told and invited, and what a second time does
//! - `missing` – people whom the next edition of a data set does not name
//! - `limits` – seats, owners, roles: what stands against a plan, or a row
//! - `going_on` – chunks, crashes, cancelling, waiting for one's turn
//! - `many` – every tenth row broken in another way

mod applying;
mod going_on;
mod limits;
mod many;
mod missing;
mod planning;

use actix_web::http::Method;
use serde_json::Value;
use stoa_core::{Id, id};

use crate::support::{TestHouse, callers::Answer};

/// An import and where it stands.
pub(super) struct Sent {
    pub(super) id: Id<id::Import>,
    pub(super) path: String,
}

impl TestHouse {
    /// Path of the school's imports.
    fn imports(&self) -> String {
        format!("/api/institutions/{}/imports", self.school.tenant)
    }

    /// Sends a file as its owner.
    async fn upload(&self, query: &str, file: &str) -> Answer {
        let path = format!("/api/institutions/{}/members/bulk?{query}", self.school.tenant);
        self.owner().request(Method::POST, &path).bytes("text/csv", file.to_owned()).send().await
    }

    /// Sends a file that is taken, and leaves it at that.
    async fn send_file(&self, query: &str, file: &str) -> Sent {
        let answer = self.upload(query, file).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        let id = answer.data()["id"].as_str().expect("an id").to_owned();
        Sent { path: format!("{}/{id}", self.imports()), id: id.parse().expect("an id") }
    }

    /// Sends a file and waits for what becomes of it.
    async fn import(&self, query: &str, file: &str) -> (Sent, Value) {
        let sent = self.send_file(query, file).await;
        self.settle().await;
        let shown = self.owner().get(&sent.path).await.data();
        (sent, shown)
    }

    /// Has a plan applied and waits.
    async fn apply(&self, sent: &Sent) -> Value {
        self.owner().post(&format!("{}/apply", sent.path), Value::Null).await.data();
        self.settle().await;
        self.owner().get(&sent.path).await.data()
    }

    /// The rows of a plan: line, action, codes.
    fn planned_lines(&self, sent: &Sent) -> Vec<(i64, String, Vec<String>)> {
        let rows = self.database.rows(&format!(
            "SELECT line, action, coalesce(faults, '[]') AS faults FROM import_rows WHERE import_id = '{}' ORDER BY line",
            sent.id.uuid()
        ));
        rows.into_iter()
            .map(|row| {
                let codes = row["faults"].as_array().expect("faults").iter();
                let codes = codes.map(|fault| fault["code"].as_str().expect("a code").to_owned()).collect();
                (row["line"].as_i64().expect("a line"), row["action"].as_str().expect("an action").to_owned(), codes)
            })
            .collect()
    }

    /// A member by address, as rows.
    fn person(&self, email: &str) -> Value {
        let query = format!(
            "SELECT u.name, u.first_name, u.last_name, u.external_id, u.locale, u.time_zone, m.role, m.status,
               m.provisioned_by, m.sticky FROM users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
             WHERE u.tenant_id = '{}' AND u.email_key = '{email}'",
            self.school.tenant.uuid()
        );
        self.database.rows(&query).pop().unwrap_or(Value::Null)
    }

    fn people(&self) -> i64 {
        self.database.number(&format!("SELECT count(*) FROM users WHERE tenant_id = '{}'", self.school.tenant.uuid()))
    }
}

/// Lines with what is expected of each.
fn lines(expected: &[(i64, &str, &[&str])]) -> Vec<(i64, String, Vec<String>)> {
    let owned = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    expected.iter().map(|(line, action, codes)| (*line, (*action).to_owned(), owned(codes))).collect()
}

/// The counts of a plan, or of what was applied, that are not 0.
fn counts(shown: &Value) -> Vec<(String, i64)> {
    let shown = shown.as_object().unwrap_or_else(|| panic!("counts, not {shown}"));
    let counts = shown.iter().map(|(name, count)| (name.clone(), count.as_i64().expect("a count")));
    let mut counts: Vec<_> = counts.filter(|(_, count)| *count != 0).collect();
    counts.sort();
    counts
}

/// The same, written down.
fn counted(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    let mut expected: Vec<_> = expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    expected.sort();
    expected
}
