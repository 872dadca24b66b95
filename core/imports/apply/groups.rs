//! The groups that the people of a chunk join, and what follows from that.

use std::collections::{HashMap, HashSet};

use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{chunk::Chunk, people::WrittenPeople};
use crate::{
    db::{TenantTx, failed, sql},
    enrolments,
    error::Result,
    groups,
    id::{self, Id},
    imports::{Import, RowAction},
    members::{Member, member_columns},
    scope::Scope,
};

const NAMES: &str = "SELECT DISTINCT n.name FROM import_rows r, jsonb_array_elements_text(r.group_names) AS n(name)
  WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line > $3 AND r.line <= $4 AND r.group_names IS NOT NULL
    AND NOT EXISTS (SELECT FROM groups g WHERE g.tenant_id = $1 AND g.name = n.name AND NOT g.everyone)";
const MAKE: &str = "INSERT INTO groups (tenant_id, id, name, provisioned_by, created_at, updated_at)
  SELECT $1, n.id, n.name, 'csv', $4, $4 FROM unnest($2, $3) AS n(id, name)";
const JOIN: &str = "INSERT INTO group_members (tenant_id, group_id, user_id, created_at)
  SELECT $1, g.id, r.user_id, $5 FROM import_rows r
  CROSS JOIN LATERAL (
    SELECT unnest(r.group_ids) AS id
    UNION SELECT (SELECT x.id FROM groups x WHERE x.tenant_id = $1 AND x.name = n.name AND NOT x.everyone ORDER BY x.id LIMIT 1)
      FROM jsonb_array_elements_text(r.group_names) AS n(name)) wanted
  JOIN groups g ON g.tenant_id = $1 AND g.id = wanted.id
  WHERE r.tenant_id = $1 AND r.import_id = $2 AND r.line > $3 AND r.line <= $4 AND r.user_id = ANY ($6)
    AND (r.group_ids IS NOT NULL OR r.group_names IS NOT NULL)
  ON CONFLICT DO NOTHING
  RETURNING group_id, user_id";
const PEOPLE: &str = concat!(
    "SELECT ",
    member_columns!(),
    " FROM users u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
      WHERE u.tenant_id = $1 AND u.id = ANY ($2)"
);

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Joined {
    #[diesel(sql_type = SqlUuid)]
    group_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
}

/// Puts the people of a chunk into their groups, and on all that those groups, and everyone, are on.
pub(super) async fn join(
    tx: &mut TenantTx,
    scope: &Scope,
    (import, chunk, written): (&Import, &Chunk, &WrittenPeople),
) -> Result<()> {
    let mut joined: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    let ids = chunk.groups();
    if !ids.is_empty() || chunk.all.iter().any(|row| row.makes_groups) {
        make(tx, import, chunk).await?;
        groups::hold(tx, &ids).await?;
        for row in put(tx, import, (chunk, written)).await? {
            joined.entry(row.group_id).or_default().insert(row.user_id);
        }
    }
    let came: HashSet<Uuid> = chunk
        .all
        .iter()
        .filter(|row| row.action == RowAction::Create && chunk.everyone_is_busy && written.has(row.user_id))
        .filter_map(|row| row.user_id)
        .collect();
    if joined.is_empty() && came.is_empty() {
        return Ok(());
    }
    let into: Vec<Uuid> = joined.keys().copied().collect();
    for group in groups::busy(tx, &into, !came.is_empty()).await? {
        let who = if group.everyone { Some(&came) } else { joined.get(&group.id.uuid()) };
        let people = people(tx, who.into_iter().flatten().copied().collect()).await?;
        enrolments::joined(tx, scope, &group, &people).await?;
    }
    Ok(())
}

/// Makes the groups that are not there yet.
async fn make(tx: &mut TenantTx, import: &Import, chunk: &Chunk) -> Result<()> {
    if !chunk.all.iter().any(|row| row.makes_groups) {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let names: Vec<Name> = sql(NAMES)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Integer, _>(chunk.after)
        .bind::<Integer, _>(chunk.last_line())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let ids: Vec<Uuid> = names.iter().map(|_| tx.new_id::<id::Group>()).map(Id::uuid).collect();
    sql(MAKE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Text>, _>(names.into_iter().map(|row| row.name).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn put(tx: &mut TenantTx, import: &Import, (chunk, written): (&Chunk, &WrittenPeople)) -> Result<Vec<Joined>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(JOIN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Integer, _>(chunk.after)
        .bind::<Integer, _>(chunk.last_line())
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(written.ids())
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// The people of some ids, as they are now.
pub(super) async fn people(tx: &mut TenantTx, ids: Vec<Uuid>) -> Result<Vec<Member>> {
    let tenant = tx.tenant();
    let people = sql(PEOPLE).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(ids);
    people.load(tx.connection()).await.map_err(failed)
}
