//! What an institution may do with its requests.

use chrono::TimeDelta;
use diesel::sql_types::{Array, Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    NewSubscriptionRequest, RequestStatus, SubscriptionRequest, announce,
    filing::{self, Checked},
    objects,
    queries::{find_by_external_id, get, get_locked},
    rows::columns,
};
use crate::{ScopeId, target::TargetPolicy};
use stoa_core::{
    audit::Entry,
    db::{TenantTx, Total, conflict, failed, sql},
    error::{Code, Error, Result},
    events::uuid_array,
    id::{self, Id},
    scope::{Actor, Scope},
};

/// Most open requests of an institution.
const OPEN_MAX: i64 = 100;

const COUNT_OPEN: &str = "SELECT count(*) AS total FROM subscription_requests
  WHERE tenant_id = $1 AND status IN ('requested', 'testing')";

// Filed by an integration, a request is filed in its name.
const INSERT: &str = "INSERT INTO subscription_requests
  (tenant_id, id, external_id, fingerprint, dialect, reason, status, filed_by, filed_name, created_at, updated_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, 'requested', $7,
    COALESCE((SELECT name FROM users WHERE tenant_id = $1 AND id = $7), (SELECT name FROM tokens WHERE tenant_id = $1 AND id = $8),
      'Stoa'), $9, $9, $10)
  ON CONFLICT (tenant_id, external_id) DO NOTHING";

// UNNEST flattens an array of arrays, so each inner one travels as PostgreSQL's text form.
const INSERT_ITEMS: &str = "INSERT INTO subscription_request_items
  (tenant_id, request_id, number, url, events, scope_ids, scope_kinds, outcome)
  SELECT $1, $2, number, url, events::text[], scope_ids::uuid[], scope_kinds::text[], 'pending'
  FROM unnest($3, $4, $5, $6, $7) AS t(number, url, events, scope_ids, scope_kinds)";

const FINGERPRINT: &str = "SELECT count(*) AS total FROM subscription_requests
  WHERE tenant_id = $1 AND id = $2 AND fingerprint = $3";

const WITHDRAW: &str = "UPDATE subscription_requests SET status = 'withdrawn', updated_at = $3, decided_at = $3
  WHERE tenant_id = $1 AND id = $2";

/// A request as it stands after filing.
#[derive(Debug, Clone)]
pub struct Filed {
    /// The request.
    pub request: SubscriptionRequest,
    /// It was not there before.
    pub is_new: bool,
}

/// Files a request. The same one again under the same external id is the one that is there.
///
/// # Errors
/// `validation_failed`, `unsafe_url`; `conflict` for another request under the same external id, and for one too many.
pub async fn file(
    tx: &mut TenantTx,
    (scope, policy, life): (&Scope, &TargetPolicy, TimeDelta),
    new: NewSubscriptionRequest,
) -> Result<Filed> {
    let checked = filing::check(&new, policy)?;
    let pointers = new.items.iter().enumerate().map(|(at, item)| (format!("/items/{at}/scope"), item.scope.as_ref()));
    let scopes = objects::resolve(tx, &pointers.collect::<Vec<_>>()).await?;
    let fingerprint = fingerprint(&checked, &scopes);
    let id: Id<id::SubscriptionRequest> = tx.new_id();
    let is_new = insert(tx, (scope, life), (id, &fingerprint), &checked).await?;
    if !is_new {
        return repeated(tx, checked.external_id.as_deref().unwrap_or_default(), &fingerprint).await;
    }
    // Counted behind the insert, so that a repeat is answered also where no other could be filed.
    let tenant = tx.tenant();
    let open: Total = sql(COUNT_OPEN).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    if open.total > OPEN_MAX {
        let why = format!("{OPEN_MAX} requests are open, which is the most; withdraw one or wait for support");
        return Err(Error::new(Code::Conflict, why));
    }
    insert_items(tx, id, &checked, &scopes).await?;
    let request = get(tx, id).await?;
    tx.audit(Entry::of("subscription_request.filed", id).is(announce::summary(&request)));
    Ok(Filed { request, is_new })
}

/// Withdraws an open request. One that was withdrawn stays so.
///
/// # Errors
/// `not_found`; `conflict` when it was decided already.
pub async fn withdraw(tx: &mut TenantTx, id: Id<id::SubscriptionRequest>) -> Result<()> {
    let found = get_locked(tx, id).await?;
    if found.status == RequestStatus::Withdrawn {
        return Ok(());
    }
    announce::still_open(&found)?;
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(WITHDRAW).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    statement.execute(tx.connection()).await.map_err(failed)?;
    let was = json!({ "status": found.status.as_str() });
    tx.audit(Entry::of("subscription_request.withdrawn", id).was(was).is(json!({ "status": "withdrawn" })));
    Ok(())
}

/// What was requested, in a form that is the same for the same request.
fn fingerprint(checked: &Checked, scopes: &[Option<Vec<ScopeId>>]) -> [u8; 32] {
    let items = checked.items.iter().zip(scopes).map(|(item, scope)| {
        let mut objects: Option<Vec<String>> =
            scope.as_ref().map(|scope| scope.iter().map(ToString::to_string).collect());
        if let Some(objects) = &mut objects {
            objects.sort_unstable();
        }
        json!([item.url, item.events, objects])
    });
    let whole = json!([checked.dialect.as_str(), checked.reason, items.collect::<Vec<_>>()]);
    Sha256::digest(whole.to_string().as_bytes()).into()
}

async fn insert(
    tx: &mut TenantTx,
    (scope, life): (&Scope, TimeDelta),
    (id, fingerprint): (Id<id::SubscriptionRequest>, &[u8; 32]),
    checked: &Checked,
) -> Result<bool> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let token = match scope.actor {
        Actor::Integration(token) => Some(token),
        Actor::Person(_) | Actor::Staff(_) | Actor::House => None,
    };
    let inserted = sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Text>, _>(&checked.external_id)
        .bind::<Binary, _>(fingerprint.as_slice())
        .bind::<Text, _>(checked.dialect.as_str())
        .bind::<Text, _>(&checked.reason)
        .bind::<Nullable<SqlUuid>, _>(scope.person())
        .bind::<Nullable<SqlUuid>, _>(token)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + life)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(inserted == 1)
}

async fn insert_items(
    tx: &mut TenantTx,
    id: Id<id::SubscriptionRequest>,
    checked: &Checked,
    scopes: &[Option<Vec<ScopeId>>],
) -> Result<()> {
    let tenant = tx.tenant();
    let (ids, kinds): (Vec<_>, Vec<_>) = scopes
        .iter()
        .map(|scope| scope.as_deref().map(columns).map(|(ids, kinds)| (uuid_array(&ids), text_array(&kinds))).unzip())
        .unzip();
    sql(INSERT_ITEMS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .bind::<Array<Integer>, _>((1..).take(scopes.len()).collect::<Vec<i32>>())
        .bind::<Array<Text>, _>(checked.items.iter().map(|item| item.url.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(checked.items.iter().map(|item| text_array(&item.events)).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, Vec<Option<String>>>(ids)
        .bind::<Array<Nullable<Text>>, Vec<Option<String>>>(kinds)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

async fn repeated(tx: &mut TenantTx, external_id: &str, fingerprint: &[u8; 32]) -> Result<Filed> {
    let request = find_by_external_id(tx, external_id).await?;
    let tenant = tx.tenant();
    let same: Total = sql(FINGERPRINT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(request.id)
        .bind::<Binary, _>(fingerprint.as_slice())
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    if same.total == 0 {
        return Err(conflict("/external_id", "another request has the same external id"));
    }
    Ok(Filed { request, is_new: false })
}

/// `{a,b}`, PostgreSQL's text form of an array of words that need no quotes.
pub(super) fn text_array(words: &[impl AsRef<str>]) -> String {
    format!("{{{}}}", words.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(","))
}
