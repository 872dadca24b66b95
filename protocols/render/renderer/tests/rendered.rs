//! Every sample of every letter in every language, as it is read.
//!
//! # Source
//! `templates/README.md` of this project.

use std::fmt::Write as _;

use super::{super::super::mail, *};

/// One file a letter: in each language subjects and texts of all samples, and the first as HTML.
#[test]
fn every_letter_in_every_language() {
    let renderer = Renderer::new().unwrap();
    for (name, samples) in mail::samples().unwrap() {
        let mut page = String::new();
        for language in Language::ALL {
            let manner = Manner::of(language.tag(), "en", "Asia/Jerusalem");
            writeln!(page, "~~~~~~~~ {}", language.tag()).unwrap();
            for (nth, sample) in samples.iter().enumerate() {
                let letter = renderer.write(name, sample.clone(), manner).unwrap();
                assert!(!letter.subject.is_empty() && letter.subject.len() < 400, "{name}: {}", letter.subject);
                writeln!(page, "Subject: {}\n\n{}\n~~~~", letter.subject, letter.text).unwrap();
                if nth == 0 {
                    writeln!(page, "{}\n~~~~", letter.html).unwrap();
                }
            }
        }
        insta::assert_snapshot!(name, page);
    }
}

/// A translation that was forgotten, or that takes over a word in passing, shows in the letters of the languages that
/// have letters of their own.
#[test]
fn a_letter_speaks_one_language() {
    let renderer = Renderer::new().unwrap();
    for (name, samples) in mail::samples().unwrap() {
        for language in [Language::Korean, Language::Russian, Language::Hebrew] {
            let letter = renderer.write(name, samples[0].clone(), Manner::plain(language)).unwrap();
            let own = |text: &str| {
                text.chars().any(|c| {
                    matches!(language, Language::Korean) && ('가'..='힣').contains(&c)
                        || matches!(language, Language::Russian) && ('а'..='я').contains(&c)
                        || matches!(language, Language::Hebrew) && ('א'..='ת').contains(&c)
                })
            };
            assert!(own(&letter.subject), "{name} in {}: {}", language.tag(), letter.subject);
            for english in ["You ", "Hello", "We ", " the "] {
                assert!(!letter.text.contains(english), "`{english}` in {name}, {}:\n{}", language.tag(), letter.text);
            }
        }
    }
}
