//! What a request says when it is filed, and the checks that need no row.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_protocols::{
    event::EventType,
    webhook::{Dialect, DialectName},
};

use super::RequestScope;
use crate::target::TargetPolicy;
use stoa_core::{
    error::{Error, Result},
    fields::Fields,
};

/// Most items of a request.
pub const ITEMS_MAX: usize = 20;
/// Most event types of an item.
const EVENTS_MAX: usize = 64;
/// Longest reason, in characters.
pub(super) const REASON_MAX: usize = 2_000;

/// A request to be filed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubscriptionRequest {
    /// How the receivers want to be spoken to; `teachbase` if left out.
    #[serde(default)]
    pub dialect: Option<DialectName>,
    /// Your own key: the same request twice under it is one.
    #[serde(default)]
    pub external_id: Option<String>,
    /// What it is for, in your own words: 1 to 2000 characters.
    pub reason: String,
    /// What is wanted: 1 to 20 receivers, each with its types and objects.
    #[schemars(length(min = 1, max = ITEMS_MAX))]
    pub items: Vec<NewItem>,
}

/// What is wanted for one receiver.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewSubscriptionRequestItem")]
pub struct NewItem {
    /// Where deliveries are to go.
    pub url: String,
    /// Event types, in the dialect's names: `quiz_stat.created`, `quiz_stat` for both its events, `*` for all.
    #[schemars(length(min = 1, max = EVENTS_MAX))]
    pub events: Vec<String>,
    /// Limits it to what happens in given objects; all if left out.
    #[serde(default)]
    pub scope: Option<RequestScope>,
}

/// A request whose words are checked.
pub(super) struct Checked {
    pub(super) dialect: DialectName,
    pub(super) external_id: Option<String>,
    pub(super) reason: String,
    pub(super) items: Vec<CheckedItem>,
}

pub(super) struct CheckedItem {
    pub(super) url: String,
    pub(super) events: Vec<String>,
}

pub(super) fn check(new: &NewSubscriptionRequest, policy: &TargetPolicy) -> Result<Checked> {
    let mut fields = Fields::new();
    let dialect = new.dialect.unwrap_or(DialectName::Teachbase);
    fields.external_id("/external_id", new.external_id.as_deref());
    let mut reason = new.reason.clone();
    fields.text("/reason", &mut reason, REASON_MAX);
    if reason.is_empty() {
        fields.fault("/reason", "length", "say what it is for, so that support can decide");
    }
    if new.items.is_empty() || new.items.len() > ITEMS_MAX {
        fields.fault("/items", "length", format!("wanted 1 to {ITEMS_MAX} items"));
    }
    let names: Vec<Vec<String>> = (new.items.iter().enumerate())
        .map(|(at, item)| events(&mut fields, &format!("/items/{at}/events"), dialect.dialect(), &item.events))
        .collect();
    fields.finish()?;
    let urls = new.items.iter().enumerate().map(|(at, item)| url(policy, &format!("/items/{at}/url"), &item.url));
    let urls = urls.collect::<Result<Vec<_>>>()?;
    let items = urls.into_iter().zip(names).map(|(url, events)| CheckedItem { url, events }).collect();
    Ok(Checked { dialect, external_id: new.external_id.clone(), reason, items })
}

fn url(policy: &TargetPolicy, pointer: &str, text: &str) -> Result<String, Error> {
    policy.check(text).map(|target| target.as_str().to_owned()).map_err(|fault| fault.at(pointer))
}

/// Checks event types and writes each in the dialect's own name; a statistic without its phase means both.
pub(super) fn events(fields: &mut Fields, pointer: &str, dialect: &dyn Dialect, names: &[String]) -> Vec<String> {
    if names.is_empty() || names.len() > EVENTS_MAX {
        fields.fault(pointer, "length", format!("wanted 1 to {EVENTS_MAX} event types"));
    }
    let mut known: BTreeSet<String> = BTreeSet::new();
    for (at, name) in names.iter().enumerate() {
        let meant = meant(dialect, name);
        if meant.is_empty() {
            let spoken: Vec<&str> = spoken(dialect).map(|event| dialect.name_of(event)).collect();
            let wanted = format!("no such event type in this dialect; wanted one of {}, *", spoken.join(", "));
            fields.fault(format!("{pointer}/{at}"), "unknown", wanted);
        }
        known.extend(meant);
    }
    if known.contains("*") { vec!["*".to_owned()] } else { known.into_iter().collect() }
}

/// The types that a name means; none if it is none.
fn meant(dialect: &dyn Dialect, name: &str) -> Vec<String> {
    if name == "*" {
        return vec!["*".to_owned()];
    }
    if let Some(event) = dialect.event_named(name) {
        return vec![dialect.name_of(event).to_owned()];
    }
    let of_stem = |event: &EventType| event.stat().is_some() && event.as_str().split('.').next() == Some(name);
    spoken(dialect).filter(of_stem).map(|event| dialect.name_of(event).to_owned()).collect()
}

/// The types that an item's names stand for, each written out.
pub(super) fn written_out(dialect: &dyn Dialect, names: &[String]) -> Vec<String> {
    if names.iter().any(|name| name == "*") {
        return spoken(dialect).map(|event| dialect.name_of(event).to_owned()).collect();
    }
    names.to_vec()
}

fn spoken(dialect: &dyn Dialect) -> impl Iterator<Item = EventType> {
    EventType::ALL.iter().copied().filter(|known| dialect.speaks(*known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(dialect: DialectName, names: &[&str]) -> Result<Vec<String>> {
        let mut fields = Fields::new();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let meant = events(&mut fields, "/events", dialect.dialect(), &names);
        fields.finish().map(|()| meant)
    }

    #[test]
    fn a_statistic_means_both_its_events() {
        let events = named(DialectName::Teachbase, &["quiz_stat", "quiz_stat.created", "course_stat.updated"]).unwrap();
        assert_eq!(events, ["course_stat.updated", "quiz_stat.created", "quiz_stat.updated"]);
        assert_eq!(named(DialectName::Talktiko, &["task_stat"]).unwrap().len(), 2);
    }

    #[test]
    fn all_swallows_the_rest() {
        assert_eq!(named(DialectName::Teachbase, &["quiz_stat", "*"]).unwrap(), ["*"]);
    }

    #[test]
    fn what_the_dialect_does_not_speak_is_refused() {
        for name in ["course.completed", "quiz", "", "webhook"] {
            let error = named(DialectName::Teachbase, &[name]).unwrap_err();
            assert_eq!(error.fields()[0].pointer, "/events/0", "{name}");
        }
        assert!(named(DialectName::Talktiko, &["webhook"]).is_err(), "only statistics have a short name");
    }
}
