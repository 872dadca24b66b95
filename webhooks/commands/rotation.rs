//! A new secret in the place of the old, without a moment in which a receiver refuses.
//!
//! Not here: which headers carry which signature during the overlap (`stoa_protocols::webhook`).
//!
//! # Rule
//! During the overlap both secrets sign. One rotation at a time: a second would end the overlap of the first before
//! its receiver has changed. The previous secret is in the row until the overlap ends, and signs no longer after.

use chrono::TimeDelta;
use diesel::sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use stoa_protocols::webhook::{
    SignatureScheme, SigningKey,
    signature::{self, ed25519},
};

use super::fields::check_secret;
use crate::{Webhook, queries::get_webhook};
use stoa_core::{
    audit::Entry,
    db::{HouseTx, TenantTx, failed, sql},
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id},
    sealed::{Sealer, Secret, webhook_secret},
};

/// How long both secrets sign, unless it is said.
const OVERLAP_SECONDS: i64 = 86_400;
/// The longest that both sign.
const OVERLAP_SECONDS_MAX: i64 = 604_800;

/// A change of the secret.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "WebhookSecretRotation")]
pub struct Rotation {
    /// How long the present secret signs beside the new one, 0 to 604800 seconds; 86400 if left out.
    pub overlap_seconds: Option<i64>,
    /// The new secret, in the form that a new webhook takes; made by us if left out. Not for `v1a`.
    pub secret: Option<String>,
    /// How deliveries are signed from now on; as before if left out.
    pub signature_scheme: Option<SignatureScheme>,
}

/// A secret just made or taken.
pub(super) struct Fresh {
    /// Text of the secret, sealed by whoever keeps it.
    pub(super) text: String,
    /// What is shown of it later.
    pub(super) hint: String,
    /// Of a pair.
    pub(super) public_key: Option<String>,
}

impl Fresh {
    pub(super) fn of(scheme: SignatureScheme, given: Option<String>) -> Self {
        match scheme {
            SignatureScheme::V1 => {
                let text = given.unwrap_or_else(|| signature::secret_text(rand::random()));
                Self { hint: signature::secret_hint(&text).to_owned(), text, public_key: None }
            }
            SignatureScheme::V1a => {
                let text = ed25519::private_text(rand::random());
                Self { hint: String::new(), public_key: SigningKey::of(text.as_bytes()).public_text(), text }
            }
        }
    }

    pub(super) fn sealed(&self, webhook: Id<id::Webhook>, sealer: &Sealer) -> Result<Vec<u8>> {
        sealer.seal(&Secret::new(self.text.as_bytes()), &webhook_secret(webhook))
    }

    /// What is shown this once: the secret that both sides have, never the private half of a pair.
    pub(super) fn shown(self) -> Option<String> {
        self.public_key.is_none().then_some(self.text)
    }
}

/// Puts a new secret in the place of the present one. Answers the endpoint, and the secret this once where it is shared.
///
/// # Errors
/// `webhook_not_found`, `validation_failed`; `conflict` during the overlap of another rotation.
pub async fn rotate_secret(
    tx: &mut TenantTx,
    sealer: &Sealer,
    webhook: Id<id::Webhook>,
    rotation: Rotation,
) -> Result<(Webhook, Option<String>)> {
    let before = get_webhook(tx, webhook).await?;
    let scheme = rotation.signature_scheme.unwrap_or(before.signature_scheme);
    let overlap_seconds = rotation.overlap_seconds.unwrap_or(OVERLAP_SECONDS);
    let mut fields = Fields::new();
    fields.within("/overlap_seconds", &overlap_seconds, &(0..=OVERLAP_SECONDS_MAX));
    check_secret(&mut fields, scheme, rotation.secret.as_deref());
    fields.finish()?;
    if let Some(until) = before.previous_secret_until {
        let until = until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let why = format!("the secret before is still good until {until}; end that overlap first");
        return Err(Error::new(Code::Conflict, why));
    }
    let fresh = Fresh::of(scheme, rotation.secret);
    let at_rest = fresh.sealed(webhook, sealer)?;
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let until = (overlap_seconds > 0).then(|| now + TimeDelta::seconds(overlap_seconds));
    sql("UPDATE webhooks SET previous_secret = CASE WHEN $3 IS NOT NULL THEN secret END,
           previous_secret_until = CASE WHEN secret IS NOT NULL THEN $3 END, secret = $4, secret_hint = $5,
           signature_scheme = $6, public_key = $7, updated_at = $8
         WHERE tenant_id = $1 AND id = $2")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Nullable<Timestamptz>, _>(until)
    .bind::<Binary, _>(at_rest)
    .bind::<Text, _>(&fresh.hint)
    .bind::<Text, _>(scheme.as_str())
    .bind::<Nullable<Text>, _>(fresh.public_key.as_deref())
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    let what = json!({ "overlap_seconds": overlap_seconds, "signature_scheme": scheme });
    tx.audit(Entry::of("webhook.secret_rotated", webhook).is(what));
    Ok((get_webhook(tx, webhook).await?, fresh.shown()))
}

/// Ends the overlap of a rotation at once: only the new secret signs. Nothing happens where there is none.
///
/// # Errors
/// `webhook_not_found`.
pub async fn forget_previous_secret(tx: &mut TenantTx, webhook: Id<id::Webhook>) -> Result<()> {
    get_webhook(tx, webhook).await?;
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let ended = sql("UPDATE webhooks SET previous_secret = NULL, previous_secret_until = NULL, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND previous_secret IS NOT NULL")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(webhook.uuid())
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)?;
    if ended > 0 {
        tx.audit(Entry::of("webhook.previous_secret_dropped", webhook));
    }
    Ok(())
}

/// Forgets the secrets whose overlap has ended: they sign no longer, and need not be kept.
///
/// # Errors
/// As the database says.
pub async fn forget_expired_secrets(tx: &mut HouseTx) -> Result<usize> {
    let now = tx.now();
    sql("UPDATE webhooks SET previous_secret = NULL, previous_secret_until = NULL
         WHERE previous_secret IS NOT NULL AND previous_secret_until <= $1")
    .bind::<Timestamptz, _>(now)
    .execute(tx.connection())
    .await
    .map_err(failed)
}
