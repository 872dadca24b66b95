//! Our own letters: typed contexts, templates compiled into the binary, one letter out.
//!
//! Not here: who is written to and when (`jobs`), and how a letter travels (`actors/mailer`). The words are in
//! `templates/`, with a README of their own.
//!
//! The players: a [`Mail`] is what a letter tells; a [`Renderer`] holds the templates and makes a [`Letter`] of it, in
//! the first [`Locale`] that the reader wants and the letter has.
//!
//! # Source
//! Tera 2 (keats.github.io/tera); RFC 5322 section 2.2 for the one line of a subject.

mod embedded;
mod locale;
pub mod mail;
mod renderer;

pub use locale::{Direction, Locale};
pub use mail::Mail;
pub use renderer::{Letter, LetterError, Renderer};
