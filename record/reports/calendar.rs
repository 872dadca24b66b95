//! When a report is due and which days it tells of: a rule of the calendar on the clocks of a zone.
//!
//! # Rule
//! 08:00 is 08:00 in summer and in winter. A time that the clocks skip is the next one that they show, one that they show
//! twice is the first of the two. The 31st of a month that has none is its last day. A period is closed: the last whole week
//! from Monday to Sunday, or the last whole month, as they were when the report was due.
//!
//! # Source
//! [`Zone`] (IANA time zones) for what the clocks show; ISO 8601 for weeks.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::history::Zone;

/// Days of a week, and of the longest month.
const WEEK: u64 = 7;

/// How often, and on which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// Week by week, on a day from 1 for Monday to 7 for Sunday.
    Week(u32),
    /// Month by month, on a day from 1 to 31.
    Month(u32),
}

/// A rule of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How often, and on which day.
    pub rhythm: Rhythm,
    /// When on that day: minutes from midnight, as the clocks show them.
    pub minute: u32,
}

/// A time at which a report is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The moment.
    pub at: DateTime<Utc>,
    /// First and last day of what is told then.
    pub period: (NaiveDate, NaiveDate),
}

impl Rule {
    /// The last slot that has come.
    pub fn latest(self, zone: Tz, now: DateTime<Utc>) -> Option<Slot> {
        self.around(zone, now).into_iter().rev().find(|slot| slot.at <= now)
    }

    /// The first slot that is still to come.
    pub fn next(self, zone: Tz, now: DateTime<Utc>) -> Option<Slot> {
        self.around(zone, now).into_iter().find(|slot| slot.at > now)
    }

    /// Slots around a time, in their order: at least one that has come and one that has not.
    fn around(self, zone: Tz, now: DateTime<Utc>) -> Vec<Slot> {
        let today = now.with_timezone(&zone).date_naive();
        let days: Vec<Option<NaiveDate>> = match self.rhythm {
            Rhythm::Week(weekday) => {
                let first = monday(today)
                    .and_then(|monday| monday.checked_sub_days(Days::new(2 * WEEK)))
                    .and_then(|monday| monday.checked_add_days(Days::new(u64::from(weekday.clamp(1, 7) - 1))));
                (0..5).map(|week| first?.checked_add_days(Days::new(week * WEEK))).collect()
            }
            Rhythm::Month(day) => {
                let first = today.with_day(1).and_then(|first| first.checked_sub_months(Months::new(2)));
                (0..5).map(|month| day_of_month(first?.checked_add_months(Months::new(month))?, day)).collect()
            }
        };
        days.into_iter().flatten().filter_map(|day| self.slot(zone, day)).collect()
    }

    fn slot(self, zone: Tz, day: NaiveDate) -> Option<Slot> {
        Some(Slot { at: instant(zone, day, self.minute)?, period: self.period(day)? })
    }

    /// The whole week or month before a day.
    fn period(self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        match self.rhythm {
            Rhythm::Week(_) => {
                let monday = monday(day)?;
                Some((monday.checked_sub_days(Days::new(WEEK))?, monday.pred_opt()?))
            }
            Rhythm::Month(_) => {
                let first = day.with_day(1)?;
                Some((first.checked_sub_months(Months::new(1))?, first.pred_opt()?))
            }
        }
    }
}

/// Hours in which a letter that is late is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// Their begin, in minutes from midnight.
    pub from: u32,
    /// Their end; before the begin if midnight is among them.
    pub to: u32,
}

impl Quiet {
    /// Is this minute of a day among them.
    pub fn covers(self, minute: u32) -> bool {
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }

    /// When a letter may be sent that could be sent now.
    pub fn over(self, zone: Tz, now: DateTime<Utc>) -> DateTime<Utc> {
        use chrono::Timelike;
        let local = now.with_timezone(&zone);
        let minute = local.hour() * 60 + local.minute();
        if !self.covers(minute) {
            return now;
        }
        let today = local.date_naive();
        let day = if minute < self.to { Some(today) } else { today.succ_opt() };
        day.and_then(|day| instant(zone, day, self.to)).map_or(now, |end| end.max(now))
    }
}

/// The moment at which clocks show a minute of a day; none behind the day's last one.
fn instant(zone: Tz, day: NaiveDate, minute: u32) -> Option<DateTime<Utc>> {
    Some(Zone::from(zone).instant(day.and_hms_opt(minute / 60, minute % 60, 0)?))
}

fn monday(day: NaiveDate) -> Option<NaiveDate> {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))
}

/// A day of the month of another day, or that month's last.
fn day_of_month(first: NaiveDate, day: u32) -> Option<NaiveDate> {
    first.with_day(day).or_else(|| first.checked_add_months(Months::new(1))?.pred_opt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MONDAY_AT_8: Rule = Rule { rhythm: Rhythm::Week(1), minute: 8 * 60 };

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn said(slot: Option<Slot>) -> String {
        let Slot { at, period: (from, to) } = slot.unwrap();
        format!("{} {from}..{to}", at.format("%FT%H:%MZ"))
    }

    #[test]
    fn eight_o_clock_stays_eight_o_clock() {
        let rule = |zone, now| said(MONDAY_AT_8.next(zone, at(now)));
        let paris = |now| rule(Tz::Europe__Paris, now);
        assert_eq!(paris("2026-10-18T12:00:00Z"), "2026-10-19T06:00Z 2026-10-12..2026-10-18");
        assert_eq!(paris("2026-10-25T12:00:00Z"), "2026-10-26T07:00Z 2026-10-19..2026-10-25");
        assert_eq!(paris("2026-03-29T12:00:00Z"), "2026-03-30T06:00Z 2026-03-23..2026-03-29");
        assert_eq!(rule(Tz::Asia__Seoul, "2026-11-21T09:00:00Z"), "2026-11-22T23:00Z 2026-11-16..2026-11-22");
    }

    #[test]
    fn a_time_that_is_skipped_is_the_next_one_and_one_that_comes_twice_counts_once() {
        let night = Rule { rhythm: Rhythm::Week(7), minute: 2 * 60 + 30 };
        // 29 March: from 02:00 straight to 03:00.
        let skipped = night.next(Tz::Europe__Paris, at("2026-03-28T12:00:00Z"));
        assert_eq!(said(skipped), "2026-03-29T01:00Z 2026-03-16..2026-03-22");
        // 25 October: 02:30 comes at 00:30 and at 01:30 of universal time.
        let first = night.next(Tz::Europe__Paris, at("2026-10-24T12:00:00Z"));
        assert_eq!(said(first), "2026-10-25T00:30Z 2026-10-12..2026-10-18");
        let between = night.next(Tz::Europe__Paris, at("2026-10-25T00:45:00Z"));
        assert_eq!(said(between), "2026-11-01T01:30Z 2026-10-19..2026-10-25");
        // Samoa had no 30 December 2011.
        let samoa = Rule { rhythm: Rhythm::Month(30), minute: 8 * 60 };
        assert_eq!(
            said(samoa.next(Tz::Pacific__Apia, at("2011-12-30T00:00:00Z"))),
            "2011-12-30T10:00Z 2011-11-01..2011-11-30"
        );
    }

    #[test]
    fn the_last_day_stands_for_those_that_a_month_lacks() {
        let rule = Rule { rhythm: Rhythm::Month(31), minute: 0 };
        let next = |now| said(rule.next(Tz::UTC, at(now)));
        assert_eq!(next("2028-02-01T00:00:00Z"), "2028-02-29T00:00Z 2028-01-01..2028-01-31");
        assert_eq!(next("2027-02-01T00:00:00Z"), "2027-02-28T00:00Z 2027-01-01..2027-01-31");
        assert_eq!(next("2027-02-28T00:00:00Z"), "2027-03-31T00:00Z 2027-02-01..2027-02-28");
    }

    #[test]
    fn after_a_long_silence_the_latest_closed_period_is_told() {
        let latest = |now| said(MONDAY_AT_8.latest(Tz::UTC, at(now)));
        assert_eq!(latest("2026-11-23T07:59:59Z"), "2026-11-16T08:00Z 2026-11-09..2026-11-15");
        assert_eq!(latest("2026-11-23T08:00:00Z"), "2026-11-23T08:00Z 2026-11-16..2026-11-22");
        assert_eq!(latest("2026-11-29T23:00:00Z"), "2026-11-23T08:00Z 2026-11-16..2026-11-22");
    }

    #[test]
    fn quiet_hours_may_hold_midnight() {
        let night = Quiet { from: 20 * 60, to: 7 * 60 };
        let over = |now| night.over(Tz::Europe__Paris, at(now)).format("%FT%H:%MZ").to_string();
        assert_eq!(over("2026-11-23T22:00:00Z"), "2026-11-24T06:00Z");
        assert_eq!(over("2026-11-24T02:00:00Z"), "2026-11-24T06:00Z");
        assert_eq!(over("2026-11-24T06:00:00Z"), "2026-11-24T06:00Z");
        let noon = Quiet { from: 12 * 60, to: 13 * 60 };
        assert!(noon.covers(12 * 60) && !noon.covers(13 * 60) && !Quiet { from: 5, to: 5 }.covers(5));
    }

    proptest! {
        /// Whatever the zone and the rule: slots follow each other without one too many or too few, and what is told is over.
        #[test]
        fn slots_follow_each_other(zone in 0_usize..chrono_tz::TZ_VARIANTS.len(), second in 0_i64..4_000_000_000, day in 1_u32..=31,
            minute in 0_u32..1440, weekly: bool) {
            let zone = chrono_tz::TZ_VARIANTS[zone];
            let rhythm = if weekly { Rhythm::Week((day - 1) % 7 + 1) } else { Rhythm::Month(day) };
            let rule = Rule { rhythm, minute };
            let now = DateTime::from_timestamp(second, 0).unwrap();
            let (latest, next) = (rule.latest(zone, now).unwrap(), rule.next(zone, now).unwrap());
            prop_assert!(latest.at <= now && now < next.at);
            prop_assert_eq!(latest.period.1.succ_opt().unwrap(), next.period.0);
            prop_assert_eq!(rule.latest(zone, next.at), Some(next));
            prop_assert!(next.period.1 < next.at.with_timezone(&zone).date_naive());
        }
    }
}
