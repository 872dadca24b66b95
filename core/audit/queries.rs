//! What may be asked of the audit log.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    OptionalExtension,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{ActorKey, ActorKind, AuditEntry};
use crate::{
    db::{HouseTx, TenantTx, failed, sql},
    error::{Error, Result},
    id::{self, Id, TenantId},
};

macro_rules! entries {
    ($which:literal) => {
        concat!(
            "SELECT tenant_id, id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, before, after,
               request_id, address
             FROM audit_log WHERE tenant_id = $1 AND ",
            $which
        )
    };
}

// Of an entry that may be shown: id, actor, action, object, time, request, address, text. A page never reads what is
// younger than the page before: the bounds of ids are always there, and are part of the search.
macro_rules! kept {
    () => {
        " AND id < $2 AND id >= $3 AND ($4::text IS NULL OR object_id = $4) AND ($5::uuid IS NULL OR actor_id = $5)
          AND ($6::text IS NULL OR actor_kind = $6)
          AND ($7::text IS NULL OR action = $7 OR object_kind = $7) AND ($8::text IS NULL OR starts_with(action, $8))
          AND ($9::timestamptz IS NULL OR at >= $9) AND ($10::timestamptz IS NULL OR at < $10)
          AND ($11::text IS NULL OR request_id = $11) AND ($12::text IS NULL OR address = $12)
          AND ($13::text IS NULL OR concat_ws(' ', actor_name, action, object_id, before::text, after::text) ILIKE $13)
          ORDER BY id DESC LIMIT $14"
    };
}

// What narrows most has a statement of its own, so that its plan, which is kept, begins with the index for it.
macro_rules! page {
    ($narrow:literal) => {
        concat!(entries!($narrow), kept!())
    };
}

// What the staff did anywhere, as one list: for institutions, and to their own accounts, which the command line of the
// server also does something to: then it came by no request.
const OF_STAFF: &str = concat!(
    "SELECT * FROM (
       SELECT tenant_id, id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id, before, after,
         request_id, address
       FROM audit_log WHERE actor_kind = 'staff'
       UNION ALL
       SELECT NULL::uuid, l.id, l.at, CASE WHEN l.request_id IS NULL THEN 'house' ELSE 'staff' END,
         CASE WHEN l.request_id IS NOT NULL THEN l.staff_id END, CASE WHEN l.request_id IS NULL THEN 'Stoa' ELSE s.name END,
         l.action, split_part(l.action, '.', 1), l.staff_id::text, NULL::jsonb, NULL::jsonb, l.request_id, l.address
       FROM staff_log l JOIN staff s ON s.id = l.staff_id) e
     WHERE ($1::uuid IS NULL OR tenant_id = $1)",
    kept!()
);

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By whom.
    pub actor: Option<ActorKey>,
    /// What was done.
    pub action: Option<ActionKey>,
    /// To what, by its id.
    pub object: Option<String>,
    /// At or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub to: Option<DateTime<Utc>>,
    /// By which request.
    pub request_id: Option<String>,
    /// From which address.
    pub address: Option<IpAddr>,
    /// With these letters in what the actor is called, what was done to what, or how it was before or is since.
    pub text: Option<String>,
    /// Older than this entry.
    pub before: Option<Id<id::AuditEntry>>,
}

/// What was done, as a filter names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKey {
    /// An action, such as `webhook.deleted`, or any on a kind of thing, such as `webhook`.
    Word(String),
    /// Any that begins so: `webhook.secret_*`.
    Beginning(String),
}

impl From<&str> for ActionKey {
    fn from(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(beginning) => Self::Beginning(beginning.to_owned()),
            None => Self::Word(text.to_owned()),
        }
    }
}

/// Lists entries, the newest first, and says whether there are older ones.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: &AuditFilter, most: i64) -> Result<(Vec<AuditEntry>, bool)> {
    let statement = match filter {
        AuditFilter { request_id: Some(_), .. } => page!("request_id = $11"),
        AuditFilter { object: Some(_), .. } => page!("object_id = $4"),
        AuditFilter { actor: Some(ActorKey::One(_)), .. } => page!("actor_id = $5"),
        AuditFilter { action: Some(ActionKey::Word(word)), .. } if word.contains('.') => page!("action = $7"),
        AuditFilter { action: Some(ActionKey::Word(_)), .. } => page!("object_kind = $7"),
        AuditFilter { .. } => page!("true"),
    };
    let tenant = Some(tx.tenant());
    load(tx.connection(), statement, (tenant, filter), most).await
}

/// Lists what the platform's staff did, for any institution or one, and to their own accounts.
///
/// # Errors
/// As the database says.
pub async fn list_of_staff(
    tx: &mut HouseTx,
    tenant: Option<TenantId>,
    filter: &AuditFilter,
    most: i64,
) -> Result<(Vec<AuditEntry>, bool)> {
    // An account's entries keep its bare id.
    let account = filter.object.as_deref().and_then(|object| object.parse::<Id<id::Staff>>().ok());
    let object = account.map(|account| account.uuid().to_string()).or_else(|| filter.object.clone());
    let filter = AuditFilter { object, ..filter.clone() };
    let (mut entries, more) = load(tx.connection(), OF_STAFF, (tenant, &filter), most).await?;
    for entry in entries.iter_mut().filter(|entry| entry.tenant_id.is_none()) {
        if let Ok(account) = entry.object_id.parse::<Uuid>() {
            entry.object_id = Id::<id::Staff>::from_uuid(account).to_string();
        }
    }
    Ok((entries, more))
}

async fn load(
    connection: &mut diesel_async::AsyncPgConnection,
    statement: &'static str,
    (tenant, filter): (Option<TenantId>, &AuditFilter),
    most: i64,
) -> Result<(Vec<AuditEntry>, bool)> {
    let (kind, one) = match filter.actor {
        Some(ActorKey::Kind(kind)) => (Some(kind), None),
        Some(ActorKey::One(id)) => (None, Some(id)),
        None => (None, None),
    };
    let (word, beginning) = match &filter.action {
        Some(ActionKey::Word(word)) => (Some(word), None),
        Some(ActionKey::Beginning(beginning)) => (None, Some(beginning)),
        None => (None, None),
    };
    // An id is made at the time of its entry, to the millisecond.
    let younger = filter.to.map(|to| floor(to + TimeDelta::milliseconds(1)));
    let below = filter.before.map(Id::uuid).into_iter().chain(younger).min().unwrap_or(Uuid::max());
    let mut rows: Vec<AuditEntry> = sql(statement)
        .bind::<Nullable<SqlUuid>, _>(tenant.map(Id::uuid))
        .bind::<SqlUuid, _>(below)
        .bind::<SqlUuid, _>(filter.from.map_or(Uuid::nil(), floor))
        .bind::<Nullable<Text>, _>(&filter.object)
        .bind::<Nullable<SqlUuid>, Option<Uuid>>(one)
        .bind::<Nullable<Text>, _>(kind.map(ActorKind::as_str))
        .bind::<Nullable<Text>, _>(word)
        .bind::<Nullable<Text>, _>(beginning)
        .bind::<Nullable<Timestamptz>, _>(filter.from)
        .bind::<Nullable<Timestamptz>, _>(filter.to)
        .bind::<Nullable<Text>, _>(&filter.request_id)
        .bind::<Nullable<Text>, _>(filter.address.map(|address| address.to_string()))
        .bind::<Nullable<Text>, _>(filter.text.as_deref().map(anywhere))
        .bind::<BigInt, _>(most.saturating_add(1))
        .load(connection)
        .await
        .map_err(failed)?;
    let more = rows.len() > usize::try_from(most).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((rows, more))
}

/// The least id that can be made in the millisecond of a time.
fn floor(time: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(time.timestamp_millis()).unwrap_or_default();
    Uuid::from_u128(u128::from(millis & 0xFFFF_FFFF_FFFF) << 80)
}

/// A pattern for letters that stand anywhere.
fn anywhere(letters: &str) -> String {
    let plain = letters.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    format!("%{plain}%")
}

/// Gets an entry.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, id: Id<id::AuditEntry>) -> Result<AuditEntry> {
    let tenant = tx.tenant();
    let found = sql(entries!("id = $2")).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id);
    let found = found.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::not_found("entry of the audit log"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_millisecond_lie_between_its_floor_and_the_next() {
        let time: DateTime<Utc> = "2026-11-21T09:00:00.123456Z".parse().unwrap();
        let id = id::Ids::default().next(time);
        assert!(floor(time) <= id && id < floor(time + TimeDelta::milliseconds(1)), "{id}");
        assert_eq!(floor(DateTime::UNIX_EPOCH), Uuid::nil());
    }

    #[test]
    fn letters_are_no_pattern() {
        assert_eq!(anywhere(r"100%_\"), r"%100\%\_\\%");
    }

    #[test]
    fn a_star_at_the_end_makes_a_beginning() {
        assert_eq!(ActionKey::from("webhook.secret_*"), ActionKey::Beginning("webhook.secret_".into()));
        assert_eq!(ActionKey::from("webhook"), ActionKey::Word("webhook".into()));
    }
}
