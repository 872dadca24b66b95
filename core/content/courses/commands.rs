//! What may be done with courses.

use std::sync::Arc;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{EventData, EventType, ObjectKind, SubmissionFacts, UserFacts};

use super::{
    CompletionRule, Course, CourseChange, CourseStatus, LessonOrder, NewCourse, check, queries::hold,
    references::References, rules, slug, versions,
};
use crate::{
    content::{noted, owned, removal},
    db::{Guard, TenantTx, conflict, failed, sql, taken},
    error::{Error, Result},
    events::NewEvent,
    fields::Fields,
    id::{self, Id},
    key::Key,
    members,
    scope::Scope,
};

const INSERT: &str = "INSERT INTO courses
  (tenant_id, id, external_id, slug, title, summary, language, cefr_from, cefr_to, category, cover_url, status,
   author_id, reviewer_id, submitted_at, prerequisite_ids, instructor_ids, version, updated_at, created_at,
   completion_rule, completion_threshold, completion_lesson_ids, lesson_order, edition, review_note)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19,
    $20, $21, $22, $23, $24, $25)
  ON CONFLICT (tenant_id, slug) WHERE deleted_at IS NULL DO NOTHING
  RETURNING number";

const UPDATE: &str = "UPDATE courses SET
  external_id = $3, slug = $4, title = $5, summary = $6, language = $7, cefr_from = $8, cefr_to = $9, category = $10,
  cover_url = $11, status = $12, author_id = $13, reviewer_id = $14, submitted_at = $15, prerequisite_ids = $16,
  instructor_ids = $17, version = $18, updated_at = $19, completion_rule = $20, completion_threshold = $21,
  completion_lesson_ids = $22, lesson_order = $23, edition = $24, review_note = $25
  WHERE tenant_id = $1 AND id = $2 RETURNING number";

const LIKE_SLUGS: &str =
    "SELECT slug FROM courses WHERE tenant_id = $1 AND deleted_at IS NULL AND starts_with(slug, $2)";

const SLUG_TAKEN: &str = "another course of this institution has the same slug";
const GUARDS: [Guard; 2] = [
    ("courses_living_slug", "/slug", SLUG_TAKEN),
    ("courses_living_external_id", "/external_id", "another course of this institution has the same external id"),
];
/// Whoever numbers a slug does so alone in the institution, and so finds a number that stays free.
const NUMBER_ALONE: &str = "SELECT pg_advisory_xact_lock(hashtextextended('courses.slug' || $1::text, 0))";

#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Makes a course.
///
/// # Errors
/// `validation_failed`; `conflict` when the slug or the external id is taken.
pub async fn create(tx: &mut TenantTx, scope: &Scope, mut new: NewCourse) -> Result<Course> {
    let references = References::of_new(&mut new).resolve(tx).await?;
    let (slug_is_ours, completion) = (new.slug.is_none(), new.completion.take());
    let mut course = fresh(tx, new);
    references.apply(&mut course);
    rules::set(tx, &mut course, completion).await?;
    course.author_id = course.author_id.or_else(|| scope.person());
    let mut fields = Fields::new();
    check(&mut fields, &mut course);
    fields.finish()?;
    if course.status == CourseStatus::Submitted {
        course.submitted_at = Some(tx.now());
    }
    let edition = new_edition(tx, &mut course).await?;
    course.number = insert(tx, &mut course, slug_is_ours).await?;
    noted::created(tx, &course);
    let nothing = Course { status: CourseStatus::Draft, submitted_at: None, ..course.clone() };
    follow(tx, scope, (&nothing, &course), (edition, None)).await?;
    Ok(course)
}

/// Changes a course. What becomes submitted, published or archived is announced.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when the slug or the external id is taken, and for what the platform
/// shares.
pub async fn change(
    tx: &mut TenantTx,
    scope: &Scope,
    key: &Key<id::Course>,
    mut change: CourseChange,
) -> Result<Course> {
    let before = hold(tx, key).await?.ok_or_else(|| Error::not_found("course"))?;
    owned(before.source_id)?;
    let references = References::of_change(&mut change).resolve(tx).await?;
    let mut after = before.clone();
    rules::set(tx, &mut after, change.completion.take()).await?;
    change.apply(&mut after);
    references.apply(&mut after);
    let mut fields = Fields::new();
    check(&mut fields, &mut after);
    fields.finish()?;
    if !after.prerequisite_ids.is_empty() && after.prerequisite_ids != before.prerequisite_ids {
        rules::refuse_rings(tx, after.id.uuid(), &after.prerequisite_ids).await?;
    }
    put(tx, scope, (&before, after), None).await
}

/// Writes a course that was held and changed, and what follows from it. Publishing it anew keeps a new edition.
pub(super) async fn put(
    tx: &mut TenantTx,
    scope: &Scope,
    (before, mut after): (&Course, Course),
    note: Option<&str>,
) -> Result<Course> {
    if after == *before {
        return Ok(after);
    }
    (after.version, after.updated_at) = (before.version.saturating_add(1), tx.now());
    if after.status == CourseStatus::Submitted {
        after.submitted_at = before.submitted_at.or(Some(tx.now()));
    }
    let edition = if before.status == CourseStatus::Published { None } else { new_edition(tx, &mut after).await? };
    write(tx, UPDATE, &after).await?;
    if after.slug != before.slug {
        slug::retire(tx, before).await?;
    }
    noted::changed(tx, before, &after);
    follow(tx, scope, (before, &after), (edition, note)).await?;
    Ok(after)
}

/// What would be the new edition of a published course, counted in its row.
pub(super) async fn new_edition(tx: &mut TenantTx, course: &mut Course) -> Result<Option<versions::Draft>> {
    if course.status != CourseStatus::Published {
        return Ok(None);
    }
    let draft = versions::draft(tx, course).await?;
    course.edition += i32::from(draft.is_some());
    Ok(draft)
}

/// Keeps the edition and announces where the course has come to.
pub(super) async fn follow(
    tx: &mut TenantTx,
    scope: &Scope,
    (before, after): (&Course, &Course),
    (edition, note): (Option<versions::Draft>, Option<&str>),
) -> Result<()> {
    let is_new = edition.is_some();
    if let Some(draft) = edition {
        versions::keep(tx, scope, after, (draft, note)).await?;
    }
    let became = |status| after.status == status && before.status != status;
    if became(CourseStatus::Submitted) {
        announce_submission(tx, scope, after, before.submitted_at.is_none()).await?;
    }
    if became(CourseStatus::Published) || is_new {
        announce(tx, EventType::CoursePublished, after, None);
    }
    if became(CourseStatus::Archived) {
        announce(tx, EventType::CourseArchived, after, None);
    }
    Ok(())
}

/// Deletes a course and all that it holds.
///
/// # Errors
/// `not_found`, also for a course deleted before.
pub async fn remove(tx: &mut TenantTx, key: &Key<id::Course>) -> Result<()> {
    let course = hold(tx, key).await?.ok_or_else(|| Error::not_found("course"))?;
    owned(course.source_id)?;
    removal::bury(tx, course.id.uuid(), removal::COURSE).await?;
    noted::removed(tx, &course);
    Ok(())
}

fn fresh(tx: &TenantTx, new: NewCourse) -> Course {
    let cefr = new.cefr.unwrap_or_default();
    Course {
        id: tx.new_id(),
        number: 0,
        external_id: new.external_id,
        slug: new.slug.unwrap_or_else(|| slug::of_title(&new.title)),
        title: new.title,
        summary: new.summary.unwrap_or_default(),
        language: new.language.unwrap_or_else(|| "en".to_owned()),
        cefr_from: cefr.from,
        cefr_to: cefr.to,
        category: new.category,
        cover_url: new.cover_url,
        status: new.status.unwrap_or_default(),
        author_id: None,
        reviewer_id: None,
        submitted_at: None,
        prerequisite_ids: Vec::new(),
        instructor_ids: Vec::new(),
        completion_rule: CompletionRule::RequiredLessons,
        completion_threshold: None,
        completion_lesson_ids: Vec::new(),
        lesson_order: new.lesson_order.unwrap_or(LessonOrder::Free),
        edition: 0,
        review_note: None,
        source_id: None,
        source_edition: None,
        lesson_count: 0,
        duration_minutes: 0,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
    }
}

impl CourseChange {
    /// Sets all but the references.
    fn apply(self, course: &mut Course) {
        let keep = |slot: &mut String, given: Option<String>| {
            if let Some(given) = given {
                *slot = given;
            }
        };
        keep(&mut course.title, self.title);
        keep(&mut course.slug, self.slug);
        keep(&mut course.summary, self.summary);
        keep(&mut course.language, self.language);
        if let Some(cefr) = self.cefr {
            let cefr = cefr.unwrap_or_default();
            (course.cefr_from, course.cefr_to) = (cefr.from, cefr.to);
        }
        course.category = self.category.unwrap_or_else(|| course.category.take());
        course.cover_url = self.cover_url.unwrap_or_else(|| course.cover_url.take());
        course.external_id = self.external_id.unwrap_or_else(|| course.external_id.take());
        course.status = self.status.unwrap_or(course.status);
        course.lesson_order = self.lesson_order.unwrap_or(course.lesson_order);
    }
}

/// Writes a new course. A slug that we made ourselves gives way to one that is taken; a given one does not.
async fn insert(tx: &mut TenantTx, course: &mut Course, slug_is_ours: bool) -> Result<i64> {
    if let Some(number) = write(tx, INSERT, course).await? {
        return Ok(number);
    }
    if slug_is_ours {
        course.slug = free_slug(tx, &course.slug).await?;
        if let Some(number) = write(tx, INSERT, course).await? {
            return Ok(number);
        }
    }
    Err(conflict("/slug", SLUG_TAKEN))
}

async fn free_slug(tx: &mut TenantTx, wanted: &str) -> Result<String> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = Text)]
        slug: String,
    }
    let tenant = tx.tenant();
    sql(NUMBER_ALONE).bind::<SqlUuid, _>(tenant).execute(tx.connection()).await.map_err(failed)?;
    // Of a slug near the longest the number replaces the end.
    let stem: String = wanted.chars().take(slug::STEM).collect();
    let statement = sql(LIKE_SLUGS).bind::<SqlUuid, _>(tenant).bind::<Text, _>(stem);
    let rows: Vec<Taken> = statement.load(tx.connection()).await.map_err(failed)?;
    let taken: std::collections::HashSet<String> = rows.into_iter().map(|row| row.slug).collect();
    let free = (2..=u32::MAX).map(|number| slug::numbered(wanted, number)).find(|slug| !taken.contains(slug));
    free.ok_or_else(|| conflict("/slug", SLUG_TAKEN))
}

async fn write(tx: &mut TenantTx, text: &'static str, course: &Course) -> Result<Option<i64>> {
    let tenant = tx.tenant();
    let rows: Vec<Numbered> = sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(course.id)
        .bind::<Nullable<Text>, _>(&course.external_id)
        .bind::<Text, _>(&course.slug)
        .bind::<Text, _>(&course.title)
        .bind::<Text, _>(&course.summary)
        .bind::<Text, _>(&course.language)
        .bind::<Nullable<Text>, _>(course.cefr_from.map(crate::content::Cefr::as_str))
        .bind::<Nullable<Text>, _>(course.cefr_to.map(crate::content::Cefr::as_str))
        .bind::<Nullable<Text>, _>(&course.category)
        .bind::<Nullable<Text>, _>(&course.cover_url)
        .bind::<Text, _>(course.status.as_str())
        .bind::<Nullable<SqlUuid>, _>(course.author_id)
        .bind::<Nullable<SqlUuid>, _>(course.reviewer_id)
        .bind::<Nullable<Timestamptz>, _>(course.submitted_at)
        .bind::<Array<SqlUuid>, _>(&course.prerequisite_ids)
        .bind::<Array<SqlUuid>, _>(&course.instructor_ids)
        .bind::<Integer, _>(course.version)
        .bind::<Timestamptz, _>(course.updated_at)
        .bind::<Text, _>(course.completion_rule.as_str())
        .bind::<Nullable<Integer>, _>(course.completion_threshold)
        .bind::<Array<SqlUuid>, _>(&course.completion_lesson_ids)
        .bind::<Text, _>(course.lesson_order.as_str())
        .bind::<Integer, _>(course.edition)
        .bind::<Nullable<Text>, _>(&course.review_note)
        .load(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(rows.into_iter().next().map(|row| row.number))
}

async fn announce_submission(tx: &mut TenantTx, scope: &Scope, course: &Course, is_initial: bool) -> Result<()> {
    let submission = SubmissionFacts {
        is_initial,
        submitter: person(tx, scope.person()).await?,
        reviewer: person(tx, course.reviewer_id).await?,
    };
    announce(tx, EventType::CourseSubmitted, course, Some(submission));
    Ok(())
}

fn announce(tx: &mut TenantTx, event_type: EventType, course: &Course, submission: Option<SubmissionFacts>) {
    let data = EventData { course: Some(course.facts()), submission, ..EventData::default() };
    tx.record(NewEvent {
        event_type,
        object_kind: ObjectKind::Course,
        object_id: course.id.uuid(),
        revision: course.version,
        scope_ids: vec![course.id.uuid()],
        data: Arc::new(data),
        occurred_at: tx.now(),
        concludes: false,
    });
}

async fn person(tx: &mut TenantTx, id: Option<Id<id::User>>) -> Result<Option<Arc<UserFacts>>> {
    let Some(id) = id else { return Ok(None) };
    Ok(members::find(tx, &id.into()).await?.map(|member| member.facts()))
}
