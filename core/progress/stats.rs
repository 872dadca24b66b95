//! Standings read back as they were last told: by number, and page by page.
//!
//! Not here: how a dialect says one (`stoa_protocols::webhook::dialects`).
//!
//! # Rule
//! The facts are built by what builds those of an announcement ([`super::announce`]), from the row and the names that
//! its learner and object have now. A standing whose learner has left, or whose object is gone, is not found.

use diesel::{
    OptionalExtension,
    sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{EventData, ItemKind, StatKind};
use uuid::Uuid;

use super::{
    activity::{ActivityKind, ActivityObject, ActivityUser},
    announce::told,
    ingest::distinct,
    resolve,
    rows::StandingRow,
    standing::Standing,
};
use crate::{
    db::{Bound, PageRequest, Paged, Sql, TenantTx, Total, failed, sql},
    error::{Error, Result},
    id::{self, Id, TenantId},
};

/// Which statistics.
#[derive(Debug, Clone, Copy)]
pub enum Stats {
    /// On courses.
    OfCourses,
    /// On the parts of one course.
    Within(Id<id::Course>, PartKind),
}

/// Names the kinds of parts that have statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// Lessons.
    Section,
    /// Quizzes.
    Quiz,
    /// Tasks.
    Task,
    /// SCORM packages.
    Scorm,
    /// Materials.
    Material,
}

impl PartKind {
    /// Which statistic it is.
    pub const fn stat(self) -> StatKind {
        match self {
            Self::Section => StatKind::Section,
            Self::Quiz => StatKind::Quiz,
            Self::Task => StatKind::Task,
            Self::Scorm => StatKind::Scorm,
            Self::Material => StatKind::Material,
        }
    }

    const fn item(self) -> Option<ItemKind> {
        match self {
            Self::Section => None,
            Self::Quiz => Some(ItemKind::Quiz),
            Self::Task => Some(ItemKind::Task),
            Self::Scorm => Some(ItemKind::Scorm),
            Self::Material => Some(ItemKind::Material),
        }
    }
}

impl Stats {
    /// Which statistic each of them is.
    pub const fn kind(self) -> StatKind {
        match self {
            Self::OfCourses => StatKind::Course,
            Self::Within(_, part) => part.stat(),
        }
    }

    fn object_kind(self) -> ActivityKind {
        match self {
            Self::OfCourses => ActivityKind::Course,
            Self::Within(_, PartKind::Section) => ActivityKind::Lesson,
            Self::Within(..) => ActivityKind::Item,
        }
    }
}

// `$1` is the institution, `$2` the course, `$3` the kind of item: what a statement does not ask for it leaves alone.
macro_rules! of_courses {
    () => {
        " FROM standings s
          JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id AND m.status <> 'removed'
          JOIN courses c ON c.tenant_id = s.tenant_id AND c.id = s.object_id AND c.deleted_at IS NULL
          WHERE s.tenant_id = $1 AND $2::uuid IS NULL AND $3::text IS NULL AND s.object_kind = 'course'"
    };
}
macro_rules! of_lessons {
    () => {
        " FROM standings s
          JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id AND m.status <> 'removed'
          JOIN lessons l ON l.tenant_id = s.tenant_id AND l.id = s.object_id AND l.deleted_at IS NULL
          WHERE s.tenant_id = $1 AND s.course_id = $2 AND $3::text IS NULL AND s.object_kind = 'lesson'"
    };
}
macro_rules! of_items {
    () => {
        " FROM standings s
          JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id AND m.status <> 'removed'
          JOIN training_items i ON i.tenant_id = s.tenant_id AND i.id = s.object_id AND i.kind = $3 AND i.deleted_at IS NULL
          JOIN trainings t ON t.tenant_id = i.tenant_id AND t.id = i.training_id AND t.deleted_at IS NULL
          JOIN lessons l ON l.tenant_id = t.tenant_id AND l.id = t.lesson_id AND l.deleted_at IS NULL
          WHERE s.tenant_id = $1 AND s.course_id = $2 AND s.object_kind = 'item'"
    };
}
macro_rules! statements {
    ($from:ident) => {
        Statements {
            one: sql(concat!("SELECT s.*", $from!(), " AND s.number = $4")),
            count: sql(concat!("SELECT count(*) AS total", $from!())),
            page: sql(concat!("SELECT s.*", $from!(), " ORDER BY s.number LIMIT $4 OFFSET $5")),
        }
    };
}

/// A statement with its first three values.
type Asked =
    Bound<Bound<Bound<Sql, TenantId, SqlUuid>, Option<Uuid>, Nullable<SqlUuid>>, Option<&'static str>, Nullable<Text>>;

struct Statements {
    one: Sql,
    count: Sql,
    page: Sql,
}

impl Statements {
    fn of(kind: ActivityKind) -> Self {
        match kind {
            ActivityKind::Course => statements!(of_courses),
            ActivityKind::Lesson => statements!(of_lessons),
            ActivityKind::Item => statements!(of_items),
        }
    }
}

/// Finds one by its number.
///
/// # Errors
/// `not_found`.
pub async fn get_stat(tx: &mut TenantTx, which: Stats, number: i64) -> Result<EventData> {
    let row = which.bind(Statements::of(which.object_kind()).one, tx).bind::<BigInt, _>(number);
    let row: Option<StandingRow> = row.get_result(tx.connection()).await.optional().map_err(failed)?;
    let standings: Vec<Standing> = row.into_iter().map(Standing::from).collect();
    facts(tx, which.object_kind(), standings).await?.pop().ok_or_else(|| Error::not_found("statistic"))
}

/// Lists them by number.
///
/// # Errors
/// As the database says.
pub async fn list_stats(tx: &mut TenantTx, which: Stats, request: PageRequest) -> Result<Paged<EventData>> {
    let statements = Statements::of(which.object_kind());
    let total: Total = which.bind(statements.count, tx).get_result(tx.connection()).await.map_err(failed)?;
    let page = which.bind(statements.page, tx);
    let page = page.bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows: Vec<StandingRow> = page.load(tx.connection()).await.map_err(failed)?;
    let rows = facts(tx, which.object_kind(), rows.into_iter().map(Standing::from).collect()).await?;
    Ok(Paged { rows, total: total.total, request })
}

impl Stats {
    fn bind(self, statement: Sql, tx: &TenantTx) -> Asked {
        let (course, item) = match self {
            Self::OfCourses => (None, None),
            Self::Within(course, part) => (Some(course.uuid()), part.item().map(ItemKind::as_str)),
        };
        statement.bind::<SqlUuid, _>(tx.tenant()).bind::<Nullable<SqlUuid>, _>(course).bind::<Nullable<Text>, _>(item)
    }
}

/// Builds the facts of standings, in their order, by the two statements that ingest asks with.
async fn facts(tx: &mut TenantTx, kind: ActivityKind, standings: Vec<Standing>) -> Result<Vec<EventData>> {
    let tenant = tx.tenant();
    let user = |standing: &Standing| {
        (tenant, ActivityUser { id: Some(Id::from_uuid(standing.key.user)), external_id: None, email: None })
    };
    let object = |standing: &Standing| (tenant, ActivityObject::of(kind, standing.key.object));
    let learners = resolve::learners(tx, &distinct(standings.iter().map(user))).await?;
    let paths = resolve::paths(tx, &distinct(standings.iter().map(object))).await?;
    let built = standings
        .iter()
        .filter_map(|standing| Some(told(standing, learners.get(&user(standing))?, paths.get(&object(standing))?)));
    Ok(built.collect())
}
