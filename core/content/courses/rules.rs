//! The rules of a course: what completes it, in which order its lessons are done, and which courses come before it.
//!
//! Not here: how they are kept to (`progress`, which completes courses, and `stoa_record::lesson_progress`, which locks
//! lessons).

use diesel::{
    QueryableByName,
    sql_types::{Array, Bool, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::Course;
use crate::{
    content::lessons,
    db::{TenantTx, failed, sql},
    error::{Error, Result},
    fields::Fields,
    id,
    key::Key,
    words,
};

words! {
    /// Names what completes a course for a learner.
    CompletionRule {
        /// All required lessons.
        RequiredLessons = "required_lessons",
        /// As much of the weight of the required lessons as the threshold says.
        Weight = "weight",
        /// All lessons that the course lists, required or not.
        ListedLessons = "listed_lessons",
        /// All required lessons, and a score of the course that reaches the threshold.
        PassingScore = "passing_score",
    }
}

words! {
    /// Names in which order the lessons of a course may be done.
    LessonOrder {
        /// Any.
        Free = "free",
        /// A lesson opens when the required ones before it are done.
        Sequential = "sequential",
    }
}

/// What completes a course for a learner.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCompletion {
    /// The rule.
    pub rule: CompletionRule,
    /// Share of the weight with `weight`, score with `passing_score`: basis points, 1 to 10000. Not with other rules.
    #[serde(default)]
    pub threshold: Option<i32>,
    /// The lessons that count with `listed_lessons`: 1 to 500 of the course's own. Not with other rules.
    #[serde(default)]
    pub lesson_ids: Vec<Key<id::Lesson>>,
}

/// Most lessons of a list.
const LISTED_MAX: usize = 500;

/// Whoever changes what comes before what does so alone in the institution.
const ALONE: &str = "SELECT pg_advisory_xact_lock(hashtextextended('courses.prerequisites' || $1::text, 0))";
const COMES_BEFORE: &str = "WITH RECURSIVE earlier(id) AS (
    SELECT unnest($2)
    UNION
    SELECT p.id FROM earlier e
    JOIN courses c ON c.tenant_id = $1 AND c.id = e.id AND c.deleted_at IS NULL
    CROSS JOIN LATERAL unnest(c.prerequisite_ids) AS p(id)
  ) SELECT EXISTS (SELECT FROM earlier WHERE id = $3) AS found";

/// Takes over what completes a course. The lessons are found among the course's own.
pub(super) async fn set(tx: &mut TenantTx, course: &mut Course, completion: Option<NewCompletion>) -> Result<()> {
    let Some(NewCompletion { rule, threshold, lesson_ids }) = completion else { return Ok(()) };
    let found = if lesson_ids.is_empty() { Vec::new() } else { lessons::find_all(tx, &lesson_ids).await? };
    let mut fields = Fields::new();
    let mut listed = Vec::new();
    for (at, lesson) in found.into_iter().enumerate() {
        match lesson.filter(|lesson| lesson.course_id == course.id) {
            Some(lesson) if !listed.contains(&lesson.id.uuid()) => listed.push(lesson.id.uuid()),
            Some(_) => {}
            None => fields.fault(format!("/completion/lesson_ids/{at}"), "not_found", "no such lesson in this course"),
        }
    }
    fields.finish()?;
    (course.completion_rule, course.completion_threshold, course.completion_lesson_ids) = (rule, threshold, listed);
    Ok(())
}

/// Checks that a rule has what it needs, and nothing else.
pub(super) fn check(fields: &mut Fields, course: &Course) {
    let wants_threshold = matches!(course.completion_rule, CompletionRule::Weight | CompletionRule::PassingScore);
    match &course.completion_threshold {
        Some(threshold) if wants_threshold => fields.within("/completion/threshold", threshold, &(1..=10_000)),
        Some(_) => fields.fault("/completion/threshold", "value", "wanted with `weight` and `passing_score` only"),
        None if wants_threshold => fields.fault("/completion/threshold", "required", "wanted by this rule"),
        None => {}
    }
    let (listed, wants_list) =
        (course.completion_lesson_ids.len(), course.completion_rule == CompletionRule::ListedLessons);
    if wants_list && !(1..=LISTED_MAX).contains(&listed) {
        fields.fault("/completion/lesson_ids", "length", format!("wanted 1 to {LISTED_MAX} lessons of the course"));
    } else if !wants_list && listed > 0 {
        fields.fault("/completion/lesson_ids", "value", "wanted with `listed_lessons` only");
    }
}

/// Refuses courses to be completed before, of which one waits for this course itself.
pub(super) async fn refuse_rings(tx: &mut TenantTx, course: Uuid, prerequisites: &[Uuid]) -> Result<()> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let tenant = tx.tenant();
    sql(ALONE).bind::<SqlUuid, _>(tenant).execute(tx.connection()).await.map_err(failed)?;
    let ring: Found = sql(COMES_BEFORE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(prerequisites)
        .bind::<SqlUuid, _>(course)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    if ring.found {
        let detail = "one of these waits for this course itself, so nobody could begin";
        return Err(Error::invalid_field("/prerequisite_ids", "cycle", detail));
    }
    Ok(())
}
