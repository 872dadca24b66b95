//! The checks that fields of many concepts share. They gather every fault of a request instead of the first.
//!
//! Not here: rules of one concept, and what only the database knows.

use std::ops::RangeInclusive;

use serde::{Deserialize, Deserializer};

use crate::{
    error::{Error, FieldFault, Result},
    key::KEY_MAX,
};

/// Longest name or title, in characters.
pub const NAME_MAX: usize = 255;
/// Longest address of a page or picture, in characters.
const URL_MAX: usize = 2_000;
/// Longest e-mail address, in characters (RFC 5321 section 4.5.3.1.3, without the angle brackets).
const EMAIL_MAX: usize = 254;

/// Gathers the faults of a request's fields.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldFault>);

impl Fields {
    /// Starts without faults.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a fault.
    pub fn fault(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        self.0.push(FieldFault::new(pointer, code, detail));
    }

    /// Trims a name: 1 to 255 characters on one line.
    pub fn name(&mut self, pointer: &str, text: &mut String) {
        trim(text);
        self.line(pointer, text, NAME_MAX);
    }

    /// Trims a name that may be left out. An empty one is not left out.
    pub fn optional_name(&mut self, pointer: &str, text: &mut Option<String>) {
        if let Some(text) = text {
            self.name(pointer, text);
        }
    }

    /// Checks the institution's own key: 1 to 255 characters on one line, kept as given.
    pub fn external_id(&mut self, pointer: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.line(pointer, text, KEY_MAX);
            if text.trim() != text {
                self.fault(pointer, "format", "wanted no spaces around it");
            }
        }
    }

    /// Trims a text that may be empty and may have several lines.
    pub fn text(&mut self, pointer: &str, text: &mut String, max: usize) {
        trim(text);
        if text.chars().count() > max {
            self.fault(pointer, "length", format!("wanted at most {max} characters"));
        }
        if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.fault(pointer, "format", "wanted no control characters");
        }
    }

    /// Checks a number against its bounds.
    pub fn within<T: PartialOrd + std::fmt::Display>(&mut self, pointer: &str, number: &T, bounds: &RangeInclusive<T>) {
        if !bounds.contains(number) {
            self.fault(pointer, "range", format!("wanted {} to {}", bounds.start(), bounds.end()));
        }
    }

    /// Writes a language tag in its canonical case.
    ///
    /// # Source
    /// RFC 5646 section 2.1 for the form, as far as language, script, region and variants go; 2.1.1 for the case.
    pub fn language(&mut self, pointer: &str, tag: &mut String) {
        match canonical_language(tag) {
            Some(canonical) => *tag = canonical,
            None => self.fault(pointer, "format", "wanted a language tag such as en, ko or pt-BR"),
        }
    }

    /// Checks a web address that people's browsers load.
    pub fn web_address(&mut self, pointer: &str, address: Option<&str>) {
        let Some(address) = address else { return };
        if address.chars().count() > URL_MAX {
            return self.fault(pointer, "length", format!("wanted at most {URL_MAX} characters"));
        }
        let known = |url: url::Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        let clean = !address.contains(|c: char| c.is_control() || c.is_whitespace());
        if !clean || !url::Url::parse(address).is_ok_and(known) {
            self.fault(pointer, "format", "wanted an http or https address");
        }
    }

    /// Trims an e-mail address and checks its form; whether it exists only a letter can tell.
    pub fn email(&mut self, pointer: &str, email: &mut String) {
        trim(email);
        if !is_email(email) {
            self.fault(pointer, "format", "wanted an e-mail address of at most 254 characters");
        }
    }

    /// Trims free words, such as skills: at most 32, each a name.
    pub fn words(&mut self, pointer: &str, words: &mut [String]) {
        if words.len() > 32 {
            self.fault(pointer, "length", "wanted at most 32");
        }
        for (at, word) in words.iter_mut().enumerate() {
            self.name(&format!("{pointer}/{at}"), word);
        }
    }

    /// Ends the check.
    ///
    /// # Errors
    /// `validation_failed` with every fault.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid(self.0)) }
    }

    fn line(&mut self, pointer: &str, text: &str, max: usize) {
        if text.is_empty() || text.chars().count() > max {
            self.fault(pointer, "length", format!("wanted 1 to {max} characters"));
        }
        if text.contains(char::is_control) {
            self.fault(pointer, "format", "wanted no control characters");
        }
    }
}

/// Reads a field of a change: what is absent stays as it is, and only a field that may be empty takes null.
///
/// # Errors
/// As the field's own type says.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn trim(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        *text = trimmed.to_owned();
    }
}

pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let labels = || domain.split('.');
    text.chars().count() <= EMAIL_MAX
        && (1..=64).contains(&local.len())
        && !text.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '"'))
        && !local.contains('@')
        && labels().count() >= 2
        && labels().all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

pub(crate) fn canonical_language(tag: &str) -> Option<String> {
    if tag.len() > 35 {
        return None;
    }
    let mut parts = tag.split('-');
    let language = parts.next()?;
    if !(2..=3).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let mut canonical = language.to_ascii_lowercase();
    for part in parts {
        if !(2..=8).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        canonical.push('-');
        canonical.push_str(&canonical_subtag(part));
    }
    Some(canonical)
}

fn canonical_subtag(part: &str) -> String {
    let lower = part.to_ascii_lowercase();
    match (part.len(), lower.split_at_checked(1)) {
        (2, _) => lower.to_ascii_uppercase(),
        (4, Some((first, rest))) if part.bytes().all(|b| b.is_ascii_alphabetic()) => first.to_ascii_uppercase() + rest,
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn faults(check: impl FnOnce(&mut Fields)) -> Vec<(String, &'static str)> {
        let mut fields = Fields::new();
        check(&mut fields);
        fields.0.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_name_is_trimmed_and_is_one_line() {
        let mut name = "  Ольга \t".to_owned();
        assert_eq!(faults(|f| f.name("/name", &mut name)), []);
        assert_eq!(name, "Ольга");
        for (bad, code) in [("", "length"), (" \n ", "length"), ("a\nb", "format"), (&"x".repeat(256), "length")] {
            assert_eq!(faults(|f| f.name("/name", &mut bad.to_owned())), [("/name".to_owned(), code)], "{bad:?}");
        }
        // Characters are counted, not bytes.
        assert_eq!(faults(|f| f.name("/name", &mut "한".repeat(255))), []);
    }

    #[test]
    fn language_tags_come_out_in_canonical_case() {
        for (given, wanted) in
            [("EN", "en"), ("pt-br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("sl-ROZAJ", "sl-rozaj")]
        {
            assert_eq!(canonical_language(given).as_deref(), Some(wanted));
        }
        for bad in ["", "e", "english", "en_US", "en-", "-en", "en-x", "русский"] {
            assert_eq!(canonical_language(bad), None, "{bad}");
        }
    }

    #[test]
    fn email_addresses_have_a_form() {
        for good in ["a@b.c", "jean-luc@école.fr", "o'neil+x@mail.example.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b.c", "a@", "a@b", "a b@c.d", "a@b@c.d", "a@.c", "<a@b.c>", "a@b..c", "a\n@b.c"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn pictures_are_on_the_web() {
        assert_eq!(faults(|f| f.web_address("/u", Some("https://cdn.example/a.png"))), []);
        for bad in ["javascript:alert(1)", "ftp://x/y", "//x", "https://", "https://a b", "data:,x"] {
            assert_eq!(faults(|f| f.web_address("/u", Some(bad))).len(), 1, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_checked_without_panic(text in "\\PC*") {
            let _ = (canonical_language(&text), is_email(&text));
        }
    }
}
