//! Writing rows of the plan down, a chunk in one statement.

use diesel::sql_types::{Array, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::judge::{Planned, Written};
use crate::{
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    events::uuid_array,
    id::{self, Id},
    imports::RowAction,
    members::MemberStatus,
    scope::Role,
};

const WRITE: &str = "INSERT INTO import_rows
    (tenant_id, import_id, line, action, user_id, user_seen, external_id, email, email_key, name, first_name, last_name,
     locale, time_zone, role, status, group_ids, group_names, course_ids, was, changed, faults)
  SELECT $1, $2, r.line, r.action, r.user_id, r.user_seen, r.external_id, r.email, r.email_key, r.name, r.first_name,
    r.last_name, r.locale, r.time_zone, r.role, r.status, r.group_ids::uuid[], r.group_names, r.course_ids::uuid[],
    r.was, r.changed::text[], r.faults
  FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
    AS r(line, action, user_id, user_seen, external_id, email, email_key, name, first_name, last_name, locale, time_zone,
      role, status, group_ids, group_names, course_ids, was, changed, faults)
  ON CONFLICT (tenant_id, import_id, line) DO NOTHING";

/// Writes rows of the plan. People to come are given their ids here, so that applying twice adds them once.
pub(super) async fn write(tx: &mut TenantTx, import: Id<id::Import>, rows: &[Planned]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    let people: Vec<_> = rows.iter().map(|row| person(tx, row)).collect();
    let faults = rows.iter().map(faults).collect::<Result<Vec<_>>>()?;
    sql(WRITE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(import)
        .bind::<Array<Integer>, _>(column(rows, |row| row.line))
        .bind::<Array<Text>, _>(column(rows, |row| row.action.as_str()))
        .bind::<Array<Nullable<SqlUuid>>, _>(people)
        .bind::<Array<Nullable<Timestamptz>>, _>(column(rows, |row| row.seen))
        .bind::<Array<Nullable<Text>>, _>(column(rows, external_id))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| Some(person.email.as_str())))
        .bind::<Array<Nullable<Text>>, _>(column(rows, |row| row.keys.email_key.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| Some(person.name.as_str())))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| Some(person.first_name.as_str())))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| Some(person.last_name.as_str())))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| person.locale.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| person.time_zone.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| Some(Role::as_str(person.role))))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| Some(MemberStatus::as_str(person.status))))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| uuids(&person.groups)))
        .bind::<Array<Nullable<Jsonb>>, _>(written(rows, names))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| uuids(&person.courses)))
        .bind::<Array<Nullable<Text>>, _>(written(rows, |person| person.was.map(MemberStatus::as_str)))
        .bind::<Array<Nullable<Text>>, _>(written(rows, changed))
        .bind::<Array<Nullable<Jsonb>>, _>(faults)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

fn column<'a, T>(rows: &'a [Planned], of: impl Fn(&'a Planned) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

fn written<'a, T>(rows: &'a [Planned], of: impl Fn(&'a Written) -> Option<T>) -> Vec<Option<T>> {
    rows.iter().map(|row| row.written.as_ref().and_then(&of)).collect()
}

fn person(tx: &TenantTx, row: &Planned) -> Option<uuid::Uuid> {
    let fresh = || (row.action == RowAction::Create).then(|| tx.new_id::<id::User>());
    row.person.or_else(fresh).map(Id::uuid)
}

/// As it will be, or as the file has it where nothing is written.
fn external_id(row: &Planned) -> Option<&str> {
    match &row.written {
        Some(person) => person.external_id.as_deref(),
        None => row.keys.external_id.as_deref(),
    }
}

fn uuids(ids: &[uuid::Uuid]) -> Option<String> {
    // UNNEST flattens an array of arrays, so each inner one travels as PostgreSQL's text form.
    (!ids.is_empty()).then(|| uuid_array(ids))
}

/// Our own words, none of which needs quoting.
fn changed(person: &Written) -> Option<String> {
    person.was.map(|_| format!("{{{}}}", person.changed.join(",")))
}

fn names(person: &Written) -> Option<Value> {
    (!person.new_groups.is_empty()).then(|| person.new_groups.clone().into())
}

fn faults(row: &Planned) -> Result<Option<Value>> {
    if row.faults.is_empty() {
        return Ok(None);
    }
    serde_json::to_value(&row.faults).map(Some).map_err(Error::internal)
}
