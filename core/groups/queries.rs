//! What may be asked of groups.

use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{EVERYONE, Group, rows::group_columns};
use crate::{
    db::{PageRequest, Paged, TenantTx, Total, failed, find_by_keys, sql},
    error::{Error, Result},
    fields::Fields,
    id::{self, Id},
    key::Key,
    members::{Member, member_columns},
};

const FIND: &str = concat!(
    "SELECT ",
    group_columns!(),
    " FROM groups g WHERE g.tenant_id = $1 AND NOT g.everyone AND (g.id = $2 OR g.external_id = $3)"
);
const FIND_ALL: &str = concat!(
    "SELECT k.place, ",
    group_columns!(),
    " FROM unnest($2, $3, $4) WITH ORDINALITY AS k(id, external_id, word, place)
      JOIN groups g ON g.tenant_id = $1 AND NOT g.everyone AND (g.id = k.id OR g.external_id = k.external_id)"
);
const BY_ID: &str = concat!("SELECT ", group_columns!(), " FROM groups g WHERE g.tenant_id = $1 AND g.id = $2");
const COUNT: &str = "SELECT count(*) AS total FROM groups g WHERE g.tenant_id = $1 AND NOT g.everyone";
const PAGE: &str = concat!(
    "SELECT ",
    group_columns!(),
    " FROM groups g WHERE g.tenant_id = $1 AND NOT g.everyone ORDER BY g.id LIMIT $2 OFFSET $3"
);
const AFTER: &str = concat!(
    "SELECT ",
    group_columns!(),
    " FROM groups g WHERE g.tenant_id = $1 AND NOT g.everyone AND ($2 IS NULL OR g.id > $2)
      AND ($3 IS NULL OR g.name = $3) ORDER BY g.id LIMIT $4"
);
const OF_MEMBER: &str = concat!(
    "SELECT ",
    group_columns!(),
    " FROM group_members gm JOIN groups g ON g.tenant_id = gm.tenant_id AND g.id = gm.group_id
      WHERE gm.tenant_id = $1 AND gm.user_id = $2 AND ($3 IS NULL OR gm.group_id > $3) ORDER BY gm.group_id LIMIT $4"
);
const PUT_EVERYONE: &str = concat!(
    "WITH made AS (
       INSERT INTO groups AS g (tenant_id, id, name, everyone, created_at, updated_at) VALUES ($1, $2, 'Everyone', true, $3, $3)
       ON CONFLICT DO NOTHING RETURNING ",
    group_columns!(),
    ") SELECT * FROM made UNION ALL SELECT ",
    group_columns!(),
    " FROM groups g WHERE g.tenant_id = $1 AND g.everyone"
);

macro_rules! members_of {
    () => {
        " FROM group_members gm
          JOIN users u ON u.tenant_id = gm.tenant_id AND u.id = gm.user_id
          JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id AND m.status <> 'removed'
          WHERE gm.tenant_id = $1 AND gm.group_id = $2"
    };
}
const MEMBERS_AFTER: &str = concat!(
    "SELECT ",
    member_columns!(),
    members_of!(),
    " AND ($3 IS NULL OR gm.user_id > $3) ORDER BY gm.user_id LIMIT $4"
);

/// Finds a group. The word `everyone` names the whole institution, whether its row is there or not.
///
/// # Errors
/// As the database says.
pub async fn find(tx: &mut TenantTx, key: &Key<id::Group>) -> Result<Option<Group>> {
    if key.word() == Some(EVERYONE) {
        // Whoever sees his own groups alone has no everyone.
        let sees_all = tx.by().is_none_or(|by| by.led_by.is_none());
        return if sees_all { everyone(tx).await.map(Some) } else { Ok(None) };
    }
    let tenant = tx.tenant();
    let rows: Vec<Group> = sql(FIND)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(key.id())
        .bind::<Nullable<Text>, _>(key.external_id())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().next())
}

/// Finds the groups that fields of a request name; all of them, or the faults.
///
/// # Errors
/// `validation_failed` with the pointer of each key that names none.
pub(crate) async fn resolve(tx: &mut TenantTx, pointer: &str, keys: &[Key<id::Group>]) -> Result<Vec<Group>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Option<Group>> = find_by_keys(tx, FIND_ALL, keys, str::to_owned).await?;
    let mut faults = Fields::new();
    for (at, _) in found.iter().enumerate().filter(|(_, group)| group.is_none()) {
        faults.fault(format!("{pointer}/{at}"), "not_found", "no such group");
    }
    faults.finish()?;
    let mut groups: Vec<Group> = found.into_iter().flatten().collect();
    groups.sort_by_key(|group| group.id);
    groups.dedup_by_key(|group| group.id);
    Ok(groups)
}

/// Gets a group that has members of its own.
///
/// # Errors
/// `not_found`, also for `everyone`.
pub async fn get(tx: &mut TenantTx, key: &Key<id::Group>) -> Result<Group> {
    let found = if key.word() == Some(EVERYONE) { None } else { find(tx, key).await? };
    found.ok_or_else(|| Error::not_found("group"))
}

/// Finds a group by its id alone, `everyone` too.
///
/// # Errors
/// As the database says.
pub async fn find_by_id(tx: &mut TenantTx, group: Id<id::Group>) -> Result<Option<Group>> {
    let tenant = tx.tenant();
    let rows: Vec<Group> =
        sql(BY_ID).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(group).load(tx.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().next())
}

/// The whole institution as a group. Its row is made with the first transaction that writes it.
///
/// # Errors
/// As the database says.
pub async fn everyone(tx: &mut TenantTx) -> Result<Group> {
    let (tenant, id, now) = (tx.tenant(), tx.new_id::<id::Group>(), tx.now());
    let put = || sql(PUT_EVERYONE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    let rows: Vec<Group> = put().load(tx.connection()).await.map_err(failed)?;
    if let Some(group) = rows.into_iter().next() {
        return Ok(group);
    }
    // Somebody made it while this statement ran, and another sees it.
    put().get_result(tx.connection()).await.map_err(failed)
}

/// Lists groups, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, request: PageRequest) -> Result<Paged<Group>> {
    let tenant = tx.tenant();
    let total: Total = sql(COUNT).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    let page =
        sql(PAGE).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    Ok(Paged { rows: page.load(tx.connection()).await.map_err(failed)?, total: total.total, request })
}

/// Lists the groups after one, the oldest first; those of a name, where one is given.
///
/// # Errors
/// As the database says.
pub async fn list_after(
    tx: &mut TenantTx,
    name: Option<&str>,
    (after, limit): (Option<Uuid>, i64),
) -> Result<Vec<Group>> {
    let tenant = tx.tenant();
    sql(AFTER)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<Nullable<Text>, _>(name)
        .bind::<BigInt, _>(limit)
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Lists the groups of a person after one, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn of_member(
    tx: &mut TenantTx,
    member: Id<id::User>,
    (after, limit): (Option<Uuid>, i64),
) -> Result<Vec<Group>> {
    let tenant = tx.tenant();
    sql(OF_MEMBER)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(member)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Lists who is in a group after one of them.
///
/// # Errors
/// As the database says.
pub async fn members_after(
    tx: &mut TenantTx,
    group: Id<id::Group>,
    (after, limit): (Option<Uuid>, i64),
) -> Result<Vec<Member>> {
    let tenant = tx.tenant();
    sql(MEMBERS_AFTER)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(group)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.connection())
        .await
        .map_err(failed)
}
