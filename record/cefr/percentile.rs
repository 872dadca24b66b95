//! Where a learner stands among the others of the institution.
//!
//! # Rule
//! The share of people below, and half of those at the same level (mean rank), in whole percents. Nobody is compared
//! with fewer than ten, himself among them. Former learners count, so that whoever asks is told the same.

use std::collections::BTreeMap;

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    id,
};

use super::Skill;

/// Fewest people to compare with.
const PEOPLE_MIN: i64 = 10;

/// Where a learner stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percentile {
    /// Whole percents, 0 to 100.
    pub value: i64,
    /// People compared, the learner among them.
    pub people: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    skill: Skill,
    #[diesel(sql_type = BigInt)]
    below: i64,
    #[diesel(sql_type = BigInt)]
    same: i64,
    #[diesel(sql_type = BigInt)]
    people: i64,
}

const RANKS: &str = "SELECT o.skill,
    count(*) FILTER (WHERE l.level < o.level) AS below, count(*) FILTER (WHERE l.level = o.level) AS same, count(*) AS people
  FROM cefr_levels o
  JOIN cefr_levels l ON l.tenant_id = o.tenant_id AND l.language = o.language AND l.skill = o.skill
  WHERE o.tenant_id = $1 AND o.user_id = $2 AND o.language = $3 GROUP BY o.skill, o.level";

/// Compares a learner with the others in each skill, where there are enough.
pub(super) async fn percentiles(
    tx: &mut TenantTx,
    (learner, language): (Id<id::User>, &str),
) -> Result<BTreeMap<Skill, Percentile>> {
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(RANKS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(learner)
        .bind::<Text, _>(language)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let enough = rows.into_iter().filter(|row| row.people >= PEOPLE_MIN);
    Ok(enough
        .map(|row| {
            let value = (row.below * 200 + row.same * 100).checked_div(row.people * 2).unwrap_or_default();
            (row.skill, Percentile { value, people: row.people })
        })
        .collect())
}
