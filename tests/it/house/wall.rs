//! The wall, tried from outside: what the application's role can really do with another institution's rows.

use serde_json::Value;
use stoa_core::db::Login;
use tokio_postgres::{Client, NoTls};

use super::world::World;

/// Rows that no test has yet; a table leaves this list with its first row in the world of the sweeps.
const EMPTY: [&str; 0] = [];

/// The application's connection, as it comes from the pool before anybody names an institution.
async fn as_app(world: &World) -> Client {
    let config = world.house.database.endpoint().config(Login::App).unwrap();
    let (client, connection) = config.connect(NoTls).await.unwrap();
    actix_web::rt::spawn_detached(connection);
    client
}

/// Each table with one of its rows, of the school that the test works in.
fn tables(world: &World) -> Vec<(String, Value)> {
    let home = world.house.school.tenant.uuid();
    let tables = world.house.database.rows(
        "SELECT table_name::text AS name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1",
    );
    let rowed = tables.iter().filter_map(|table| {
        let name = table["name"].as_str().unwrap().to_owned();
        let row = world.house.database.rows(&format!("SELECT * FROM {name} WHERE tenant_id = '{home}' LIMIT 1")).pop();
        match row {
            Some(row) => Some((name, row)),
            None => {
                assert!(EMPTY.contains(&name.as_str()), "the world has no row of {name}; add one");
                None
            }
        }
    });
    rowed.collect()
}
