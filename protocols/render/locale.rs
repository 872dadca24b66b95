//! Languages that letters may be written in.
//!
//! Not here: which letter has been translated into which; the templates that exist decide.
//!
//! # Source
//! BCP 47 (RFC 5646) for tags; RFC 4647 section 3.4, "Lookup", for finding one of ours.

use serde::Serialize;

/// Direction in which a language is written; the values of HTML's `dir`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Direction {
    /// As English.
    #[serde(rename = "ltr")]
    LeftToRight,
    /// As Hebrew.
    #[serde(rename = "rtl")]
    RightToLeft,
}

/// A language of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locale {
    tag: &'static str,
    direction: Direction,
}

impl Locale {
    /// What every letter has.
    pub const ENGLISH: Self = Self::new("en", Direction::LeftToRight);

    /// All that a letter may be written in.
    pub const ALL: [Self; 1] = [Self::ENGLISH];

    pub(super) const fn new(tag: &'static str, direction: Direction) -> Self {
        Self { tag, direction }
    }

    /// The tag, as in HTML's `lang` and the folders of templates.
    pub const fn tag(self) -> &'static str {
        self.tag
    }

    /// How it is written.
    pub const fn direction(self) -> Direction {
        self.direction
    }

    /// Finds ours for a wanted tag: the tag itself or, cutting subtags from its end, the nearest wider one.
    ///
    /// `en-GB`, `en_GB` and `EN` are English; what is no tag at all is nothing, and no error.
    pub fn lookup(wanted: &str) -> Option<Self> {
        find(&Self::ALL, wanted)
    }
}

/// [`Locale::lookup`] in a given list.
pub(super) fn find(known: &[Locale], wanted: &str) -> Option<Locale> {
    let wanted = wanted.trim().replace('_', "-");
    let mut range = wanted.as_str();
    loop {
        if let Some(found) = known.iter().find(|locale| locale.tag.eq_ignore_ascii_case(range)) {
            return Some(*found);
        }
        (range, _) = range.rsplit_once('-')?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: [Locale; 2] = [Locale::ENGLISH, Locale::new("he", Direction::RightToLeft)];

    #[test]
    fn a_narrower_tag_finds_the_wider_language() {
        for wanted in ["en", "EN", "en-GB", "en_US", " en-Latn-GB-x-private "] {
            assert_eq!(find(&KNOWN, wanted), Some(Locale::ENGLISH), "{wanted}");
        }
        assert_eq!(find(&KNOWN, "he-IL").map(Locale::direction), Some(Direction::RightToLeft));
    }

    #[test]
    fn what_is_unknown_or_no_tag_is_nothing() {
        for wanted in ["", "-", "ptbr", "english", "he1", "*", "../../etc/passwd"] {
            assert_eq!(find(&KNOWN, wanted), None, "{wanted}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_an_error(wanted: String) {
            let _ = Locale::lookup(&wanted);
        }
    }
}
