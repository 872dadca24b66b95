//! A point in time as callers write it.
//!
//! Not here: what time it is (`clock`).

use std::{borrow::Cow, str::FromStr};

use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, Unexpected},
};

const WANTED: &str = "a time such as 2026-11-21T09:00:00.123Z, with its offset, from 1970 to 2100";

/// A time that names its offset from UTC.
///
/// # Shape
/// RFC 3339, years 1970 to 2100 in UTC, cut to whole microseconds as PostgreSQL keeps them. No leap second: what
/// happened in one is written as the second before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The time in UTC.
    pub const fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Takes a time from elsewhere in this shape.
    ///
    /// # Errors
    /// It is a leap second, or not of these years.
    pub fn shaped(time: DateTime<Utc>) -> Result<Self, NotATime> {
        let is_leap = time.timestamp_subsec_nanos() >= 1_000_000_000;
        if is_leap || !(1970..=2100).contains(&time.year()) {
            return Err(NotATime);
        }
        time.duration_trunc(TimeDelta::microseconds(1)).map(Self).map_err(|_| NotATime)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

/// A text that is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("wanted {WANTED}")]
pub struct NotATime;

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        // chrono takes a space for the T and sixty seconds in a minute; the wire does not.
        let has_t = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| NotATime)?.to_utc();
        if has_t && text.len() <= 64 { Self::shaped(time) } else { Err(NotATime) }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|NotATime| D::Error::invalid_value(Unexpected::Str(&text), &WANTED))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_times_with_an_offset() {
        for (text, utc) in [
            ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00Z"),
            ("2026-11-21T09:00:00.1234567+02:00", "2026-11-21T07:00:00.123456Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().utc(), utc.parse::<DateTime<Utc>>().unwrap(), "{text}");
        }
    }

    #[test]
    fn refuses_what_two_readers_would_read_differently() {
        for text in [
            "",
            "2026-11-21",
            "2026-11-21T09:00:00",
            "2026-11-21 09:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-11-21T25:00:00Z",
            "2016-12-31T23:59:60Z",
            "1969-12-31T23:59:59Z",
            "2101-01-01T00:00:00Z",
            "+02026-11-21T09:00:00Z",
            "1763715600",
            "0000-00-00T00:00:00Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(NotATime), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*|[0-9T:.Z+-]{0,40}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
