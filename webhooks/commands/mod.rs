//! What may be done with webhooks and their deliveries.

mod deliveries;
mod endpoints;
mod fields;
mod headers;
mod noted;
mod redacted;
mod rotation;

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use stoa_protocols::webhook::{DialectName, RetryPolicy, SignatureScheme, signature};

pub(super) use deliveries::cancel_owed;
pub use deliveries::redeliver;
pub use endpoints::{NewEndpoint, SecretWish, add_endpoint, endpoint_at, endpoint_for, note_pinged};
pub use headers::MASK;
pub(super) use noted::told;
pub use rotation::{Rotation, forget_expired_secrets, forget_previous_secret, rotate_secret};

use self::endpoints::{COALESCE_SECONDS, duplicate_or_failed};
use super::{
    Source, Webhook, WebhookStatus, order,
    queries::get_webhook,
    subscriptions::{self, NewSubscription, Origin, ScopeKeys, SubscriptionChange},
    target::TargetPolicy,
};
use stoa_core::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    fields::given,
    id::{self, Id},
    scope::Scope,
    sealed::{Sealer, Secret, webhook_secret},
};

/// A webhook to be made.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where deliveries go. One webhook per address.
    pub url: String,
    /// Event types of its first subscription, in the dialect's names; `*` for all that it speaks.
    pub events: Vec<String>,
    /// Limits that to what happens in given courses, lessons and items; all if left out.
    #[serde(default)]
    pub scope: Option<ScopeKeys>,
    /// How the receiver wants to be spoken to; `talktiko` if left out.
    #[serde(default)]
    pub dialect: Option<DialectName>,
    /// Version to be pinned to, where the dialect has versions.
    #[serde(default)]
    pub api_version: Option<String>,
    /// Signing secret, 8 to 256 printable characters, or `whsec_` and base64; made by us if left out. Not for `v1a`.
    #[serde(default)]
    pub secret: Option<String>,
    /// How `webhook-signature` is made: `v1`, by a secret that both sides have, or `v1a`, by a pair of keys of which
    /// you get the public one; `v1` if left out.
    #[serde(default)]
    pub signature_scheme: Option<SignatureScheme>,
    /// Headers of your own, sent with each delivery: at most 16. Their values are not shown again.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Retry schedule; `two_minutes` if left out.
    #[serde(default)]
    pub retry_policy: Option<RetryPolicy>,
    /// Updates of one statistic within so many seconds are sent as the last of them, 0 to 300; 0 sends each, 5 if left
    /// out.
    #[serde(default)]
    pub coalesce_seconds: Option<i32>,
    /// The events of one object are sent strictly one after the other; not if left out.
    #[serde(default)]
    pub ordered: Option<bool>,
    /// Most attempts at the same time, 1 to 1000; the server's own limit if left out.
    #[serde(default)]
    pub max_in_flight: Option<i32>,
    /// Most attempts in a second, 1 to 10000; no limit if left out.
    #[serde(default)]
    pub rate_per_second: Option<i32>,
    /// Words for yourself, at most 1000 characters.
    #[serde(default)]
    pub description: Option<String>,
}

/// What may be changed. What is absent stays as it is.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookChange {
    /// Where deliveries go from now on; those owed already go where they were owed to. The secret stays, and the new
    /// address wants a test.
    #[serde(deserialize_with = "given")]
    pub url: Option<String>,
    /// Event types of its own first subscription.
    #[serde(deserialize_with = "given")]
    pub events: Option<Vec<String>>,
    /// Limits of that; null lifts them.
    #[serde(deserialize_with = "given")]
    pub scope: Option<Option<ScopeKeys>>,
    /// As it is: a webhook that is to be spoken to otherwise is another webhook.
    #[serde(deserialize_with = "given")]
    pub dialect: Option<DialectName>,
    /// Version to be pinned to.
    #[serde(deserialize_with = "given")]
    pub api_version: Option<Option<String>>,
    /// New signing secret; the old one stops at once. To change it without a break, rotate it.
    #[serde(deserialize_with = "given")]
    pub secret: Option<String>,
    /// As it is: it changes when the secret is rotated.
    #[serde(deserialize_with = "given")]
    pub signature_scheme: Option<SignatureScheme>,
    /// Headers of your own instead of those that there are. `***`, as a value is shown, keeps the value.
    #[serde(deserialize_with = "given")]
    pub headers: Option<BTreeMap<String, String>>,
    /// Retry schedule.
    #[serde(deserialize_with = "given")]
    pub retry_policy: Option<RetryPolicy>,
    /// Seconds within which updates of one statistic are sent as the last of them.
    #[serde(deserialize_with = "given")]
    pub coalesce_seconds: Option<i32>,
    /// Strictly one event of an object after the other.
    #[serde(deserialize_with = "given")]
    pub ordered: Option<bool>,
    /// Most attempts at the same time; null for the server's own limit.
    #[serde(deserialize_with = "given")]
    pub max_in_flight: Option<Option<i32>>,
    /// Most attempts in a second; null for no limit.
    #[serde(deserialize_with = "given")]
    pub rate_per_second: Option<Option<i32>>,
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
            events: Some(new.events),
            scope: Some(new.scope),
            dialect: new.dialect,
            api_version: Some(new.api_version),
            secret: new.secret,
            signature_scheme: new.signature_scheme,
            headers: Some(new.headers),
            retry_policy: Some(new.retry_policy.unwrap_or_default()),
            coalesce_seconds: Some(new.coalesce_seconds.unwrap_or(COALESCE_SECONDS)),
            ordered: Some(new.ordered.unwrap_or_default()),
            max_in_flight: Some(new.max_in_flight),
            rate_per_second: Some(new.rate_per_second),
            description: Some(new.description.unwrap_or_default()),
            status: None,
        }
    }
}

/// Registers a receiver with its first subscription. Answers its secret this once; none of a pair of keys.
///
/// # Errors
/// `validation_failed`, `unsafe_url`, `duplicate_target_url`.
pub async fn create(
    tx: &mut TenantTx,
    (scope, sealer, policy): (&Scope, &Sealer, &TargetPolicy),
    mut new: NewWebhook,
) -> Result<(Webhook, Option<String>)> {
    fields::check_new(&mut new)?;
    let usual = NewEndpoint::at(new.url, new.dialect.unwrap_or(DialectName::Talktiko));
    let endpoint = NewEndpoint {
        api_version: new.api_version,
        secret: new.secret.map_or(SecretWish::Made, SecretWish::Given),
        signature_scheme: new.signature_scheme.unwrap_or_default(),
        headers: new.headers,
        retry_policy: new.retry_policy.unwrap_or_default(),
        coalesce_seconds: new.coalesce_seconds.unwrap_or(COALESCE_SECONDS),
        ordered: new.ordered.unwrap_or_default(),
        max_in_flight: new.max_in_flight,
        rate_per_second: new.rate_per_second,
        description: new.description.unwrap_or_default(),
        ..usual
    };
    let (webhook, secret) = endpoints::make(tx, (scope, sealer, policy), endpoint).await?;
    let origin = Origin { source: Source::Institution, request: None, by: scope.person() };
    let told = NewSubscription { events: new.events, scope: new.scope };
    subscriptions::subscribe_first(tx, webhook.id, origin, told).await?;
    let made = get_webhook(tx, webhook.id).await?;
    noted::created(tx, &made);
    Ok((made, secret))
}

/// Changes a receiver. Answers how it is now, and whether deliveries that waited are to be sent.
///
/// # Errors
/// `webhook_not_found`, `validation_failed`, `unsafe_url`, `duplicate_target_url`.
pub async fn update(
    tx: &mut TenantTx,
    (scope, sealer, policy): (&Scope, &Sealer, &TargetPolicy),
    webhook: Id<id::Webhook>,
    mut change: WebhookChange,
) -> Result<(Webhook, bool)> {
    let before = get_webhook(tx, webhook).await?;
    let mut checked = fields::check_change(&change, &before, policy)?;
    if let Some(headers) = checked.headers.take() {
        checked.headers = Some(headers::unmask(tx, sealer, Some(webhook), headers).await?);
    }
    let told = SubscriptionChange { events: change.events.take(), scope: change.scope.take() };
    subscriptions::write_own(tx, &before, scope.person(), told).await?;
    write(tx, sealer, webhook, (&change, checked)).await?;
    if change.status == Some(WebhookStatus::DisabledByUser) {
        let (tenant, now) = (tx.tenant(), tx.now());
        cancel_owed(tx.connection(), (tenant, webhook), ("webhook_disabled", now)).await?;
    }
    let after = get_webhook(tx, webhook).await?;
    if after.ordered && !before.ordered {
        order::begin(tx, webhook).await?;
    }
    noted::changed(tx, &before, &after);
    let how = |webhook: &Webhook| (webhook.ordered, webhook.max_in_flight, webhook.rate_per_second);
    let resumes = after.status == WebhookStatus::Enabled
        && (before.status != WebhookStatus::Enabled || how(&before) != how(&after));
    Ok((after, resumes))
}

async fn write(
    tx: &mut TenantTx,
    sealer: &Sealer,
    webhook: Id<id::Webhook>,
    (change, checked): (&WebhookChange, fields::Checked),
) -> Result<()> {
    let place = webhook_secret(webhook);
    let at_rest =
        change.secret.as_ref().map(|secret| sealer.seal(&Secret::new(secret.as_bytes()), &place)).transpose()?;
    let kept = checked.headers.map(|headers| headers::seal(&headers, webhook, sealer)).transpose()?;
    let (sealed_headers, header_names) = kept.map(|kept| (kept.sealed, kept.names)).unzip();
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    sql("UPDATE webhooks SET url = COALESCE($3, url), pinged_at = CASE WHEN $3 <> url THEN NULL ELSE pinged_at END,
           description = COALESCE($4, description), api_version = CASE WHEN $5 THEN $6 ELSE api_version END,
           secret = COALESCE($7, secret), secret_hint = COALESCE($8, secret_hint),
           previous_secret = CASE WHEN $7 IS NULL THEN previous_secret END,
           previous_secret_until = CASE WHEN $7 IS NULL THEN previous_secret_until END,
           headers = CASE WHEN $9 IS NULL THEN headers ELSE $10 END, header_names = COALESCE($9, header_names),
           retry_policy = COALESCE($11, retry_policy), coalesce_seconds = COALESCE($12, coalesce_seconds),
           ordered = COALESCE($13, ordered), max_in_flight = CASE WHEN $14 THEN $15 ELSE max_in_flight END,
           rate_per_second = CASE WHEN $16 THEN $17 ELSE rate_per_second END,
           status = COALESCE($18, status), status_reason = CASE WHEN $18 IS NULL THEN status_reason END,
           failing_since = CASE WHEN $18 = 'enabled' THEN NULL ELSE failing_since END,
           failed_attempts = CASE WHEN $18 = 'enabled' THEN 0 ELSE failed_attempts END,
           failing_told = CASE WHEN $18 = 'enabled' THEN 0 ELSE failing_told END,
           told_at = CASE WHEN $18 = 'enabled' THEN NULL ELSE told_at END,
           disabled_at = CASE WHEN $18 IS NULL THEN disabled_at END, updated_at = $19
         WHERE tenant_id = $1 AND id = $2")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Nullable<Text>, _>(checked.url)
    .bind::<Nullable<Text>, _>(checked.description)
    .bind::<Bool, _>(change.api_version.is_some())
    .bind::<Nullable<Text>, _>(checked.api_version)
    .bind::<Nullable<Binary>, _>(at_rest)
    .bind::<Nullable<Text>, _>(change.secret.as_deref().map(signature::secret_hint))
    .bind::<Nullable<Array<Text>>, _>(header_names)
    .bind::<Nullable<Binary>, _>(sealed_headers.flatten())
    .bind::<Nullable<Text>, _>(change.retry_policy.map(RetryPolicy::as_str))
    .bind::<Nullable<Integer>, _>(change.coalesce_seconds)
    .bind::<Nullable<Bool>, _>(change.ordered)
    .bind::<Bool, _>(change.max_in_flight.is_some())
    .bind::<Nullable<Integer>, _>(change.max_in_flight.flatten())
    .bind::<Bool, _>(change.rate_per_second.is_some())
    .bind::<Nullable<Integer>, _>(change.rate_per_second.flatten())
    .bind::<Nullable<Text>, _>(change.status.map(WebhookStatus::as_str))
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(duplicate_or_failed)?;
    Ok(())
}

/// Removes a receiver; what was owed to it is cancelled, and its log stays.
///
/// # Errors
/// `webhook_not_found`, also the second time.
pub async fn delete(tx: &mut TenantTx, webhook: Id<id::Webhook>) -> Result<()> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        url: String,
    }
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let rows: Vec<Row> = sql(
        "UPDATE webhooks SET deleted_at = $3, secret = NULL, previous_secret = NULL, headers = NULL, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING url",
    )
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Timestamptz, _>(now)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let found = rows.into_iter().next().ok_or_else(|| Error::new(Code::WebhookNotFound, "no such webhook"))?;
    tx.audit(Entry::of("webhook.deleted", webhook).was(json!({ "url": found.url })));
    subscriptions::delete_all(tx, webhook).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    cancel_owed(tx.connection(), (tenant, webhook), ("webhook_deleted", now)).await?;
    Ok(())
}
