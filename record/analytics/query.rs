//! What analytics are asked for, and which dates that is.
//!
//! # Rule
//! Dates are those of the institution's zone, in which a day is counted once for all: any other zone is refused. A period
//! is over, or goes on until today; it never lies ahead. Left out, it is the last 28 days.

use chrono::{Datelike, Days, Months, NaiveDate};
use stoa_core::{Error, Key, Result, id, words};

use crate::history::{Granularity, Zone};

/// Most days of a period.
pub const DAYS_MAX: u64 = 400;
/// Days of a period where the caller names none.
const DAYS_BY_DEFAULT: u64 = 28;
const FIRST_YEAR: i32 = 1970;

words! {
    /// What a period is compared with.
    Compare {
        /// As many days before it.
        PreviousPeriod = "previous_period",
        /// The same dates a year before.
        PreviousYear = "previous_year",
        /// Nothing.
        None = "none",
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// First date.
    pub from: Option<NaiveDate>,
    /// Last date, itself within; today, if left out.
    pub to: Option<NaiveDate>,
    /// IANA zone that the caller takes the dates for.
    pub time_zone: Option<String>,
    /// What it is compared with; nothing, if left out.
    pub compare: Option<Compare>,
    /// How much a point of the series holds; by the length of the period, if left out.
    pub granularity: Option<Granularity>,
    /// The people of this group alone.
    pub cohort: Option<Key<id::Group>>,
    /// The people on this course alone, and what they did in it alone; not together with a group.
    pub course: Option<Key<id::Course>>,
    /// Levels in this language alone.
    pub language: Option<String>,
}

/// Some dates, both within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
}

/// The dates of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) window: Window,
    pub(crate) today: NaiveDate,
    pub(crate) zone: Zone,
    pub(crate) granularity: Granularity,
    pub(crate) compare: Compare,
}

impl Query {
    /// The dates, where today is known in the institution's zone.
    ///
    /// # Errors
    /// `validation_failed` with each parameter that is wrong.
    pub(crate) fn span(&self, institution: &str, today: impl Fn(Zone) -> NaiveDate) -> Result<Span> {
        let zone = Zone::of(None, &[Some(institution)])?;
        if let Some(named) = &self.time_zone {
            let named = Zone::of(Some(named), &[])?;
            if named != zone {
                let words = format!("wanted {}, the zone in which the institution's days are counted", zone.name());
                return Err(Error::invalid_field("?tz", "value", words));
            }
        }
        let today = today(zone);
        let to = self.to.unwrap_or(today);
        let from = self.from.unwrap_or_else(|| before(to, DAYS_BY_DEFAULT - 1));
        let window = Window { from, to };
        window.check(today)?;
        let granularity = self.granularity.unwrap_or_else(|| match window.days() {
            ..=62 => Granularity::Day,
            63..=184 => Granularity::Week,
            _ => Granularity::Month,
        });
        Ok(Span { window, today, zone, granularity, compare: self.compare.unwrap_or(Compare::None) })
    }
}

impl Window {
    fn check(self, today: NaiveDate) -> Result<()> {
        for (name, date) in [("?from", self.from), ("?to", self.to)] {
            if date.year() < FIRST_YEAR || date > today {
                let words = format!("wanted a date from {FIRST_YEAR} until today, {today}");
                return Err(Error::invalid_field(name, "range", words));
            }
        }
        if self.to < self.from {
            return Err(Error::invalid_field("?to", "range", "wanted a date that is not before `from`"));
        }
        if self.days() > DAYS_MAX {
            return Err(Error::invalid_field("?from", "range", format!("wanted at most {DAYS_MAX} days")));
        }
        Ok(())
    }

    /// How many days.
    pub(crate) fn days(self) -> u64 {
        u64::try_from((self.to - self.from).num_days()).unwrap_or_default() + 1
    }

    /// So many days that end with its last one.
    pub(crate) fn last(self, days: u64) -> Self {
        Self { from: before(self.to, days - 1), to: self.to }
    }

    /// The dates that it is compared with.
    pub(crate) fn compared(self, with: Compare) -> Option<Self> {
        match with {
            Compare::None => None,
            Compare::PreviousPeriod => Some(Self { from: before(self.from, self.days()), to: before(self.from, 1) }),
            // The 29th of February is compared with the 28th.
            Compare::PreviousYear => {
                let year_before = |date: NaiveDate| date.checked_sub_months(Months::new(12)).unwrap_or(date);
                Some(Self { from: year_before(self.from), to: year_before(self.to) })
            }
        }
    }

    /// Does the other begin on the day after its last.
    pub(crate) fn is_followed_by(self, other: Self) -> bool {
        self.to.succ_opt() == Some(other.from)
    }

    /// The parts of a series: what of each day, week or month lies within.
    pub(crate) fn parts(self, granularity: Granularity) -> Vec<Self> {
        let firsts = std::iter::successors(Some(granularity.first(self.from)), |first| Some(granularity.next(*first)));
        let parts = firsts
            .take_while(|first| *first <= self.to)
            .map(|first| Self { from: first.max(self.from), to: before(granularity.next(first), 1).min(self.to) });
        parts.collect()
    }
}

fn before(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn window(from: &str, to: &str) -> Window {
        Window { from: date(from), to: date(to) }
    }

    fn asked(from: Option<&str>, to: Option<&str>) -> Query {
        Query { from: from.map(date), to: to.map(date), ..Query::default() }
    }

    fn span(query: &Query) -> Result<Span> {
        query.span("Asia/Seoul", |_| date("2026-11-22"))
    }

    fn faulted(query: &Query) -> String {
        span(query).unwrap_err().fields().first().map(|fault| fault.pointer.clone()).unwrap()
    }

    #[test]
    fn dates_that_are_left_out_are_the_last_28_days() {
        let found = span(&asked(None, None)).unwrap();
        assert_eq!((found.window, found.granularity), (window("2026-10-26", "2026-11-22"), Granularity::Day));
        assert_eq!((found.zone.name(), found.compare), ("Asia/Seoul", Compare::None));
        assert_eq!(span(&asked(None, Some("2026-01-31"))).unwrap().window, window("2026-01-04", "2026-01-31"));
        assert_eq!(span(&asked(Some("2026-06-01"), None)).unwrap().granularity, Granularity::Week);
        assert_eq!(span(&asked(Some("2025-11-22"), None)).unwrap().granularity, Granularity::Month);
    }

    #[test]
    fn impossible_periods_and_zones_are_refused_with_the_field() {
        let refused = [
            (Some("2026-11-22"), Some("2026-11-21"), "?to"),
            (Some("2025-10-18"), None, "?from"),
            (Some("1969-12-31"), Some("1970-01-02"), "?from"),
            (None, Some("2026-11-23"), "?to"),
            (Some("2026-11-23"), Some("2026-11-22"), "?from"),
        ];
        for (from, to, pointer) in refused {
            assert_eq!(faulted(&asked(from, to)), pointer, "{from:?} {to:?}");
        }
        assert!(span(&asked(Some("2025-10-19"), None)).is_ok(), "400 days");
        for zone in ["Mars/Olympus", "", "UTC"] {
            assert_eq!(faulted(&Query { time_zone: Some(zone.into()), ..Query::default() }), "?tz", "{zone}");
        }
        assert!(span(&Query { time_zone: Some("Asia/Seoul".into()), ..Query::default() }).is_ok());
    }

    #[test]
    fn what_it_is_compared_with_is_as_long_or_a_year_before() {
        let leap = window("2024-02-01", "2024-02-29");
        assert_eq!(leap.compared(Compare::PreviousPeriod), Some(window("2024-01-03", "2024-01-31")));
        assert_eq!(leap.compared(Compare::PreviousYear), Some(window("2023-02-01", "2023-02-28")));
        assert_eq!(leap.compared(Compare::None), None);
    }

    #[test]
    fn parts_of_a_series_end_where_the_period_does() {
        let period = window("2026-11-18", "2026-12-02");
        let weeks = [("2026-11-18", "2026-11-22"), ("2026-11-23", "2026-11-29"), ("2026-11-30", "2026-12-02")];
        assert_eq!(period.parts(Granularity::Week), weeks.map(|(from, to)| window(from, to)));
        assert_eq!(period.parts(Granularity::Month).len(), 2);
        assert_eq!(period.parts(Granularity::Day).len(), 15);
        assert_eq!(period.last(7), window("2026-11-26", "2026-12-02"));
    }
}
