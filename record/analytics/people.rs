//! Of whom figures are told: of everybody, by the roll-ups; or of some people, by the facts of each.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Error, Id, Result,
    db::{TenantTx, failed, sql},
    groups, id,
};

use super::{Query, answer::Whose, cohorts, small::is_small};

/// Most people whose facts are read one by one.
const PEOPLE_MAX: i64 = 50_000;

/// The edition of the roll-ups that is read, of the institution `$1`: looked up by the statement that reads it.
macro_rules! edition {
    () => {
        "(SELECT r.edition FROM rollups r WHERE r.tenant_id = $1)"
    };
}
pub(crate) use edition;

/// The people of `$2`, or of all groups that the transaction's actor leads, which the wall would let through alone, but by
/// looking at everybody. One of the arms is never read. A statement that tells of everybody is bound like its twin, and finds null in `$2`.
macro_rules! people {
    () => {
        "people AS MATERIALIZED (
           SELECT g.user_id FROM group_members g WHERE $2 IS NOT NULL AND g.tenant_id = $1 AND g.group_id = $2
           UNION SELECT g.user_id FROM group_members g WHERE $2 IS NULL AND g.tenant_id = $1
             AND g.group_id = ANY ((SELECT nullif(current_setting('stoa.led_groups', true), '')::uuid[])::uuid[]))"
    };
}
pub(crate) use people;

/// The days of people `p` within some dates, as `a`. Looked up person by person, whatever PostgreSQL thinks of how many
/// there are.
macro_rules! days_of_people {
    ($first:literal, $last:literal) => {
        concat!(
            "people p CROSS JOIN LATERAL (
               SELECT d.* FROM activity_days d WHERE d.tenant_id = $1 AND d.user_id = p.user_id AND d.edition = ",
            edition!(),
            " AND d.day BETWEEN ",
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
            " OFFSET 0) e"
        )
    };
}
pub(crate) use enrolments_of_people;

/// Of whom figures are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum People {
    /// Of the whole institution.
    All,
    /// Of a group, or of all groups that the transaction sees.
    Some(Option<Id<id::Group>>),
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
    /// `validation_failed` for a group that is not there for the caller.
    pub(crate) async fn of(tx: &mut TenantTx, query: &Query) -> Result<(Self, Whose)> {
        if let Some(key) = &query.cohort {
            let group = match key.word() {
                Some(groups::EVERYONE) => None,
                _ => groups::find(tx, key).await?,
            };
            let group = group.ok_or_else(|| Error::invalid_field("?cohort", "not_found", "no such group"))?;
            return Ok((Self::Some(Some(group.id)), Whose::Cohort { id: group.id, name: group.name }));
        }
        let people = Self::seen(tx);
        Ok((people, if people == Self::All { Whose::Institution } else { Whose::OwnGroups }))
    }

    /// Whom the transaction's actor sees: everybody, or the people of his groups.
    pub(crate) fn seen(tx: &TenantTx) -> Self {
        if is_led(tx) { Self::Some(None) } else { Self::All }
    }

    /// The one group; none of all that there are.
    pub(crate) const fn group(self) -> Option<Id<id::Group>> {
        match self {
            Self::All => None,
            Self::Some(group) => group,
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
            Self::Some(group) => {
                let some = sql(OF_SOME).bind::<SqlUuid, _>(tenant).bind::<Nullable<SqlUuid>, _>(group);
                some.get_result(tx.connection()).await
            }
        }
        .map_err(failed)?;
        if self != Self::All && found.people > PEOPLE_MAX {
            let words = format!("wanted a group of at most {PEOPLE_MAX} people; ask for an export of their activity");
            return Err(Error::invalid_field("?cohort", "range", words));
        }
        Ok(found)
    }

    /// May nothing be told of them: too few, or too few are left when they are taken out of all.
    pub(crate) async fn are_hidden(self, tx: &mut TenantTx, count: HowMany) -> Result<bool> {
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
        let all = Self::All.count(tx).await?;
        Ok(is_small(all.people - count.people))
    }
}

fn is_led(tx: &TenantTx) -> bool {
    tx.by().is_some_and(|by| by.led_by.is_some())
}
