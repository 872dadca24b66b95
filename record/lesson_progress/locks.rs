//! What a learner may not do yet: a course whose prerequisites he has not completed, and in a sequential course the
//! lessons behind the first that is not done.
//!
//! # Rule
//! A lock is a word to the learner's client and no wall: whatever was done behind it and told is accepted and counts, so
//! that nothing is lost that happened in another system. A lesson that was begun is locked no more.

use std::collections::{HashMap, HashSet};

use diesel::{
    QueryableByName,
    sql_types::{Array, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    content::courses::{Course, LessonOrder},
    db::{TenantTx, failed, sql},
    id,
};
use uuid::Uuid;

use super::LessonStanding;

/// The living prerequisites that learners have not completed, one statement for all of them.
const UNMET: &str = "SELECT u.user_id, c.id AS course_id
  FROM unnest($2) WITH ORDINALITY AS p(id, place)
  JOIN courses c ON c.tenant_id = $1 AND c.id = p.id AND c.deleted_at IS NULL
  CROSS JOIN unnest($3) AS u(user_id)
  WHERE NOT EXISTS (SELECT FROM standings s WHERE s.tenant_id = $1 AND s.user_id = u.user_id AND s.object_id = c.id
                    AND s.completed_at IS NOT NULL)
  ORDER BY p.place";

/// Courses that each learner has to complete before.
pub type Unmet = HashMap<Id<id::User>, Vec<Id<id::Course>>>;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    user_id: Id<id::User>,
    #[diesel(sql_type = SqlUuid)]
    course_id: Id<id::Course>,
}

/// Finds the prerequisites of a course that learners have not completed. Who has completed all is not among them.
///
/// # Errors
/// As the database says.
pub async fn unmet(tx: &mut TenantTx, course: &Course, learners: &[Id<id::User>]) -> Result<Unmet> {
    let mut unmet = Unmet::new();
    if course.prerequisite_ids.is_empty() || learners.is_empty() {
        return Ok(unmet);
    }
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(UNMET)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(&course.prerequisite_ids)
        .bind::<Array<SqlUuid>, _>(learners.iter().map(|learner| learner.uuid()).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    for row in rows {
        unmet.entry(row.user_id).or_default().push(row.course_id);
    }
    Ok(unmet)
}

/// The lessons that are locked, of all in the order of the course.
pub(super) fn locked(course: &Course, lessons: &[LessonStanding], all: bool) -> HashSet<Uuid> {
    let counts = |part: &LessonStanding| match course.completion_lesson_ids.as_slice() {
        [] => part.lesson.required,
        listed => listed.contains(&part.lesson.id.uuid()),
    };
    let (sequential, mut open) = (course.lesson_order == LessonOrder::Sequential, true);
    let mut locked = HashSet::new();
    for part in lessons {
        if (all || sequential && !open) && !part.is_begun() && !part.is_waived() {
            locked.insert(part.lesson.id.uuid());
        }
        open &= !counts(part) || part.is_complete() || part.is_waived();
    }
    locked
}
