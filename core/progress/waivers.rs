//! Waivers: lessons that a learner need not do, and that count towards the course as if they were done.
//!
//! What a waiver completed stays completed when it is taken back, as everything does; what it only added to the progress
//! is taken off again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use stoa_protocols::event::ObjectKind;
use uuid::Uuid;

use super::{
    announce::Context,
    fold::{Fold, Held, key},
    ingest::write_rows,
    locks::lock_learners,
    resolve::{Learner, Path},
    standing::{Change, Standing},
    store,
    structure::Structure,
};
use crate::{
    audit::Entry,
    content::{courses::Course, lessons::Lesson},
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id, Ids},
    members::Member,
};

/// Longest reason, in characters.
const REASON_MAX: usize = 1_000;

const INSERT: &str =
    "INSERT INTO lesson_waivers (tenant_id, user_id, lesson_id, course_id, reason, granted_by, granted_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, user_id, lesson_id) DO NOTHING";
const DELETE: &str = "DELETE FROM lesson_waivers WHERE tenant_id = $1 AND user_id = $2 AND lesson_id = $3";
const MARK: &str = "UPDATE standings SET waived_at = $4 WHERE tenant_id = $1 AND user_id = $2 AND object_id = $3";
const OF_LESSON: &str = "SELECT user_id, lesson_id, reason, granted_by, granted_at FROM lesson_waivers
  WHERE tenant_id = $1 AND lesson_id = $2 ORDER BY granted_at, user_id";

/// A lesson that a learner need not do.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Waiver {
    /// The learner.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<id::User>,
    /// The lesson.
    #[diesel(sql_type = SqlUuid)]
    pub lesson_id: Id<id::Lesson>,
    /// Why, in words of whoever waived it.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// Who waived it; none for an integration.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub granted_by: Option<Id<id::User>>,
    /// When it was waived.
    #[diesel(sql_type = Timestamptz)]
    pub granted_at: DateTime<Utc>,
}

/// Whose lesson it is about.
#[derive(Debug, Clone, Copy)]
pub struct LessonOf<'a> {
    /// The course.
    pub course: &'a Course,
    /// The lesson, of that course.
    pub lesson: &'a Lesson,
    /// The learner.
    pub learner: &'a Member,
}

/// The waivers of a lesson, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn waivers_of(tx: &mut TenantTx, lesson: Id<id::Lesson>) -> Result<Vec<Waiver>> {
    let tenant = tx.tenant();
    let of_lesson = sql(OF_LESSON).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(lesson);
    of_lesson.load(tx.connection()).await.map_err(failed)
}

/// Waives a lesson for a learner; answers whether it was not waived before.
///
/// # Errors
/// `validation_failed`; `not_enrolled`.
pub async fn waive(tx: &mut TenantTx, of: LessonOf<'_>, mut reason: String) -> Result<bool> {
    let mut fields = Fields::new();
    fields.text("/reason", &mut reason, REASON_MAX);
    if reason.is_empty() {
        fields.fault("/reason", "required", "wanted a reason, in words");
    }
    fields.finish()?;
    let (tenant, now, by) = (tx.tenant(), tx.now(), tx.by().and_then(crate::scope::Scope::person));
    lock_learners(tx, &[(tenant, of.learner.id.uuid())]).await?;
    let fold = load(tx, of).await?;
    let insert = sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(of.learner.id)
        .bind::<SqlUuid, _>(of.lesson.id)
        .bind::<SqlUuid, _>(of.course.id)
        .bind::<Text, _>(&reason)
        .bind::<Nullable<SqlUuid>, _>(by)
        .bind::<Timestamptz, _>(now);
    if insert.execute(tx.connection()).await.map_err(failed)? == 0 {
        return Ok(false);
    }
    put(tx, fold, of, Some(now)).await?;
    tx.audit(Entry::of("lesson.waived", of.lesson.id).is(json!({ "user_id": of.learner.id, "reason": reason })));
    Ok(true)
}

/// Takes a waiver back.
///
/// # Errors
/// `not_found`; `not_enrolled`.
pub async fn take_back(tx: &mut TenantTx, of: LessonOf<'_>) -> Result<()> {
    let tenant = tx.tenant();
    lock_learners(tx, &[(tenant, of.learner.id.uuid())]).await?;
    let fold = load(tx, of).await?;
    let delete =
        sql(DELETE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(of.learner.id).bind::<SqlUuid, _>(of.lesson.id);
    if delete.execute(tx.connection()).await.map_err(failed)? == 0 {
        return Err(Error::not_found("waiver"));
    }
    put(tx, fold, of, None).await?;
    tx.audit(Entry::of("lesson.unwaived", of.lesson.id).was(json!({ "user_id": of.learner.id })));
    Ok(())
}

/// The rows of the learner on the course.
struct Loaded {
    standings: Vec<Standing>,
    enrolments: Vec<super::rows::EnrolmentRow>,
    structure: Structure,
}

async fn load(tx: &mut TenantTx, of: LessonOf<'_>) -> Result<Loaded> {
    let tenant = tx.tenant();
    let attended = [(tenant, of.learner.id.uuid(), of.course.id.uuid())];
    let enrolments = store::enrolments(tx, &attended).await?;
    if enrolments.iter().all(|enrolment| enrolment.status == "removed") {
        return Err(Error::new(Code::NotEnrolled, "the learner is not on this course"));
    }
    let standings = store::standings_on(tx, &attended).await?;
    let structure = Structure::load(tx, &[(tenant, of.course.id.uuid())]).await?;
    Ok(Loaded { standings, enrolments, structure })
}

/// Sets or unsets the mark, works the course out anew, and writes and announces what that changed.
async fn put(tx: &mut TenantTx, loaded: Loaded, of: LessonOf<'_>, waived_at: Option<DateTime<Utc>>) -> Result<()> {
    let (tenant, ids) = (tx.tenant(), Ids::new());
    let held = |row| Held { row, is_new: false, changed: false };
    let mut fold = Fold {
        now: tx.now(),
        structure: loaded.structure,
        standings: loaded
            .standings
            .into_iter()
            .map(|row| (row.key, Held { row, is_new: false, changed: false }))
            .collect(),
        enrolments: loaded
            .enrolments
            .into_iter()
            .map(|row| ((tenant, row.user_id, row.course_id), held(row)))
            .collect(),
        announcements: Vec::new(),
        ids: &ids,
    };
    let context = context(tx, of);
    let lesson = key(&context, of.lesson.id.uuid());
    fold.change(&context, lesson, ObjectKind::Lesson, |standing| {
        standing.waived_at = waived_at;
        Change::default()
    });
    fold.roll_up_course_by(&context, Standing::apply_credit);
    let numbers: HashMap<Uuid, i64> = write_rows(tx, &fold).await?;
    for announcement in fold.announcements {
        tx.record(announcement.into_event(&numbers));
    }
    let mark = sql(MARK)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(of.learner.id)
        .bind::<SqlUuid, _>(of.lesson.id)
        .bind::<Nullable<Timestamptz>, _>(waived_at);
    mark.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

fn context(tx: &TenantTx, of: LessonOf<'_>) -> Context {
    Context {
        cause: 0,
        tenant: tx.tenant(),
        learner: Learner { id: of.learner.id.uuid(), facts: of.learner.facts() },
        path: Path {
            course: (of.course.id.uuid(), of.course.facts()),
            lesson: Some((of.lesson.id.uuid(), of.lesson.facts())),
            training: None,
            item: None,
            max_score: None,
        },
        occurred_at: tx.now(),
    }
}
