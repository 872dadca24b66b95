//! What a course is made of, as far as completion needs it: required lessons with weights, items of lessons.

use std::collections::HashMap;

use diesel::{
    QueryableByName,
    sql_types::{Array, Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::standing::COMPLETE;
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::TenantId,
};

/// A lesson as the course's progress counts it.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct LessonPart {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    course_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    /// It is one of those by which the course is completed: required, or listed where the course lists them.
    #[diesel(sql_type = Bool)]
    pub(crate) counts: bool,
    #[diesel(sql_type = Integer)]
    pub(crate) weight: i32,
    /// Share of the weight that completes the course, in basis points.
    #[diesel(sql_type = Integer)]
    pub(crate) wanted_share: i32,
    /// Score without which the course is not completed, in basis points.
    #[diesel(sql_type = Nullable<Integer>)]
    pub(crate) wanted_score: Option<i32>,
}

/// An item as its training and its lesson count it.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct ItemPart {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) lesson_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) training_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Bool)]
    pub(crate) required: bool,
}

/// The parts of the courses that something may have been completed in.
#[derive(Debug, Default)]
pub(crate) struct Structure {
    lessons: HashMap<(TenantId, Uuid), Vec<LessonPart>>,
    items: HashMap<(TenantId, Uuid), Vec<ItemPart>>,
}

const LESSONS: &str = "SELECT l.tenant_id, l.course_id, l.id, l.weight,
  CASE c.completion_rule WHEN 'listed_lessons' THEN l.id = ANY (c.completion_lesson_ids) ELSE l.required END AS counts,
  CASE c.completion_rule WHEN 'weight' THEN c.completion_threshold ELSE 10000 END AS wanted_share,
  CASE c.completion_rule WHEN 'passing_score' THEN c.completion_threshold END AS wanted_score
FROM unnest($1, $2) AS k(tenant_id, id)
JOIN courses c ON c.tenant_id = k.tenant_id AND c.id = k.id
JOIN lessons l ON l.tenant_id = c.tenant_id AND l.course_id = c.id AND l.deleted_at IS NULL";

const ITEMS: &str = "SELECT t.tenant_id, t.lesson_id, i.training_id, i.id, i.kind, i.required
FROM unnest($1, $2) AS c(tenant_id, id)
JOIN lessons l ON l.tenant_id = c.tenant_id AND l.course_id = c.id AND l.deleted_at IS NULL
JOIN trainings t ON t.tenant_id = l.tenant_id AND t.lesson_id = l.id AND t.deleted_at IS NULL
JOIN training_items i ON i.tenant_id = t.tenant_id AND i.training_id = t.id AND i.deleted_at IS NULL";

impl Structure {
    /// Loads the parts of courses, all in two statements.
    pub(crate) async fn load(tx: &mut TenantTx, courses: &[(TenantId, Uuid)]) -> Result<Self> {
        let mut structure = Self::default();
        if courses.is_empty() {
            return Ok(structure);
        }
        let tenants: Vec<Uuid> = courses.iter().map(|(tenant, _)| tenant.uuid()).collect();
        let ids: Vec<Uuid> = courses.iter().map(|(_, id)| *id).collect();
        let lessons: Vec<LessonPart> = sql(LESSONS)
            .bind::<Array<SqlUuid>, _>(&tenants)
            .bind::<Array<SqlUuid>, _>(&ids)
            .load(tx.connection())
            .await
            .map_err(failed)?;
        let items: Vec<ItemPart> = sql(ITEMS)
            .bind::<Array<SqlUuid>, _>(&tenants)
            .bind::<Array<SqlUuid>, _>(&ids)
            .load(tx.connection())
            .await
            .map_err(failed)?;
        for lesson in lessons {
            let key = (TenantId::from_uuid(lesson.tenant_id), lesson.course_id);
            structure.lessons.entry(key).or_default().push(lesson);
        }
        for item in items {
            let key = (TenantId::from_uuid(item.tenant_id), item.lesson_id);
            structure.items.entry(key).or_default().push(item);
        }
        Ok(structure)
    }

    /// Items of a lesson.
    pub(crate) fn items_of(&self, tenant: TenantId, lesson: Uuid) -> &[ItemPart] {
        self.items.get(&(tenant, lesson)).map_or(&[], Vec::as_slice)
    }

    /// Lessons of a course.
    pub(crate) fn lessons_of(&self, tenant: TenantId, course: Uuid) -> &[LessonPart] {
        self.lessons.get(&(tenant, course)).map_or(&[], Vec::as_slice)
    }
}

/// Weight of what is done over the weight of all, in basis points, rounded down; none where nothing counts.
pub(crate) fn share(parts: impl Iterator<Item = (i64, bool)>) -> Option<i32> {
    let (done, all) = parts
        .fold((0_i64, 0_i64), |(done, all), (weight, is_done)| (done + if is_done { weight } else { 0 }, all + weight));
    (all > 0).then(|| i32::try_from(done.saturating_mul(i64::from(COMPLETE)) / all).unwrap_or(COMPLETE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_down_and_whole_only_when_all_is_done() {
        assert_eq!(share([(1, true), (1, true), (1, false)].into_iter()), Some(6_666));
        assert_eq!(share([(999_999, true), (1, false)].into_iter()), Some(9_999));
        assert_eq!(share([(2, true)].into_iter()), Some(COMPLETE));
        assert_eq!(share(std::iter::empty()), None);
        assert_eq!(share([(0, false)].into_iter()), None);
    }
}
