//! Makes letters of contexts.
//!
//! Not here: the words (`templates/`), the contexts (`mail`).
//!
//! # Source
//! Tera 2 (keats.github.io/tera); RFC 5322 section 2.2: a header field's body has no line break that is not folded.

use tera::{Context, Tera};

use super::{
    embedded::TEMPLATES,
    locale::Locale,
    mail::{Mail, SubscriptionRequestDecided, WebhookDisabled, WebhookFailing},
};

/// A letter, ready to be addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// The whole letter without markup.
    pub text: String,
    /// The whole letter as HTML.
    pub html: String,
}

/// Reports a template that cannot be read or rendered: a fault of ours, found at start.
#[derive(Debug, thiserror::Error)]
#[error("templates: {0}")]
pub struct LetterError(#[from] tera::Error);

/// All templates, read and tried.
pub struct Renderer {
    tera: Tera,
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").field("templates", &TEMPLATES.len()).finish()
    }
}

impl Renderer {
    /// Reads every template and renders every letter's samples, because a missing name shows only then.
    ///
    /// # Errors
    /// When a template cannot be read or a sample cannot be rendered.
    pub fn new() -> Result<Self, LetterError> {
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        tera.add_raw_templates(TEMPLATES.iter().copied())?;
        let renderer = Self { tera };
        renderer.try_samples::<WebhookDisabled>()?;
        renderer.try_samples::<WebhookFailing>()?;
        renderer.try_samples::<SubscriptionRequestDecided>()?;
        Ok(renderer)
    }

    /// Writes a letter in the first of the wanted languages that it has, in English if it has none of them.
    ///
    /// `wanted` are BCP 47 tags, the reader's first: those of the person, then of the institution.
    ///
    /// # Errors
    /// None that [`Renderer::new`] would not have found with the samples.
    pub fn letter<M: Mail>(&self, mail: &M, wanted: &[&str]) -> Result<Letter, LetterError> {
        let translated = |locale: &Locale| self.tera.contains_template(&path::<M>(*locale, "body.txt"));
        let locale = wanted.iter().filter_map(|tag| Locale::lookup(tag)).find(translated).unwrap_or(Locale::ENGLISH);
        self.letter_in(mail, locale)
    }

    fn letter_in<M: Mail>(&self, mail: &M, locale: Locale) -> Result<Letter, LetterError> {
        let mut context = Context::from_serialize(mail)?;
        context.insert("locale", locale.tag());
        context.insert("dir", &locale.direction());
        let render = |part: &str| self.tera.render(&path::<M>(locale, part), &context);
        Ok(Letter {
            subject: one_line(&render("subject.txt")?),
            text: render("body.txt")?.trim_start().to_owned(),
            html: render("body.html")?.trim_start().to_owned(),
        })
    }

    fn try_samples<M: Mail>(&self) -> Result<(), LetterError> {
        let samples = M::samples();
        for locale in Locale::ALL {
            if self.tera.contains_template(&path::<M>(locale, "body.txt")) || locale == Locale::ENGLISH {
                samples.iter().try_for_each(|sample| self.letter_in(sample, locale).map(drop))?;
            }
        }
        Ok(())
    }
}

/// English lies in the letter's own folder, every other language in a folder inside.
fn path<M: Mail>(locale: Locale, part: &str) -> String {
    if locale == Locale::ENGLISH {
        format!("mail/{}/{part}", M::NAME)
    } else {
        format!("mail/{}/{}/{part}", M::NAME, locale.tag())
    }
}

/// Joins lines and drops control characters, so that a name in a subject cannot begin another header.
fn one_line(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
