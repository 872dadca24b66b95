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
    "mail/subscription_request_decided/body.html",
    "mail/subscription_request_decided/body.txt",
    "mail/subscription_request_decided/subject.txt",
    "mail/webhook_disabled/body.html",
    "mail/webhook_disabled/body.txt",
    "mail/webhook_disabled/subject.txt",
    "mail/webhook_failing/body.html",
    "mail/webhook_failing/body.txt",
    "mail/webhook_failing/subject.txt",
}
