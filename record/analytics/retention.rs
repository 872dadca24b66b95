//! Who stayed: learners by the month in which they were first active, and how many of them were active in each since.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};

use super::{
    answer::RetentionRow,
    people::{People, days_of_people, edition, people},
    query::Window,
    small::{is_small, told},
};

/// Months that are told of, the last one of the period among them.
const MONTHS: u32 = 12;

const OF_ALL: &str = concat!(
    "SELECT r.began_month, r.month, r.learners FROM activity_retention r
     WHERE r.tenant_id = $1 AND $2 IS NULL AND $3 IS NULL AND r.began_month BETWEEN $4 AND $5 AND r.month <= $5
       AND r.edition = ",
    edition!()
);
const OF_SOME: &str = concat!(
    "WITH ",
    people!(),
    ", months AS (SELECT DISTINCT a.user_id, date_trunc('month', a.day::timestamp)::date AS month FROM ",
    days_of_people!("'-infinity'", "'infinity'"),
    "), began AS (SELECT m.month, min(m.month) OVER (PARTITION BY m.user_id) AS began_month FROM months m)
     SELECT b.began_month, b.month, count(*) AS learners FROM began b
     WHERE b.began_month BETWEEN $4 AND $5 AND b.month <= $5 GROUP BY b.began_month, b.month"
);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Date)]
    began_month: NaiveDate,
    #[diesel(sql_type = Date)]
    month: NaiveDate,
    #[diesel(sql_type = BigInt)]
    learners: i64,
}

/// Reads a row for each of the months that end with the period in which somebody began.
pub(super) async fn matrix(tx: &mut TenantTx, people: People, window: Window) -> Result<Vec<RetentionRow>> {
    let last = window.to.with_day(1).unwrap_or(window.to);
    let first = last.checked_sub_months(Months::new(MONTHS - 1)).unwrap_or(last);
    let tenant = tx.tenant();
    let statement = match people {
        People::All => OF_ALL,
        People::Some(_) => OF_SOME,
    };
    let rows: Vec<Row> = sql(statement)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Nullable<SqlUuid>, _>(people.group())
        .bind::<Nullable<SqlUuid>, _>(people.course())
        .bind::<Date, _>(first)
        .bind::<Date, _>(last)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut counts = BTreeMap::<NaiveDate, BTreeMap<NaiveDate, i64>>::new();
    for row in rows.into_iter().filter(|row| row.learners > 0) {
        counts.entry(row.began_month).or_default().insert(row.month, row.learners);
    }
    Ok(of(&counts, last))
}

fn of(counts: &BTreeMap<NaiveDate, BTreeMap<NaiveDate, i64>>, last: NaiveDate) -> Vec<RetentionRow> {
    let began: Vec<i64> = counts.iter().map(|(month, active)| active.get(month).copied().unwrap_or_default()).collect();
    // Together they are no known number: the months before are not told of.
    let (shown, _) = told(&began, 0);
    let rows = counts.iter().zip(shown).map(|((month, active), learners)| {
        let months = std::iter::successors(Some(*month), |month| month.checked_add_months(Months::new(1)));
        let active = months.take_while(|month| *month <= last).map(|month| {
            let people = active.get(&month).copied().unwrap_or_default();
            learners.is_some().then_some(people).filter(|people| !is_small(*people))
        });
        RetentionRow { began: *month, learners, active: active.collect(), suppressed: learners.is_none() }
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_filled_in_and_small_ones_hidden() {
        let [sep, oct, nov] = ["2026-09-01", "2026-10-01", "2026-11-01"].map(date);
        let counts = BTreeMap::from([
            (sep, BTreeMap::from([(sep, 20), (nov, 8)])),
            (oct, BTreeMap::from([(oct, 3), (nov, 2)])),
            (nov, BTreeMap::from([(nov, 9)])),
        ]);
        let rows = of(&counts, nov);
        assert_eq!((rows[0].learners, &rows[0].active), (Some(20), &vec![Some(20), Some(0), Some(8)]));
        assert_eq!((rows[1].learners, &rows[1].active, rows[1].suppressed), (None, &vec![None, None], true));
        assert_eq!(
            (rows[2].learners, rows[2].suppressed),
            (None, true),
            "what is left of the sum would tell the other"
        );
    }
}
