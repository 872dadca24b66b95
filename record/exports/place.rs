//! A place in the order of commits, as callers hand it back: what an export of changes begins with.
//!
//! # Shape
//! `learner_progress.1f3a9c`: the type, so that nobody goes on with another's place, and the number in hexadecimal.

use std::{fmt, str::FromStr};

use super::ExportType;

/// A place in the order of commits, of exports of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Of which type.
    pub export_type: ExportType,
    /// Positions below it are told.
    pub horizon: i64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:x}", self.export_type, self.horizon)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (export_type, horizon) = text.split_once('.').ok_or(())?;
        let is_hexadecimal = horizon.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let horizon = i64::from_str_radix(horizon, 16).ok().filter(|_| is_hexadecimal).ok_or(())?;
        Ok(Self { export_type: export_type.parse()?, horizon })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_was_told_and_nothing_else_is_one() {
        let place = Place { export_type: ExportType::Activity, horizon: 1_234_567 };
        assert_eq!(place.to_string(), "activity.12d687");
        assert_eq!(place.to_string().parse(), Ok(place));
        for bad in ["", "activity", "activity.", "activity.-1", "activity.+1", "activity.X", "courses.1", "12d687"] {
            assert_eq!(bad.parse::<Place>(), Err(()), "{bad:?}");
        }
    }
}
