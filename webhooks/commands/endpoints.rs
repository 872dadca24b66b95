//! Endpoints without what they are told of: made, or found by their address.
//!
//! Not here: subscriptions, and the surfaces' own ways to say all at once (`create` of our API).

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::webhook::{DialectName, RetryPolicy, SignatureScheme};

use super::{
    fields::check_version,
    headers::{self, check_headers, unmask},
    noted,
    rotation::Fresh,
};
use crate::{
    Webhook, WebhookStatus,
    queries::get_webhook,
    target::{Target, TargetPolicy},
};
use stoa_core::{
    db::{HouseTx, TenantTx, failed, sql, violates},
    error::{Code, Error, FieldFault, Result},
    fields::Fields,
    id::{self, Id, TenantId},
    scope::Scope,
    sealed::Sealer,
};

/// Seconds within which updates of one object are sent as the last of them, unless it is said.
pub(super) const COALESCE_SECONDS: i32 = 5;

/// What an endpoint signs with.
#[derive(Debug, Clone, Default)]
pub enum SecretWish {
    /// A secret or a pair of keys made by us.
    #[default]
    Made,
    /// A shared secret that the caller has checked.
    Given(String),
    /// Nothing: the receiver takes unsigned bodies.
    Unsigned,
}

/// An endpoint to be made. A default of what a surface does not let choose is what is right for it.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// Where deliveries go, checked and normalised here.
    pub url: String,
    /// How it is spoken to.
    pub dialect: DialectName,
    /// Version that it is pinned to, where the dialect has versions.
    pub api_version: Option<String>,
    /// What signs.
    pub secret: SecretWish,
    /// How it signs.
    pub signature_scheme: SignatureScheme,
    /// Headers of its own.
    pub headers: BTreeMap<String, String>,
    /// When to try again.
    pub retry_policy: RetryPolicy,
    /// Updates of one object within so many seconds are sent as the last of them.
    pub coalesce_seconds: i32,
    /// Strictly one event of an object after the other.
    pub ordered: bool,
    /// Most attempts at the same time.
    pub max_in_flight: Option<i32>,
    /// Most attempts in a second.
    pub rate_per_second: Option<i32>,
    /// Words of its owner.
    pub description: String,
    /// Whether it is attempted from the beginning.
    pub status: WebhookStatus,
}

impl NewEndpoint {
    /// An endpoint with the usual policies and a secret made by us.
    pub fn at(url: impl Into<String>, dialect: DialectName) -> Self {
        Self {
            url: url.into(),
            dialect,
            api_version: None,
            secret: SecretWish::Made,
            signature_scheme: SignatureScheme::V1,
            headers: BTreeMap::new(),
            retry_policy: RetryPolicy::default(),
            coalesce_seconds: COALESCE_SECONDS,
            ordered: false,
            max_in_flight: None,
            rate_per_second: None,
            description: String::new(),
            status: WebhookStatus::Enabled,
        }
    }
}

/// Makes an endpoint, which is told of nothing until it is subscribed. Answers its secret this once, where it is shared.
///
/// # Errors
/// `validation_failed`, `unsafe_url`; `duplicate_target_url` when the institution has one at the address.
pub async fn add_endpoint(
    tx: &mut TenantTx,
    with: (&Scope, &Sealer, &TargetPolicy),
    new: NewEndpoint,
) -> Result<(Webhook, Option<String>)> {
    let made = make(tx, with, new).await?;
    noted::created(tx, &made.0);
    Ok(made)
}

/// The same, of which whoever calls makes a note.
pub(super) async fn make(
    tx: &mut TenantTx,
    (scope, sealer, policy): (&Scope, &Sealer, &TargetPolicy),
    new: NewEndpoint,
) -> Result<(Webhook, Option<String>)> {
    let mut fields = Fields::new();
    check_version(&mut fields, new.dialect.dialect(), new.api_version.as_deref());
    let headers = check_headers(&mut fields, &new.headers);
    fields.finish()?;
    let url = Target::parse(&new.url, policy)?;
    let headers = unmask(tx, sealer, None, headers).await?;
    let webhook: Id<id::Webhook> = tx.new_id();
    let fresh = match &new.secret {
        SecretWish::Made => Some(Fresh::of(new.signature_scheme, None)),
        SecretWish::Given(secret) => Some(Fresh::of(new.signature_scheme, Some(secret.clone()))),
        SecretWish::Unsigned => None,
    };
    let row = Row {
        webhook,
        url: url.as_str(),
        at_rest: fresh.as_ref().map(|fresh| fresh.sealed(webhook, sealer)).transpose()?,
        fresh: fresh.as_ref(),
        headers: headers::seal(&headers, webhook, sealer)?,
        by: scope.person(),
        new: &new,
    };
    insert(tx, row).await?;
    Ok((get_webhook(tx, webhook).await?, fresh.and_then(Fresh::shown)))
}

/// Finds the endpoint at an address, or makes it; then its secret is answered too.
///
/// # Errors
/// `validation_failed`, `unsafe_url`; `conflict` when the one at the address is spoken to in another dialect.
pub async fn endpoint_for(
    tx: &mut TenantTx,
    (scope, sealer, policy): (&Scope, &Sealer, &TargetPolicy),
    new: NewEndpoint,
) -> Result<(Webhook, Option<String>)> {
    let url = Target::parse(&new.url, policy)?;
    let Some(found) = endpoint_at(tx, url.as_str()).await? else {
        return add_endpoint(tx, (scope, sealer, policy), new).await;
    };
    if found.dialect != new.dialect {
        let why =
            format!("the webhook at this address is spoken to in the dialect {}, not {}", found.dialect, new.dialect);
        return Err(Error::new(Code::Conflict, why));
    }
    Ok((found, None))
}

/// Finds the endpoint at a normalised address.
///
/// # Errors
/// As the database says.
pub async fn endpoint_at(tx: &mut TenantTx, url: &str) -> Result<Option<Webhook>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::Webhook>,
    }
    let tenant = tx.tenant().uuid();
    let found: Vec<Found> = sql("SELECT id FROM webhooks WHERE tenant_id = $1 AND url = $2 AND deleted_at IS NULL")
        .bind::<SqlUuid, _>(tenant)
        .bind::<Text, _>(url)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    match found.into_iter().next() {
        Some(found) => get_webhook(tx, found.id).await.map(Some),
        None => Ok(None),
    }
}

/// Notes that a test was received at an address. One of an address that the endpoint has no more says nothing of it.
///
/// # Errors
/// As the database says.
pub async fn note_pinged(tx: &mut HouseTx, tenant: TenantId, webhook: Id<id::Webhook>, url: &str) -> Result<()> {
    let now = tx.now();
    sql("UPDATE webhooks SET pinged_at = $4 WHERE tenant_id = $1 AND id = $2 AND url = $3 AND deleted_at IS NULL")
        .bind::<SqlUuid, _>(tenant.uuid())
        .bind::<SqlUuid, _>(webhook.uuid())
        .bind::<Text, _>(url)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

struct Row<'a> {
    webhook: Id<id::Webhook>,
    url: &'a str,
    fresh: Option<&'a Fresh>,
    at_rest: Option<Vec<u8>>,
    headers: headers::Kept,
    by: Option<Id<id::User>>,
    new: &'a NewEndpoint,
}

async fn insert(tx: &mut TenantTx, row: Row<'_>) -> Result<()> {
    let (tenant, now, new) = (tx.tenant().uuid(), tx.now(), row.new);
    sql("INSERT INTO webhooks (tenant_id, id, url, description, dialect, api_version, secret, secret_hint, signature_scheme,
           public_key, headers, header_names, retry_policy, coalesce_seconds, ordered, max_in_flight, rate_per_second, status,
           created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20)")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(row.webhook.uuid())
    .bind::<Text, _>(row.url)
    .bind::<Text, _>(&new.description)
    .bind::<Text, _>(new.dialect.as_str())
    .bind::<Nullable<Text>, _>(new.api_version.as_deref())
    .bind::<Nullable<Binary>, _>(row.at_rest)
    .bind::<Text, _>(row.fresh.map_or("", |fresh| &fresh.hint))
    .bind::<Text, _>(new.signature_scheme.as_str())
    .bind::<Nullable<Text>, _>(row.fresh.and_then(|fresh| fresh.public_key.as_deref()))
    .bind::<Nullable<Binary>, _>(row.headers.sealed)
    .bind::<Array<Text>, _>(row.headers.names)
    .bind::<Text, _>(new.retry_policy.as_str())
    .bind::<Integer, _>(new.coalesce_seconds)
    .bind::<Bool, _>(new.ordered)
    .bind::<Nullable<Integer>, _>(new.max_in_flight)
    .bind::<Nullable<Integer>, _>(new.rate_per_second)
    .bind::<Text, _>(new.status.as_str())
    .bind::<Nullable<SqlUuid>, _>(row.by.map(Id::uuid))
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(duplicate_or_failed)?;
    Ok(())
}

pub(super) fn duplicate_or_failed(error: diesel::result::Error) -> Error {
    if violates(&error, "webhooks_one_per_url") {
        let detail = "another webhook already uses this address";
        return Error::new(Code::DuplicateTargetUrl, detail)
            .with_fields(vec![FieldFault::new("/url", "taken", detail)]);
    }
    failed(error)
}
