//! How receivers fare: noted with every settlement, told when it is bad, and the end of it.
//!
//! Not here: the letters (`notice` and `stoa-jobs`), and single attempts (`settle`).
//!
//! # Rule
//! What is known stands in the receiver's own row: since when it fails, how often it failed since, and what was the
//! matter. So nobody counts through its log, and a success wipes all of it out at once.

mod disable;
mod exhausted;
mod note;
mod watch;

use chrono::{DateTime, TimeDelta, Utc};
use stoa_protocols::event::{EventData, EventType, ObjectKind, WebhookFacts};

pub use disable::Disabled;
pub(super) use disable::disable;
pub(super) use exhausted::tell_exhausted;
pub(super) use note::note;
pub use watch::{Stage, Told, watch};

use stoa_core::{
    db::HouseTx,
    error::Result,
    events::{NewEvent, RecordedEvent, record},
    id::{self, Id, TenantId},
};

/// When a receiver's people are told that it fails, and when it is switched off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthRules {
    /// How long it must have failed, and nothing else, before anybody is told.
    pub failing_after: TimeDelta,
    /// How often at least.
    pub failing_attempts: i32,
    /// How long before they are told that the end is near.
    pub warn_after: TimeDelta,
    /// How long before it is switched off.
    pub disable_after: TimeDelta,
    /// How often at least.
    pub disable_attempts: i32,
    /// How far the first failure and the last must lie apart.
    pub disable_span: TimeDelta,
}

impl Default for HealthRules {
    fn default() -> Self {
        Self {
            failing_after: TimeDelta::minutes(30),
            failing_attempts: 3,
            warn_after: TimeDelta::days(4),
            disable_after: TimeDelta::days(5),
            disable_attempts: 5,
            disable_span: TimeDelta::hours(12),
        }
    }
}

/// What is said of a receiver that asks for nothing more.
const GONE: &str = "it answered 410 Gone";

/// Was the last word of a receiver that it is gone.
pub(super) fn is_gone(last_error: &str) -> bool {
    last_error == GONE
}

/// Why a receiver failed, in words; every class of failure that an attempt may have.
pub(super) fn in_words(error: Option<&str>) -> String {
    match error.unwrap_or_default() {
        "dns" => "its name does not resolve".to_owned(),
        "refused_address" => "its address may not be called".to_owned(),
        "connect" => "no connection could be made".to_owned(),
        "tls" => "no secure connection could be made".to_owned(),
        "timeout_connect" => "no connection could be made in time".to_owned(),
        "timeout" => "it did not answer in time".to_owned(),
        "reset" => "it hung up without an answer".to_owned(),
        "protocol" => "its answer is not HTTP".to_owned(),
        "interrupted" => "the attempt was interrupted on our side".to_owned(),
        "gone" => GONE.to_owned(),
        other => match other.strip_prefix("http_") {
            Some(status) => format!("it answered {status}"),
            None => other.to_owned(),
        },
    }
}

/// The class of failure that [`in_words`] put into words; what is none of ours stays as it is.
pub(super) fn class_of(words: &str) -> String {
    const CLASSES: [&str; 10] = [
        "dns",
        "refused_address",
        "connect",
        "tls",
        "timeout_connect",
        "timeout",
        "reset",
        "protocol",
        "interrupted",
        "gone",
    ];
    if let Some(class) = CLASSES.into_iter().find(|class| in_words(Some(class)) == words) {
        return class.to_owned();
    }
    words.strip_prefix("it answered ").map_or_else(|| words.to_owned(), |status| format!("http_{status}"))
}

/// Something to be told of a receiver.
struct News {
    tenant: TenantId,
    webhook: Id<id::Webhook>,
    event_type: EventType,
    data: EventData,
}

/// Records what there is to tell, in the transaction in which it happened.
async fn tell(tx: &mut HouseTx, news: Vec<News>) -> Result<()> {
    let now = tx.now();
    let events: Vec<RecordedEvent> = news
        .into_iter()
        .map(|one| {
            let fact = NewEvent {
                event_type: one.event_type,
                object_kind: ObjectKind::Webhook,
                object_id: one.webhook.uuid(),
                revision: 1,
                scope_ids: Vec::new(),
                data: std::sync::Arc::new(one.data),
                occurred_at: now,
                concludes: false,
            };
            RecordedEvent::new(one.tenant, tx.new_id(), fact, now, None)
        })
        .collect();
    record::write(tx.connection(), &events, now).await
}

/// A receiver's row, as far as its health is told of.
#[derive(diesel::QueryableByName)]
struct HealthRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    url: String,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>)]
    failing_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    failed_attempts: i32,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    last_error: Option<String>,
}

impl HealthRow {
    fn facts(&self, webhook: Id<id::Webhook>, disables_at: Option<DateTime<Utc>>) -> WebhookFacts {
        WebhookFacts {
            id: webhook.to_string(),
            url: self.url.clone(),
            failing_since: self.failing_since,
            failed_attempts: self.failed_attempts,
            last_error: self.last_error.clone(),
            disables_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_in_words() {
        let told = [Some("timeout"), Some("http_503"), Some("gone"), Some("something new"), None].map(in_words);
        let classes = ["timeout", "http_503", "gone", "dns", "tls", "something new"];
        assert_eq!(classes.map(|class| class_of(&in_words(Some(class)))), classes, "and back");
        assert_eq!(told, ["it did not answer in time", "it answered 503", "it answered 410 Gone", "something new", ""]);
    }
}
