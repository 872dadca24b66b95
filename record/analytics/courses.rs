//! The courses that most were enrolled on.
//!
//! # Rule
//! Courses on which few were enrolled stand together, in one row that names none of them; where they are few together,
//! they are left out. Nor is one of them told of by itself, nor any by which it could be found from the sum.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    id,
};

use super::{
    answer::{CourseFigures, Rate},
    enrolments::{self, Start},
    people::{People, days_of_people, edition, people},
    query::Window,
    small::{PEOPLE_MIN, hidden},
};

/// Courses that are named.
const NAMED: usize = 10;

const OF_ALL: &str = concat!(
    "SELECT k.id, c.title, coalesce(t.seconds, 0)::bigint AS seconds
     FROM unnest($6) AS k(id)
     LEFT JOIN LATERAL (SELECT o.title FROM courses o WHERE o.tenant_id = $1 AND o.id = k.id OFFSET 0) c ON true
     CROSS JOIN LATERAL (SELECT sum(a.seconds) AS seconds FROM activity_totals a
       WHERE a.tenant_id = $1 AND $2 IS NULL AND $3 IS NULL AND a.course_id = k.id AND a.day BETWEEN $4 AND $5
         AND a.edition = ",
    edition!(),
    ") t"
);
const OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    ", spent AS MATERIALIZED (SELECT a.course_id, sum(a.seconds) AS seconds FROM ",
    days_of_people!("$4", "$5"),
    " GROUP BY a.course_id)
     SELECT k.id, c.title, coalesce(s.seconds, 0)::bigint AS seconds
     FROM unnest($6) AS k(id)
     LEFT JOIN LATERAL (SELECT o.title FROM courses o WHERE o.tenant_id = $1 AND o.id = k.id OFFSET 0) c ON true
     LEFT JOIN spent s ON s.course_id = k.id"
);

const SIZES: &str = concat!(
    "SELECT s.course_id AS id, sum(s.enrolled)::bigint AS enrolled FROM course_starts s WHERE s.tenant_id = $1 AND s.edition = ",
    edition!(),
    " GROUP BY s.course_id ORDER BY s.course_id"
);

#[derive(QueryableByName)]
struct SizeRow {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Course>,
    #[diesel(sql_type = BigInt)]
    enrolled: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Course>,
    #[diesel(sql_type = Nullable<Text>)]
    title: Option<String>,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    enrolled: i64,
    started: i64,
    completed: i64,
}

impl Sum {
    const fn and(self, enrolled: i64, started: i64, completed: i64) -> Self {
        Self {
            enrolled: self.enrolled + enrolled,
            started: self.started + started,
            completed: self.completed + completed,
        }
    }

    fn told(
        self,
        (course_id, title): (Option<Id<id::Course>>, Option<String>),
        time_spent_seconds: i64,
    ) -> CourseFigures {
        let Self { enrolled, started, completed } = self;
        let completion_rate = Rate::of(completed, enrolled);
        CourseFigures { course_id, title, enrolled, started, completed, completion_rate, time_spent_seconds }
    }
}

/// What is told of courses: those that are named, the first first, and the rest that stands together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ranked {
    named: Vec<(Id<id::Course>, Sum)>,
    together: Vec<Id<id::Course>>,
    rest: Sum,
}

/// Tells of the courses on which enrolments were made.
pub(super) async fn top(
    tx: &mut TenantTx,
    people: People,
    (starts, window): (&[Start], Window),
) -> Result<Vec<CourseFigures>> {
    let ranked = rank(starts);
    let ids: Vec<Id<id::Course>> =
        ranked.named.iter().map(|(id, _)| *id).chain(ranked.together.iter().copied()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = tx.tenant();
    let statement = match people {
        People::All => OF_ALL,
        People::Some(_) => OF_SOME,
    };
    let rows: Vec<Row> = sql(statement)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(people.group())
        .bind::<Nullable<SqlUuid>, _>(people.course())
        .bind::<Date, _>(window.from)
        .bind::<Date, _>(window.to)
        .bind::<Array<SqlUuid>, _>(ids)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut found: BTreeMap<_, _> = rows.into_iter().map(|row| (row.id, (row.title, row.seconds))).collect();
    let named = ranked.named.into_iter().map(|(id, sum)| {
        let (title, seconds) = found.remove(&id).unwrap_or_default();
        sum.told((Some(id), title), seconds)
    });
    let mut told: Vec<CourseFigures> = named.collect();
    if ranked.rest.enrolled >= PEOPLE_MIN {
        told.push(ranked.rest.told((None, None), found.into_values().map(|(_, seconds)| seconds).sum()));
    }
    Ok(told)
}

/// Says which courses are hidden, for few were ever enrolled on them, or within any of some dates, or they tell of one of
/// these.
pub(super) async fn hidden_ones(tx: &mut TenantTx, windows: &[Window]) -> Result<BTreeSet<Id<id::Course>>> {
    let tenant = tx.tenant();
    let sizes = sql(SIZES).bind::<SqlUuid, _>(tenant);
    let sizes: Vec<SizeRow> = sizes.load(tx.connection()).await.map_err(failed)?;
    let enrolled: Vec<i64> = sizes.iter().map(|row| row.enrolled).collect();
    let hides = sizes.iter().zip(hidden(&enrolled, 0));
    let mut all: BTreeSet<Id<id::Course>> = hides.filter(|(_, hides)| *hides).map(|(row, _)| row.id).collect();
    for window in windows {
        all.extend(rank(&enrolments::starts(tx, People::All, *window).await?).together);
    }
    Ok(all)
}

fn rank(starts: &[Start]) -> Ranked {
    let mut sums = BTreeMap::<Id<id::Course>, Sum>::new();
    for start in starts {
        let sum = sums.entry(start.course_id).or_default();
        *sum = sum.and(start.enrolled, start.started, start.completed);
    }
    let mut courses: Vec<(Id<id::Course>, Sum)> = sums.into_iter().collect();
    courses.sort_by_key(|(id, sum)| (-sum.enrolled, *id));
    let enrolled: Vec<i64> = courses.iter().map(|(_, sum)| sum.enrolled).collect();
    let mut ranked = Ranked::default();
    for ((id, sum), hides) in courses.into_iter().zip(hidden(&enrolled, 0)) {
        if hides {
            ranked.together.push(id);
            ranked.rest = ranked.rest.and(sum.enrolled, sum.started, sum.completed);
        } else if ranked.named.len() < NAMED {
            ranked.named.push((id, sum));
        }
    }
    ranked
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn courses_with_few_stand_together() {
        let start = |n: u128, enrolled| Start {
            enrolled_on: "2026-11-01".parse().unwrap(),
            course_id: Id::from_uuid(Uuid::from_u128(n)),
            enrolled,
            started: enrolled,
            completed: 0,
        };
        let ranked = rank(&[start(1, 4), start(1, 4), start(2, 30), start(3, 2), start(4, 1)]);
        let named: Vec<i64> = ranked.named.iter().map(|(_, sum)| sum.enrolled).collect();
        assert_eq!(
            (named, ranked.rest.enrolled, ranked.together.len()),
            (vec![30], 11, 3),
            "the 8 go with the 2 and the 1"
        );
        let few = rank(&[start(1, 2), start(2, 1)]);
        assert_eq!((few.named.len(), few.rest.enrolled), (0, 3), "too few to tell of at all");
    }
}
