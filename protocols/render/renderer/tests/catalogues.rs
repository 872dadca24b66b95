//! The catalogues agree: the same messages with the same variables in every language, each of them used.
//!
//! # Source
//! Fluent's syntax (github.com/projectfluent/fluent/blob/master/spec/fluent.ebnf).

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{ast, parser};

use super::{
    super::super::{
        embedded::{FRAME, LAYOUTS, LETTERS, catalogue},
        mail,
    },
    *,
};

/// Messages of a catalogue, each with the variables that it mentions and its text as it stands.
fn messages(name: &str, language: Language) -> BTreeMap<String, (BTreeSet<String>, String)> {
    let text = catalogue(name, language).unwrap();
    let resource = parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{name}/{}: {errors:?}", language.tag()));
    let mut found = BTreeMap::new();
    for entry in &resource.body {
        if let ast::Entry::Message(message) = entry {
            let mut variables = BTreeSet::new();
            let pattern = message.value.as_ref().unwrap();
            in_pattern(pattern, &mut variables);
            let said = found.insert(message.id.name.to_owned(), (variables, format!("{pattern:?}")));
            assert!(said.is_none(), "{name}/{}: {} is said twice", language.tag(), message.id.name);
        }
    }
    found
}

fn in_pattern(pattern: &ast::Pattern<&str>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            in_expression(expression, variables);
        }
    }
}

fn in_expression(expression: &ast::Expression<&str>, variables: &mut BTreeSet<String>) {
    match expression {
        ast::Expression::Inline(inline) => in_inline(inline, variables),
        ast::Expression::Select { selector, variants } => {
            in_inline(selector, variables);
            for variant in variants {
                in_pattern(&variant.value, variables);
            }
        }
    }
}

fn in_inline(inline: &ast::InlineExpression<&str>, variables: &mut BTreeSet<String>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => in_expression(expression, variables),
        _ => {}
    }
}

fn catalogues() -> impl Iterator<Item = &'static str> {
    std::iter::once(FRAME).chain(LETTERS.iter().copied())
}

#[test]
fn every_language_says_the_same_with_the_same_variables() {
    for name in catalogues() {
        let english = messages(name, Language::English);
        for language in Language::ALL {
            let theirs = messages(name, language);
            let missing: Vec<_> = english.keys().filter(|key| !theirs.contains_key(*key)).collect();
            let foreign: Vec<_> = theirs.keys().filter(|key| !english.contains_key(*key)).collect();
            assert!(missing.is_empty(), "{name}/{}.ftl lacks {missing:?}", language.tag());
            assert!(foreign.is_empty(), "{name}/{}.ftl has {foreign:?}, which English lacks", language.tag());
            for (key, (variables, _)) in &english {
                assert_eq!(variables, &theirs[key].0, "variables of {key} in {name}/{}.ftl", language.tag());
            }
        }
    }
}

/// A copy that waits for its translator.
#[test]
fn every_catalogue_is_translated() {
    /// What is written alike in two languages.
    const ALIKE: [&str; 3] = ["fact", "webhook", "deliveries"];
    for name in catalogues() {
        let english = messages(name, Language::English);
        for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
            let theirs = messages(name, language);
            for (key, (_, text)) in english.iter().filter(|(key, _)| !ALIKE.contains(&key.as_str())) {
                assert_ne!(text, &theirs[key].1, "{key} in {name}/{}.ftl is English", language.tag());
            }
        }
    }
}

#[test]
fn every_message_is_used() {
    let layouts = |name: &str| -> String {
        let folder = format!("mail/{name}/");
        let own = LAYOUTS.iter().filter(|(layout, _)| name == FRAME || layout.starts_with(&folder));
        own.map(|(_, text)| *text).collect()
    };
    for name in catalogues() {
        let text = layouts(name);
        for key in messages(name, Language::English).keys() {
            assert!(text.contains(&format!("say(key=\"{key}\"")), "{key} of {name} is never said");
        }
    }
}

/// A plain text part says all that the HTML says: every message of the one is in the other.
#[test]
fn text_and_html_say_the_same() {
    /// What only one of them has: its title, and the form of a line of facts.
    const OWN: [&str; 2] = ["title", "fact"];
    let said = |name: &str, part: &str| -> BTreeSet<&str> {
        let path = format!("mail/{name}/{part}");
        let (_, text) = LAYOUTS.iter().find(|(layout, _)| *layout == path).unwrap();
        text.split("say(key=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
    };
    for name in LETTERS {
        let [text, html] = ["body.txt", "body.html"].map(|part| said(name, part));
        let apart: Vec<_> = text.symmetric_difference(&html).filter(|key| !OWN.contains(key)).collect();
        assert!(apart.is_empty(), "{name}: {apart:?} are said in one form only");
    }
}

#[test]
fn every_letter_has_its_context_and_every_file_is_embedded() {
    let samples: BTreeSet<&str> = mail::samples().unwrap().iter().map(|(name, _)| *name).collect();
    assert_eq!(samples, LETTERS.iter().copied().collect());

    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/mail");
    let mut files = BTreeSet::new();
    for letter in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        for file in std::fs::read_dir(letter.path()).unwrap().map(Result::unwrap) {
            files.insert(format!("mail/{}/{}", letter.file_name().display(), file.file_name().display()));
        }
    }
    let words =
        catalogues().flat_map(|name| Language::ALL.map(|language| format!("mail/{name}/{}.ftl", language.tag())));
    let embedded: BTreeSet<String> = LAYOUTS.iter().map(|(name, _)| (*name).to_owned()).chain(words).collect();
    assert_eq!(files, embedded);
}

/// What the renderer tells every layout is no field of a letter.
#[test]
fn no_context_takes_a_name_of_the_renderer() {
    for (name, samples) in mail::samples().unwrap() {
        for reserved in ["letter", "locale", "zone", "dir", "start", "end"] {
            assert!(samples.iter().all(|sample| sample.get(reserved).is_none()), "{name} has a field {reserved}");
        }
    }
}
