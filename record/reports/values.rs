//! Days, times, zones and hours as callers write them.

use std::{borrow::Cow, fmt, str::FromStr};

use chrono_tz::Tz;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use stoa_core::words;

use super::calendar::Quiet;

words! {
    /// Names a day of the week.
    Weekday {
        /// The first.
        Monday = "monday",
        /// The second.
        Tuesday = "tuesday",
        /// The third.
        Wednesday = "wednesday",
        /// The fourth.
        Thursday = "thursday",
        /// The fifth.
        Friday = "friday",
        /// The sixth.
        Saturday = "saturday",
        /// The last.
        Sunday = "sunday",
    }
}

words! {
    /// Names how the figures come as a file of CSV.
    CsvForm {
        /// Not at all.
        None = "none",
        /// With the letter, to members; whoever is none gets a link, and so does a member where the file is large.
        Attached = "attached",
        /// Behind a link that works for a week.
        Linked = "linked",
    }
}

impl Weekday {
    /// From 1 for Monday.
    pub fn number(self) -> i16 {
        Self::ALL.iter().zip(1..).find_map(|(day, number)| (*day == self).then_some(number)).unwrap_or(1)
    }

    /// The day of a number.
    pub fn of(number: i16) -> Option<Self> {
        Self::ALL.iter().zip(1_i16..).find_map(|(day, known)| (known == number).then_some(*day))
    }
}

/// A time of day as clocks show it, such as `08:00`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct At(u32);

impl At {
    /// When reports are sent where nothing else is said.
    pub(super) const EIGHT: Self = Self(8 * 60);

    /// Minutes from midnight.
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// For a row.
    pub(super) fn number(self) -> i16 {
        i16::try_from(self.0).unwrap_or_default()
    }

    /// Of a row.
    pub(super) fn of(number: i16) -> Self {
        Self(u32::try_from(number).unwrap_or_default())
    }
}

impl FromStr for At {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (hour, minute) = text.split_once(':').ok_or(())?;
        let number = |part: &str, below: u32| {
            let whole = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u32>().ok().filter(|number| whole && *number < below).ok_or(())
        };
        Ok(Self(number(hour, 24)? * 60 + number(minute, 60)?))
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|()| de::Error::invalid_value(de::Unexpected::Str(&text), &"a time of day such as 08:00"))
    }
}

impl JsonSchema for At {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "TimeOfDay".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" })
    }
}

/// Whose clocks a report goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneOf {
    /// The institution's.
    Institution,
    /// Each recipient's own; the institution's for whoever has none.
    Recipient,
    /// Those of an IANA zone.
    Named(Tz),
}

impl ZoneOf {
    pub(super) fn word(&self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Institution => ("institution", None),
            Self::Recipient => ("recipient", None),
            Self::Named(zone) => ("named", Some(zone.name())),
        }
    }
}

impl FromStr for ZoneOf {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "institution" => Ok(Self::Institution),
            "recipient" => Ok(Self::Recipient),
            named => named.parse().map(Self::Named).map_err(drop),
        }
    }
}

impl Serialize for ZoneOf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (word, name) = self.word();
        serializer.serialize_str(name.unwrap_or(word))
    }
}

impl<'de> Deserialize<'de> for ZoneOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(|()| {
            let wanted = "`institution`, `recipient`, or an IANA time zone such as Asia/Seoul";
            de::Error::invalid_value(de::Unexpected::Str(&text), &wanted)
        })
    }
}

impl JsonSchema for ZoneOf {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "ReportZone".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["institution", "recipient", "Asia/Seoul"] })
    }
}

/// Hours in which a letter that is late is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// Their begin, such as `20:00`.
    pub from: At,
    /// Their end, such as `07:00`.
    pub to: At,
}

impl QuietHours {
    /// As the calendar knows them.
    pub const fn quiet(self) -> Quiet {
        Quiet { from: self.from.minutes(), to: self.to.minutes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_written_with_four_digits() {
        assert_eq!("08:05".parse::<At>().map(|at| (at.minutes(), at.to_string())), Ok((485, "08:05".to_owned())));
        for bad in ["", "8:00", "24:00", "08:60", "08:00:00", "+8:00", "٠٨:٠٠", "0800"] {
            assert!(bad.parse::<At>().is_err(), "{bad}");
        }
    }

    #[test]
    fn days_of_the_week_have_their_numbers() {
        assert_eq!((Weekday::Monday.number(), Weekday::Sunday.number()), (1, 7));
        assert_eq!((Weekday::of(3), Weekday::of(0), Weekday::of(8)), (Some(Weekday::Wednesday), None, None));
    }
}
