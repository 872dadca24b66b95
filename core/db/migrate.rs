//! Migrations, embedded in the binary and run by the owner under an advisory lock.

use diesel::{PgConnection, QueryableByName, RunQueryDsl, r2d2::ConnectionManager, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use r2d2::Pool;

use super::connect::{Endpoint, Login};
use crate::error::{Error, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");
/// Any number, the same in every process: one migrates, the others wait.
const LOCK: i64 = 0x0053_544f_4121;

/// How the schema of the database compares with this binary's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// The same.
    Current,
    /// These are still to be run.
    Behind(Vec<String>),
    /// The database knows versions that this binary does not.
    Newer(Vec<String>),
}

/// Runs what is missing and says what was run. Blocking.
///
/// # Errors
/// `internal` when a migration fails, or the schema is newer than the binary; then nothing was changed.
pub fn migrate(endpoint: &Endpoint) -> Result<Vec<String>> {
    with_owner(endpoint, |connection| {
        if let SchemaState::Newer(unknown) = state(connection)? {
            return Err(anyhow::anyhow!("the schema is newer than this binary: {}", unknown.join(", ")));
        }
        let run = connection.run_pending_migrations(MIGRATIONS).map_err(|error| anyhow::anyhow!(error))?;
        Ok(run.iter().map(ToString::to_string).collect())
    })
}

/// Takes everything back, for the check that every migration can be. Blocking.
///
/// # Errors
/// `internal` when a migration cannot be taken back.
pub fn revert_all(endpoint: &Endpoint) -> Result<()> {
    with_owner(endpoint, |connection| {
        connection.revert_all_migrations(MIGRATIONS).map_err(|error| anyhow::anyhow!(error))?;
        Ok(())
    })
}

/// Compares the schema with this binary's. Blocking.
///
/// # Errors
/// `internal` when the database cannot be asked.
pub fn schema_state(endpoint: &Endpoint) -> Result<SchemaState> {
    with_owner(endpoint, state)
}

fn with_owner<T>(endpoint: &Endpoint, work: impl FnOnce(&mut PgConnection) -> anyhow::Result<T>) -> Result<T> {
    // libpq reads the address itself; ours is only asked whether it is one.
    endpoint.config(Login::Owner)?;
    let pool = Pool::builder()
        .max_size(1)
        .connection_timeout(std::time::Duration::from_secs(10))
        .build(ConnectionManager::<PgConnection>::new(&endpoint.url))
        .map_err(Error::internal)?;
    let mut connection = pool.get().map_err(Error::internal)?;
    sql_query(format!("SELECT pg_advisory_lock({LOCK})")).execute(&mut connection).map_err(Error::internal)?;
    let done = work(&mut connection);
    let unlocked = sql_query(format!("SELECT pg_advisory_unlock({LOCK})")).execute(&mut connection);
    let done = done.map_err(Error::internal)?;
    unlocked.map_err(Error::internal)?;
    Ok(done)
}

fn state(connection: &mut PgConnection) -> anyhow::Result<SchemaState> {
    use diesel::migration::{Migration, MigrationSource};
    let known: Vec<String> = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)
        .map_err(|error| anyhow::anyhow!(error))?
        .iter()
        .map(|migration| Migration::<diesel::pg::Pg>::name(migration.as_ref()).version().to_string())
        .collect();
    let applied = applied(connection)?;
    let unknown: Vec<String> = applied.iter().filter(|version| !known.contains(version)).cloned().collect();
    if !unknown.is_empty() {
        return Ok(SchemaState::Newer(unknown));
    }
    let missing: Vec<String> = known.into_iter().filter(|version| !applied.contains(version)).collect();
    Ok(if missing.is_empty() { SchemaState::Current } else { SchemaState::Behind(missing) })
}

fn applied(connection: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let there: Vec<Row> =
        sql_query("SELECT tablename::text AS version FROM pg_tables WHERE tablename = '__diesel_schema_migrations'")
            .load(connection)?;
    if there.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> =
        sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(connection)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}
