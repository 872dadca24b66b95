//! What tells of a person within a text or a JSON value, and what stands there afterwards.
//!
//! # Rule
//! Wherever an object carries the person's id, its name, address and key become those of a former learner. Wherever a text
//! has his whole name, address or key in it, the text is struck out. A name or key of few letters is struck out only where
//! it is the whole text: `7` stands in much that has nothing to do with him.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use stoa_core::{Id, id};

use crate::privacy::held::FORMER;

/// What stands where something was struck out.
pub(super) const STRUCK: &str = "***";
/// Letters that a word needs to tell of somebody within a text: of an alphabet, and of a script in which a name has few.
const TELLING_LETTERS: usize = 5;
const TELLING_SIGNS: usize = 2;
/// What an entry about the person keeps as it was: it tells what was done, and not to whom.
const KEPT: [&str; 6] = ["role", "status", "provisioned_by", "sticky", "revision", "erase_after"];

/// What a person is known by: `name:`, `email:` or `key:` and the word.
#[derive(Debug, Clone)]
pub(super) struct Names {
    user: Id<id::User>,
    known_as: BTreeSet<String>,
}

impl Names {
    pub(super) fn of(user: Id<id::User>, known_as: impl IntoIterator<Item = String>) -> Self {
        Self { user, known_as: known_as.into_iter().collect() }
    }

    /// With more of them.
    pub(super) fn with(&self, more: Vec<String>) -> Self {
        Self::of(self.user, self.known_as.iter().cloned().chain(more))
    }

    pub(super) fn knows(&self, known_as: &str) -> bool {
        self.known_as.contains(known_as)
    }

    /// The words of a kind.
    pub(super) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.known_as.iter().filter_map(move |known_as| known_as.strip_prefix(kind)?.strip_prefix(':'))
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        let words = self.known_as.iter().filter_map(|known_as| known_as.split_once(':'));
        words.map(|(_, word)| word).filter(|word| !word.trim().is_empty())
    }

    /// The address that the person has from now on: it leads nowhere.
    ///
    /// # Source
    /// RFC 2606 section 2 for `.invalid`.
    pub(super) fn address(&self) -> String {
        format!("{}@erased.invalid", self.user)
    }

    /// A regular expression of PostgreSQL that finds those words which tell of the person wherever they stand; none where
    /// no word does. In JSON some letters are written otherwise.
    pub(super) fn pattern(&self) -> Option<String> {
        let telling = self.words().filter(|word| tells(word));
        let spellings: BTreeSet<String> = telling.flat_map(|word| [escaped(word), escaped(&in_json(word))]).collect();
        (!spellings.is_empty()).then(|| spellings.into_iter().collect::<Vec<_>>().join("|"))
    }

    /// Lets a value tell of a former learner.
    pub(super) fn leave(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if self.is_of(fields) {
                    self.blank(fields);
                }
                fields.values_mut().for_each(|value| self.leave(value));
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.leave(value)),
            Value::String(text) if self.stands_in(text) => STRUCK.clone_into(text),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Names that an object with the person's id gives, at any depth.
    pub(super) fn told_by(&self, value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                if self.is_of(fields) {
                    let kinds = [("email", "email"), ("external_id", "key"), ("name", "name")];
                    let told = kinds.into_iter().filter_map(|(field, kind)| Some((kind, fields.get(field)?.as_str()?)));
                    let told = told.filter(|(_, word)| *word != FORMER && *word != self.address());
                    names.extend(told.map(|(kind, word)| format!("{kind}:{word}")));
                }
                fields.values().for_each(|value| self.told_by(value, names));
            }
            Value::Array(values) => values.iter().for_each(|value| self.told_by(value, names)),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn is_of(&self, fields: &Map<String, Value>) -> bool {
        fields.get("id").and_then(Value::as_str) == Some(self.user.to_string().as_str())
    }

    fn blank(&self, fields: &mut Map<String, Value>) {
        let (first, last) = FORMER.split_once(' ').unwrap_or((FORMER, ""));
        let facts: [(&str, Value); 5] = [
            ("external_id", Value::Null),
            ("email", self.address().into()),
            ("name", FORMER.into()),
            ("first_name", first.into()),
            ("last_name", last.into()),
        ];
        for (key, fact) in facts {
            if let Some(value) = fields.get_mut(key) {
                *value = fact;
            }
        }
    }

    fn stands_in(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        let found = |word: &str| {
            let word = word.to_lowercase();
            lower == word || lower == format!("external_id:{word}") || tells(&word) && lower.contains(&word)
        };
        self.words().any(found)
    }
}

/// Keeps of an entry about the person what was done.
pub(super) fn masked(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let told = fields.iter_mut().filter(|(key, _)| !KEPT.contains(&key.as_str()));
            told.for_each(|(_, value)| masked(value));
        }
        Value::Array(values) => values.iter_mut().for_each(masked),
        Value::String(text) => STRUCK.clone_into(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn tells(word: &str) -> bool {
    let letters = word.chars().count();
    letters >= TELLING_LETTERS || letters >= TELLING_SIGNS && !word.is_ascii()
}

fn in_json(word: &str) -> String {
    let quoted = Value::from(word).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
}

/// # Source
/// PostgreSQL's regular expressions, section 9.7.3 of its manual: a backslash takes the meaning from what is no letter and
/// no digit.
fn escaped(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    for letter in word.chars() {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn names(words: &[&str]) -> Names {
        Names::of(Id::from_uuid(Uuid::from_u128(7)), words.iter().map(ToString::to_string))
    }

    #[test]
    fn whoever_has_the_id_becomes_a_former_learner_at_any_depth() {
        let names = names(&["name:김민준", "email:minjun@example.com", "key:s-1"]);
        let id = Id::<id::User>::from_uuid(Uuid::from_u128(7)).to_string();
        let other = Id::<id::User>::from_uuid(Uuid::from_u128(8)).to_string();
        let person =
            json!({ "id": id, "number": 3, "name": "Old Name", "email": "old@example.com", "external_id": "s-0" });
        let mut event = json!({
            "users": [person, { "id": other, "name": "Ana", "email": "ana@example.com", "external_id": "s-10" }],
            "message": "Ask 김민준!", "key": "external_id:s-1", "score": 1,
        });
        let mut told = BTreeSet::new();
        names.told_by(&event, &mut told);
        assert_eq!(told, ["email:old@example.com", "key:s-0", "name:Old Name"].map(str::to_owned).into());
        names.leave(&mut event);
        assert_eq!(
            event,
            json!({
                "users": [
                    { "id": id, "number": 3, "name": "Former learner", "email": format!("{id}@erased.invalid"), "external_id": null },
                    { "id": other, "name": "Ana", "email": "ana@example.com", "external_id": "s-10" },
                ],
                "message": "***", "key": "***", "score": 1,
            })
        );
        let once = event.clone();
        names.leave(&mut event);
        assert_eq!(event, once, "once is as good as twice");
    }

    #[test]
    fn short_words_are_struck_out_only_where_they_are_the_text() {
        let names = names(&["key:7", "name:Kim", "email:kim@x.example"]);
        let mut value = json!(["7", "17 of 70", "Kim", "Kimberly", "to KIM@x.example", "external_id:7"]);
        names.leave(&mut value);
        assert_eq!(value, json!(["***", "17 of 70", "***", "Kimberly", "***", "***"]));
        assert_eq!(names.pattern().as_deref(), Some("kim\\@x\\.example"));
    }

    #[test]
    fn a_pattern_takes_every_sign_as_it_is() {
        assert_eq!(
            names(&["name:O\"Hara (x)"]).pattern().as_deref(),
            Some("O\\\"Hara\\ \\(x\\)|O\\\\\\\"Hara\\ \\(x\\)")
        );
        assert_eq!(names(&["name:Kim", "key:"]).pattern(), None);
    }

    #[test]
    fn an_entry_keeps_what_was_done() {
        let mut entry = json!({ "role": "admin", "external_id": "s-1", "full_name": "***", "sticky": ["name"], "count": 2, "none": null });
        masked(&mut entry);
        assert_eq!(
            entry,
            json!({ "role": "admin", "external_id": "***", "full_name": "***", "sticky": ["name"], "count": 2, "none": null })
        );
    }
}
