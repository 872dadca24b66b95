//! How many learners are at which level of the CEFR, and how many rose.
//!
//! # Rule
//! Counted are learners who are there now, at the levels that they have now; who rose in a period is known for good. Of a
//! language in which fewer than five have a level nothing is told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Nullable, SmallInt, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    content::Cefr,
    db::{TenantTx, failed, sql},
};

use super::{
    answer::{Distribution, LanguageLevels, LevelCount, Rate},
    people::{People, people},
    query::Window,
    small::{is_small, told},
};
use crate::cefr::Skill;

/// What the profile of all skills is called beside them.
const OVERALL: &str = "overall";

const LEVELS_OF_ALL: &str = "SELECT t.language, t.skill, t.level, sum(t.n)::bigint AS learners
  FROM cefr_tallies t WHERE t.tenant_id = $1 AND ($2 IS NULL OR t.language = $2)
  GROUP BY t.language, t.skill, t.level HAVING sum(t.n) > 0";
const LEVELS_OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    " SELECT l.language, l.skill, l.level, count(*) AS learners
      FROM people p CROSS JOIN LATERAL (
        SELECT s.language, s.skill, s.level FROM cefr_levels s WHERE s.tenant_id = $1 AND s.user_id = p.user_id
        UNION ALL SELECT o.language, 'overall', o.level FROM cefr_profiles o
          WHERE o.tenant_id = $1 AND o.user_id = p.user_id AND o.level IS NOT NULL) l
      WHERE ($4 IS NULL OR l.language = $4) AND (SELECT m.role = 'learner' AND m.status = 'active' FROM memberships m
        WHERE m.tenant_id = $1 AND m.user_id = p.user_id)
      GROUP BY l.language, l.skill, l.level"
);
/// Who rose more than once within the dates has one rise with none of them before it.
const RISES_OF_ALL: &str = "SELECT t.language, t.skill, sum(t.n)::bigint AS learners
  FROM cefr_rise_tallies t WHERE t.tenant_id = $1 AND ($2 IS NULL OR t.language = $2)
    AND t.day BETWEEN $3 AND $4 AND (t.gap = 0 OR t.gap > t.day - $3)
  GROUP BY t.language, t.skill";
const RISES_OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    " SELECT r.language, r.skill, count(DISTINCT r.user_id) AS learners
      FROM people p CROSS JOIN LATERAL (SELECT c.* FROM cefr_rises c WHERE c.tenant_id = $1 AND c.user_id = p.user_id OFFSET 0) r
      WHERE ($4 IS NULL OR r.language = $4) AND r.day BETWEEN $5 AND $6 GROUP BY r.language, r.skill"
);

#[derive(QueryableByName)]
struct LevelRow {
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    skill: String,
    #[diesel(sql_type = SmallInt)]
    level: i16,
    #[diesel(sql_type = BigInt)]
    learners: i64,
}

#[derive(QueryableByName)]
struct RiseRow {
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    skill: String,
    #[diesel(sql_type = BigInt)]
    learners: i64,
}

/// The levels of some people, of whom so many are learners.
pub(super) async fn levels(
    tx: &mut TenantTx,
    (people, learners): (People, i64),
    (language, window): (Option<&str>, Window),
) -> Result<Vec<LanguageLevels>> {
    let levels = counted(tx, people, language).await?;
    let rises = risen(tx, people, (language, window)).await?;
    let languages: BTreeSet<&str> = levels.keys().map(|(language, _)| language.as_str()).collect();
    let of = |language: &str, skill: &str| {
        let key = (language.to_owned(), skill.to_owned());
        let counts = levels.get(&key).copied().unwrap_or_default();
        distribution(counts, rises.get(&key).copied().unwrap_or_default())
    };
    Ok(languages
        .into_iter()
        .map(|language| {
            let key = (language.to_owned(), OVERALL.to_owned());
            let assessed = levels.get(&key).map_or(0, |counts| counts.iter().sum());
            LanguageLevels {
                language: language.to_owned(),
                assessed_coverage: (!is_small(assessed)).then(|| Rate::of(assessed, learners)),
                overall: of(language, OVERALL),
                skills: Skill::ALL.iter().map(|skill| (*skill, of(language, skill.as_str()))).collect(),
            }
        })
        .collect())
}

type Counts = [i64; Cefr::ALL.len()];

fn distribution(counts: Counts, moved_up: i64) -> Distribution {
    let assessed: i64 = counts.iter().sum();
    let (shown, suppressed) = told(&counts, 0);
    let levels = Cefr::ALL.into_iter().zip(shown).map(|(level, learners)| LevelCount { level, learners });
    Distribution { levels: levels.collect(), moved_up: (!is_small(assessed)).then_some(moved_up), suppressed }
}

async fn counted(
    tx: &mut TenantTx,
    people: People,
    language: Option<&str>,
) -> Result<BTreeMap<(String, String), Counts>> {
    let tenant = tx.tenant();
    let rows: Vec<LevelRow> = match people {
        People::All => {
            let all = sql(LEVELS_OF_ALL).bind::<SqlUuid, _>(tenant).bind::<Nullable<Text>, _>(language);
            all.load(tx.connection()).await
        }
        People::Some(_) => {
            let some = sql(LEVELS_OF_SOME).bind::<SqlUuid, _>(tenant).bind::<Nullable<SqlUuid>, _>(people.group());
            let some = some.bind::<Nullable<SqlUuid>, _>(people.course()).bind::<Nullable<Text>, _>(language);
            some.load(tx.connection()).await
        }
    }
    .map_err(failed)?;
    let mut levels = BTreeMap::<_, Counts>::new();
    for row in rows {
        let counts = levels.entry((row.language, row.skill)).or_default();
        if let Some(count) = usize::try_from(row.level).ok().and_then(|level| counts.get_mut(level)) {
            *count = row.learners;
        }
    }
    Ok(levels)
}

async fn risen(
    tx: &mut TenantTx,
    people: People,
    (language, window): (Option<&str>, Window),
) -> Result<BTreeMap<(String, String), i64>> {
    let tenant = tx.tenant();
    let (from, to): (NaiveDate, NaiveDate) = (window.from, window.to);
    let rows: Vec<RiseRow> = match people {
        People::All => {
            let all = sql(RISES_OF_ALL).bind::<SqlUuid, _>(tenant).bind::<Nullable<Text>, _>(language);
            all.bind::<Date, _>(from).bind::<Date, _>(to).load(tx.connection()).await
        }
        People::Some(_) => {
            let some = sql(RISES_OF_SOME).bind::<SqlUuid, _>(tenant).bind::<Nullable<SqlUuid>, _>(people.group());
            let some = some.bind::<Nullable<SqlUuid>, _>(people.course()).bind::<Nullable<Text>, _>(language);
            some.bind::<Date, _>(from).bind::<Date, _>(to).load(tx.connection()).await
        }
    }
    .map_err(failed)?;
    Ok(rows.into_iter().map(|row| ((row.language, row.skill), row.learners)).collect())
}
