//! Of whom figures are told: of everybody, by the roll-ups; or of some people, by the facts of each.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Error, Id, Result, content,
    db::{TenantTx, failed, sql},
    groups, id,
};

use super::{
    Query,
    answer::{AskedCourse, Whose},
    cohorts, courses,
    query::Window,
    small::is_small,
};

macro_rules! people_max {
    () => {
        50_000
    };
}
pub(crate) use people_max;

/// Most people whose facts are read one by one.
const PEOPLE_MAX: i64 = people_max!();

/// The edition of the roll-ups that is read, of the institution `$1`: looked up by the statement that reads it.
macro_rules! edition {
    () => {
        "(SELECT r.edition FROM rollups r WHERE r.tenant_id = $1)"
    };
}
pub(crate) use edition;

/// Those who are or were on course `$3`, of enrolments `x`; who was taken off before he completed it is none of them.
macro_rules! on_course {
    () => {
        "x.tenant_id = $1 AND x.course_id = $3 AND (x.status <> 'removed' OR x.completed_at IS NOT NULL)"
    };
}
pub(crate) use on_course;

/// The people of group `$2`; or of all groups that the transaction's actor leads, where there is a course `$3` those of
/// them who are on it; or where he leads none, whoever is on it. The wall would let through the same, but by looking at
/// everybody. All arms but one are never read. Of a course nobody is read beyond the first that is too many. A statement
/// that tells of everybody is bound like its twin, and finds null in `$2` and `$3`.
macro_rules! people {
    () => {
        concat!(
            "people AS MATERIALIZED (
               SELECT g.user_id FROM group_members g WHERE $2 IS NOT NULL AND g.tenant_id = $1 AND g.group_id = $2
               UNION SELECT g.user_id FROM group_members g WHERE $2 IS NULL AND g.tenant_id = $1
                 AND g.group_id = ANY ((SELECT nullif(current_setting('stoa.led_groups', true), '')::uuid[])::uuid[])
                 AND ($3 IS NULL OR (SELECT true FROM enrolments x WHERE x.user_id = g.user_id AND ",
            $crate::analytics::people::on_course!(),
            " LIMIT 1))
               UNION (SELECT x.user_id FROM enrolments x WHERE $3 IS NOT NULL
                 AND (SELECT coalesce(current_setting('stoa.led_by', true), '') = '') AND ",
            $crate::analytics::people::on_course!(),
            " ORDER BY x.user_id LIMIT ",
            $crate::analytics::people::people_max!(),
            " + 1))"
        )
    };
}
pub(crate) use people;

/// The days of people `p` within some dates, as `a`; on course `$3` alone, where there is one. Looked up person by person,
/// whatever PostgreSQL thinks of how many there are.
macro_rules! days_of_people {
    ($first:literal, $last:literal) => {
        concat!(
            "people p CROSS JOIN LATERAL (
               SELECT d.* FROM activity_days d WHERE d.tenant_id = $1 AND d.user_id = p.user_id AND d.edition = ",
            edition!(),
            " AND ($3 IS NULL OR d.course_id = $3) AND d.day BETWEEN ",
            $first,
            " AND ",
            $last,
            " OFFSET 0) a"
        )
    };
}
pub(crate) use days_of_people;

/// The enrolments of people `p`, as `e`; likewise.
macro_rules! enrolments_of_people {
    () => {
        concat!(
            "people p CROSS JOIN LATERAL (
               SELECT c.* FROM enrolments_counted c WHERE c.tenant_id = $1 AND c.user_id = p.user_id AND c.edition = ",
            edition!(),
            " AND ($3 IS NULL OR c.course_id = $3) OFFSET 0) e"
        )
    };
}
pub(crate) use enrolments_of_people;

/// Of whom figures are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum People {
    /// Of the whole institution.
    All,
    /// Of some.
    Some(Chosen),
}

/// Which people: of a group, or of all groups that the transaction's actor leads; or on a course.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    group: Option<Id<id::Group>>,
    course: Option<Id<id::Course>>,
}

/// Of whom figures are told, as the answer says it.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) whose: Whose,
    pub(super) course: Option<AskedCourse>,
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub(crate) struct HowMany {
    /// Whoever is or was one of them.
    #[diesel(sql_type = BigInt)]
    pub(crate) people: i64,
    /// Learners who are there.
    #[diesel(sql_type = BigInt)]
    pub(crate) learners: i64,
}

const OF_ALL: &str = "SELECT coalesce(sum(t.n), 0)::bigint AS people,
    coalesce(sum(t.n) FILTER (WHERE t.learner AND t.status = 'active'), 0)::bigint AS learners
  FROM member_tallies t WHERE t.tenant_id = $1";
const OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    " SELECT count(*) AS people, count(*) FILTER (WHERE m.is_learner) AS learners
      FROM people p CROSS JOIN LATERAL (SELECT o.role = 'learner' AND o.status = 'active' AS is_learner FROM memberships o
        WHERE o.tenant_id = $1 AND o.user_id = p.user_id OFFSET 0) m"
);

impl People {
    /// Finds out of whom the caller asks.
    ///
    /// # Errors
    /// `validation_failed` for a group or a course that is not there for the caller, and for both.
    pub(super) async fn of(tx: &mut TenantTx, query: &Query) -> Result<(Self, Named)> {
        if query.cohort.is_some() && query.course.is_some() {
            return Err(Error::invalid_field("?course", "value", "wanted cohort or course, not both"));
        }
        if let Some(key) = &query.cohort {
            let group = match key.word() {
                Some(groups::EVERYONE) => None,
                _ => groups::find(tx, key).await?,
            };
            let group = group.ok_or_else(|| Error::invalid_field("?cohort", "not_found", "no such group"))?;
            let people = Self::Some(Chosen { group: Some(group.id), course: None });
            return Ok((people, Named { whose: Whose::Cohort { id: group.id, name: group.name }, course: None }));
        }
        let whose = if is_led(tx) { Whose::OwnGroups } else { Whose::Institution };
        let Some(key) = &query.course else {
            return Ok((Self::seen(tx), Named { whose, course: None }));
        };
        let course = content::courses::find(tx, key).await?;
        let course = course.ok_or_else(|| Error::invalid_field("?course", "not_found", "no such course"))?;
        let people = Self::Some(Chosen { group: None, course: Some(course.id) });
        Ok((people, Named { whose, course: Some(AskedCourse { id: course.id, title: course.title }) }))
    }

    /// Whom the transaction's actor sees: everybody, or the people of his groups.
    pub(crate) fn seen(tx: &TenantTx) -> Self {
        if is_led(tx) { Self::Some(Chosen::default()) } else { Self::All }
    }

    /// The one group; none of all that there are.
    pub(crate) const fn group(self) -> Option<Id<id::Group>> {
        match self {
            Self::All => None,
            Self::Some(chosen) => chosen.group,
        }
    }

    /// The one course; none of all that there are.
    pub(crate) const fn course(self) -> Option<Id<id::Course>> {
        match self {
            Self::All => None,
            Self::Some(chosen) => chosen.course,
        }
    }

    /// Counts them.
    ///
    /// # Errors
    /// `validation_failed` where there are too many to read of each.
    pub(crate) async fn count(self, tx: &mut TenantTx) -> Result<HowMany> {
        let tenant = tx.tenant();
        let found: HowMany = match self {
            Self::All => sql(OF_ALL).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await,
            Self::Some(Chosen { group, course }) => {
                let some = sql(OF_SOME).bind::<SqlUuid, _>(tenant).bind::<Nullable<SqlUuid>, _>(group);
                some.bind::<Nullable<SqlUuid>, _>(course).get_result(tx.connection()).await
            }
        }
        .map_err(failed)?;
        if self != Self::All && found.people > PEOPLE_MAX {
            let (pointer, what) = self.course().map_or(("?cohort", "group"), |_| ("?course", "course"));
            let words = format!("wanted a {what} of at most {PEOPLE_MAX} people; ask for an export of their activity");
            return Err(Error::invalid_field(pointer, "range", words));
        }
        Ok(found)
    }

    /// May nothing be told of them within some dates: too few, or too few are left when they are taken out of all.
    pub(crate) async fn are_hidden(self, tx: &mut TenantTx, (count, windows): (HowMany, &[Window])) -> Result<bool> {
        if self == Self::All {
            return Ok(false);
        }
        if let Some(group) = self.group()
            && cohorts::hidden_ones(tx).await?.contains(&group)
        {
            return Ok(true);
        }
        if is_small(count.people) || is_led(tx) {
            return Ok(is_small(count.people));
        }
        // What is left of all without a course is what was done on the other courses.
        if let Some(course) = self.course() {
            return Ok(courses::hidden_ones(tx, windows).await?.contains(&course));
        }
        let all = Self::All.count(tx).await?;
        Ok(is_small(all.people - count.people))
    }
}

fn is_led(tx: &TenantTx) -> bool {
    tx.by().is_some_and(|by| by.led_by.is_some())
}
