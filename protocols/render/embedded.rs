//! The layouts and the words, compiled in: a binary needs no folder beside it.
//!
//! Not here: what they are given (`mail`).
//!
//! # Source
//! `templates/README.md` of this project.

use super::language::Language;

/// The words around every letter.
pub(super) const FRAME: &str = "_frame";

macro_rules! file {
    ($($part:expr),*) => { include_str!(concat!("../../templates/mail/", $($part),*)) };
}

macro_rules! words_of {
    ($name:literal) => {
        (
            $name,
            [
                file!($name, "/en.ftl"),
                file!($name, "/ko.ftl"),
                file!($name, "/ru.ftl"),
                file!($name, "/fr.ftl"),
                file!($name, "/he.ftl"),
            ],
        )
    };
}

macro_rules! letters {
    ($($name:literal,)*) => {
        /// Every letter: its folder in `templates/mail`.
        pub(super) const LETTERS: &[&str] = &[$($name,)*];

        /// Every layout: the name by which others extend it, and its text.
        pub(super) const LAYOUTS: &[(&str, &str)] = &[
            ("mail/_frame/parts.html", file!("_frame/parts.html")),
            ("mail/_frame/frame.html", file!("_frame/frame.html")),
            ("mail/_frame/frame.txt", file!("_frame/frame.txt")),
            $(
                (concat!("mail/", $name, "/subject.txt"), file!($name, "/subject.txt")),
                (concat!("mail/", $name, "/body.txt"), file!($name, "/body.txt")),
                (concat!("mail/", $name, "/body.html"), file!($name, "/body.html")),
            )*
        ];

        /// Every catalogue of words, in the order of [`Language::ALL`].
        const WORDS: &[(&str, [&str; 5])] = &[words_of!("_frame"), $(words_of!($name),)*];
    };
}

// One line a letter.
letters! {
    "address_suspended",
    "import_finished",
    "invitation",
    "password_changed",
    "password_reset",
    "report",
    "report_confirmation",
    "report_undelivered",
    "subscription_request_decided",
    "token_expiring",
    "token_leaked",
    "webhook_disabled",
    "webhook_failing",
}

/// The words of a letter, or of the frame, in a language.
pub(super) fn catalogue(name: &str, language: Language) -> Option<&'static str> {
    let (_, texts) = WORDS.iter().find(|(known, _)| *known == name)?;
    let at = Language::ALL.iter().position(|known| *known == language)?;
    texts.get(at).copied()
}
