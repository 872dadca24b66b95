//! Our own letters: typed contexts, layouts and words compiled into the binary, one letter out, whole in one language.
//!
//! Not here: who is written to and when (`jobs`), and how a letter travels (`actors/mailer`). The layouts and the words
//! are in `templates/`, with a README of their own.
//!
//! The players: a [`Mail`] is what a letter tells; a [`Manner`] is how its reader is written to, the [`Language`] and
//! the time zone; a [`Renderer`] holds layouts and words and makes a [`Letter`] of the two.
//!
//! # Source
//! Tera 2 (keats.github.io/tera); Fluent (projectfluent.org); Unicode CLDR; RFC 5322 section 2.2 for the one line of a
//! subject.

mod embedded;
pub(crate) mod forms;
mod isolate;
mod language;
pub mod mail;
mod manner;
mod phrases;
mod renderer;
mod words;

pub use language::{Direction, Language, negotiate};
pub use mail::Mail;
pub use manner::Manner;
pub use phrases::Phrases;
pub use renderer::{Letter, LetterError, Renderer};
