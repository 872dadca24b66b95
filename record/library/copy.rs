//! How copies follow their sources.
//!
//! Set by set over all of a course, in one transaction that stands in both institutions. A share is followed by one node at
//! a time, and once for each version of its source; whatever crashes, another look finds it behind still.

use std::sync::Arc;

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Key, Result, TenantId,
    content::courses::{self, CourseStatus},
    db::{Db, HouseTx, TenantTx, failed, sql},
    events::NewEvent,
    id,
};
use stoa_protocols::event::{EventData, EventType, ObjectKind};
use uuid::Uuid;

use super::statements::{ARCHIVE, BEGIN, LEVELS, Level, TAKE_OVER};

/// Shares of one look.
const BEHIND_MOST: i64 = 500;
const BEHIND: &str = "SELECT s.tenant_id, s.source_tenant_id, s.source_id
  FROM institutions i
  JOIN courses c ON c.tenant_id = i.tenant_id
  JOIN course_shares s ON s.source_tenant_id = c.tenant_id AND s.source_id = c.id AND s.source_version < c.version
    AND s.ended_at IS NULL
  JOIN institutions r ON r.tenant_id = s.tenant_id AND r.status <> 'closed'
  WHERE i.is_library ORDER BY s.tenant_id, s.source_id LIMIT $1";
const TAKE: &str = "SELECT course_id FROM course_shares
  WHERE tenant_id = $1 AND source_id = $2 AND ended_at IS NULL FOR UPDATE";
const STATE: &str = "SELECT status, edition, version, deleted_at IS NULL AS lives FROM courses
  WHERE tenant_id = $1 AND id = $2";
const FOLLOWED: &str =
    "UPDATE course_shares SET source_version = $3, course_id = $4, copied_at = coalesce($5, copied_at)
  WHERE tenant_id = $1 AND source_id = $2";

/// A share whose copy may be behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Behind {
    /// The institution that was given it.
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: TenantId,
    /// The library.
    #[diesel(sql_type = SqlUuid)]
    pub source_tenant_id: TenantId,
    /// The course in the library.
    #[diesel(sql_type = SqlUuid)]
    pub source_id: Id<id::Course>,
}

/// Where a course is.
#[derive(QueryableByName)]
struct State {
    #[diesel(sql_type = Text)]
    status: CourseStatus,
    #[diesel(sql_type = Integer)]
    edition: i32,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Bool)]
    lives: bool,
}

/// A statement about a copy and its source.
macro_rules! about {
    ($text:expr, $share:expr, $course:expr) => {
        sql($text)
            .bind::<SqlUuid, _>($share.tenant_id)
            .bind::<SqlUuid, _>($share.source_tenant_id)
            .bind::<SqlUuid, _>($course)
    };
}

/// Finds copies that may be behind their sources, at most 500.
///
/// # Errors
/// As the database says.
pub async fn behind(house: &mut HouseTx) -> Result<Vec<Behind>> {
    sql(BEHIND).bind::<BigInt, _>(BEHIND_MOST).load(house.connection()).await.map_err(failed)
}

/// Lets a copy follow its source. What waits for its first edition waits on.
///
/// # Errors
/// As the database says.
pub async fn follow(db: &Db, share: Behind) -> Result<()> {
    let mut tx = db.tenants(&[share.tenant_id, share.source_tenant_id]).await?;
    let Some(held) = take(&mut tx, &share).await? else { return Ok(()) };
    let Some(source) = state(&mut tx, share.source_tenant_id, share.source_id).await? else { return Ok(()) };
    let copy = match held {
        Some(course) => state(&mut tx, share.tenant_id, course).await?,
        None => None,
    };
    let follows =
        copy.is_some_and(|copy| copy.edition >= source.edition && copy.status == CourseStatus::Published && copy.lives);
    let (mut course, mut copied_at) = (held, None);
    if !source.lives || source.status == CourseStatus::Archived {
        if let Some(course) = held {
            archive(&mut tx, course).await?;
        }
    } else if source.status == CourseStatus::Published && !follows {
        course = Some(copy_all(&mut tx, &share, held).await?);
        copied_at = Some(tx.now());
    }
    let followed = sql(FOLLOWED)
        .bind::<SqlUuid, _>(share.tenant_id)
        .bind::<SqlUuid, _>(share.source_id)
        .bind::<Integer, _>(source.version)
        .bind::<Nullable<SqlUuid>, _>(course)
        .bind::<Nullable<Timestamptz>, _>(copied_at);
    followed.execute(tx.connection()).await.map_err(failed)?;
    tx.commit().await
}

/// Holds a share that has not ended, so that one node follows it at a time; answers the copy that there is.
async fn take(tx: &mut TenantTx, share: &Behind) -> Result<Option<Option<Id<id::Course>>>> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        course_id: Option<Id<id::Course>>,
    }
    let take = sql(TAKE).bind::<SqlUuid, _>(share.tenant_id).bind::<SqlUuid, _>(share.source_id);
    let taken: Option<Taken> = take.get_result(tx.connection()).await.optional().map_err(failed)?;
    Ok(taken.map(|taken| taken.course_id))
}

async fn state(tx: &mut TenantTx, tenant: TenantId, course: Id<id::Course>) -> Result<Option<State>> {
    let state = sql(STATE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(course);
    state.get_result(tx.connection()).await.optional().map_err(failed)
}

/// Takes all of the source over, and makes the copy first where there is none.
async fn copy_all(tx: &mut TenantTx, share: &Behind, held: Option<Id<id::Course>>) -> Result<Id<id::Course>> {
    let now = tx.now();
    let course = held.unwrap_or_else(|| tx.new_id());
    if held.is_none() {
        let begin = about!(BEGIN, share, course).bind::<SqlUuid, _>(share.source_id).bind::<Timestamptz, _>(now);
        begin.execute(tx.connection()).await.map_err(failed)?;
    }
    for level in &LEVELS {
        copy_level(tx, share, (course, level)).await?;
    }
    let take_over = about!(TAKE_OVER, share, course).bind::<Timestamptz, _>(now);
    take_over.execute(tx.connection()).await.map_err(failed)?;
    announce(tx, EventType::CoursePublished, course).await?;
    Ok(course)
}

async fn copy_level(tx: &mut TenantTx, share: &Behind, (course, level): (Id<id::Course>, &Level)) -> Result<()> {
    #[derive(QueryableByName)]
    struct Missing {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let now = tx.now();
    for text in [level.bury, level.change] {
        let follow = about!(text, share, course).bind::<Timestamptz, _>(now);
        follow.execute(tx.connection()).await.map_err(failed)?;
    }
    let missing: Vec<Missing> = about!(level.missing, share, course).load(tx.connection()).await.map_err(failed)?;
    if missing.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = missing.iter().map(|_| tx.new_id::<id::Lesson>().uuid()).collect();
    let add = about!(level.add, share, course)
        .bind::<Array<SqlUuid>, _>(missing.into_iter().map(|source| source.id).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Timestamptz, _>(now);
    add.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}

/// Takes a copy out of the catalogue; whoever is on it may finish.
pub(super) async fn archive(tx: &mut TenantTx, course: Id<id::Course>) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let archive = sql(ARCHIVE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(course).bind::<Timestamptz, _>(now);
    if archive.execute(tx.connection()).await.map_err(failed)? > 0 {
        announce(tx, EventType::CourseArchived, course).await?;
    }
    Ok(())
}

/// Tells the institution what became of its copy.
async fn announce(tx: &mut TenantTx, event_type: EventType, course: Id<id::Course>) -> Result<()> {
    let course = courses::get(tx, &Key::Id(course)).await?;
    let data = EventData { course: Some(course.facts()), ..EventData::default() };
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
    Ok(())
}
