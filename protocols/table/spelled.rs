//! What PostgreSQL's spelling of numbers, moments and dates means, without making values of them where that is not needed.
//!
//! # Source
//! PostgreSQL, "Date/Time Output" with `DateStyle` ISO, and "Numeric Types".

use chrono::{NaiveDate, NaiveTime};

/// A moment as it is spelled, in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment<'a> {
    /// `2026-11-21`.
    pub(super) date: &'a str,
    /// `09:00:00.25`.
    pub(super) time: &'a str,
    /// `+09`, `+05:30`, `-00:44:30`; empty where none is told, which means UTC.
    pub(super) offset: &'a str,
}

/// The year, the month and the day of a spelled date, each as digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day<'a> {
    pub(super) year: &'a str,
    pub(super) month: &'a str,
    pub(super) of_month: &'a str,
}

impl<'a> Moment<'a> {
    /// Takes a moment apart; none for what is no moment, such as `infinity`.
    pub(super) fn of(cell: &'a str) -> Option<Self> {
        let place = cell.bytes().position(|byte| matches!(byte, b' ' | b'T'))?;
        let (date, rest) = (cell.get(..place)?, cell.get(place + 1..)?);
        let end = rest.bytes().position(|byte| !matches!(byte, b'0'..=b'9' | b':' | b'.')).unwrap_or(rest.len());
        let (time, offset) = (rest.get(..end)?, rest.get(end..)?);
        let is_offset = match offset.as_bytes() {
            [] | [b'Z'] => true,
            [b'+' | b'-', told @ ..] => told.len() >= 2 && told.iter().all(|byte| matches!(byte, b'0'..=b'9' | b':')),
            _ => false,
        };
        (time.len() >= 8 && is_offset && Day::of(date).is_some()).then_some(Self { date, time, offset })
    }

    /// Spells it as RFC 3339.
    pub(super) fn spell(self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.date.as_bytes());
        out.push(b'T');
        out.extend_from_slice(self.time.as_bytes());
        match self.offset {
            "" | "Z" | "+00" => out.push(b'Z'),
            hours if hours.len() == 3 => {
                out.extend_from_slice(hours.as_bytes());
                out.extend_from_slice(b":00");
            }
            // Seconds of an offset end with the nineteenth century's clocks; RFC 3339 has none, ISO 8601 has.
            offset => out.extend_from_slice(offset.as_bytes()),
        }
    }

    /// Microseconds since 1970 in UTC; none for a day or an hour that there is not.
    pub(super) fn micros(self) -> Option<i64> {
        let time: NaiveTime = self.time.parse().ok()?;
        let local = Day::of(self.date)?.civil()?.and_time(time).and_utc().timestamp_micros();
        Some(local - self.offset_secs()? * 1_000_000)
    }

    fn offset_secs(self) -> Option<i64> {
        let Some(sign) = self.offset.chars().next().filter(|sign| *sign != 'Z') else { return Some(0) };
        let mut secs = 0;
        for (part, worth) in self.offset.get(1..)?.split(':').zip([3600, 60, 1]) {
            secs += part.parse::<i64>().ok()? * worth;
        }
        Some(if sign == '-' { -secs } else { secs })
    }
}

impl<'a> Day<'a> {
    /// Takes a date apart; none for what is no date, such as `infinity` or one before Christ.
    pub(super) fn of(cell: &'a str) -> Option<Self> {
        // A year has four digits or more, what follows it always six letters.
        let (year, rest) = cell.split_at_checked(cell.len().checked_sub(6)?)?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let [b'-', _, _, b'-', _, _] = rest.as_bytes() else { return None };
        let (month, of_month) = (rest.get(1..3)?, rest.get(4..)?);
        (year.len() >= 4 && digits(year) && digits(month) && digits(of_month)).then_some(Self { year, month, of_month })
    }

    /// The day of the calendar; none for one that there is not.
    fn civil(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year.parse().ok()?, self.month.parse().ok()?, self.of_month.parse().ok()?)
    }
}

/// Days since 1970.
pub(super) fn days(cell: &str) -> Option<i32> {
    let date = Day::of(cell)?.civil()?;
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

/// Is a number that JSON has too; `NaN` and `Infinity` are none.
pub(super) fn is_json_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (digits, None),
    };
    let (whole, part) = match mantissa.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (mantissa, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && part.is_none_or(all_digits)
        && exponent.is_none_or(all_digits)
}

/// Is one of PostgreSQL's numbers that are none.
pub(super) fn is_no_number(cell: &str) -> bool {
    matches!(cell, "NaN" | "Infinity" | "-Infinity")
}

/// A truth value.
pub(super) fn boolean(cell: &str) -> Option<bool> {
    match cell {
        "t" | "true" => Some(true),
        "f" | "false" => Some(false),
        _ => None,
    }
}
