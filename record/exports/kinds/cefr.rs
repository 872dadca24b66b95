//! A row for each piece of evidence of a learner's level that somebody recorded: what `GET /api/cefr/evidence` lists, of
//! everybody, what was taken back too. Scored items are in `learner_progress` and `activity`, where they stand.

use super::{Changes, IN_GROUPS, LEARNER, Source, Spec, id, integer, number, spec, text, time};
use crate::exports::FilterName;
use stoa_protocols::table::Kind;

const COLUMNS: [Spec; 18] = [
    id("evidence_id", "evd", "v.id"),
    LEARNER[0],
    LEARNER[1],
    LEARNER[2],
    text("language", "v.language"),
    text("skill", "v.skill"),
    text("source", "v.source"),
    text("level", "v.level"),
    text("scale", "v.scale"),
    number("value", "v.value"),
    integer("mapping_version", "v.mapping_version"),
    spec("descriptors", Kind::Json, "v.descriptors"),
    text("external_id", "v.external_id"),
    text("note", "v.note"),
    time("occurred_at", "v.occurred_at"),
    time("expires_at", "v.expires_at"),
    time("recorded_at", "v.created_at"),
    time("withdrawn_at", "v.withdrawn_at"),
];

pub(super) const SOURCE: Source = Source {
    columns: &COLUMNS,
    from: "FROM cefr_evidence v
      JOIN users u ON u.tenant_id = v.tenant_id AND u.id = v.user_id
      WHERE v.tenant_id = {tenant}",
    present: "true",
    present_unless: None,
    changes: Changes::Written(&["v", "u"], ""),
    filters: &[
        (FilterName::UserIds, "v.user_id = ANY ({})"),
        (FilterName::GroupIds, IN_GROUPS),
        (FilterName::Languages, "v.language = ANY ({})"),
        (FilterName::Skills, "v.skill = ANY ({})"),
        (FilterName::From, "v.occurred_at >= {}"),
        (FilterName::To, "v.occurred_at < {}"),
    ],
};
