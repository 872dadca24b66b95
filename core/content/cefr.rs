//! The levels of the Common European Framework of Reference, an ordered scale.
//!
//! # Source
//! Council of Europe, CEFR Companion Volume (2020): Pre-A1 and the plus levels.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{db::word_column, fields::Fields};

word_column!(Cefr);

/// A level. They compare in the order of the scale, which is not that of the alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Cefr {
    /// Before the first words.
    #[serde(rename = "Pre-A1")]
    PreA1,
    /// Breakthrough.
    A1,
    /// Waystage.
    A2,
    /// Strong waystage.
    #[serde(rename = "A2+")]
    A2Plus,
    /// Threshold.
    B1,
    /// Strong threshold.
    #[serde(rename = "B1+")]
    B1Plus,
    /// Vantage.
    B2,
    /// Strong vantage.
    #[serde(rename = "B2+")]
    B2Plus,
    /// Effective operational proficiency.
    C1,
    /// Mastery.
    C2,
}

impl Cefr {
    /// The scale, lowest first.
    pub const ALL: [Self; 10] = [
        Self::PreA1,
        Self::A1,
        Self::A2,
        Self::A2Plus,
        Self::B1,
        Self::B1Plus,
        Self::B2,
        Self::B2Plus,
        Self::C1,
        Self::C2,
    ];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreA1 => "Pre-A1",
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::A2Plus => "A2+",
            Self::B1 => "B1",
            Self::B1Plus => "B1+",
            Self::B2 => "B2",
            Self::B2Plus => "B2+",
            Self::C1 => "C1",
            Self::C2 => "C2",
        }
    }

    /// Place on the scale, from 0.
    pub const fn ordinal(self) -> i16 {
        match self {
            Self::PreA1 => 0,
            Self::A1 => 1,
            Self::A2 => 2,
            Self::A2Plus => 3,
            Self::B1 => 4,
            Self::B1Plus => 5,
            Self::B2 => 6,
            Self::B2Plus => 7,
            Self::C1 => 8,
            Self::C2 => 9,
        }
    }

    /// The level at a place of the scale.
    pub fn at(ordinal: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.ordinal() == ordinal)
    }

    /// The level without its plus.
    #[must_use]
    pub const fn band(self) -> Self {
        match self {
            Self::A2Plus => Self::A2,
            Self::B1Plus => Self::B1,
            Self::B2Plus => Self::B2,
            plain => plain,
        }
    }

    /// The next level up; none above C2.
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|level| *level > self)
    }

    /// So many levels further down, at least the lowest.
    #[must_use]
    pub fn down(self, steps: i16) -> Self {
        let place = self.ordinal().saturating_sub(steps);
        Self::ALL.into_iter().rev().find(|level| level.ordinal() <= place).unwrap_or(Self::PreA1)
    }

    /// The words of this level and all below it.
    pub(super) fn and_below(self) -> Vec<&'static str> {
        Self::ALL.into_iter().filter(|level| *level <= self).map(Self::as_str).collect()
    }

    /// The words of this level and all above it.
    pub(super) fn and_above(self) -> Vec<&'static str> {
        Self::ALL.into_iter().filter(|level| *level >= self).map(Self::as_str).collect()
    }
}

impl FromStr for Cefr {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or(())
    }
}

/// From which level to which a course leads; either end may be unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CefrRange {
    /// Level at the start.
    #[serde(default)]
    pub from: Option<Cefr>,
    /// Level at the end.
    #[serde(default)]
    pub to: Option<Cefr>,
}

impl CefrRange {
    pub(super) fn check(self, fields: &mut Fields) {
        if self.from.zip(self.to).is_some_and(|(from, to)| from > to) {
            fields.fault("/cefr", "range", "wanted `from` not above `to`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_in_order_and_speaks_its_own_words() {
        assert!(Cefr::ALL.is_sorted());
        assert_eq!(Cefr::ALL.map(Cefr::ordinal).to_vec(), (0..10).collect::<Vec<_>>());
        assert_eq!((Cefr::B1Plus.band(), Cefr::B1.next(), Cefr::C2.next()), (Cefr::B1, Some(Cefr::B1Plus), None));
        assert_eq!((Cefr::B1.down(2), Cefr::A1.down(5)), (Cefr::A2, Cefr::PreA1));
        for level in Cefr::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
            assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
        }
    }

    #[test]
    fn above_and_below_meet_at_the_level() {
        assert_eq!(Cefr::A2.and_below(), ["Pre-A1", "A1", "A2"]);
        assert_eq!(Cefr::B2Plus.and_above(), ["B2+", "C1", "C2"]);
    }
}
