//! The wall, tried from outside: what the application's role can really do with another institution's rows.

use serde_json::{Value, json};
use stoa_core::{TenantId, db::Login};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage, error::SqlState};

use super::{
    sources::files_named,
    world::{World, fingerprint},
};
use crate::support::{Left, database::schools};

/// The application's connection, as it comes from the pool before anybody names an institution.
#[expect(clippy::disallowed_methods, reason = "the task ends with the connection, which ends with the test")]
async fn as_app(world: &World) -> Client {
    let config = world.house.database.endpoint().config(Login::App).unwrap();
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Runs a statement and tells how many rows it touched, or why it did not.
async fn touched(client: &Client, statement: &str) -> Result<u64, SqlState> {
    let answer = client.simple_query(statement).await;
    let rows = |messages: Vec<SimpleQueryMessage>| {
        let counts = messages
            .iter()
            .map(|message| if let SimpleQueryMessage::CommandComplete(rows) = message { *rows } else { 0 });
        counts.sum()
    };
    answer.map(rows).map_err(|error| error.code().unwrap_or_else(|| panic!("{statement}: {error}")).clone())
}

async fn begin(client: &Client, tenant: TenantId) {
    let words = format!("BEGIN; SET LOCAL stoa.tenants = '{{{}}}'; SAVEPOINT before", tenant.uuid());
    client.batch_execute(&words).await.unwrap();
}

/// Tries a statement inside a transaction that goes on whatever comes of it.
async fn tried(client: &Client, statement: &str) -> Result<u64, SqlState> {
    let answer = touched(client, statement).await;
    client.batch_execute("ROLLBACK TO before").await.unwrap();
    answer
}

/// A world where every tenant table has a row of the school.
async fn full_world() -> World {
    let world = World::new().await;
    let house = &world.house;
    let event = |id: &str| {
        json!({ "events": [{
            "id": id, "occurred_at": "2026-11-21T09:00:00Z", "user": { "id": world.id("members") },
            "object": { "kind": "item", "id": world.id("trainingItems") }, "verb": "completed",
        }] })
    };
    // What is switched off is not sent what happens, and that is noted.
    let off = json!({ "url": "https://off.example/", "events": ["*"] });
    let off = house.admin().post("/api/integrations/webhooks", off).await.data();
    let off = format!("/api/integrations/webhooks/{}", off["id"].as_str().expect("an id"));
    house.admin().patch(&off, json!({ "status": "disabled_by_user" })).await.data();
    house.receivers.at("https://lms.example/hooks").always(503);
    house.admin().post("/api/progress-events", event("to be retried")).await.data();
    house.settle().await;
    super::world_of_games::play(&world.house, world.id("members")).await;
    let event = json!({ "email": "new@home.example", "name": "Not Relayed" });
    house.admin().post(&format!("/api/institutions/{}/members", house.school.tenant), event).await.data();
    house.leaves(Left::Events);
    // What an institution that leaves is given; this one stays.
    house.database.run(
        "INSERT INTO institution_exports (tenant_id, id, status, created_at)
         SELECT tenant_id, gen_random_uuid(), 'failed', created_at FROM second_factors",
    );
    house.database.run(
        "INSERT INTO institution_export_parts (tenant_id, export_id, table_name, part, bytes)
         SELECT tenant_id, id, 'users', 0, '\\x00' FROM institution_exports",
    );
    world
}

/// Each tenant table with one of its rows, of the school that the test works in.
fn rows(world: &World) -> Vec<(String, Value)> {
    let home = world.house.school.tenant.uuid();
    let prints = fingerprint(&world.house);
    let tables = prints.as_object().expect("a print for each table").keys();
    tables
        .map(|table| {
            let found = world.house.database.rows(&format!("SELECT * FROM {table} WHERE tenant_id = '{home}' LIMIT 1"));
            (
                table.clone(),
                found.into_iter().next().unwrap_or_else(|| panic!("the world has no row of {table}; add one")),
            )
        })
        .collect()
}

#[actix_web::test]
async fn who_names_no_institution_sees_an_error_and_not_nothing() {
    let world = full_world().await;
    let client = as_app(&world).await;
    let unset = [SqlState::UNDEFINED_OBJECT, SqlState::INVALID_TEXT_REPRESENTATION, SqlState::INSUFFICIENT_PRIVILEGE];
    for (table, _) in rows(&world) {
        let fresh = touched(&client, &format!("SELECT * FROM {table}")).await;
        assert!(fresh.as_ref().is_err_and(|code| unset.contains(code)), "{table}: {fresh:?}");
    }
    // The setting is gone with its transaction: the next user of a pooled connection inherits nothing.
    begin(&client, world.house.school.tenant).await;
    assert!(touched(&client, "SELECT * FROM courses").await.unwrap() > 0);
    client.batch_execute("COMMIT").await.unwrap();
    let after = touched(&client, "SELECT * FROM courses").await;
    assert!(after.as_ref().is_err_and(|code| unset.contains(code)), "{after:?}");
}

#[actix_web::test]
async fn nobody_reads_or_changes_what_is_behind_another_wall() {
    let world = full_world().await;
    let client = as_app(&world).await;
    let home = world.house.school.tenant.uuid();
    let rows = rows(&world);
    let before = fingerprint(&world.house);
    begin(&client, schools().abroad.tenant).await;
    for (table, row) in rows {
        let refused = Err(SqlState::INSUFFICIENT_PRIVILEGE);
        for statement in [
            format!("SELECT * FROM {table} WHERE tenant_id = '{home}'"),
            format!("UPDATE {table} SET tenant_id = tenant_id WHERE tenant_id = '{home}'"),
            format!("DELETE FROM {table} WHERE tenant_id = '{home}'"),
        ] {
            let answer = tried(&client, &statement).await;
            assert!(answer == Ok(0) || answer == refused, "{statement}: {answer:?}");
        }
        let row = row.to_string().replace('\'', "''");
        let smuggled = format!("INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, '{row}')");
        assert_eq!(tried(&client, &smuggled).await, refused, "{table}");
        let moved = format!("UPDATE {table} SET tenant_id = '{home}'");
        let answer = tried(&client, &moved).await;
        assert!(answer == Ok(0) || answer == refused, "{moved}: {answer:?}");
    }
    client.batch_execute("COMMIT").await.unwrap();
    assert_eq!(fingerprint(&world.house), before);
}

#[actix_web::test]
async fn there_is_no_way_round() {
    let world = full_world().await;
    let client = as_app(&world).await;
    begin(&client, schools().abroad.tenant).await;
    let denied = SqlState::INSUFFICIENT_PRIVILEGE;
    for statement in [
        "SET LOCAL row_security = off; SELECT * FROM users",
        "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE users NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant_wall ON users",
        "CREATE POLICY hole ON users USING (true)",
        "TRUNCATE attempts",
        "CALL stoa_wall('users', 'SELECT', '')",
        "CREATE TABLE public.loot AS SELECT 1",
        "SELECT * FROM sign_in_failures",
        "SELECT * FROM paused_queues",
    ] {
        assert_eq!(tried(&client, statement).await, Err(denied.clone()), "{statement}");
    }
    // A view of a stranger's rows by an index or an error message would be a view as well.
    let taken = "INSERT INTO institutions (tenant_id, name, created_at, updated_at) VALUES (gen_random_uuid(), 'x', now(), now())";
    assert_eq!(tried(&client, taken).await, Err(denied));
}

/// Behind the wall PostgreSQL asks an index only for what is compared by operators and words that it knows to leak nothing;
/// the rest it compares row by row, with every row of the institution. It does not know it of these words.
#[test]
fn nothing_is_looked_up_by_words_that_the_wall_distrusts() {
    let distrusted = |compared: &str| {
        let compared = compared.trim_start_matches('(');
        ["coalesce(", "nullif("].iter().any(|word| compared.starts_with(word))
    };
    let rooms = ["core", "record", "webhooks", "jobs", "http"];
    let found: Vec<String> = files_named(".rs")
        .into_iter()
        .filter(|source| rooms.iter().any(|room| source.is_under(room)))
        .flat_map(|source| {
            let words: Vec<&str> = source.text.split_whitespace().collect();
            let looked_up = words.windows(4).filter(|part| {
                matches!(part, [joint, _, sign, compared] if ["AND", "ON", "WHERE"].contains(joint)
                    && ["=", "<", ">", "<=", ">="].contains(sign) && distrusted(compared))
            });
            let path = &source.path;
            looked_up.map(|part| format!("{path}: {}", part.join(" "))).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(found, [""; 0]);
}
