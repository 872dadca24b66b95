//! Languages that letters are written in, and finding one for whatever somebody's profile says.
//!
//! Not here: the words (`words`, `templates/`), and the forms of dates and numbers (`forms`).
//!
//! # Source
//! BCP 47 (RFC 5646) section 2.2.1 for the primary subtag and RFC 4647 section 3.4, "Lookup": a narrower tag finds the
//! wider language. POSIX (`ko_KR.UTF-8@latn`) for what systems write instead of a tag. ISO 639 for `iw`, Hebrew's code
//! before 1989, which Java still writes.

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// The one that everything falls back to.
    English,
    /// Without articles, plurals and genders.
    Korean,
    /// With three plurals.
    Russian,
    /// Where none is singular.
    French,
    /// From right to left.
    Hebrew,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::English, Self::Korean, Self::Russian, Self::French, Self::Hebrew];

    /// The tag: in HTML's `lang`, in `Content-Language` and in the names of catalogues.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
            Self::Russian => "ru",
            Self::French => "fr",
            Self::Hebrew => "he",
        }
    }

    /// The tag by which dates and numbers are written: English that is read all over the world puts the day first.
    pub const fn form_tag(self) -> &'static str {
        match self {
            Self::English => "en-GB",
            other => other.tag(),
        }
    }

    /// How it is written.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Hebrew => Direction::RightToLeft,
            Self::English | Self::Korean | Self::Russian | Self::French => Direction::LeftToRight,
        }
    }

    /// Finds ours for a wanted tag by its primary subtag: `ko_KR`, `ko-Kore-KR` and `KO` are Korean.
    ///
    /// `ptbr`, `zh-Hant-TW` and what is no tag at all are nothing, and no error.
    pub fn lookup(wanted: &str) -> Option<Self> {
        let primary = wanted.trim().split(['-', '_', '.', '@']).next()?;
        if primary.eq_ignore_ascii_case("iw") {
            return Some(Self::Hebrew);
        }
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

/// The language to write to somebody in: his own if we have it, else his institution's, else English.
///
/// # Rule
/// Never fails, whatever stands in a profile, and never takes the language of whoever caused a letter.
pub fn negotiate(wanted: &str, institution: &str) -> Language {
    Language::lookup(wanted).or_else(|| Language::lookup(institution)).unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_narrower_tag_finds_the_wider_language() {
        for wanted in ["ko", "KO", "ko-KR", "ko_KR", "ko-Kore-KR-x-private", " ko_KR.UTF-8@hani "] {
            assert_eq!(Language::lookup(wanted), Some(Language::Korean), "{wanted}");
        }
        assert_eq!(Language::lookup("he-IL").map(Language::direction), Some(Direction::RightToLeft));
        assert_eq!(Language::lookup("iw"), Some(Language::Hebrew));
    }

    #[test]
    fn what_is_unknown_or_no_tag_is_nothing() {
        let long = "fr".repeat(5_000);
        for wanted in ["", "-", "_", "ptbr", "it-IT", "zh-Hant-TW", "english", "he1", "*", "../../etc/passwd", &long] {
            assert_eq!(Language::lookup(wanted), None, "{wanted}");
        }
    }

    #[test]
    fn the_institution_answers_for_a_person_whose_language_we_lack() {
        assert_eq!(negotiate("it-IT", "fr-CA"), Language::French);
        assert_eq!(negotiate("ptbr", "ko_KR"), Language::Korean);
        assert_eq!(negotiate("ru", "ko"), Language::Russian);
        assert_eq!(negotiate("zh-Hant-TW", "it"), Language::English);
        assert_eq!(negotiate("", ""), Language::English);
    }

    proptest! {
        #[test]
        fn no_text_is_an_error(wanted: String, institution: String) {
            negotiate(&wanted, &institution);
        }
    }
}
