//! Single sentences for people, said by a stable code: what stands beside a code in an answer, in the reader's language.
//!
//! Not here: letters, which have a layout (`words`, `renderer`).
//!
//! # Source
//! Fluent (projectfluent.org/fluent/guide); plural categories of the Unicode CLDR.

use std::{collections::HashMap, fmt};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

use super::{
    isolate,
    language::Language,
    renderer::LetterError,
    words::{identifier, in_form},
};

/// The catalogues of what follows from a learner's record.
const INSIGHTS: [(Language, &str); 5] = [
    (Language::English, include_str!("../../templates/insights/en.ftl")),
    (Language::Korean, include_str!("../../templates/insights/ko.ftl")),
    (Language::Russian, include_str!("../../templates/insights/ru.ftl")),
    (Language::French, include_str!("../../templates/insights/fr.ftl")),
    (Language::Hebrew, include_str!("../../templates/insights/he.ftl")),
];

/// The catalogues of documents that show a learner's level.
const CEFR_DOCUMENT: [(Language, &str); 5] = [
    (Language::English, include_str!("../../templates/cefr_document/en.ftl")),
    (Language::Korean, include_str!("../../templates/cefr_document/ko.ftl")),
    (Language::Russian, include_str!("../../templates/cefr_document/ru.ftl")),
    (Language::French, include_str!("../../templates/cefr_document/fr.ftl")),
    (Language::Hebrew, include_str!("../../templates/cefr_document/he.ftl")),
];

/// The sentences, in every language.
pub struct Phrases(HashMap<Language, FluentBundle<FluentResource>>);

impl Phrases {
    /// Reads what is said of learners' records.
    ///
    /// # Errors
    /// When a catalogue cannot be read, or says the same twice.
    pub fn of_insights() -> Result<Self, LetterError> {
        Self::read("insights", INSIGHTS)
    }

    /// Reads what stands on a document that shows a learner's level.
    ///
    /// # Errors
    /// As [`Self::of_insights`].
    pub fn of_cefr_document() -> Result<Self, LetterError> {
        Self::read("cefr_document", CEFR_DOCUMENT)
    }

    fn read(folder: &str, catalogues: [(Language, &str); 5]) -> Result<Self, LetterError> {
        let mut phrases = HashMap::new();
        for (language, text) in catalogues {
            let fault =
                |what: &dyn fmt::Debug| LetterError::Words(format!("{folder}/{}.ftl: {what:?}", language.tag()));
            let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| fault(&errors))?;
            let mut bundle = FluentBundle::new_concurrent(vec![identifier(language)?]);
            bundle.set_use_isolating(false); // what needs it comes isolated
            bundle.set_formatter(Some(in_form));
            bundle.add_resource(resource).map_err(|errors| fault(&errors))?;
            phrases.insert(language, bundle);
        }
        Ok(Self(phrases))
    }

    /// Says a sentence. Names may run the other way than the language, so they are isolated where they do. What has no
    /// words is said by its code.
    pub fn say(&self, language: Language, code: &str, count: i64, names: &[(&str, &str)]) -> String {
        let Some(bundle) = self.0.get(&language) else { return code.to_owned() };
        let Some(pattern) = bundle.get_message(code).and_then(|message| message.value()) else {
            return code.to_owned();
        };
        let mut args = FluentArgs::new();
        args.set("count", count);
        for (name, value) in names {
            args.set(*name, isolate::isolated(value, language.direction()).into_owned());
        }
        bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

impl fmt::Debug for Phrases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Phrases").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_the_same_messages_whole() {
        whole(&Phrases::of_insights().unwrap(), INSIGHTS);
        whole(&Phrases::of_cefr_document().unwrap(), CEFR_DOCUMENT);
    }

    fn whole(phrases: &Phrases, catalogues: [(Language, &str); 5]) {
        let keys = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| !line.starts_with([' ', '}', '#']) && line.contains(" ="));
            lines.filter_map(|line| line.split(" =").next().map(str::to_owned)).collect()
        };
        let codes = keys(catalogues[0].1);
        assert!(codes.len() >= 9, "{codes:?}");
        for (language, text) in catalogues {
            assert_eq!(keys(text), codes, "{language:?}");
            for code in &codes {
                for count in [0, 1, 2, 3, 5, 11, 21, 1_000] {
                    let said = phrases.say(
                        language,
                        code,
                        count,
                        &[("course", "Español 1"), ("skill", "reading"), ("level", "B1"), ("date", "1 May")],
                    );
                    assert!(!said.is_empty() && !said.contains(['{', '$']), "{language:?} {code} {count}: {said}");
                    assert_ne!(said, *code, "{language:?}");
                }
            }
        }
    }

    #[test]
    fn numbers_are_said_as_the_language_counts() {
        let phrases = Phrases::of_insights().unwrap();
        let said = |language, count| phrases.say(language, "reviews_due", count, &[]);
        assert_eq!(said(Language::English, 1), "One card is waiting to be looked at again.");
        assert_eq!(said(Language::Russian, 22), "22 карточки ждут повторения.");
        assert_eq!(said(Language::Russian, 25), "25 карточек ждут повторения.");
        assert_eq!(said(Language::Korean, 3), "복습할 카드가 3장 있습니다.");
        assert_eq!(said(Language::Hebrew, 2), "שתי כרטיסיות ממתינות לחזרה.");
        assert_eq!(phrases.say(Language::English, "unheard_of", 1, &[]), "unheard_of");
    }
}
