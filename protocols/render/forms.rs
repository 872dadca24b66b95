//! Dates, times and numbers as a language writes them.
//!
//! Not here: times that are to be copied into a call; those are RFC 3339 in every language.
//!
//! # Source
//! Unicode CLDR by ICU4X: patterns of dates, names of months and zones, separators of digits. IANA time zones by
//! chrono-tz.

use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use icu_calendar::Iso;
use icu_datetime::{
    DateTimeFormatter, NoCalendarFormatter,
    fieldsets::{self, zone::SpecificLong},
    input::{Date, DateTime as Moment, Time, UtcOffset},
    options::TimePrecision,
};
use icu_decimal::{DecimalFormatter, options::DecimalFormatterOptions};
use icu_locale_core::Locale;
use icu_time::zone::IanaParser;

use super::{language::Language, renderer::LetterError};

/// How one language writes them.
pub(crate) struct Forms {
    moment: DateTimeFormatter<fieldsets::YMDT>,
    day: DateTimeFormatter<fieldsets::YMD>,
    zone: NoCalendarFormatter<SpecificLong>,
    number: DecimalFormatter,
}

impl Forms {
    /// Takes them out of CLDR.
    ///
    /// # Errors
    /// When CLDR lacks the language: a fault of ours, found at start.
    pub(crate) fn of(language: Language) -> Result<Self, LetterError> {
        let lacking = |what: &dyn std::fmt::Display| LetterError::Forms(language.tag(), what.to_string());
        let locale: Locale = language.form_tag().parse().map_err(|error| lacking(&error))?;
        let minutes = fieldsets::YMDT::long().with_time_precision(TimePrecision::Minute);
        Ok(Self {
            moment: DateTimeFormatter::try_new((&locale).into(), minutes).map_err(|error| lacking(&error))?,
            day: DateTimeFormatter::try_new((&locale).into(), fieldsets::YMD::long())
                .map_err(|error| lacking(&error))?,
            zone: NoCalendarFormatter::try_new((&locale).into(), SpecificLong).map_err(|error| lacking(&error))?,
            number: DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default())
                .map_err(|error| lacking(&error))?,
        })
    }

    /// To the minute, with the zone named: `21 November 2026 at 09:00 (Korean Standard Time)`.
    pub(super) fn when(&self, instant: DateTime<Utc>, zone: Tz) -> Option<String> {
        let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
        let local = instant.naive_utc().checked_add_offset(offset)?;
        let date = date(local.date())?;
        let time = Time::try_new(u8::try_from(local.hour()).ok()?, u8::try_from(local.minute()).ok()?, 0, 0).ok()?;
        let moment = Moment { date, time };
        let written = self.moment.format(&moment);
        if zone == Tz::UTC || zone == Tz::Etc__UTC {
            // Short and known to everybody; the languages' own words for it are neither.
            return Some(format!("{written} (UTC)"));
        }
        let offset = UtcOffset::try_from_seconds(offset.local_minus_utc()).ok();
        let place = IanaParser::new().parse(zone.name()).with_offset(offset).at_date_time(moment);
        let zone = self.zone.format(&place).to_string();
        // Hebrew has brackets of its own around the season.
        Some(if zone.contains('(') { format!("{written}, {zone}") } else { format!("{written} ({zone})") })
    }

    /// The day alone: `21 November 2026`.
    pub(crate) fn day(&self, day: NaiveDate) -> Option<String> {
        Some(self.day.format(&date(day)?).to_string())
    }

    /// With the language's separators: `12,345`.
    pub(crate) fn number(&self, number: i64) -> String {
        self.number.format(&number.into()).to_string()
    }
}

fn date(day: NaiveDate) -> Option<Date<Iso>> {
    Date::try_new_iso(day.year(), u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?).ok()
}

/// A zone by its IANA name; UTC for what is none.
pub(super) fn zone(name: &str) -> Tz {
    name.trim().parse().unwrap_or(Tz::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_writes_them_in_its_own_form() {
        let instant = DateTime::from_timestamp(1_795_219_200, 0).unwrap();
        let lines: Vec<String> = Language::ALL
            .iter()
            .map(|language| {
                let forms = Forms::of(*language).unwrap();
                let when = forms.when(instant, zone("Asia/Seoul")).unwrap();
                format!("{when} | {} | {}", forms.day(instant.date_naive()).unwrap(), forms.number(-1_234_567))
            })
            .collect();
        let wanted = [
            "21 November 2026 at 09:00 (Korean Standard Time) | 21 November 2026 | -1,234,567",
            "2026년 11월 21일 오전 9:00 (한국 표준시) | 2026년 11월 21일 | -1,234,567",
            "21 ноября 2026\u{202f}г. в 09:00 (Корея, стандартное время) | 21 ноября 2026\u{202f}г. | -1\u{a0}234\u{a0}567",
            "21 novembre 2026 à 09:00 (heure normale de la Corée) | 21 novembre 2026 | -1\u{202f}234\u{202f}567",
            "21 בנובמבר 2026 בשעה 9:00, שעון קוריאה (חורף) | 21 בנובמבר 2026 | \u{200e}-1,234,567",
        ];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn summer_and_winter_have_their_names_and_their_hours() {
        let forms = Forms::of(Language::English).unwrap();
        let when = |text: &str, place: &str| forms.when(text.parse().unwrap(), zone(place)).unwrap();
        assert_eq!(when("2026-07-01T12:00:00Z", "Europe/Paris"), "1 July 2026 at 14:00 (Central European Summer Time)");
        assert_eq!(
            when("2026-12-01T12:00:00Z", "Europe/Paris"),
            "1 December 2026 at 13:00 (Central European Standard Time)"
        );
        assert_eq!(when("2026-12-01T12:00:00Z", "Etc/UTC"), "1 December 2026 at 12:00 (UTC)");
    }

    #[test]
    fn what_is_no_zone_is_utc() {
        for name in ["", "Mars/Olympus", "../etc", "GMT+25"] {
            assert_eq!(zone(name), Tz::UTC, "{name}");
        }
    }

    #[test]
    fn no_time_is_too_far_away() {
        let forms = Forms::of(Language::Hebrew).unwrap();
        for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let _ = forms.when(instant, zone("Pacific/Auckland"));
        }
    }
}
