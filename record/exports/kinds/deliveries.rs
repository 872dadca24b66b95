//! A row for each event that was owed to a receiver, with its latest attempt. Of the address the host alone: the rest may
//! be a secret.

use super::{Changes, Source, Spec, boolean, id, integer, text, time};
use crate::exports::FilterName;

const COLUMNS: [Spec; 18] = [
    id("delivery_id", "dlv", "d.id"),
    id("webhook_id", "whk", "d.webhook_id"),
    text("host", "substring(d.url from '^[a-z]+://(?:[^/?#]*@)?([^/?#]+)')"),
    id("event_id", "evt", "d.event_id"),
    text("event_type", "d.event_type"),
    integer("revision", "d.revision"),
    text("status", "d.status"),
    text("reason", "d.reason"),
    boolean("test", "d.test"),
    integer("attempts", "d.attempts"),
    integer("http_status", "a.http_status"),
    text("error", "a.error"),
    integer("duration_ms", "a.duration_ms"),
    text("request_id", "d.request_id"),
    time("created_at", "d.created_at"),
    time("first_attempt_at", "d.first_attempt_at"),
    time("next_attempt_at", "d.next_attempt_at"),
    time("finished_at", "d.finished_at"),
];

pub(super) const SOURCE: Source = Source {
    columns: &COLUMNS,
    from: "FROM deliveries d
      LEFT JOIN attempts a ON a.tenant_id = d.tenant_id AND a.delivery_id = d.id AND a.attempt = d.attempts
      WHERE d.tenant_id = {tenant}",
    present: "true",
    present_unless: None,
    changes: Changes::Written(&["d"], ""),
    filters: &[
        (FilterName::WebhookIds, "d.webhook_id = ANY ({})"),
        (FilterName::EventTypes, "d.event_type = ANY ({})"),
        (FilterName::Status, "d.status = ANY ({})"),
        // Ids are times, and say which partitions are asked; the column says the rest.
        (FilterName::From, "d.created_at >= {}"),
        (FilterName::To, "d.created_at < {}"),
    ],
};
