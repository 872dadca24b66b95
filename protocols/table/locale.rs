//! Numbers and dates as the spreadsheets of a country read them.
//!
//! # Rule
//! The point of a number is the country's and nothing groups its digits; a date is written with digits alone, in the
//! country's order and with its separators; a time follows it in 24 hours, as the clocks of the file's zone show it.
//! Digits are 0 to 9 and the calendar is the Gregorian one everywhere: other ones are not read as numbers and dates.
//!
//! # Source
//! Unicode CLDR by ICU4X, which writes one number and one date that tell its pattern.

use icu_calendar::Gregorian;
use icu_datetime::{
    FixedCalendarDateTimeFormatter, fieldsets,
    input::Date,
    options::{Alignment, YearStyle},
};
use icu_decimal::{DecimalFormatter, options::DecimalFormatterOptions};
use icu_locale_core::{
    Locale,
    extensions::unicode::{key, value},
};

use super::{Delimiter, spelled::Day};

/// How a country's spreadsheets write numbers and dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvLocale {
    point: String,
    date: Vec<Part>,
}

/// A part of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Day,
    Between(String),
}

impl CsvLocale {
    /// Finds it by a tag such as `de-AT`; none for what is no tag, or a country of which nothing is known.
    pub fn of(tag: &str) -> Option<Self> {
        let mut locale: Locale = tag.replace('_', "-").parse().ok()?;
        locale.extensions.unicode.keywords.set(key!("nu"), value!("latn"));
        Some(Self { point: point(&locale)?, date: date(&locale)? })
    }

    /// What its spreadsheets expect between two cells: not the comma where that is in the numbers.
    pub fn delimiter(&self) -> Delimiter {
        if self.point == "," { Delimiter::Semicolon } else { Delimiter::Comma }
    }

    pub(super) fn point(&self) -> &str {
        &self.point
    }

    pub(super) fn date(&self, day: Day<'_>, out: &mut Vec<u8>) {
        for part in &self.date {
            let text = match part {
                Part::Year => day.year,
                Part::Month => day.month,
                Part::Day => day.of_month,
                Part::Between(text) => text,
            };
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// What stands between the digits of one and a half.
fn point(locale: &Locale) -> Option<String> {
    let formatter = DecimalFormatter::try_new(locale.into(), DecimalFormatterOptions::default()).ok()?;
    let half = formatter.format(&"1.5".parse().ok()?).to_string();
    half.strip_prefix('1')?.strip_suffix('5').map(str::to_owned)
}

/// The pattern, told by a day whose year, month and day cannot be mistaken for each other.
fn date(locale: &Locale) -> Option<Vec<Part>> {
    let fields = fieldsets::YMD::short().with_year_style(YearStyle::Full).with_alignment(Alignment::Column);
    let formatter = FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(locale.into(), fields).ok()?;
    let written = formatter.format(&Date::try_new_gregorian(2033, 11, 22).ok()?).to_string();
    let mut parts = Vec::new();
    // Marks of direction are for eyes; a spreadsheet does not take a text with them for a date.
    let mut rest: String = written.chars().filter(|found| !is_mark(*found)).collect();
    while !rest.is_empty() {
        let (part, length) = match rest.get(..2) {
            Some("20") => (Part::Year, 4),
            Some("11") => (Part::Month, 2),
            Some("22") => (Part::Day, 2),
            _ => {
                let length = rest.find(|found: char| found.is_ascii_digit()).unwrap_or(rest.len());
                (Part::Between(rest.get(..length)?.to_owned()), length)
            }
        };
        // A digit that is none of the three would never end.
        rest = rest.get(length.max(1)..)?.to_owned();
        parts.push(part);
    }
    let has = |wanted: &Part| parts.contains(wanted);
    (has(&Part::Year) && has(&Part::Month) && has(&Part::Day)).then_some(parts)
}

fn is_mark(found: char) -> bool {
    matches!(found, '\u{200e}' | '\u{200f}' | '\u{61c}')
}
