//! What a webhook was not sent, and why.
//!
//! Not here: what it was sent (`deliveries`).

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{Ability, Code, Id, Result, id};
use stoa_webhooks as webhooks;
use stoa_webhooks::{Skip, SkipFilter, SkipReason};

use super::{OneWebhook, TAG};
use crate::{
    doors::{Call, Door, Sample, Stretch, sample},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/integrations/webhooks/{webhook}/skips", list)
            .needs(Ability::WebhooksRead)
            .named("listSkips", TAG, "Lists events of its types that a webhook was not sent, and why, the newest first")
            .errors(&[Code::WebhookNotFound]),
    ]
}

/// Which of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Only those for this reason.
    #[serde(default)]
    reason: Option<SkipReason>,
    /// Only those of this event type, in the catalogue's name.
    #[serde(default)]
    event_type: Option<String>,
    /// Only events older than this one: the last of the stretch before.
    #[serde(default)]
    before: Option<Id<id::Event>>,
    #[serde(default)]
    per_page: PerPage,
}

/// An event that was not sent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Skip")]
struct SkipView {
    /// The event.
    event_id: Id<id::Event>,
    /// Its type, in the catalogue's name.
    event_type: String,
    /// What it happened to; null where the event is not kept any more.
    object_id: Option<String>,
    /// `scope`: no subscription reaches the object. `disabled`, `pending_approval`: what the webhook was at the time.
    reason: SkipReason,
    /// When it would have been owed.
    created_at: DateTime<Utc>,
}

impl From<Skip> for SkipView {
    fn from(skip: Skip) -> Self {
        Self {
            event_id: skip.event_id,
            event_type: skip.event_type,
            object_id: skip.object_id,
            reason: skip.reason,
            created_at: skip.created_at,
        }
    }
}

async fn list(call: Call<OneWebhook, Listing>) -> Result<Stretch<SkipView>> {
    let query = call.query;
    let filter = SkipFilter { reason: query.reason, event_type: query.event_type };
    let limit = asked(PageNumber::default(), query.per_page).per_page;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    // One more than asked tells whether anything follows.
    let mut rows = webhooks::list_skips(&mut tx, call.path.webhook, &filter, (query.before, limit + 1)).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let follows = rows.len() > shown;
    rows.truncate(shown);
    let last = rows.last().filter(|_| follows).map(|skip| ("before", skip.event_id.to_string()));
    Ok(Stretch { rows: rows.into_iter().map(SkipView::from).collect(), next: last })
}

impl Sample for SkipView {
    fn sample() -> Self {
        Self {
            event_id: sample::id(),
            event_type: "lesson.completed".into(),
            object_id: Some("std_01m802s19te488m96m0dd54h9c".into()),
            reason: SkipReason::Scope,
            created_at: sample::time(),
        }
    }
}
