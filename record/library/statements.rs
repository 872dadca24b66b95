//! The statements by which a copy follows its source, the same for lessons, trainings and items: what is new is added, what
//! differs is changed, what went goes too. In each, `$1` is the institution, `$2` the library and `$3` the copy.

/// The statements of one level.
pub(super) struct Level {
    /// Answers the sources of which there is no copy yet.
    pub(super) missing: &'static str,
    /// Adds copies: `$4` sources, `$5` their new ids, `$6` the time.
    pub(super) add: &'static str,
    /// Changes the copies that differ; `$4` is the time.
    pub(super) change: &'static str,
    /// Deletes the copies whose sources went; `$4` is the time.
    pub(super) bury: &'static str,
}

macro_rules! level {
    ($table:literal of $parents:literal by $parent:literal within $within:literal: $first:literal $(, $column:literal)*) => {
        Level {
            missing: concat!(
                "SELECT s.id FROM ", $parents, " p JOIN ", $table, " s ON s.tenant_id = $2 AND s.", $parent, " = p.source_id
                   AND s.deleted_at IS NULL
                 WHERE p.tenant_id = $1 AND p.deleted_at IS NULL AND ", $within, "
                   AND NOT EXISTS (SELECT FROM ", $table, " c WHERE c.tenant_id = $1 AND c.", $parent, " = p.id
                     AND c.source_id = s.id AND c.deleted_at IS NULL)"
            ),
            add: concat!(
                "INSERT INTO ", $table, " (tenant_id, id, source_id, ", $parent, ", version, created_at, updated_at, ",
                $first $(, ", ", $column)*, ")
                 SELECT $1, k.id, s.id, p.id, 1, $6, $6, s.", $first $(, ", s.", $column)*, "
                 FROM unnest($4, $5) AS k(source_id, id)
                 JOIN ", $table, " s ON s.tenant_id = $2 AND s.id = k.source_id
                 JOIN ", $parents, " p ON p.tenant_id = $1 AND p.source_id = s.", $parent, " AND p.deleted_at IS NULL
                   AND ", $within
            ),
            change: concat!(
                "UPDATE ", $table, " c SET version = c.version + 1, updated_at = $4, ", $first, " = s.", $first
                $(, ", ", $column, " = s.", $column)*, "
                 FROM ", $parents, " p, ", $table, " s
                 WHERE p.tenant_id = $1 AND ", $within, " AND c.tenant_id = $1 AND c.", $parent, " = p.id
                   AND c.deleted_at IS NULL AND s.tenant_id = $2 AND s.id = c.source_id AND s.deleted_at IS NULL
                   AND (c.", $first $(, ", c.", $column)*, ") IS DISTINCT FROM (s.", $first $(, ", s.", $column)*, ")"
            ),
            bury: concat!(
                "UPDATE ", $table, " c SET version = c.version + 1, updated_at = $4, deleted_at = $4
                 FROM ", $parents, " p
                 WHERE p.tenant_id = $1 AND ", $within, " AND c.tenant_id = $1 AND c.", $parent, " = p.id
                   AND c.deleted_at IS NULL AND NOT EXISTS (
                     SELECT FROM ", $table, " s WHERE s.tenant_id = $2 AND s.id = c.source_id AND s.deleted_at IS NULL)"
            ),
        }
    };
}

/// From the top down.
pub(super) const LEVELS: [Level; 3] = [
    level!("lessons" of "courses" by "course_id" within "p.id = $3":
        "title", "kind", "position", "required", "weight", "duration_minutes", "skills", "cefr"),
    level!("trainings" of "lessons" by "lesson_id" within "p.course_id = $3": "title", "kind", "position", "pass_score"),
    level!("training_items" of "trainings" by "training_id"
        within "p.lesson_id IN (SELECT l.id FROM lessons l WHERE l.tenant_id = $1 AND l.course_id = $3)":
        "kind", "title", "prompt", "answer_key", "position", "required", "max_score", "estimated_seconds", "skills", "cefr"),
];

/// Makes the copy: `$3` its id, `$4` the source, `$5` the time. Its slug gives way to those that are taken.
pub(super) const BEGIN: &str = "INSERT INTO courses
  (tenant_id, id, source_id, source_edition, slug, title, language, status, created_at, updated_at)
  SELECT $1, $3, s.id, 0, n.slug, s.title, s.language, 'draft', $5, $5
  FROM courses s CROSS JOIN LATERAL (
    SELECT k.slug FROM generate_series(1, 100000) AS g(n)
    CROSS JOIN LATERAL (SELECT CASE g.n WHEN 1 THEN s.slug ELSE rtrim(left(s.slug, 70), '-') || '-' || g.n END AS slug) k
    WHERE NOT EXISTS (SELECT FROM courses c WHERE c.tenant_id = $1 AND c.slug = k.slug AND c.deleted_at IS NULL)
    ORDER BY g.n LIMIT 1
  ) n
  WHERE s.tenant_id = $2 AND s.id = $4";

/// Takes over the course's own fields; `$4` is the time. Lessons that count and courses that come before are the copies of
/// those of the source; courses that the institution was not given do not come before.
pub(super) const TAKE_OVER: &str = "UPDATE courses c SET
  title = s.title, summary = s.summary, language = s.language, cefr_from = s.cefr_from, cefr_to = s.cefr_to,
  category = s.category, cover_url = s.cover_url, status = 'published', lesson_order = s.lesson_order,
  completion_rule = s.completion_rule, completion_threshold = s.completion_threshold,
  completion_lesson_ids = ARRAY(SELECT l.id FROM lessons l WHERE l.tenant_id = $1 AND l.course_id = $3
    AND l.source_id = ANY (s.completion_lesson_ids) AND l.deleted_at IS NULL ORDER BY l.position, l.id),
  prerequisite_ids = ARRAY(SELECT p.id FROM courses p WHERE p.tenant_id = $1 AND p.source_id = ANY (s.prerequisite_ids)
    AND p.deleted_at IS NULL AND p.id <> $3 ORDER BY p.id),
  edition = s.edition, source_edition = s.edition, version = c.version + 1, updated_at = $4
  FROM courses s
  WHERE c.tenant_id = $1 AND c.id = $3 AND s.tenant_id = $2 AND s.id = c.source_id";

/// Takes the copy out of the catalogue; `$2` is the copy, `$3` the time.
pub(super) const ARCHIVE: &str = "UPDATE courses SET status = 'archived', version = version + 1, updated_at = $3
  WHERE tenant_id = $1 AND id = $2 AND status <> 'archived' AND deleted_at IS NULL";
