//! The dated versions of Reach 360's API.
//!
//! A version is one line of the table below: its date, how it writes a delivery, and the schema of that. One event is
//! rendered anew for each version that some receiver is pinned to. What changed between the two is not publicly known,
//! so both have the first shapes; a version that breaks them brings a module of its own and names it in its line.
//!
//! Not here: the shapes (`shapes`).
//!
//! # Source
//! access.articulate.com, "Reach 360: Introduction to Reach 360 API" (none sent means 2023-04-04, an unknown one is
//! refused with `invalid_api_version`), and "Reach 360: Webhooks API" (2023-05-04 in its examples).

use std::fmt;

use schemars::{Schema, generate::SchemaSettings};

use super::{
    Word,
    shapes::{self, Frame},
};
use crate::webhook::RenderError;

/// Reports a version that we do not know; `invalid_api_version` in Reach 360's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version of Reach 360")]
pub struct UnknownVersion;

macro_rules! versions {
    ($($(#[$doc:meta])* $name:ident = $date:literal, $shapes:ident;)*) => {
        /// A version that we know.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Version { $($(#[$doc])* $name,)* }

        impl Version {
            /// All versions, the default first.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// All versions as text, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($date,)*];

            /// The date, as in the header.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $date,)* }
            }

            pub(super) fn render(self, frame: &Frame<'_>) -> Result<Vec<u8>, RenderError> {
                match self { $(Self::$name => $shapes::render(frame),)* }
            }

            /// The schema of a delivery.
            pub(super) fn schema(self, word: Word) -> Schema {
                let mut schemas = SchemaSettings::draft2020_12().for_serialize().into_generator();
                match self { $(Self::$name => $shapes::schema(word, &mut schemas),)* }
            }
        }
    };
}

versions! {
    /// 2023-04-04, the first; used when none is named.
    #[default]
    April2023 = "2023-04-04", shapes;
    /// 2023-05-04.
    May2023 = "2023-05-04", shapes;
}

impl Version {
    /// Reads a version; none named is the default.
    ///
    /// # Errors
    /// When the named one is unknown.
    pub fn parse(named: Option<&str>) -> Result<Self, UnknownVersion> {
        let Some(text) = named else { return Ok(Self::default()) };
        Self::ALL.iter().copied().find(|version| version.as_str() == text).ok_or(UnknownVersion)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_named_is_the_first_and_an_unknown_one_is_refused() {
        assert_eq!(Version::parse(None), Ok(Version::April2023));
        assert_eq!(Version::parse(Some("2023-05-04")), Ok(Version::May2023));
        for unknown in ["", "2020-07-16", "2023-05-4", "latest"] {
            assert_eq!(Version::parse(Some(unknown)), Err(UnknownVersion), "{unknown}");
        }
    }
}
