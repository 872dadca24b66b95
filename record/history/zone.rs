//! In which zone civil dates are told.
//!
//! # Rule
//! The zone that the caller names, else the learner's, else the institution's, else UTC. One that the caller names and
//! nobody knows is refused; one that stands in a row and is not known any more is passed over.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
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
        // Clocks are put forward by a day at most, and by whole quarters of an hour.
        let instants = (0..=96).filter_map(|quarters| {
            let later = local.checked_add_signed(TimeDelta::minutes(15 * quarters))?;
            self.0.from_local_datetime(&later).earliest()
        });
        instants.map(|instant| instant.to_utc()).next().unwrap_or_else(|| local.and_utc())
    }
}

#[cfg(test)]
mod tests {
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
}
