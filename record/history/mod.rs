//! What a learner did, day by day: zero-filled buckets of civil dates in a named zone, and the single events.
//!
//! # Rule
//! A date is a civil date in one named zone (IANA); a day has 23, 24 or 25 hours. A bucket begins with the first
//! instant of its first date, also where midnight does not exist or comes twice, and weeks begin on Monday (ISO 8601).
//! What was done counts on the date on which it happened, whenever it was told; a completion on the date of the first.
//!
//! Not here: what it says of a learner (`insights`).

mod buckets;
mod feed;
mod zone;

use chrono::{DateTime, Days, Months, NaiveDate, Utc, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{Error, Id, Result, id};

pub use buckets::{Bucket, buckets};
pub use feed::{Deed, Deeds, deeds};
pub use zone::Zone;

/// Most buckets of an answer: a year of days and a month of them.
pub const BUCKETS_MAX: usize = 400;
/// Dates of the answer where the caller names none.
const DAYS_BY_DEFAULT: u64 = 28;

/// How much a bucket holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// A day.
    #[default]
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
}

impl Granularity {
    /// The word on the wire, and PostgreSQL's own.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The first date of the bucket that a date is in.
    pub(crate) fn first(self, date: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => date,
            Self::Week => date.week(Weekday::Mon).first_day(),
            Self::Month => chrono::Datelike::with_day(&date, 1).unwrap_or(date),
        }
    }

    /// The first date of the next bucket.
    pub(crate) fn next(self, first: NaiveDate) -> NaiveDate {
        let next = match self {
            Self::Day => first.succ_opt(),
            Self::Week => first.checked_add_days(Days::new(7)),
            Self::Month => first.checked_add_months(Months::new(1)),
        };
        next.unwrap_or(NaiveDate::MAX)
    }
}

/// Which dates, in which zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// First date, the first of its bucket.
    pub from: NaiveDate,
    /// Last date, itself within.
    pub to: NaiveDate,
    /// How much a bucket holds.
    pub granularity: Granularity,
    /// Zone of the dates.
    pub time_zone: Zone,
}

/// The dates that a caller names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dates {
    /// First.
    pub from: Option<NaiveDate>,
    /// Last, itself within.
    pub to: Option<NaiveDate>,
}

impl Span {
    /// Fills in what was left out, today being the date in the zone, and checks that it is a span.
    ///
    /// # Errors
    /// `validation_failed` when it ends before it begins, has too many buckets, or lies outside of 1970 to 2100.
    pub fn of(dates: Dates, granularity: Granularity, (time_zone, today): (Zone, NaiveDate)) -> Result<Self> {
        let to = dates.to.unwrap_or_else(|| dates.from.map_or(today, |from| from.max(today)));
        let back = to.checked_sub_days(Days::new(DAYS_BY_DEFAULT - 1)).unwrap_or(to);
        let from = granularity.first(dates.from.unwrap_or(back));
        for (name, date) in [("?from", from), ("?to", to)] {
            if !(1970..=2100).contains(&chrono::Datelike::year(&date)) {
                return Err(Error::invalid_field(name, "range", "wanted a date from 1970 to 2100"));
            }
        }
        if dates.from.unwrap_or(from) > to {
            return Err(Error::invalid_field("?to", "range", "wanted a date that is not before `from`"));
        }
        let span = Self { from, to, granularity, time_zone };
        if span.firsts().nth(BUCKETS_MAX).is_some() {
            let words = format!("wanted at most {BUCKETS_MAX} buckets; ask for weeks or months, or for fewer dates");
            return Err(Error::invalid_field("?from", "range", words));
        }
        Ok(span)
    }

    /// The first date of each bucket.
    fn firsts(&self) -> impl Iterator<Item = NaiveDate> + use<'_> {
        std::iter::successors(Some(self.from), |first| Some(self.granularity.next(*first)))
            .take_while(|first| *first <= self.to)
    }
}

/// Whose history, and of which course.
#[derive(Debug, Clone, Copy)]
pub struct Whose {
    /// The learner.
    pub learner: Id<id::User>,
    /// Within this course alone.
    pub course: Option<Id<id::Course>>,
}

/// A history, day by day.
#[derive(Debug, Clone)]
pub struct History {
    /// The dates.
    pub span: Span,
    /// A bucket for each day, week or month, empty ones too.
    pub buckets: Vec<Bucket>,
    /// When it was read.
    pub as_of: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn span(from: Option<&str>, to: Option<&str>, granularity: Granularity) -> Result<Span> {
        let dates = Dates { from: from.map(date), to: to.map(date) };
        Span::of(dates, granularity, (Zone::UTC, date("2026-11-22")))
    }

    #[test]
    fn dates_that_are_left_out_are_the_last_four_weeks() {
        let days = span(None, None, Granularity::Day).unwrap();
        assert_eq!((days.from, days.to, days.firsts().count()), (date("2026-10-26"), date("2026-11-22"), 28));
        let ahead = span(Some("2026-12-01"), None, Granularity::Day).unwrap();
        assert_eq!((ahead.from, ahead.to), (date("2026-12-01"), date("2026-12-01")));
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first_leap_day_included() {
        let weeks = span(Some("2026-11-18"), Some("2026-11-22"), Granularity::Week).unwrap();
        assert_eq!(weeks.firsts().collect::<Vec<_>>(), [date("2026-11-16")]);
        let months = span(Some("2024-01-31"), Some("2024-03-01"), Granularity::Month).unwrap();
        assert_eq!(months.firsts().collect::<Vec<_>>(), [date("2024-01-01"), date("2024-02-01"), date("2024-03-01")]);
        let leap = span(Some("2024-02-28"), Some("2024-03-01"), Granularity::Day).unwrap();
        assert_eq!(leap.firsts().count(), 3);
    }

    #[test]
    fn impossible_spans_are_refused() {
        for (from, to, pointer) in [
            (Some("2026-11-22"), Some("2026-11-21"), "?to"),
            (Some("2020-01-01"), Some("2026-01-01"), "?from"),
            (Some("1969-12-31"), None, "?from"),
            (None, Some("2101-01-01"), "?to"),
        ] {
            let error = span(from, to, Granularity::Day).unwrap_err();
            assert_eq!(error.fields().first().map(|fault| fault.pointer.as_str()), Some(pointer), "{from:?} {to:?}");
        }
    }
}
