//! Makes letters of contexts.
//!
//! Not here: the layouts and the words (`templates/`), the contexts (`mail`), what layouts may call (`tools`).
//!
//! # Source
//! Tera 2 (keats.github.io/tera); RFC 5322 section 2.2: a header field's body has no line break that is not folded.

mod tools;

use std::sync::Arc;

use fluent_bundle::FluentArgs;
use tera::{Context, Tera};

use super::{
    embedded::LAYOUTS,
    forms::Forms,
    language::{Direction, Language},
    mail::Mail,
    manner::Manner,
    words::Words,
};

/// A letter, ready to be addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Language of all of it.
    pub language: Language,
    /// One line.
    pub subject: String,
    /// The whole letter without markup.
    pub text: String,
    /// The whole letter as HTML.
    pub html: String,
}

/// Reports a layout or a catalogue that cannot be read or rendered: a fault of ours, found at start.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// A layout.
    #[error("templates: {0}")]
    Layout(#[from] tera::Error),
    /// A catalogue of words.
    #[error("words: {0}")]
    Words(String),
    /// Dates or numbers of a language.
    #[error("forms of {0}: {1}")]
    Forms(&'static str, String),
}

/// All layouts and words, read and tried.
pub struct Renderer {
    tera: Tera,
    tongue: Arc<Tongue>,
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").field("layouts", &LAYOUTS.len()).finish()
    }
}

/// What layouts call, behind Tera's functions.
pub(super) struct Tongue {
    words: Words,
    forms: Vec<(Language, Forms)>,
}

impl Renderer {
    /// Reads every layout and catalogue. That each letter can be written is proved by a test, and not at every start: the
    /// data of all languages would be in memory from then on.
    ///
    /// # Errors
    /// When something cannot be read.
    pub fn new() -> Result<Self, LetterError> {
        let forms = Language::ALL.into_iter().map(|language| Ok((language, Forms::of(language)?)));
        let tongue = Arc::new(Tongue { words: Words::read()?, forms: forms.collect::<Result<_, LetterError>>()? });
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        tools::register(&mut tera, &tongue);
        tera.add_raw_templates(LAYOUTS.iter().copied())?;
        Ok(Self { tera, tongue })
    }

    /// Writes a letter as its reader is written to, all of it in one language.
    ///
    /// # Errors
    /// None that a test would not have found with the samples.
    pub fn letter<M: Mail>(&self, mail: &M, manner: Manner) -> Result<Letter, LetterError> {
        self.write(M::NAME, Context::from_serialize(mail)?, manner)
    }

    /// Says one message of a letter, for what goes beside it: the head of a table in a file.
    ///
    /// # Errors
    /// When the letter has no such message, or it wants something that it was not given.
    pub fn say<M: Mail>(&self, language: Language, key: &str, with: &[(&str, &str)]) -> Result<String, LetterError> {
        let mut args = FluentArgs::new();
        for (name, value) in with {
            args.set(*name, *value);
        }
        self.tongue.words.say((M::NAME, language), key, &args).map_err(LetterError::Words)
    }

    fn write(&self, name: &str, mut context: Context, manner: Manner) -> Result<Letter, LetterError> {
        let (start, end) = match manner.language.direction() {
            Direction::LeftToRight => ("left", "right"),
            Direction::RightToLeft => ("right", "left"),
        };
        context.insert("letter", name);
        context.insert("locale", manner.language.tag());
        context.insert("zone", manner.zone.name());
        context.insert("dir", &manner.language.direction());
        context.insert("start", start);
        context.insert("end", end);
        let render = |part: &str| self.tera.render(&format!("mail/{name}/{part}"), &context);
        Ok(Letter {
            language: manner.language,
            subject: one_line(&render("subject.txt")?),
            text: render("body.txt")?.trim_start().to_owned(),
            html: render("body.html")?.trim_start().to_owned(),
        })
    }
}

/// Joins lines and drops control characters, so that a name in a subject cannot begin another header.
fn one_line(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
