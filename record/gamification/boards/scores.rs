//! What is added to the scores of a period, all in one statement.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Date, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};
use uuid::Uuid;

use super::Period;

/// What is added to the score of a learner in a period, and when it was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Added {
    xp: i64,
    seconds: i64,
    lessons: i64,
    xp_at: DateTime<Utc>,
    seconds_at: DateTime<Utc>,
    lessons_at: DateTime<Utc>,
}

/// Something that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gamification) enum Gain {
    /// Points, also fewer.
    Xp(i64),
    /// Reported time.
    Seconds(i64),
    /// A lesson.
    Lesson,
}

/// Scores to be added.
#[derive(Debug, Clone, Default)]
pub(in crate::gamification) struct Scores(HashMap<(Period, NaiveDate, Uuid), Added>);

/// Who was there first stands first: the time is that of the newest part of the score.
const ADD: &str = "INSERT INTO board_scores AS b (tenant_id, period, starts_on, user_id, xp, seconds, lessons, xp_at, seconds_at, lessons_at)
  SELECT $1, n.period, n.starts_on, n.user_id, n.xp, n.seconds, n.lessons, n.xp_at, n.seconds_at, n.lessons_at
  FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) AS n(period, starts_on, user_id, xp, seconds, lessons, xp_at, seconds_at, lessons_at)
  ON CONFLICT (tenant_id, period, starts_on, user_id) DO UPDATE SET
    xp = b.xp + excluded.xp, seconds = b.seconds + excluded.seconds, lessons = b.lessons + excluded.lessons,
    xp_at = CASE WHEN excluded.xp = 0 THEN b.xp_at ELSE greatest(b.xp_at, excluded.xp_at) END,
    seconds_at = CASE WHEN excluded.seconds = 0 THEN b.seconds_at ELSE greatest(b.seconds_at, excluded.seconds_at) END,
    lessons_at = CASE WHEN excluded.lessons = 0 THEN b.lessons_at ELSE greatest(b.lessons_at, excluded.lessons_at) END";

impl Scores {
    /// Adds a gain of a learner in a period.
    pub(in crate::gamification) fn add(
        &mut self,
        (period, starts_on): (Period, NaiveDate),
        user: Uuid,
        (gain, at): (Gain, DateTime<Utc>),
    ) {
        let never = DateTime::UNIX_EPOCH;
        let none = Added { xp: 0, seconds: 0, lessons: 0, xp_at: never, seconds_at: never, lessons_at: never };
        let added = self.0.entry((period, starts_on, user)).or_insert(none);
        match gain {
            Gain::Xp(xp) => (added.xp, added.xp_at) = (added.xp + xp, added.xp_at.max(at)),
            Gain::Seconds(seconds) => {
                (added.seconds, added.seconds_at) = (added.seconds + seconds, added.seconds_at.max(at));
            }
            Gain::Lesson => (added.lessons, added.lessons_at) = (added.lessons + 1, added.lessons_at.max(at)),
        }
    }

    /// Writes them.
    pub(in crate::gamification) async fn write(self, tx: &mut TenantTx) -> Result<()> {
        let rows: Vec<_> =
            self.0.into_iter().filter(|(_, added)| added.xp != 0 || added.seconds != 0 || added.lessons != 0).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let tenant = tx.tenant();
        sql(ADD)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Array<Text>, _>(rows.iter().map(|((period, ..), _)| period.as_str()).collect::<Vec<_>>())
            .bind::<Array<Date>, _>(rows.iter().map(|((_, starts_on, _), _)| *starts_on).collect::<Vec<_>>())
            .bind::<Array<SqlUuid>, _>(rows.iter().map(|((.., user), _)| *user).collect::<Vec<_>>())
            .bind::<Array<BigInt>, _>(rows.iter().map(|(_, added)| added.xp).collect::<Vec<_>>())
            .bind::<Array<BigInt>, _>(rows.iter().map(|(_, added)| added.seconds).collect::<Vec<_>>())
            .bind::<Array<BigInt>, _>(rows.iter().map(|(_, added)| added.lessons).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(rows.iter().map(|(_, added)| added.xp_at).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(rows.iter().map(|(_, added)| added.seconds_at).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(rows.iter().map(|(_, added)| added.lessons_at).collect::<Vec<_>>())
            .execute(tx.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }
}
