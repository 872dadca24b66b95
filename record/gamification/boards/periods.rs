//! Weeks and months of the leaderboards, in the institution's zone, from their first entry until they are frozen.
//!
//! # Rule
//! A week begins on Monday, a month on the first, in the zone that the institution had when the period began. A period is
//! frozen six hours after its end; until then what was done in it and told late counts in it. What comes later counts in the
//! period that goes on, and where it happened more than a week ago in none: a file of last year's activity wins no week.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc, Weekday};
use diesel::{
    QueryableByName,
    sql_types::{Array, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
    institutions::Institution,
    words,
};

use crate::{gamification::zones::named, history::Zone};

words! {
    /// Names what a leaderboard counts over.
    Period {
        /// A week, from Monday.
        Week = "week",
        /// A month.
        Month = "month",
        /// All time.
        All = "all",
    }
}

/// How long after its end a period is frozen.
pub(crate) const FROZEN_AFTER: TimeDelta = TimeDelta::hours(6);
/// What happened earlier than this and is told now counts in no period but its own.
pub(in crate::gamification) const LATE: TimeDelta = TimeDelta::days(7);
/// The first date of all time.
pub(in crate::gamification) const ALL_TIME: NaiveDate = match NaiveDate::from_ymd_opt(1970, 1, 1) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

impl Period {
    /// The first date of the period that a date is in.
    pub(super) fn first(self, date: NaiveDate) -> NaiveDate {
        match self {
            Self::Week => date.week(Weekday::Mon).first_day(),
            Self::Month => date.with_day(1).unwrap_or(date),
            Self::All => ALL_TIME,
        }
    }

    /// The first date of the next one; all time has none.
    pub(super) fn next(self, first: NaiveDate) -> NaiveDate {
        let next = match self {
            Self::Week => first.checked_add_days(Days::new(7)),
            Self::Month => first.checked_add_months(Months::new(1)),
            Self::All => None,
        };
        next.unwrap_or(NaiveDate::MAX)
    }
}

/// A period of a leaderboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What kind of period.
    pub period: Period,
    /// Its first date.
    pub starts_on: NaiveDate,
    /// Its zone.
    pub zone: Zone,
    /// Its first instant.
    pub starts_at: DateTime<Utc>,
    /// The first instant after it; none of all time.
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was frozen.
    pub closed_at: Option<DateTime<Utc>>,
}

impl Span {
    /// The period that begins on a date.
    pub(super) fn of(period: Period, starts_on: NaiveDate, zone: Zone) -> Self {
        let ends_at = (period != Period::All).then(|| zone.starts(period.next(starts_on)));
        Self { period, starts_on, zone, starts_at: zone.starts(starts_on), ends_at, closed_at: None }
    }

    fn holds(&self, at: DateTime<Utc>) -> bool {
        self.starts_at <= at && self.ends_at.is_none_or(|end| at < end)
    }

    /// Its time to be frozen has come.
    fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_some_and(|end| end + FROZEN_AFTER <= now)
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    period: Period,
    #[diesel(sql_type = Date)]
    starts_on: NaiveDate,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
}

impl From<Row> for Span {
    fn from(row: Row) -> Self {
        let Row { period, starts_on, time_zone, starts_at, ends_at, closed_at } = row;
        Self { period, starts_on, zone: named(&time_zone), starts_at, ends_at: Some(ends_at), closed_at }
    }
}

/// All that are open, and the newest that is frozen of each kind.
const READ: &str = "SELECT p.period, p.starts_on, p.time_zone, p.starts_at, p.ends_at, p.closed_at FROM board_periods p
  WHERE p.tenant_id = $1 AND (p.closed_at IS NULL OR p.starts_on = (SELECT max(x.starts_on) FROM board_periods x
    WHERE x.tenant_id = $1 AND x.period = p.period AND x.closed_at IS NOT NULL))";
const FIND: &str = "SELECT p.period, p.starts_on, p.time_zone, p.starts_at, p.ends_at, p.closed_at FROM board_periods p
  WHERE p.tenant_id = $1 AND p.period = $2 AND p.starts_on = $3";
const WRITE: &str = "INSERT INTO board_periods (tenant_id, period, starts_on, time_zone, starts_at, ends_at)
  SELECT $1, n.period, n.starts_on, n.time_zone, n.starts_at, n.ends_at
  FROM unnest($2, $3, $4, $5, $6) AS n(period, starts_on, time_zone, starts_at, ends_at) ON CONFLICT DO NOTHING";

/// The periods in which something may still count.
#[derive(Debug, Clone)]
pub(in crate::gamification) struct Calendar {
    now: DateTime<Utc>,
    zone: Zone,
    open: Vec<Span>,
    closed: HashMap<Period, NaiveDate>,
    new: Vec<Span>,
}

impl Calendar {
    /// Reads it. Call under the lock to count by it.
    pub(in crate::gamification) async fn read(tx: &mut TenantTx, institution: &Institution) -> Result<Self> {
        let (tenant, now) = (tx.tenant(), tx.now());
        let rows: Vec<Row> = sql(READ).bind::<SqlUuid, _>(tenant).load(tx.connection()).await.map_err(failed)?;
        let (closed, open): (Vec<Span>, Vec<Span>) =
            rows.into_iter().map(Span::from).partition(|span| span.closed_at.is_some());
        let closed = closed.into_iter().map(|span| (span.period, span.starts_on)).collect();
        Ok(Self { now, zone: named(&institution.time_zone), open, closed, new: Vec::new() })
    }

    /// The period that goes on.
    pub(in crate::gamification) fn current(&self, period: Period) -> Span {
        let going_on = self.open.iter().find(|span| span.period == period && span.holds(self.now));
        going_on.cloned().unwrap_or_else(|| {
            let mut first = period.first(self.zone.date(self.now));
            // The institution may have moved west across the end of a period that is frozen.
            while self.closed.get(&period).is_some_and(|closed| first <= *closed) {
                first = period.next(first);
            }
            Span::of(period, first, self.zone)
        })
    }

    /// The first date of the period in which something counts that happened at an instant; none where it came too late.
    pub(in crate::gamification) fn place(&mut self, period: Period, at: DateTime<Utc>) -> Option<NaiveDate> {
        let own = self.open.iter().find(|span| span.period == period && span.holds(at)).cloned();
        let own = own.unwrap_or_else(|| Span::of(period, period.first(self.zone.date(at)), self.zone));
        let is_closed = self.closed.get(&period).is_some_and(|closed| own.starts_on <= *closed);
        if !is_closed && !own.is_over(self.now) {
            return Some(self.keep(own));
        }
        let is_late = self.now - at > LATE;
        (!is_late).then(|| self.keep(self.current(period)))
    }

    fn keep(&mut self, span: Span) -> NaiveDate {
        let starts_on = span.starts_on;
        if !self.open.iter().any(|known| known.period == span.period && known.starts_on == starts_on) {
            self.open.push(span.clone());
            self.new.push(span);
        }
        starts_on
    }

    /// Writes the periods that began.
    pub(in crate::gamification) async fn write(&self, tx: &mut TenantTx) -> Result<()> {
        let new: Vec<(&Span, DateTime<Utc>)> = self.new.iter().filter_map(|span| Some((span, span.ends_at?))).collect();
        if new.is_empty() {
            return Ok(());
        }
        let tenant = tx.tenant();
        sql(WRITE)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Array<Text>, _>(new.iter().map(|(span, _)| span.period.as_str()).collect::<Vec<_>>())
            .bind::<Array<Date>, _>(new.iter().map(|(span, _)| span.starts_on).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(new.iter().map(|(span, _)| span.zone.name()).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(new.iter().map(|(span, _)| span.starts_at).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(new.iter().map(|(_, end)| *end).collect::<Vec<_>>())
            .execute(tx.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }
}

/// The period of a date: as it is stored, else as it would be.
pub(super) async fn span_of(
    tx: &mut TenantTx,
    (period, date): (Period, Option<NaiveDate>),
    institution: &Institution,
) -> Result<Span> {
    let calendar = Calendar::read(tx, institution).await?;
    let Some(date) = date.filter(|_| period != Period::All) else { return Ok(calendar.current(period)) };
    let tenant = tx.tenant();
    let first = period.first(date);
    let rows: Vec<Row> = sql(FIND)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Text, _>(period.as_str())
        .bind::<Date, _>(first)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let found = rows.into_iter().next().map(Span::from);
    Ok(found.unwrap_or_else(|| Span::of(period, first, calendar.zone)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar(now: &str, zone: &str) -> Calendar {
        Calendar { now: at(now), zone: named(zone), open: Vec::new(), closed: HashMap::new(), new: Vec::new() }
    }

    #[test]
    fn a_week_begins_on_monday_in_the_institutions_zone() {
        let mut seoul = calendar("2026-11-22T15:30:00Z", "Asia/Seoul");
        assert_eq!(seoul.place(Period::Week, at("2026-11-22T15:29:00Z")), Some(date("2026-11-23")));
        assert_eq!(seoul.place(Period::Week, at("2026-11-22T14:59:59Z")), Some(date("2026-11-16")), "not frozen yet");
        assert_eq!(seoul.new.len(), 2);
        assert_eq!(seoul.place(Period::All, at("2020-01-01T00:00:00Z")), Some(ALL_TIME));
        assert_eq!(Period::Month.next(date("2028-02-01")), date("2028-03-01"));
    }

    #[test]
    fn what_comes_after_its_period_was_frozen_counts_in_the_next_or_in_none() {
        let mut later = calendar("2026-11-23T06:00:00Z", "UTC");
        assert_eq!(later.place(Period::Week, at("2026-11-22T23:00:00Z")), Some(date("2026-11-23")));
        assert_eq!(later.place(Period::Week, at("2026-11-16T05:59:00Z")), None, "more than a week ago");
        assert_eq!(later.place(Period::Month, at("2026-11-02T05:59:00Z")), Some(date("2026-11-01")));
        assert_eq!(later.place(Period::Month, at("2026-10-02T05:59:00Z")), None);
    }

    #[test]
    fn an_institution_that_moves_west_counts_nothing_into_a_frozen_week() {
        let mut moved = calendar("2026-11-22T22:00:00Z", "America/Los_Angeles");
        moved.closed.insert(Period::Week, date("2026-11-16"));
        assert_eq!(moved.place(Period::Week, at("2026-11-22T21:00:00Z")), Some(date("2026-11-23")));
    }
}
