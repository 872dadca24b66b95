//! The words of the letters: a catalogue for each letter and language, with plurals as the language has them.
//!
//! Not here: the order in which a letter says them (the layouts in `templates/mail`).
//!
//! # Source
//! Fluent (projectfluent.org/fluent/guide); plural categories of the Unicode CLDR.

use std::collections::HashMap;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use icu_decimal::{DecimalFormatter, options::DecimalFormatterOptions};
use icu_locale_core::Locale;
use intl_memoizer::{Memoizable, concurrent::IntlLangMemoizer};
use unic_langid::LanguageIdentifier;

use super::{embedded, language::Language, renderer::LetterError};

/// Every catalogue, read.
pub(super) struct Words(HashMap<(&'static str, Language), FluentBundle<FluentResource>>);

impl Words {
    /// Reads them: each letter's own words, and those around every letter.
    ///
    /// # Errors
    /// When one cannot be read, or says the same twice.
    pub(super) fn read() -> Result<Self, LetterError> {
        let mut words = HashMap::new();
        for letter in embedded::LETTERS {
            for language in Language::ALL {
                let mut bundle = FluentBundle::new_concurrent(vec![identifier(language)?]);
                bundle.set_use_isolating(false); // what needs it comes isolated
                bundle.set_formatter(Some(in_form));
                for name in [embedded::FRAME, letter] {
                    let resource = resource(name, language)?;
                    bundle.add_resource(resource).map_err(|errors| fault(name, language, &errors))?;
                }
                words.insert((*letter, language), bundle);
            }
        }
        Ok(Self(words))
    }

    /// Says a message of a letter.
    ///
    /// # Errors
    /// When there is no such message, or it wants something that it was not given.
    pub(super) fn say(
        &self,
        (letter, language): (&str, Language),
        key: &str,
        args: &FluentArgs<'_>,
    ) -> Result<String, String> {
        let lacking = || format!("{letter} has no words `{key}` in {}", language.tag());
        let known = embedded::LETTERS.iter().find(|known| **known == letter).ok_or_else(lacking)?;
        let bundle = self.0.get(&(*known, language)).ok_or_else(lacking)?;
        let pattern = bundle.get_message(key).and_then(|message| message.value()).ok_or_else(lacking)?;
        let mut errors = Vec::new();
        let said = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        if errors.is_empty() { Ok(said) } else { Err(format!("{letter}, `{key}` in {}: {errors:?}", language.tag())) }
    }
}

fn resource(name: &'static str, language: Language) -> Result<FluentResource, LetterError> {
    let text = embedded::catalogue(name, language).ok_or_else(|| fault(name, language, &"it is not embedded"))?;
    FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| fault(name, language, &errors))
}

fn fault(name: &str, language: Language, what: &dyn std::fmt::Debug) -> LetterError {
    LetterError::Words(format!("{name}/{}.ftl: {what:?}", language.tag()))
}

pub(super) fn identifier(language: Language) -> Result<LanguageIdentifier, LetterError> {
    language.form_tag().parse().map_err(|error| fault("the tag", language, &error))
}

/// Writes a number in the language's form.
pub(super) fn in_form(value: &FluentValue<'_>, language: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    // Counts are whole; what is not, is written as Fluent writes it.
    let whole = number.as_string().parse::<i64>().ok()?;
    language.with_try_get::<Numbers, _, _>((), |numbers| numbers.0.format(&whole.into()).to_string()).ok()
}

struct Numbers(DecimalFormatter);

impl Memoizable for Numbers {
    type Args = ();
    type Error = ();

    fn construct(lang: LanguageIdentifier, (): ()) -> Result<Self, ()> {
        let locale: Locale = lang.to_string().parse().map_err(drop)?;
        DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default()).map(Self).map_err(drop)
    }
}
