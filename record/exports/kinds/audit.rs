//! A row for each entry of the audit log: what `GET /api/audit-log` lists.

use super::{Changes, Source, Spec, id, spec, text, time};
use crate::exports::FilterName;
use stoa_protocols::table::Kind;

const COLUMNS: [Spec; 12] = [
    id("id", "aud", "a.id"),
    time("at", "a.at"),
    text("actor_kind", "a.actor_kind"),
    text(
        "actor_id",
        "stoa_id_text(CASE a.actor_kind WHEN 'person' THEN 'usr' WHEN 'integration' THEN 'tok'
        WHEN 'staff' THEN 'stf' END, a.actor_id)",
    ),
    text("actor_name", "a.actor_name"),
    text("action", "a.action"),
    text("object_kind", "a.object_kind"),
    text("object_id", "a.object_id"),
    spec("before", Kind::Json, "a.before"),
    spec("after", Kind::Json, "a.after"),
    text("request_id", "a.request_id"),
    text("address", "a.address"),
];

pub(super) const SOURCE: Source = Source {
    columns: &COLUMNS,
    from: "FROM audit_log a WHERE a.tenant_id = {tenant}",
    present: "true",
    present_unless: None,
    changes: Changes::Written(&["a"], ""),
    filters: &[
        (FilterName::Actions, "a.action = ANY ({})"),
        (FilterName::From, "a.at >= {}"),
        (FilterName::To, "a.at < {}"),
    ],
};
