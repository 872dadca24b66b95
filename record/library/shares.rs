//! Which institution was given which course of the library.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;
use stoa_core::{
    Code, Error, Id, Result, TenantId,
    audit::Entry,
    content::courses::CourseStatus,
    db::{HouseTx, PageRequest, Paged, TenantTx, Total, failed, sql},
    id,
};

use super::{Behind, copy};

const MARK: &str = "UPDATE institutions SET is_library = $2, updated_at = $3 WHERE tenant_id = $1 AND is_library <> $2";
const GIVES: &str =
    "SELECT EXISTS (SELECT FROM course_shares WHERE source_tenant_id = $1 AND ended_at IS NULL) AS found";
const SOURCE: &str = "SELECT c.tenant_id, c.id, c.title
  FROM institutions i JOIN courses c ON c.tenant_id = i.tenant_id AND c.id = $1 AND c.deleted_at IS NULL
  WHERE i.is_library";
const SHARE: &str =
    "INSERT INTO course_shares (tenant_id, source_id, source_tenant_id, shared_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (tenant_id, source_id) DO UPDATE SET shared_at = excluded.shared_at, ended_at = NULL, source_version = 0
    WHERE course_shares.ended_at IS NOT NULL";
const END: &str = "UPDATE course_shares SET ended_at = $3 WHERE tenant_id = $1 AND source_id = $2 AND ended_at IS NULL
  RETURNING course_id";
const COUNT: &str = "SELECT count(*) AS total FROM course_shares WHERE tenant_id = $1";
macro_rules! shares {
    ($rest:literal) => {
        concat!(
            "SELECT s.source_id, s.course_id, c.title, c.status, c.source_edition, s.shared_at, s.ended_at, s.copied_at
             FROM course_shares s LEFT JOIN courses c ON c.tenant_id = s.tenant_id AND c.id = s.course_id
             WHERE s.tenant_id = $1 ",
            $rest
        )
    };
}
const PAGE: &str = shares!("ORDER BY s.shared_at, s.source_id LIMIT $2 OFFSET $3");
const ONE: &str = shares!("AND s.source_id = $2");

/// A course that an institution was given.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Share {
    /// The course in the library.
    #[diesel(sql_type = SqlUuid)]
    pub source_id: Id<id::Course>,
    /// The institution's copy; none until it is made.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub course_id: Option<Id<id::Course>>,
    /// Title of the copy.
    #[diesel(sql_type = Nullable<Text>)]
    pub title: Option<String>,
    /// Status of the copy.
    #[diesel(sql_type = Nullable<Text>)]
    pub status: Option<CourseStatus>,
    /// Edition of the source that it is a copy of.
    #[diesel(sql_type = Nullable<Integer>)]
    pub source_edition: Option<i32>,
    /// When it was shared.
    #[diesel(sql_type = Timestamptz)]
    pub shared_at: DateTime<Utc>,
    /// When it was taken back.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ended_at: Option<DateTime<Utc>>,
    /// When the content was last copied.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub copied_at: Option<DateTime<Utc>>,
}

/// A course of the library.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Source {
    /// The library.
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: TenantId,
    /// The course.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Course>,
    /// Shown to people.
    #[diesel(sql_type = Text)]
    pub title: String,
}

impl Source {
    /// The copy of it that an institution has, or is to have.
    pub const fn copy_of(&self, tenant_id: TenantId) -> Behind {
        Behind { tenant_id, source_tenant_id: self.tenant_id, source_id: self.id }
    }
}

/// Makes the institution of the transaction a library of the platform, or no longer one.
///
/// # Errors
/// `conflict` while courses of it are shared.
pub async fn mark(tx: &mut TenantTx, house: &mut HouseTx, is_library: bool) -> Result<()> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let gives = sql(GIVES).bind::<SqlUuid, _>(tenant);
    let gives: Found = gives.get_result(house.connection()).await.map_err(failed)?;
    if gives.found && !is_library {
        return Err(Error::new(Code::Conflict, "courses of this library are shared; take them back first"));
    }
    let mark = sql(MARK).bind::<SqlUuid, _>(tenant).bind::<Bool, _>(is_library).bind::<Timestamptz, _>(now);
    if mark.execute(tx.connection()).await.map_err(failed)? > 0 {
        tx.audit(Entry::of("institution.library_changed", tenant).is(json!({ "is_library": is_library })));
    }
    Ok(())
}

/// Finds a living course of a library.
///
/// # Errors
/// `not_found`, also for a course of an institution that is no library.
pub async fn source(house: &mut HouseTx, course: Id<id::Course>) -> Result<Source> {
    let found = sql(SOURCE).bind::<SqlUuid, _>(course).get_result(house.connection()).await;
    found.optional().map_err(failed)?.ok_or_else(|| Error::not_found("course"))
}

/// Gives a course of the library to the institution of the transaction; answers whether it was not given before. The copy
/// is made by [`follow`](super::follow).
///
/// # Errors
/// `conflict` for the library's own institution.
pub async fn share(tx: &mut TenantTx, source: &Source) -> Result<bool> {
    let (tenant, now) = (tx.tenant(), tx.now());
    if tenant == source.tenant_id {
        return Err(Error::new(Code::Conflict, "the course is the institution's own"));
    }
    let share = sql(SHARE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(source.id);
    let share = share.bind::<SqlUuid, _>(source.tenant_id).bind::<Timestamptz, _>(now);
    let is_new = share.execute(tx.connection()).await.map_err(failed)? > 0;
    if is_new {
        tx.audit(Entry::of("course.shared", source.id).is(json!({ "title": source.title })));
    }
    Ok(is_new)
}

/// Takes a course back: the copy is archived, and stays with the record of its learners.
///
/// # Errors
/// `not_found`, also for one that was taken back before.
pub async fn end(tx: &mut TenantTx, source: Id<id::Course>) -> Result<()> {
    #[derive(QueryableByName)]
    struct Ended {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        course_id: Option<Id<id::Course>>,
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let end = sql(END).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(source).bind::<Timestamptz, _>(now);
    let ended: Option<Ended> = end.get_result(tx.connection()).await.optional().map_err(failed)?;
    let ended = ended.ok_or_else(|| Error::not_found("shared course"))?;
    if let Some(course) = ended.course_id {
        copy::archive(tx, course).await?;
    }
    tx.audit(Entry::of("course.unshared", source));
    Ok(())
}

/// Lists what an institution was given, the longest there first, with what was taken back.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, request: PageRequest) -> Result<Paged<Share>> {
    let tenant = tx.tenant();
    let count = sql(COUNT).bind::<SqlUuid, _>(tenant);
    let total: Total = count.get_result(tx.connection()).await.map_err(failed)?;
    let page = sql(PAGE).bind::<SqlUuid, _>(tenant);
    let page = page.bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    Ok(Paged { rows: page.load(tx.connection()).await.map_err(failed)?, total: total.total, request })
}

/// Gets what an institution was given of one course.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, source: Id<id::Course>) -> Result<Share> {
    let tenant = tx.tenant();
    let one = sql(ONE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(source);
    let found = one.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::not_found("shared course"))
}
