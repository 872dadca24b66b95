//! A row for each course that a learner completed. What was completed stays so: also of who was taken off the course since.

use super::{Changes, IN_GROUPS, LEARNER, Source, Spec, boolean, id, integer, number, spec, text, time};
use crate::exports::FilterName;
use stoa_protocols::table::Kind;

const COLUMNS: [Spec; 17] = [
    LEARNER[0],
    LEARNER[1],
    LEARNER[2],
    id("course_id", "crs", "c.id"),
    text("course_external_id", "c.external_id"),
    text("course_title", "c.title"),
    id("enrollment_id", "enr", "e.id"),
    time("enrolled_at", "e.enrolled_at"),
    time("completed_at", "e.completed_at"),
    spec("completed_on", Kind::Date, "(e.completed_at AT TIME ZONE {zone})::date"),
    boolean("passed", "s.success"),
    number("score_raw", "s.score_raw"),
    number("best_score", "s.best_score / 10000.0::float8"),
    integer("time_spent_seconds", "coalesce(s.time_spent_seconds, 0)"),
    time("due_at", "e.due_at"),
    boolean("in_time", "e.due_at IS NULL OR e.completed_at <= e.due_at"),
    boolean("removed", "e.status = 'removed'"),
];

pub(super) const SOURCE: Source = Source {
    columns: &COLUMNS,
    from: "FROM enrolments e
      JOIN courses c ON c.tenant_id = e.tenant_id AND c.id = e.course_id
      JOIN users u ON u.tenant_id = e.tenant_id AND u.id = e.user_id
      LEFT JOIN standings s ON s.tenant_id = e.tenant_id AND s.user_id = e.user_id AND s.object_id = e.course_id
      WHERE e.tenant_id = {tenant} AND e.completed_at IS NOT NULL",
    present: "true",
    present_unless: None,
    changes: Changes::Written(&["e", "c", "u", "s"], ""),
    filters: &[
        (FilterName::CourseIds, "e.course_id = ANY ({})"),
        (FilterName::UserIds, "e.user_id = ANY ({})"),
        (FilterName::GroupIds, IN_GROUPS),
        (FilterName::From, "e.completed_at >= {}"),
        (FilterName::To, "e.completed_at < {}"),
    ],
};
