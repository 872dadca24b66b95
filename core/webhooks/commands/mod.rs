//! What may be done with webhooks and their deliveries.

mod deliveries;
mod fields;
mod scope;

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use stoa_protocols::webhook::{DialectName, RetryPolicy, signature};

pub use deliveries::redeliver;
use fields::Checked;
pub use scope::ScopeKeys;

use super::{Webhook, WebhookStatus, queries::get_webhook, secret_place, target::TargetPolicy};
use crate::{
    db::{TenantTx, failed, sql, violates},
    error::{Code, Error, FieldFault, Result},
    fields::given,
    id::{self, Id},
    scope::Scope,
    sealed::{Sealer, Secret},
};

/// A webhook to be made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where deliveries go. One webhook per address.
    pub url: String,
    /// Other addresses for some types: by type (`quiz_stat.created`) or by its part before the dot (`quiz_stat`).
    #[serde(default)]
    pub urls: BTreeMap<String, String>,
    /// Event types, in the dialect's names; `*` for all that it speaks.
    pub events: Vec<String>,
    /// Limits it to what happens in given courses, lessons and items; all if left out.
    #[serde(default)]
    pub scope: Option<ScopeKeys>,
    /// How the receiver wants to be spoken to; `talktiko` if left out.
    #[serde(default)]
    pub dialect: Option<DialectName>,
    /// Version to be pinned to, where the dialect has versions.
    #[serde(default)]
    pub api_version: Option<String>,
    /// Signing secret, 8 to 256 printable characters, or `whsec_` and base64; made by us if left out.
    #[serde(default)]
    pub secret: Option<String>,
    /// Retry schedule; `two_minutes` if left out.
    #[serde(default)]
    pub retry_policy: Option<RetryPolicy>,
    /// Words for yourself, at most 1000 characters.
    #[serde(default)]
    pub description: Option<String>,
}

/// What may be changed. What is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookChange {
    /// Where deliveries go from now on; those owed already go where they were owed to.
    #[serde(deserialize_with = "given")]
    pub url: Option<String>,
    /// Other addresses for some types.
    #[serde(deserialize_with = "given")]
    pub urls: Option<BTreeMap<String, String>>,
    /// Event types.
    #[serde(deserialize_with = "given")]
    pub events: Option<Vec<String>>,
    /// Limits; null lifts them.
    #[serde(deserialize_with = "given")]
    pub scope: Option<Option<ScopeKeys>>,
    /// As it is: a webhook that is to be spoken to otherwise is another webhook.
    #[serde(deserialize_with = "given")]
    pub dialect: Option<DialectName>,
    /// Version to be pinned to.
    #[serde(deserialize_with = "given")]
    pub api_version: Option<Option<String>>,
    /// New signing secret; the old one stops at once.
    #[serde(deserialize_with = "given")]
    pub secret: Option<String>,
    /// Retry schedule.
    #[serde(deserialize_with = "given")]
    pub retry_policy: Option<RetryPolicy>,
    /// Words for yourself.
    #[serde(deserialize_with = "given")]
    pub description: Option<String>,
    /// `enabled`, `paused` or `disabled_by_user`.
    #[serde(deserialize_with = "given")]
    pub status: Option<WebhookStatus>,
}

impl From<NewWebhook> for WebhookChange {
    /// What replacing means: all that can be changed, with the defaults for what was left out. The secret stays
    /// unless another is given.
    fn from(new: NewWebhook) -> Self {
        Self {
            url: Some(new.url),
            urls: Some(new.urls),
            events: Some(new.events),
            scope: Some(new.scope),
            dialect: new.dialect,
            api_version: Some(new.api_version),
            secret: new.secret,
            retry_policy: Some(new.retry_policy.unwrap_or_default()),
            description: Some(new.description.unwrap_or_default()),
            status: None,
        }
    }
}

/// Registers a receiver and answers its secret, this once.
///
/// # Errors
/// `validation_failed`, `unsafe_url`, `duplicate_target_url`.
pub async fn create(
    tx: &mut TenantTx,
    (scope, sealer, policy): (&Scope, &Sealer, &TargetPolicy),
    new: NewWebhook,
) -> Result<(Webhook, String)> {
    let dialect = new.dialect.unwrap_or(DialectName::Talktiko);
    let checked = Checked::whole(&new, dialect, policy)?;
    let (scope_ids, scope_kinds) = scope::resolve(tx, new.scope.as_ref()).await?.unzip();
    let webhook: Id<id::Webhook> = tx.new_id();
    let secret = new.secret.unwrap_or_else(|| signature::secret_text(rand::random()));
    let at_rest = sealer.seal(&Secret::new(secret.as_bytes()), &secret_place(webhook))?;
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sql("INSERT INTO webhooks (tenant_id, id, url, urls, description, events, scope_ids, scope_kinds, dialect, api_version, secret,
           secret_hint, retry_policy, status, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'enabled', $14, $15, $15)")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Text, _>(checked.url)
    .bind::<Jsonb, _>(checked.urls)
    .bind::<Text, _>(checked.description)
    .bind::<Array<Text>, _>(checked.events)
    .bind::<Nullable<Array<SqlUuid>>, _>(scope_ids)
    .bind::<Nullable<Array<Text>>, _>(scope_kinds)
    .bind::<Text, _>(dialect.as_str())
    .bind::<Nullable<Text>, _>(checked.api_version)
    .bind::<Binary, _>(at_rest)
    .bind::<Text, _>(signature::secret_hint(&secret))
    .bind::<Text, _>(new.retry_policy.unwrap_or_default().as_str())
    .bind::<Nullable<SqlUuid>, _>(scope.person().map(Id::uuid))
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(duplicate_or_failed)?;
    Ok((get_webhook(tx, webhook).await?, secret))
}

/// Changes a receiver. Answers how it is now, and whether deliveries that waited are to be sent.
///
/// # Errors
/// `webhook_not_found`, `validation_failed`, `unsafe_url`, `duplicate_target_url`.
pub async fn update(
    tx: &mut TenantTx,
    (sealer, policy): (&Sealer, &TargetPolicy),
    webhook: Id<id::Webhook>,
    change: WebhookChange,
) -> Result<(Webhook, bool)> {
    let before = get_webhook(tx, webhook).await?;
    let checked = Checked::change(&change, before.dialect, policy)?;
    let lifts_scope = change.scope.is_some();
    let (scope_ids, scope_kinds) = scope::resolve(tx, change.scope.as_ref().and_then(Option::as_ref)).await?.unzip();
    let place = secret_place(webhook);
    let at_rest =
        change.secret.as_ref().map(|secret| sealer.seal(&Secret::new(secret.as_bytes()), &place)).transpose()?;
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sql("UPDATE webhooks SET url = COALESCE($3, url), urls = COALESCE($4, urls), description = COALESCE($5, description),
           events = COALESCE($6, events), scope_ids = CASE WHEN $7 THEN $8 ELSE scope_ids END,
           scope_kinds = CASE WHEN $7 THEN $9 ELSE scope_kinds END, api_version = CASE WHEN $10 THEN $11 ELSE api_version END,
           secret = COALESCE($12, secret), secret_hint = COALESCE($13, secret_hint), retry_policy = COALESCE($14, retry_policy),
           status = COALESCE($15, status), status_reason = CASE WHEN $15 IS NULL THEN status_reason END,
           failing_since = CASE WHEN $15 = 'enabled' THEN NULL ELSE failing_since END, updated_at = $16
         WHERE tenant_id = $1 AND id = $2")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Nullable<Text>, _>(checked.url)
    .bind::<Nullable<Jsonb>, _>(checked.urls)
    .bind::<Nullable<Text>, _>(checked.description)
    .bind::<Nullable<Array<Text>>, _>(checked.events)
    .bind::<diesel::sql_types::Bool, _>(lifts_scope)
    .bind::<Nullable<Array<SqlUuid>>, _>(scope_ids)
    .bind::<Nullable<Array<Text>>, _>(scope_kinds)
    .bind::<diesel::sql_types::Bool, _>(change.api_version.is_some())
    .bind::<Nullable<Text>, _>(checked.api_version)
    .bind::<Nullable<Binary>, _>(at_rest)
    .bind::<Nullable<Text>, _>(change.secret.as_deref().map(signature::secret_hint))
    .bind::<Nullable<Text>, _>(change.retry_policy.map(RetryPolicy::as_str))
    .bind::<Nullable<Text>, _>(change.status.map(WebhookStatus::as_str))
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(duplicate_or_failed)?;
    if change.status == Some(WebhookStatus::DisabledByUser) {
        deliveries::cancel_owed(tx, webhook).await?;
    }
    let after = get_webhook(tx, webhook).await?;
    let resumes = after.status == WebhookStatus::Enabled && before.status != WebhookStatus::Enabled;
    Ok((after, resumes))
}

/// Removes a receiver; what was owed to it is cancelled, and its log stays.
///
/// # Errors
/// `webhook_not_found`, also the second time.
pub async fn delete(tx: &mut TenantTx, webhook: Id<id::Webhook>) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        #[expect(dead_code, reason = "only whether there is one counts")]
        id: uuid::Uuid,
    }
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let rows: Vec<Row> = sql("UPDATE webhooks SET deleted_at = $3, secret = NULL, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING id")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Timestamptz, _>(now)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    if rows.is_empty() {
        return Err(Error::new(Code::WebhookNotFound, "no such webhook"));
    }
    deliveries::cancel_owed(tx, webhook).await
}

fn duplicate_or_failed(error: diesel::result::Error) -> Error {
    if violates(&error, "webhooks_one_per_url") {
        let detail = "another webhook already uses this address";
        return Error::new(Code::DuplicateTargetUrl, detail)
            .with_fields(vec![FieldFault::new("/url", "taken", detail)]);
    }
    failed(error)
}
