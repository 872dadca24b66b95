//! The templates, compiled in: a binary needs no folder beside it.
//!
//! Not here: what they are given (`mail`).
//!
//! # Source
//! `templates/README.md` of this project.

macro_rules! templates {
    ($($name:literal,)*) => {
        /// Every template: the name by which others extend it, and its text.
        pub(super) const TEMPLATES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../templates/", $name))),)*];
    };
}

templates! {
    "mail/_frame.html",
    "mail/_frame.txt",
    "mail/webhook_disabled/body.html",
    "mail/webhook_disabled/body.txt",
    "mail/webhook_disabled/subject.txt",
}
