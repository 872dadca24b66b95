//! How somebody is written to.
//!
//! # Source
//! `templates/README.md` of this project.

use chrono_tz::Tz;

use super::{
    forms,
    language::{Language, negotiate},
};

/// The language and the time zone of a letter: its reader's, never those of whoever caused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Language of the whole letter.
    pub language: Language,
    pub(super) zone: Tz,
}

impl Manner {
    /// Chooses for a reader: his language if we have it, else his institution's, else English; UTC for a time zone that
    /// is none.
    ///
    /// # Shape
    /// `wanted` and `institution` are language tags of whatever form, `zone` is an IANA name such as `Asia/Seoul`.
    pub fn of(wanted: &str, institution: &str, zone: &str) -> Self {
        Self { language: negotiate(wanted, institution), zone: forms::zone(zone) }
    }

    /// A language, with times in UTC.
    pub const fn plain(language: Language) -> Self {
        Self { language, zone: Tz::UTC }
    }
}
