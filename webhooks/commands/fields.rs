//! The checks of a webhook's fields; every fault is named, with what would have been right.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use stoa_protocols::webhook::{Dialect, DialectName, SignatureScheme};

use super::{NewWebhook, WebhookChange, headers::check_headers};
use crate::{
    Webhook, WebhookStatus,
    subscriptions::check_events,
    target::{Target, TargetPolicy},
};
use stoa_core::{error::Result, fields::Fields};

const DESCRIPTION_MAX: usize = 1_000;
const COALESCE_SECONDS_MAX: i32 = 300;
const IN_FLIGHT_MAX: i32 = 1_000;
const PER_SECOND_MAX: i32 = 10_000;

/// Checks a webhook to be made, as far as it can be told from the request alone, and trims its description.
pub(super) fn check_new(new: &mut NewWebhook) -> Result<()> {
    let mut fields = Fields::new();
    let dialect = new.dialect.unwrap_or(DialectName::Talktiko).dialect();
    check_events(&mut fields, dialect, &new.events);
    if let Some(text) = &mut new.description {
        fields.text("/description", text, DESCRIPTION_MAX);
    }
    check_secret(&mut fields, new.signature_scheme.unwrap_or_default(), new.secret.as_deref());
    check_version(&mut fields, dialect, new.api_version.as_deref());
    check_headers(&mut fields, &new.headers);
    check_pace(&mut fields, (new.coalesce_seconds, new.max_in_flight, new.rate_per_second));
    fields.finish()
}

/// Fields of a change that were checked and normalised.
pub(super) struct Checked {
    pub(super) url: Option<String>,
    pub(super) description: Option<String>,
    pub(super) api_version: Option<String>,
    pub(super) headers: Option<BTreeMap<String, String>>,
}

/// Checks a change of an endpoint.
pub(super) fn check_change(change: &WebhookChange, before: &Webhook, policy: &TargetPolicy) -> Result<Checked> {
    let mut fields = Fields::new();
    let dialect = before.dialect.dialect();
    let mut description = change.description.clone();
    if let Some(text) = &mut description {
        fields.text("/description", text, DESCRIPTION_MAX);
    }
    check_secret(&mut fields, before.signature_scheme, change.secret.as_deref());
    if !matches!(
        change.status,
        None | Some(WebhookStatus::Enabled | WebhookStatus::Paused | WebhookStatus::DisabledByUser)
    ) {
        fields.fault("/status", "value", "wanted enabled, paused or disabled_by_user");
    }
    if before.status == WebhookStatus::PendingApproval && change.status.is_some() {
        fields.fault("/status", "conflict", "the webhook waits for approval, which is not yours to give");
    }
    if change.dialect.is_some_and(|wanted| wanted != before.dialect) {
        let why = format!("the dialect stays {}; make another webhook for another", before.dialect);
        fields.fault("/dialect", "conflict", why);
    }
    if change.signature_scheme.is_some_and(|wanted| wanted != before.signature_scheme) {
        fields.fault("/signature_scheme", "conflict", "it changes with the secret; rotate that");
    }
    if let Some(events) = &change.events {
        check_events(&mut fields, dialect, events);
    }
    let api_version = change.api_version.clone().flatten();
    check_version(&mut fields, dialect, api_version.as_deref());
    let headers = change.headers.as_ref().map(|headers| check_headers(&mut fields, headers));
    check_pace(
        &mut fields,
        (change.coalesce_seconds, change.max_in_flight.flatten(), change.rate_per_second.flatten()),
    );
    fields.finish()?;
    let url = change.url.as_deref().map(|url| Target::parse(url, policy)).transpose()?;
    Ok(Checked { url: url.map(|url| url.as_str().to_owned()), description, api_version, headers })
}

fn check_pace(fields: &mut Fields, (coalesce, in_flight, rate): (Option<i32>, Option<i32>, Option<i32>)) {
    for (pointer, number, bounds) in [
        ("/coalesce_seconds", coalesce, 0..=COALESCE_SECONDS_MAX),
        ("/max_in_flight", in_flight, 1..=IN_FLIGHT_MAX),
        ("/rate_per_second", rate, 1..=PER_SECOND_MAX),
    ] {
        if let Some(number) = number {
            fields.within(pointer, &number, &bounds);
        }
    }
}

pub(super) fn check_version(fields: &mut Fields, dialect: &dyn Dialect, version: Option<&str>) {
    let Some(version) = version else { return };
    if !dialect.versions().contains(&version) {
        let wanted = match dialect.versions() {
            [] => "this dialect has no versions; leave it out".to_owned(),
            versions => format!("wanted one of {}", versions.join(", ")),
        };
        fields.fault("/api_version", "value", wanted);
    }
}

/// Checks a secret of the institution's own making.
///
/// # Source
/// Standard Webhooks, "Signature scheme": `whsec_` and the base64 of 24 to 64 bytes.
pub(super) fn check_secret(fields: &mut Fields, scheme: SignatureScheme, secret: Option<&str>) {
    let Some(secret) = secret else { return };
    if scheme == SignatureScheme::V1a {
        return fields.fault("/secret", "conflict", "the keys of v1a are made by us; leave it out");
    }
    let printable = secret.chars().all(|c| c.is_ascii_graphic());
    if ["whsk_", "whpk_"].iter().any(|prefix| secret.starts_with(prefix)) {
        return fields.fault("/secret", "format", "this is a key of a pair; wanted a secret that both sides have");
    }
    match secret.strip_prefix("whsec_") {
        Some(coded) if !BASE64_STANDARD.decode(coded).is_ok_and(|bytes| (24..=64).contains(&bytes.len())) => {
            fields.fault("/secret", "format", "wanted whsec_ and the base64 of 24 to 64 bytes");
        }
        None if !printable || !(8..=256).contains(&secret.len()) => {
            fields.fault("/secret", "length", "wanted 8 to 256 printable ASCII characters without spaces");
        }
        Some(_) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(secret: &str, scheme: SignatureScheme) -> Vec<String> {
        let mut fields = Fields::new();
        check_secret(&mut fields, scheme, Some(secret));
        match fields.finish() {
            Ok(()) => Vec::new(),
            Err(error) => error.fields().iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect(),
        }
    }

    #[test]
    fn secrets_have_a_form() {
        assert!(faults("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SignatureScheme::V1).is_empty());
        assert_eq!(faults("a plain one", SignatureScheme::V1), ["/secret length"]);
        assert_eq!(faults("whsec_short", SignatureScheme::V1), ["/secret format"]);
        assert_eq!(faults("whsk_of_somebody", SignatureScheme::V1), ["/secret format"], "a private key is not shared");
        assert_eq!(faults("long-enough", SignatureScheme::V1a), ["/secret conflict"]);
    }

    #[test]
    fn paces_have_bounds() {
        let mut fields = Fields::new();
        check_pace(&mut fields, (Some(301), Some(0), Some(10_001)));
        let error = fields.finish().unwrap_err();
        let pointers: Vec<&str> = error.fields().iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/coalesce_seconds", "/max_in_flight", "/rate_per_second"]);
        let mut fields = Fields::new();
        check_pace(&mut fields, (Some(0), Some(1000), None));
        assert!(fields.finish().is_ok());
    }
}
