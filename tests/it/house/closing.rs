//! How an institution leaves: exported, erased after its time, and nothing of its neighbours with it.

use std::{collections::BTreeMap, io::Read};

use chrono::TimeDelta;
use diesel_async::RunQueryDsl;
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use stoa_core::{institutions::closing::tables::NOT_EXPORTED, staff::StaffRole};
use stoa_jobs::{
    institutions::EraseDue,
    queue::{self, HOUSE, NewJob},
};
use stoa_protocols::event::ItemKind;

use super::world::World;
use crate::support::{TestHouse, callers::Caller};

/// What remains of an institution that has left: its row, its export, and one entry that says so.
const REMAINS: [&str; 4] = ["audit_log", "institution_export_parts", "institution_exports", "institutions"];

struct Leaving {
    world: World,
    operator: Caller,
    path: String,
}

impl Leaving {
    async fn new() -> Self {
        let world = World::new().await;
        let operator = world.house.staff("olga", StaffRole::Operator).await;
        let path = format!("/api/institutions/{}", world.house.school.tenant);
        Self { world, operator, path }
    }

    fn house(&self) -> &TestHouse {
        &self.world.house
    }

    async fn does(&self, verb: &str) -> Value {
        self.operator.post(&format!("{}/{verb}", self.path), json!({ "reason": "the contract ends" })).await.data()
    }

    /// What the calendar does every few minutes.
    async fn look(&self) {
        let mut tx = self.house().db().house().await.unwrap();
        queue::enqueue(&mut tx, NewJob::of(HOUSE, &EraseDue {}).unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        self.house().settle().await;
    }

    /// Why jobs failed.
    fn errors(&self) -> Vec<Value> {
        self.house().database.rows("SELECT name, last_error FROM queue_jobs WHERE last_error IS NOT NULL")
    }

    /// Rows of each table, of the institution or of all others.
    fn rows(&self, of: &str) -> BTreeMap<String, i64> {
        let tenant = self.house().school.tenant.uuid();
        let tables = self.house().database.rows(
            "SELECT table_name::text AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tenant_id'
               AND NOT (SELECT relispartition FROM pg_class WHERE oid = format('%I', table_name)::regclass)",
        );
        let count = |name: &str| {
            self.house().database.number(&format!("SELECT count(*) FROM {name} WHERE tenant_id {of} '{tenant}'"))
        };
        let counts =
            tables.iter().map(|table| table["name"].as_str().unwrap()).map(|name| (name.to_owned(), count(name)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    async fn lines(&self, table: &str) -> Vec<Value> {
        let file = self.operator.get(&format!("{}/export/{table}", self.path)).await;
        assert_eq!((file.status, file.header("content-type")), (200, Some("application/gzip")), "{table}");
        let mut text = String::new();
        MultiGzDecoder::new(&file.body[..]).read_to_string(&mut text).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[actix_web::test]
async fn the_export_is_whole_and_holds_no_secret() {
    let leaving = Leaving::new().await;
    assert_eq!(leaving.operator.get(&format!("{}/export", leaving.path)).await.refusal().0, 404, "none yet");
    leaving.does("close").await;
    let held = leaving.rows("=");
    leaving.house().settle().await;
    let export = leaving.operator.get(&format!("{}/export", leaving.path)).await.data();
    assert_eq!(
        (&export["status"], &export["expires_at"], &export["erased"]),
        (&json!("completed"), &Value::Null, &Value::Null)
    );
    let mut listed = BTreeMap::new();
    for table in export["tables"].as_array().unwrap() {
        let name = table["table"].as_str().unwrap();
        let lines = leaving.lines(name).await;
        assert_eq!(json!(lines.len()), table["rows"], "{name}");
        let tenant = leaving.house().school.tenant.uuid().to_string();
        assert!(lines.iter().all(|line| line["tenant_id"] == tenant), "{name} shows a neighbour");
        listed.insert(name.to_owned(), lines);
    }
    for (table, rows) in held {
        if NOT_EXPORTED.contains(&table.as_str()) || table.starts_with("institution_export") {
            assert!(!listed.contains_key(&table), "{table}");
        } else if !["audit_log", "events", "deliveries", "attempts"].contains(&table.as_str()) {
            assert_eq!(i64::try_from(listed[&table].len()).unwrap(), rows, "{table}");
        }
    }
    let all = format!("{listed:?}");
    let secrets = leaving
        .house()
        .database
        .rows("SELECT encode(hash, 'hex') AS hash FROM tokens UNION SELECT encode(secret, 'hex') FROM webhooks");
    for secret in secrets.iter().filter_map(|row| row["hash"].as_str()) {
        assert!(!all.contains(secret));
    }
    assert!(listed["users"].iter().any(|user| user["email"] == "owner@home.example"));
    for missing in ["users'; DROP TABLE users; --", "credentials", "nothing"] {
        let path = format!("{}/export/{}", leaving.path, missing.replace([' ', '\'', ';'], "_"));
        assert_eq!(leaving.operator.get(&path).await.refusal().0, 404, "{missing}");
    }
}

#[actix_web::test]
async fn when_its_time_has_come_nothing_is_left_and_neighbours_keep_all() {
    let leaving = Leaving::new().await;
    let house = leaving.house();
    leaving.does("close").await;
    house.settle().await;
    let neighbours = leaving.rows("<>");
    house.clock.advance(TimeDelta::days(29));
    leaving.look().await;
    assert_eq!(leaving.operator.get(&leaving.path).await.data()["status"], "closing");
    assert_eq!(house.owner().get("/api/courses").await.status, 200, "it works on until then");

    house.clock.advance(TimeDelta::days(1));
    leaving.look().await;
    assert_eq!(leaving.operator.get(&leaving.path).await.data()["status"], "closed");
    house.clock.advance(TimeDelta::seconds(10));
    assert_eq!(house.owner().get("/api/courses").await.refusal().1, "tenant_suspended", "its doors are shut first");
    house.settle().await;
    assert_eq!(leaving.errors(), [Value::Null; 0]);
    let left = leaving.rows("=");
    assert_eq!(left.keys().map(String::as_str).collect::<Vec<_>>(), REMAINS);
    assert_eq!((left["audit_log"], left["institutions"]), (1, 1));
    assert_eq!(leaving.rows("<>"), neighbours);

    let closed = leaving.operator.get(&leaving.path).await.data();
    assert_eq!((&closed["status"], &closed["name"]), (&json!("closed"), &json!("Lyceum")));
    assert!(closed["closed_at"].is_string());
    let export = leaving.operator.get(&format!("{}/export", leaving.path)).await.data();
    assert_eq!(export["expires_at"], "2027-01-20T09:00:10Z");
    assert!(
        export["erased"]["users"].as_i64().unwrap() >= 5 && export["erased"]["audit_log"].as_i64().unwrap() > 3,
        "{export}"
    );
    assert!(!leaving.lines("users").await.is_empty(), "what was exported last can still be fetched");
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(house.owner().get("/api/courses").await.refusal().0, 401, "its tokens are gone");
    for verb in ["suspend", "resume", "close", "reopen", "activate"] {
        let refused = leaving.operator.post(&format!("{}/{verb}", leaving.path), json!({ "reason": "x" })).await;
        assert_eq!(refused.refusal().0, 409, "{verb}");
    }

    house.clock.advance(TimeDelta::days(30));
    leaving.look().await;
    assert_eq!(
        leaving.operator.get(&format!("{}/export", leaving.path)).await.refusal().0,
        404,
        "and that is over too"
    );
    assert_eq!(leaving.rows("=").keys().map(String::as_str).collect::<Vec<_>>(), ["audit_log", "institutions"]);
}

#[actix_web::test]
async fn one_that_is_called_off_loses_nothing() {
    let leaving = Leaving::new().await;
    leaving.does("suspend").await;
    leaving.does("close").await;
    leaving.house().settle().await;
    leaving.house().clock.advance(TimeDelta::days(31));
    leaving.does("reopen").await;
    let before = leaving.rows("=");
    leaving.look().await;
    assert_eq!(leaving.rows("=")["users"], before["users"]);
    assert_eq!(leaving.does("resume").await["status"], "active");
    leaving.house().settle().await;
    assert_eq!(leaving.house().owner().get("/api/courses").await.status, 200);
}

/// A crash between two transactions of the erasing: the next run goes on, and the receipt counts each row once.
#[actix_web::test]
async fn an_erasing_that_was_broken_off_goes_on() {
    let leaving = Leaving::new().await;
    let house = leaving.house();
    leaving.does("close").await;
    house.settle().await;
    house.clock.advance(TimeDelta::days(30));
    leaving.look().await;
    let tenant = house.school.tenant.uuid();
    let users = house.database.number(&format!("SELECT count(*) FROM users WHERE tenant_id = '{tenant}'"));
    // As a first run would have left it: some rows gone, and counted.
    let gone = house.database.number(&format!("SELECT stoa_erase('{tenant}', 'progress_events', 1)"));
    house.database.run(&format!(
        "UPDATE institutions SET receipt = '{{\"progress_events\": {gone}}}' WHERE tenant_id = '{tenant}'"
    ));
    house.advance(TimeDelta::seconds(10)).await;
    let export = leaving.operator.get(&format!("{}/export", leaving.path)).await.data();
    assert_eq!(export["erased"]["users"], users);
    assert!(export["erased"]["progress_events"].as_i64().unwrap() > gone);
}

#[actix_web::test]
async fn only_what_is_closed_is_ever_erased() {
    let house = TestHouse::new().await;
    house.class(&[&[ItemKind::Quiz]], &["ana"]).await;
    let tenant = house.school.tenant.uuid();
    let try_to = |table: &str| {
        house.database.value(&format!(
            "SELECT coalesce((SELECT 'erased' FROM (SELECT stoa_erase('{tenant}', '{table}', 10)) x), 'nothing')"
        ))
    };
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| try_to("users")));
    assert!(refused.is_err(), "an institution that works is erased");
    let mut tx = house.tx().await;
    let by_app = stoa_core::db::sql("SELECT stoa_erase('00000000-0000-0000-0000-000000000000', 'users', 1)");
    assert!(by_app.execute(tx.connection()).await.is_err(), "the application may not even ask");
    house.settle().await;
}
