//! The checks of a webhook's fields; every fault is named, with what would have been right.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use stoa_protocols::{
    event::EventType,
    webhook::{Dialect, DialectName},
};

use super::{NewWebhook, WebhookChange};
use crate::{
    error::Result,
    fields::Fields,
    webhooks::{
        WebhookStatus,
        target::{Target, TargetPolicy},
    },
};

/// Most event types of a webhook, and most addresses for some of them.
const EVENTS_MAX: usize = 64;
const DESCRIPTION_MAX: usize = 1_000;

/// Fields that were checked and normalised.
pub(super) struct Checked {
    pub(super) url: Option<String>,
    pub(super) urls: Option<serde_json::Value>,
    pub(super) events: Option<Vec<String>>,
    pub(super) description: Option<String>,
    pub(super) api_version: Option<String>,
}

impl Checked {
    pub(super) fn whole(new: &NewWebhook, dialect: DialectName, policy: &TargetPolicy) -> Result<CheckedNew> {
        let checked = Self::change(&WebhookChange::from(new.clone()), dialect, policy)?;
        Ok(CheckedNew {
            url: checked.url.unwrap_or_default(),
            urls: checked.urls.unwrap_or_default(),
            events: checked.events.unwrap_or_default(),
            description: checked.description.unwrap_or_default(),
            api_version: checked.api_version,
        })
    }

    pub(super) fn change(change: &WebhookChange, name: DialectName, policy: &TargetPolicy) -> Result<Self> {
        let mut fields = Fields::new();
        let dialect = name.dialect();
        let mut description = change.description.clone();
        if let Some(text) = &mut description {
            fields.text("/description", text, DESCRIPTION_MAX);
        }
        if let Some(secret) = &change.secret {
            check_secret(&mut fields, secret);
        }
        if !matches!(
            change.status,
            None | Some(WebhookStatus::Enabled | WebhookStatus::Paused | WebhookStatus::DisabledByUser)
        ) {
            fields.fault("/status", "value", "wanted enabled, paused or disabled_by_user");
        }
        if change.dialect.is_some_and(|wanted| wanted != name) {
            fields.fault("/dialect", "conflict", format!("the dialect stays {name}; make another webhook for another"));
        }
        let events = change.events.as_ref().map(|events| check_events(&mut fields, dialect, events));
        let api_version = change.api_version.clone().flatten();
        check_version(&mut fields, dialect, api_version.as_deref());
        check_url_keys(&mut fields, dialect, change.urls.as_ref());
        fields.finish()?;
        let url = change.url.as_deref().map(|url| Target::parse(url, policy)).transpose()?;
        let urls = change.urls.as_ref().map(|urls| check_urls(urls, policy)).transpose()?;
        Ok(Self { url: url.map(|url| url.as_str().to_owned()), urls, events, description, api_version })
    }
}

/// The same for a webhook to be made, where nothing is absent.
pub(super) struct CheckedNew {
    pub(super) url: String,
    pub(super) urls: serde_json::Value,
    pub(super) events: Vec<String>,
    pub(super) description: String,
    pub(super) api_version: Option<String>,
}

fn check_events(fields: &mut Fields, dialect: &dyn Dialect, events: &[String]) -> Vec<String> {
    if events.is_empty() || events.len() > EVENTS_MAX {
        fields.fault("/events", "length", format!("wanted 1 to {EVENTS_MAX} event types"));
    }
    let mut known = BTreeSet::new();
    for (at, name) in events.iter().enumerate() {
        match dialect.event_named(name) {
            Some(event_type) => {
                known.insert(dialect.name_of(event_type).to_owned());
            }
            None if name == "*" => {
                known.insert("*".to_owned());
            }
            None => fields.fault(format!("/events/{at}"), "unknown", suggestion(dialect, name)),
        }
    }
    known.into_iter().collect()
}

/// Names the likeliest types, so that a slip of the pen is mended without the documentation.
fn suggestion(dialect: &dyn Dialect, name: &str) -> String {
    let spoken: Vec<&str> =
        EventType::ALL.iter().filter(|known| dialect.speaks(**known)).map(|known| dialect.name_of(*known)).collect();
    let stem = name.split(['.', '_']).next().unwrap_or_default();
    let near: Vec<&str> = spoken.iter().copied().filter(|known| !stem.is_empty() && known.starts_with(stem)).collect();
    let shown = if near.is_empty() { spoken } else { near };
    format!("no such event type in this dialect; wanted one of {}, *", shown.join(", "))
}

fn check_version(fields: &mut Fields, dialect: &dyn Dialect, version: Option<&str>) {
    let Some(version) = version else { return };
    if !dialect.versions().contains(&version) {
        let wanted = match dialect.versions() {
            [] => "this dialect has no versions; leave it out".to_owned(),
            versions => format!("wanted one of {}", versions.join(", ")),
        };
        fields.fault("/api_version", "value", wanted);
    }
}

fn check_url_keys(fields: &mut Fields, dialect: &dyn Dialect, urls: Option<&BTreeMap<String, String>>) {
    let Some(urls) = urls else { return };
    if urls.len() > EVENTS_MAX {
        fields.fault("/urls", "length", format!("wanted at most {EVENTS_MAX} addresses"));
    }
    let known = |key: &str| {
        EventType::ALL
            .iter()
            .filter(|known| dialect.speaks(**known))
            .any(|known| known.as_str() == key || known.as_str().split('.').next() == Some(key))
    };
    for key in urls.keys().filter(|key| !known(key)) {
        fields.fault(
            format!("/urls/{}", key.replace('~', "~0").replace('/', "~1")),
            "unknown",
            suggestion(dialect, key),
        );
    }
}

fn check_urls(urls: &BTreeMap<String, String>, policy: &TargetPolicy) -> Result<serde_json::Value> {
    let mut normalised = serde_json::Map::new();
    for (key, url) in urls {
        let target = policy.check(url).map_err(|fault| fault.at(&format!("/urls/{key}")))?;
        normalised.insert(key.clone(), target.as_str().into());
    }
    Ok(normalised.into())
}

/// # Source
/// Standard Webhooks, "Signature scheme": `whsec_` and the base64 of 24 to 64 bytes.
fn check_secret(fields: &mut Fields, secret: &str) {
    let printable = secret.chars().all(|c| c.is_ascii_graphic());
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

    fn faults(change: &WebhookChange, dialect: DialectName) -> Vec<String> {
        match Checked::change(change, dialect, &TargetPolicy::default()) {
            Ok(_) => Vec::new(),
            Err(error) => {
                error.fields().iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
            }
        }
    }

    #[test]
    fn events_are_those_of_the_dialect() {
        let change = |events: &[&str]| WebhookChange {
            events: Some(events.iter().map(ToString::to_string).collect()),
            ..Default::default()
        };
        assert!(faults(&change(&["quiz_stat.created"]), DialectName::Teachbase).is_empty());
        assert_eq!(faults(&change(&["course.completed", "*"]), DialectName::Teachbase), ["/events/0 unknown"]);
        assert!(faults(&change(&["enrollments.created"]), DialectName::Reach360).is_empty());
        assert_eq!(faults(&change(&[]), DialectName::Talktiko), ["/events length"]);
    }

    #[test]
    fn secrets_have_a_form() {
        let change = |secret: &str| WebhookChange { secret: Some(secret.to_owned()), ..Default::default() };
        assert!(faults(&change("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), DialectName::Talktiko).is_empty());
        assert_eq!(faults(&change("a plain one"), DialectName::Talktiko), ["/secret length"]);
        assert_eq!(faults(&change("whsec_short"), DialectName::Talktiko), ["/secret format"]);
    }

    #[test]
    fn addresses_for_types_name_types() {
        let urls = BTreeMap::from([
            ("course_stat".to_owned(), "https://93.184.215.14/a".to_owned()),
            ("a/b".to_owned(), String::new()),
        ]);
        assert_eq!(
            faults(&WebhookChange { urls: Some(urls), ..Default::default() }, DialectName::Teachbase),
            ["/urls/a~1b unknown"]
        );
    }
}
