//! Writing the people of a chunk, from the rows of the plan.

use std::collections::HashMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::chunk::Chunk;
use crate::{
    db::{Bound, Sql, TenantTx, failed, sql},
    error::{Code, Result},
    id::{self, Id, TenantId},
    imports::{Import, RowAction},
    members::{self, ProvisionedBy},
    tokens,
};

/// Whose keys were taken since the plan was made is left out. Somebody who takes one at the same moment makes the whole
/// chunk fail, which is then applied once more.
const CREATE: &str = "WITH person AS (
    INSERT INTO users (tenant_id, id, external_id, email, email_key, name, first_name, last_name, locale, time_zone,
      created_at, updated_at)
    SELECT r.tenant_id, r.user_id, r.external_id, r.email, r.email_key, r.name, r.first_name, r.last_name, r.locale,
      r.time_zone, $5, $5
    FROM import_rows r
    WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line > $3 AND r.line <= $4 AND r.action = 'create'
      AND NOT EXISTS (SELECT FROM users x WHERE x.tenant_id = $1 AND x.email_key = r.email_key)
      AND NOT EXISTS (SELECT FROM users x WHERE x.tenant_id = $1 AND x.external_id = r.external_id)
    ORDER BY r.line
    RETURNING id, number
  ), membership AS (
    INSERT INTO memberships (tenant_id, user_id, role, status, provisioned_by, invited_at, joined_at, created_at, updated_at)
    SELECT r.tenant_id, r.user_id, r.role, r.status, 'csv', CASE WHEN r.status = 'invited' THEN $5 END,
      CASE WHEN r.status = 'active' THEN $5 END, $5, $5
    FROM import_rows r JOIN person p ON p.id = r.user_id
    WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line > $3 AND r.line <= $4 AND r.action = 'create'
  )
  SELECT id, number, 1 AS revision, 'csv' AS provisioned_by FROM person";

const CHANGE: &str = "WITH person AS (
    UPDATE users u SET external_id = r.external_id, email = r.email,
      email_key = CASE WHEN u.email = r.email THEN u.email_key ELSE r.email_key END,
      name = r.name, first_name = r.first_name, last_name = r.last_name, locale = r.locale, time_zone = r.time_zone,
      updated_at = $5
    FROM import_rows r
    WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line > $3 AND r.line <= $4 AND r.action IN ('update', 'deactivate')
      AND u.tenant_id = $1 AND u.id = r.user_id AND u.updated_at = r.user_seen AND u.id <> ALL ($6)
      AND NOT EXISTS (SELECT FROM users x WHERE x.tenant_id = $1 AND x.email_key = r.email_key AND x.id <> u.id)
      AND NOT EXISTS (SELECT FROM users x WHERE x.tenant_id = $1 AND x.external_id = r.external_id AND x.id <> u.id)
    RETURNING u.id, u.number
  )
  UPDATE memberships m SET role = r.role, status = r.status, revision = m.revision + 1, updated_at = $5,
    provisioned_by = CASE WHEN m.status = 'removed' AND r.status <> 'removed' THEN 'csv' ELSE m.provisioned_by END,
    removed_at = CASE WHEN r.status = 'removed' THEN coalesce(m.removed_at, $5) END,
    joined_at = CASE WHEN m.joined_at IS NULL AND m.status = 'invited' AND r.status = 'active' THEN $5 ELSE m.joined_at END
  FROM import_rows r JOIN person p ON p.id = r.user_id
  WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line > $3 AND r.line <= $4 AND m.tenant_id = $1 AND m.user_id = r.user_id
  RETURNING p.id, p.number, m.revision, m.provisioned_by";
/// In the order of their ids, so that nobody waits in a ring.
const LOCK: &str = "SELECT FROM users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
  WHERE u.tenant_id = $1 AND u.id = ANY ($2) ORDER BY u.id FOR NO KEY UPDATE OF u, m";

/// Owners whom the chunk takes that from.
const LEAVING: &str = "SELECT r.user_id AS id FROM import_rows r
  JOIN memberships m ON m.tenant_id = r.tenant_id AND m.user_id = r.user_id AND m.role = 'owner' AND m.status = 'active'
  WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line > $3 AND r.line <= $4 AND r.action IN ('update', 'deactivate')
    AND (r.role <> 'owner' OR r.status <> 'active')";

/// Somebody who was written.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub(super) struct WrittenPerson {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub(super) number: i64,
    #[diesel(sql_type = Integer)]
    pub(super) revision: i32,
    #[diesel(sql_type = Text)]
    pub(super) provisioned_by: ProvisionedBy,
}

#[derive(QueryableByName)]
struct Leaving {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::User>,
}

/// Those of a chunk who were written.
#[derive(Debug, Default)]
pub(super) struct WrittenPeople(HashMap<Uuid, WrittenPerson>);

impl WrittenPeople {
    /// Was the person of a row written.
    pub(super) fn has(&self, person: Option<Uuid>) -> bool {
        person.is_some_and(|person| self.0.contains_key(&person))
    }

    /// What was written of a person.
    pub(super) fn of(&self, person: Uuid) -> Option<WrittenPerson> {
        self.0.get(&person).copied()
    }

    /// All of them.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        self.0.keys().copied().collect()
    }

    fn extend(&mut self, rows: Vec<WrittenPerson>) {
        self.0.extend(rows.into_iter().map(|row| (row.id, row)));
    }
}

/// Adds and changes the people of a chunk, who take the seats that were kept for them. Whoever loses access is out.
pub(super) async fn write(tx: &mut TenantTx, import: &Import, chunk: &Chunk) -> Result<WrittenPeople> {
    let mut written = WrittenPeople::default();
    let now = tx.now();
    let changes = chunk.has(RowAction::Update) || chunk.has(RowAction::Deactivate);
    if changes {
        lock(tx, chunk).await?;
    }
    let spared = if changes { last_owners(tx, import, chunk).await? } else { Vec::new() };
    members::take_reserved_seats(tx, chunk.seats().into()).await?;
    if changes {
        let change = of(CHANGE, tx, import, chunk).bind::<Timestamptz, _>(now).bind::<Array<SqlUuid>, _>(spared);
        written.extend(change.load(tx.connection()).await.map_err(failed)?);
        tokens::end_sessions_of(tx, chunk.leaving(&written)).await?;
    }
    if chunk.has(RowAction::Create) {
        let create = of(CREATE, tx, import, chunk).bind::<Timestamptz, _>(now);
        written.extend(create.load(tx.connection()).await.map_err(failed)?);
    }
    Ok(written)
}

async fn lock(tx: &mut TenantTx, chunk: &Chunk) -> Result<()> {
    let tenant = tx.tenant();
    let known = chunk.all.iter().filter(|row| row.was.is_some() && row.writes()).filter_map(|row| row.user_id);
    let lock = sql(LOCK).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(known.collect::<Vec<_>>());
    lock.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

type OfChunk = Bound<Bound<Bound<Bound<Sql, TenantId, SqlUuid>, Uuid, SqlUuid>, i32, Integer>, i32, Integer>;

/// A statement about the lines of a chunk: the institution, the import, after which line, up to which.
fn of(text: &'static str, tx: &TenantTx, import: &Import, chunk: &Chunk) -> OfChunk {
    sql(text)
        .bind::<SqlUuid, _>(tx.tenant())
        .bind::<SqlUuid, _>(import.id.uuid())
        .bind::<Integer, _>(chunk.after)
        .bind::<Integer, _>(chunk.last_line())
}

/// Owners who must stay, because nobody else would be one.
async fn last_owners(tx: &mut TenantTx, import: &Import, chunk: &Chunk) -> Result<Vec<Uuid>> {
    let leaving = of(LEAVING, tx, import, chunk);
    let leaving: Vec<Leaving> = leaving.load(tx.connection()).await.map_err(failed)?;
    let leaving: Vec<Id<id::User>> = leaving.into_iter().map(|row| row.id).collect();
    if leaving.is_empty() {
        return Ok(Vec::new());
    }
    match members::leave_an_owner(tx, &leaving).await {
        Ok(()) => Ok(Vec::new()),
        Err(error) if error.code() == Code::Conflict => Ok(leaving.into_iter().map(Id::uuid).collect()),
        Err(error) => Err(error),
    }
}
