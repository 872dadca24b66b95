//! In which zone civil dates are told.
//!
//! # Rule
//! The zone that the caller names, else the learner's, else the institution's, else UTC. One that the caller names and
//! nobody knows is refused; one that stands in a row and is not known any more is passed over.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use stoa_core::{Error, Result};

/// A zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone of an answer.
    ///
    /// # Errors
    /// `validation_failed` when the named one is unknown.
    pub fn of(named: Option<&str>, otherwise: &[Option<&str>]) -> Result<Self> {
        if let Some(named) = named {
            let zone = named.parse().map(Self);
            return zone
                .map_err(|_| Error::invalid_field("?tz", "value", "wanted an IANA time zone such as Asia/Seoul"));
        }
        let known = otherwise.iter().flatten().find_map(|name| name.parse().ok());
        Ok(known.map_or(Self::UTC, Self))
    }

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The date that it is there.
    pub fn date(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// The first instant of a date there: the earlier of two midnights, and where the clocks skip midnight, or the whole
    /// date, the first instant after it.
    pub fn starts(self, date: NaiveDate) -> DateTime<Utc> {
        self.instant(NaiveDateTime::new(date, NaiveTime::MIN))
    }

    /// The instant at which the clocks there show a time: the earlier of two, and where they skip it the first after it.
    pub fn instant(self, local: NaiveDateTime) -> DateTime<Utc> {
        let shown = self.0.from_local_datetime(&local).earliest();
        let instant = shown.or_else(|| GapInfo::new(&local, &self.0)?.end);
        instant.map_or_else(|| local.and_utc(), |instant| instant.to_utc())
    }
}

impl From<Tz> for Zone {
    fn from(zone: Tz) -> Self {
        Self(zone)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_callers_zone_goes_before_the_learners_and_the_institutions() {
        let of = |named, otherwise: &[Option<&str>]| Zone::of(named, otherwise).map(Zone::name);
        assert_eq!(of(Some("Asia/Seoul"), &[Some("Europe/Berlin")]).unwrap(), "Asia/Seoul");
        assert_eq!(of(None, &[None, Some("Europe/Berlin")]).unwrap(), "Europe/Berlin");
        assert_eq!(of(None, &[Some("Mars/Olympus"), None]).unwrap(), "UTC");
        for unknown in ["", "Mars/Olympus", "+09:00", "KST", "asia/seoul"] {
            assert!(of(Some(unknown), &[]).is_err(), "{unknown:?}");
        }
    }

    #[test]
    fn the_date_is_that_of_the_zone() {
        let at: DateTime<Utc> = "2026-11-22T15:30:00Z".parse().unwrap();
        let date = |name| Zone::of(Some(name), &[]).unwrap().date(at).to_string();
        assert_eq!([date("Asia/Seoul"), date("America/Los_Angeles")], ["2026-11-23", "2026-11-22"]);
    }

    #[test]
    fn a_date_starts_also_where_midnight_is_skipped_or_comes_twice() {
        let starts = |zone, date: &str| Zone::of(Some(zone), &[]).unwrap().starts(date.parse().unwrap()).to_rfc3339();
        assert_eq!(starts("Asia/Seoul", "2026-11-22"), "2026-11-21T15:00:00+00:00");
        assert_eq!(starts("America/Sao_Paulo", "2018-11-04"), "2018-11-04T03:00:00+00:00", "midnight was skipped");
        assert_eq!(starts("America/Havana", "2026-11-01"), "2026-11-01T04:00:00+00:00", "the first of two midnights");
        assert_eq!(starts("Pacific/Apia", "2011-12-30"), "2011-12-30T10:00:00+00:00", "the date was skipped");
        assert_eq!(starts("Pacific/Apia", "2011-12-31"), "2011-12-30T10:00:00+00:00");
    }

    #[test]
    fn a_time_that_is_skipped_is_the_first_one_that_is_shown_and_one_that_comes_twice_the_earlier() {
        let shown = |zone: Tz, local: &str| {
            let at = Zone::from(zone).instant(local.parse().unwrap());
            at.with_timezone(&zone).format("%FT%T%.f%:z").to_string()
        };
        for skipped in ["2026-03-29T02:00:00", "2026-03-29T02:20:00", "2026-03-29T02:59:59.5"] {
            assert_eq!(shown(Tz::Europe__Berlin, skipped), "2026-03-29T03:00:00+02:00", "{skipped}");
        }
        assert_eq!(shown(Tz::Europe__Berlin, "2026-03-29T03:00:00.5"), "2026-03-29T03:00:00.500+02:00");
        assert_eq!(shown(Tz::Europe__Berlin, "2026-10-25T02:20:00"), "2026-10-25T02:20:00+02:00");
        for (zone, midnight, after) in [
            (Tz::America__Sao_Paulo, "2018-11-04T00:00:00", "2018-11-04T01:00:00-02:00"),
            (Tz::Africa__Cairo, "2026-04-24T00:00:00", "2026-04-24T01:00:00+03:00"),
            (Tz::Asia__Beirut, "2026-03-29T00:00:00", "2026-03-29T01:00:00+03:00"),
        ] {
            assert_eq!(shown(zone, midnight), after);
        }
        // Clocks are put forward by half an hour at Lord Howe, and were once by 44 minutes and a half in Liberia.
        assert_eq!(shown(Tz::Australia__Lord_Howe, "2026-10-04T02:10:00"), "2026-10-04T02:30:00+11:00");
        assert_eq!(shown(Tz::Africa__Monrovia, "1972-01-07T00:10:00"), "1972-01-07T00:44:30+00:00");
    }

    proptest! {
        /// Whatever the zone: it is the first instant at which the clocks show that time or a later one.
        #[test]
        fn nothing_earlier_would_do(zone in 0_usize..chrono_tz::TZ_VARIANTS.len(), second in 0_i64..4_000_000_000) {
            let zone = chrono_tz::TZ_VARIANTS[zone];
            let local = DateTime::from_timestamp(second, 0).unwrap().naive_utc();
            let at = Zone::from(zone).instant(local);
            let shown = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
            prop_assert!(shown(at) >= local);
            prop_assert!(shown(at - TimeDelta::seconds(1)) < local);
        }
    }
}
