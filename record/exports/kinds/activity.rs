//! A row for each thing that a learner did, as it came in: what `GET /api/progress-history?view=events` answers, of
//! everybody.

use super::{Changes, IN_GROUPS, LEARNER, Source, Spec, boolean, id, integer, number, text, time};
use crate::exports::FilterName;

const COLUMNS: [Spec; 20] = [
    text("id", "p.client_id"),
    LEARNER[0],
    LEARNER[1],
    LEARNER[2],
    text("verb", "p.verb"),
    text("object_kind", "p.object_kind"),
    id("course_id", "crs", "c.id"),
    text("course_external_id", "c.external_id"),
    id("lesson_id", "lsn", "l.id"),
    text("lesson_external_id", "l.external_id"),
    id("item_id", "itm", "i.id"),
    text("item_external_id", "i.external_id"),
    number("duration_seconds", "(p.result->>'duration_seconds')::float8"),
    number("progress", "(p.result->>'progress')::float8"),
    number("score_raw", "(p.result->'score'->>'raw')::float8"),
    number("score_max", "(p.result->'score'->>'max')::float8"),
    boolean("success", "(p.result->>'success')::boolean"),
    integer("attempt", "(p.result->>'attempt')::integer"),
    time("occurred_at", "p.occurred_at"),
    time("received_at", "p.received_at"),
];

pub(super) const SOURCE: Source = Source {
    columns: &COLUMNS,
    // The course is joined and not left-joined: whoever is limited to some courses sees what was done in them.
    from: "FROM progress_events p
      JOIN users u ON u.tenant_id = p.tenant_id AND u.id = p.user_id
      LEFT JOIN training_items i ON p.object_kind = 'item' AND i.tenant_id = p.tenant_id AND i.id = p.object_id
      LEFT JOIN trainings t ON t.tenant_id = i.tenant_id AND t.id = i.training_id
      LEFT JOIN lessons l ON l.tenant_id = p.tenant_id
        AND l.id = CASE p.object_kind WHEN 'lesson' THEN p.object_id WHEN 'item' THEN t.lesson_id END
      JOIN courses c ON c.tenant_id = p.tenant_id
        AND c.id = CASE p.object_kind WHEN 'course' THEN p.object_id ELSE l.course_id END
      WHERE p.tenant_id = {tenant}",
    present: "true",
    present_unless: None,
    changes: Changes::Placed("p.position"),
    filters: &[
        (FilterName::CourseIds, "c.id = ANY ({})"),
        (FilterName::UserIds, "p.user_id = ANY ({})"),
        (FilterName::GroupIds, IN_GROUPS),
        (FilterName::Verbs, "p.verb = ANY ({})"),
        (FilterName::From, "p.occurred_at >= {}"),
        (FilterName::To, "p.occurred_at < {}"),
    ],
};
