//! One cell: normalised, and held to the form of its field.
//!
//! # Rule
//! Spaces around a value are nobody's. A value is kept in one Unicode form, so that a name typed on one system finds
//! itself on another. `\N` takes a field away. An apostrophe before `=`, `+`, `-` or `@` is our own, from a report.
//!
//! # Source
//! Unicode Standard Annex 15 (canonical composition); `\N` as PostgreSQL's COPY writes an absent value.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{Empty, FaultCode as Code, Forms, Value};

/// A value, or what is wrong with it.
pub(super) type Checked<T> = Result<T, (Code, Cow<'static, str>)>;
/// What a cell wants, before the field has its say.
pub(super) type Reading<'a> = Checked<Value<Cow<'a, str>>>;

/// Longest value of one line, in characters.
const LINE_MAX: usize = 255;
/// Longest name of a time zone.
const ZONE_MAX: usize = 64;
/// Most groups, or courses, of one cell.
const LIST_MAX: usize = 100;
/// Takes a field away.
const CLEARS: &str = "\\N";

/// Reads a cell as text.
pub(super) fn read(cell: &str, empty: Empty) -> Reading<'_> {
    let text = cell.trim_matches(is_space);
    if text.is_empty() {
        return Ok(empty.value());
    }
    if text == CLEARS {
        return Ok(Value::Cleared);
    }
    if !text.is_ascii() || text.bytes().any(|byte| byte.is_ascii_control()) {
        characters(text)?;
    }
    let text = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(text);
    Ok(Value::Given(match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }))
}

/// Spaces, and what spreadsheets put around a value without showing it.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

fn characters(text: &str) -> Checked<()> {
    if text.contains('\0') {
        return Err((Code::Nul, "wanted text without a NUL".into()));
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err((
            Code::DamagedText,
            "some characters were lost before or on the way; write the value again".into(),
        ));
    }
    if text.contains(|c: char| c.is_control() || is_invisible(c)) {
        return Err((Code::ControlCharacter, "wanted one line without control characters or invisible ones".into()));
    }
    Ok(())
}

/// What turns the direction of a text or joins nothing: it makes one value look like another.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A text on one line.
pub(super) fn line(text: &str) -> Checked<String> {
    if text.len() > LINE_MAX && text.chars().count() > LINE_MAX {
        return Err((Code::Length, format!("wanted at most {LINE_MAX} characters").into()));
    }
    Ok(text.to_owned())
}

pub(super) fn email(text: &str, forms: Forms) -> Checked<String> {
    // Copied from a mail program's list, it may come with its protocol.
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    if (forms.is_email)(text) {
        return Ok(text.to_owned());
    }
    Err((Code::Format, "wanted an e-mail address of at most 254 characters".into()))
}

pub(super) fn locale(text: &str, forms: Forms) -> Checked<String> {
    let tag = match language_by_name(text) {
        Some(tag) => tag.to_owned(),
        None => text.replace('_', "-"),
    };
    (forms.language)(&tag).ok_or_else(|| (Code::Format, "wanted a language tag such as en, ko or pt-BR".into()))
}

/// Languages as offices write them.
fn language_by_name(text: &str) -> Option<&'static str> {
    const NAMES: [(&str, &[&str]); 6] = [
        ("en", &["english", "영어", "английский", "anglais"]),
        ("ko", &["korean", "한국어", "корейский", "coréen"]),
        ("ru", &["russian", "русский", "러시아어", "russe"]),
        ("fr", &["french", "français", "프랑스어", "французский"]),
        ("de", &["german", "deutsch", "독일어", "немецкий", "allemand"]),
        ("es", &["spanish", "español", "스페인어", "испанский", "espagnol"]),
    ];
    if text.len() < 4 {
        return None;
    }
    let text = text.to_lowercase();
    NAMES.iter().find(|(_, names)| names.contains(&text.as_str())).map(|(tag, _)| *tag)
}

pub(super) fn time_zone(text: &str) -> Checked<String> {
    let fits = text.len() <= ZONE_MAX
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'+'));
    if fits {
        return Ok(text.to_owned());
    }
    Err((Code::Format, "wanted the name of a time zone such as Europe/Paris".into()))
}

/// A word of a list. Everybody has one, so nothing takes it away.
pub(super) fn word<T>(
    reading: Reading<'_>,
    empty: Empty,
    read: impl Fn(&str) -> Option<T>,
    what: &str,
) -> Checked<Value<T>> {
    match reading? {
        Value::Given(text) => match read(&text) {
            Some(word) => Ok(Value::Given(word)),
            None => Err((Code::UnknownWord, format!("no such {what} is known").into())),
        },
        Value::Untouched => Ok(Value::Untouched),
        // An empty cell cannot be told from `\N` here, and of a field that everybody has it says nothing.
        Value::Cleared if empty == Empty::Clears => Ok(Value::Untouched),
        Value::Cleared => Err((Code::NotClearable, format!("everybody has a {what}; it cannot be taken away").into())),
    }
}

/// Several values in a cell, between `;` or `|`.
pub(super) fn list(reading: Reading<'_>) -> Checked<Value<Vec<String>>> {
    let text = match reading? {
        Value::Given(text) => text,
        Value::Untouched => return Ok(Value::Untouched),
        Value::Cleared => return Ok(Value::Cleared),
    };
    let mut values: Vec<String> = Vec::new();
    for value in text.split([';', '|']).map(|value| value.trim_matches(is_space)).filter(|value| !value.is_empty()) {
        let value = line(value)?;
        if !values.contains(&value) {
            values.push(value);
        }
        if values.len() > LIST_MAX {
            return Err((Code::TooMany, format!("wanted at most {LIST_MAX} of them").into()));
        }
    }
    Ok(if values.is_empty() { Value::Untouched } else { Value::Given(values) })
}
