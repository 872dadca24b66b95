//! The dated versions of Reach 360's API.
//!
//! Not here: a difference between them; none is publicly known, so every version is rendered in the same shapes.
//!
//! # Source
//! access.articulate.com, "Reach 360: Introduction to Reach 360 API" (none sent means 2023-04-04, an unknown one is
//! refused with `invalid_api_version`), and "Reach 360: Webhooks API" (2023-05-04 in its examples).

use std::fmt;

/// A version that we know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// 2023-04-04, the first; used when none is named.
    #[default]
    April2023,
    /// 2023-05-04.
    May2023,
}

/// Reports a version that we do not know; `invalid_api_version` in Reach 360's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version of Reach 360")]
pub struct UnknownVersion;

impl Version {
    /// All versions, the default first.
    pub const ALL: [Self; 2] = [Self::April2023, Self::May2023];

    /// All versions as text, in the same order.
    pub const NAMES: [&'static str; 2] = [Self::April2023.as_str(), Self::May2023.as_str()];

    /// The date, as in the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::April2023 => "2023-04-04",
            Self::May2023 => "2023-05-04",
        }
    }

    /// Reads a version; none named is the default.
    ///
    /// # Errors
    /// When the named one is unknown.
    pub fn parse(named: Option<&str>) -> Result<Self, UnknownVersion> {
        let Some(text) = named else { return Ok(Self::default()) };
        Self::ALL.into_iter().find(|version| version.as_str() == text).ok_or(UnknownVersion)
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
