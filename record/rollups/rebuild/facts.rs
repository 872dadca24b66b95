//! A handful of learners put into an edition from the rows themselves: what they did, their enrolments, and the sums of
//! both, by one statement for each table.

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};
use uuid::Uuid;

use crate::rollups::editions::Edition;

/// Learners of a handful.
const LEARNERS: i64 = 250;

const NEXT: &str = "SELECT id FROM users WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";

/// `$1` institution, `$2` edition, `$3` learners; `$4` zone, `$5` the place up to which activity was followed.
const DAYS: &str = "INSERT INTO activity_days (tenant_id, edition, user_id, day, course_id, events, seconds, lessons_completed)
SELECT $1, $2, d.user_id, d.day, d.course_id, d.events, d.seconds,
  CASE WHEN d.completes THEN (SELECT count(*) FROM standings s WHERE s.tenant_id = $1 AND s.course_id = d.course_id
    AND s.user_id = d.user_id AND s.object_kind = 'lesson' AND (s.completed_at AT TIME ZONE $4)::date = d.day) ELSE 0 END
FROM (SELECT e.user_id, (e.occurred_at AT TIME ZONE $4)::date AS day, coalesce(c.course_id, $6) AS course_id, count(*) AS events,
    sum(floor(coalesce((e.result ->> 'duration_seconds')::double precision, 0)))::bigint AS seconds,
    bool_or(e.verb IN ('completed', 'passed') OR coalesce((e.result ->> 'progress')::double precision, 0) >= 1) AS completes
  FROM unnest($3) AS k(user_id)
  CROSS JOIN LATERAL (SELECT * FROM progress_events x WHERE x.tenant_id = $1 AND x.user_id = k.user_id
    AND x.verb <> 'enrolled' AND coalesce(x.position, 0) <= $5 OFFSET 0) e
  LEFT JOIN LATERAL (SELECT CASE e.object_kind WHEN 'course' THEN e.object_id
      ELSE (SELECT s.course_id FROM standings s WHERE s.tenant_id = $1 AND s.user_id = e.user_id AND s.object_id = e.object_id) END AS course_id) c ON true
  GROUP BY 1, 2, 3) d";

macro_rules! of_learners {
    ($table:literal) => {
        concat!(
            "(SELECT x.* FROM unnest($3) AS k(user_id) CROSS JOIN LATERAL (SELECT * FROM ",
            $table,
            " y WHERE y.tenant_id = $1 AND y.edition = $2 AND y.user_id = k.user_id OFFSET 0) x)"
        )
    };
}

const TOTALS: &str = concat!(
    "INSERT INTO activity_totals AS t
       (tenant_id, edition, day, course_id, learners, events, seconds, lessons_completed, courses_completed)
     SELECT $1, $2, d.day, d.course_id, count(*), sum(d.events)::bigint, sum(d.seconds)::bigint, sum(d.lessons_completed), 0
     FROM ", of_learners!("activity_days"), " d GROUP BY d.day, d.course_id
     ON CONFLICT (tenant_id, edition, day, course_id) DO UPDATE SET learners = t.learners + excluded.learners,
       events = t.events + excluded.events, seconds = t.seconds + excluded.seconds,
       lessons_completed = t.lessons_completed + excluded.lessons_completed"
);
const GAPS: &str = concat!(
    "INSERT INTO activity_gaps AS t (tenant_id, edition, day, gap, learners)
     SELECT $1, $2, g.day, g.gap, count(*) FROM (
       SELECT d.day, least(coalesce(d.day - lag(d.day) OVER (PARTITION BY d.user_id ORDER BY d.day), 0), 400) AS gap
       FROM (SELECT DISTINCT n.user_id, n.day FROM ",
    of_learners!("activity_days"),
    " n) d) g
     GROUP BY g.day, g.gap
     ON CONFLICT (tenant_id, edition, day, gap) DO UPDATE SET learners = t.learners + excluded.learners"
);
const LEVELS: &str = concat!(
    "INSERT INTO activity_levels AS t (tenant_id, edition, day, active_days, learners)
     SELECT $1, $2, l.day, l.active_days, count(*) FROM (
       SELECT d.user_id, d.day + s.later AS day, count(DISTINCT d.day)::integer AS active_days
       FROM ",
    of_learners!("activity_days"),
    " d CROSS JOIN generate_series(0, 27) AS s(later)
       GROUP BY d.user_id, d.day + s.later) l
     GROUP BY l.day, l.active_days
     ON CONFLICT (tenant_id, edition, day, active_days) DO UPDATE SET learners = t.learners + excluded.learners"
);
const RETENTION: &str = concat!(
    "INSERT INTO activity_retention AS t (tenant_id, edition, began_month, month, learners)
     SELECT $1, $2, m.began_month, m.month, count(*) FROM (
       SELECT d.month, min(d.month) OVER (PARTITION BY d.user_id) AS began_month
       FROM (SELECT DISTINCT n.user_id, date_trunc('month', n.day)::date AS month FROM ",
    of_learners!("activity_days"),
    " n) d) m
     GROUP BY m.began_month, m.month
     ON CONFLICT (tenant_id, edition, began_month, month) DO UPDATE SET learners = t.learners + excluded.learners"
);

const ENROLMENTS: &str = "INSERT INTO enrolments_counted
  (tenant_id, edition, user_id, course_id, enrolled_on, started, completed_on, fell_due_at, fell_due_on, settled_on)
SELECT $1, $2, e.user_id, e.course_id, (e.enrolled_at AT TIME ZONE $4)::date,
  EXISTS (SELECT FROM standings s WHERE s.tenant_id = $1 AND s.user_id = e.user_id AND s.object_id = e.course_id AND s.started_at IS NOT NULL),
  (e.completed_at AT TIME ZONE $4)::date, CASE WHEN e.is_late THEN e.due_at END,
  CASE WHEN e.is_late THEN (e.due_at AT TIME ZONE $4)::date END, CASE WHEN e.is_late THEN (e.completed_at AT TIME ZONE $4)::date END
FROM unnest($3) AS k(user_id)
CROSS JOIN LATERAL (SELECT x.*, coalesce(x.completed_at, 'infinity') > x.due_at AS is_late FROM enrolments x
  WHERE x.tenant_id = $1 AND x.user_id = k.user_id OFFSET 0) e
WHERE e.status <> 'removed' OR e.completed_at IS NOT NULL";
const STARTS: &str = concat!(
    "INSERT INTO course_starts AS t (tenant_id, edition, enrolled_on, course_id, enrolled, started, completed)
     SELECT $1, $2, c.enrolled_on, c.course_id, count(*), count(*) FILTER (WHERE c.started), count(c.completed_on)
     FROM ",
    of_learners!("enrolments_counted"),
    " c GROUP BY c.enrolled_on, c.course_id
     ON CONFLICT (tenant_id, edition, enrolled_on, course_id) DO UPDATE SET enrolled = t.enrolled + excluded.enrolled,
       started = t.started + excluded.started, completed = t.completed + excluded.completed"
);
const COMPLETIONS: &str = concat!(
    "INSERT INTO activity_totals AS t
       (tenant_id, edition, day, course_id, learners, events, seconds, lessons_completed, courses_completed)
     SELECT $1, $2, c.completed_on, c.course_id, 0, 0, 0, 0, count(*)
     FROM ", of_learners!("enrolments_counted"), " c WHERE c.completed_on IS NOT NULL GROUP BY c.completed_on, c.course_id
     ON CONFLICT (tenant_id, edition, day, course_id) DO UPDATE SET courses_completed = t.courses_completed + excluded.courses_completed"
);
const FELL_DUE: &str = concat!(
    "INSERT INTO enrolments_due AS t (tenant_id, edition, day, fell_due, settled)
     SELECT $1, $2, d.day, sum(d.fell_due)::bigint, sum(d.settled)::bigint
     FROM ", of_learners!("enrolments_counted"), " c
     CROSS JOIN LATERAL (VALUES (c.fell_due_on, 1, 0), (c.settled_on, 0, 1)) AS d(day, fell_due, settled)
     WHERE d.day IS NOT NULL GROUP BY d.day
     ON CONFLICT (tenant_id, edition, day) DO UPDATE SET fell_due = t.fell_due + excluded.fell_due, settled = t.settled + excluded.settled"
);

/// The next handful of learners behind one, in the order of their ids.
pub(crate) async fn next_learners(tx: &mut TenantTx, after: Uuid) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let tenant = tx.tenant();
    let next = sql(NEXT).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(after).bind::<BigInt, _>(LEARNERS);
    let rows: Vec<Row> = next.load(tx.connection()).await.map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Nobody comes behind these.
pub(super) fn is_last(learners: &[Uuid]) -> bool {
    i64::try_from(learners.len()).unwrap_or(i64::MAX) < LEARNERS
}

/// Puts learners into an edition.
pub(super) async fn add(tx: &mut TenantTx, draft: &Edition, learners: &[Uuid], position: i64) -> Result<()> {
    if learners.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    sql(DAYS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(draft.number)
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Text, _>(&draft.time_zone)
        .bind::<BigInt, _>(position)
        .bind::<SqlUuid, _>(Uuid::nil())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    sql(ENROLMENTS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Integer, _>(draft.number)
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Text, _>(&draft.time_zone)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    for text in [TOTALS, GAPS, LEVELS, RETENTION, STARTS, COMPLETIONS, FELL_DUE] {
        let add =
            sql(text).bind::<SqlUuid, _>(tenant).bind::<Integer, _>(draft.number).bind::<Array<SqlUuid>, _>(learners);
        add.execute(tx.connection()).await.map_err(failed)?;
    }
    Ok(())
}
