//! A row for each lesson of each learner on each course, also for lessons that were never begun: what
//! `GET /api/courses/{course}/lesson-progress` answers of the same moment.

use super::{Changes, IN_GROUPS, LEARNER, Source, Spec, boolean, id, integer, number, text, time};
use crate::exports::FilterName;

/// May not be begun yet: a prerequisite is not completed, or in a sequential course one of the lessons before it is neither
/// done nor waived. The rule is that of [`crate::lesson_progress`].
macro_rules! locked {
    () => {
        "cardinality(c.prerequisite_ids) > 0 AND EXISTS (SELECT FROM courses pc
           WHERE pc.tenant_id = c.tenant_id AND pc.id = ANY (c.prerequisite_ids) AND pc.deleted_at IS NULL
             AND NOT EXISTS (SELECT FROM standings ps WHERE ps.tenant_id = c.tenant_id AND ps.user_id = e.user_id
               AND ps.object_id = pc.id AND ps.completed_at IS NOT NULL))
         OR c.lesson_order = 'sequential' AND EXISTS (SELECT FROM lessons b
           LEFT JOIN standings bs ON bs.tenant_id = b.tenant_id AND bs.user_id = e.user_id AND bs.object_id = b.id
           WHERE b.tenant_id = c.tenant_id AND b.course_id = c.id AND b.deleted_at IS NULL
             AND (b.position, b.id) < (l.position, l.id)
             AND CASE WHEN cardinality(c.completion_lesson_ids) = 0 THEN b.required ELSE b.id = ANY (c.completion_lesson_ids) END
             AND bs.completed_at IS NULL AND bs.waived_at IS NULL)"
    };
}

/// How far, in the one word that the API has for it.
macro_rules! status {
    () => {
        concat!(
            "CASE
               WHEN s.completed_at IS NOT NULL AND s.success THEN 'passed'
               WHEN s.completed_at IS NOT NULL AND s.success IS NULL THEN 'completed'
               WHEN s.waived_at IS NOT NULL THEN 'waived'
               WHEN s.success = false THEN 'failed'
               WHEN s.started_at IS NOT NULL THEN 'in_progress'
               WHEN ",
            locked!(),
            " THEN 'locked' ELSE 'not_started' END"
        )
    };
}

macro_rules! present {
    () => {
        "e.status <> 'removed' AND c.deleted_at IS NULL AND l.deleted_at IS NULL"
    };
}

const COLUMNS: [Spec; 33] = [
    LEARNER[0],
    LEARNER[1],
    LEARNER[2],
    id("course_id", "crs", "c.id"),
    text("course_external_id", "c.external_id"),
    text("course_title", "c.title"),
    id("enrollment_id", "enr", "e.id"),
    text("enrollment_status", "e.status"),
    time("enrolled_at", "e.enrolled_at"),
    id("lesson_id", "lsn", "l.id"),
    text("lesson_external_id", "l.external_id"),
    integer("lesson_position", "l.position"),
    text("lesson_title", "l.title"),
    text("lesson_type", "l.kind"),
    boolean("required", "l.required"),
    integer("weight", "l.weight"),
    text("status", status!()),
    number("completion_ratio", "coalesce(s.progress, 0) / 10000.0::float8"),
    boolean("passed", "s.success"),
    number(
        "score_scaled",
        "CASE WHEN s.score_max > s.score_min
      THEN floor(least(greatest((s.score_raw - s.score_min) / (s.score_max - s.score_min) * 10000, 0), 10000)) / 10000
      WHEN s.score_raw IS NOT NULL THEN 0 END",
    ),
    number("score_raw", "s.score_raw"),
    number("score_min", "s.score_min"),
    number("score_max", "s.score_max"),
    number("best_score", "s.best_score / 10000.0::float8"),
    integer("attempts", "coalesce(s.attempts, 0)"),
    time("first_started_at", "s.started_at"),
    time("last_activity_at", "CASE WHEN s.started_at IS NOT NULL THEN s.last_occurred_at END"),
    time("completed_at", "s.completed_at"),
    integer("time_spent_seconds", "coalesce(s.time_spent_seconds, 0)"),
    time("due_at", "e.due_at"),
    boolean("overdue", "s.completed_at IS NULL AND e.due_at IS NOT NULL AND e.due_at < {as_of}"),
    integer("content_version", "l.version"),
    boolean("removed", concat!("NOT (", present!(), ")")),
];

pub(super) const SOURCE: Source = Source {
    columns: &COLUMNS,
    from: "FROM enrolments e
      JOIN courses c ON c.tenant_id = e.tenant_id AND c.id = e.course_id
      JOIN users u ON u.tenant_id = e.tenant_id AND u.id = e.user_id
      JOIN memberships m ON m.tenant_id = e.tenant_id AND m.user_id = e.user_id
      JOIN lessons l ON l.tenant_id = e.tenant_id AND l.course_id = e.course_id
      LEFT JOIN standings s ON s.tenant_id = e.tenant_id AND s.user_id = e.user_id AND s.object_id = l.id
      LEFT JOIN standings cs ON cs.tenant_id = e.tenant_id AND cs.user_id = e.user_id AND cs.object_id = e.course_id
      WHERE e.tenant_id = {tenant}",
    present: present!(),
    present_unless: None,
    changes: Changes::Written(
        &["e", "c", "u", "l", "s"],
        // What opens a lesson is written elsewhere: on the lessons before it, which the standing on the course follows,
        // and on other courses.
        "c.lesson_order = 'sequential' AND stoa_written_since(cs.xmin, {since})
         OR cardinality(c.prerequisite_ids) > 0 AND EXISTS (SELECT FROM standings ps WHERE ps.tenant_id = c.tenant_id
           AND ps.user_id = e.user_id AND ps.object_id = ANY (c.prerequisite_ids) AND stoa_written_since(ps.xmin, {since}))",
    ),
    filters: &[
        (FilterName::CourseIds, "e.course_id = ANY ({})"),
        (FilterName::UserIds, "e.user_id = ANY ({})"),
        (FilterName::GroupIds, IN_GROUPS),
        (FilterName::Status, concat!("(", status!(), ") = ANY ({})")),
    ],
};
