//! How a caller names a row: by our id, by the institution's own key, or by a word that only its slice can read.
//!
//! # Shape
//! `crs_01jd8z6t9hf2x9w7m0c4n5k3qa` · `external_id:spanish-101` · anything else: a slug, a number, an e-mail address.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use crate::id::{Id, Kind};

const EXTERNAL: &str = "external_id:";
/// Longest external id and slug, in characters.
pub const KEY_MAX: usize = 255;

/// Names a row, which need not exist.
pub enum Key<K> {
    /// By our id.
    Id(Id<K>),
    /// By the institution's own key.
    ExternalId(String),
    /// By another word. An empty one names nothing.
    Word(String),
}

impl<K: Kind> Key<K> {
    /// Reads a key. Every text is one; a text that cannot be in the database names nothing.
    pub fn read(text: &str) -> Self {
        if let Ok(id) = text.parse() {
            return Self::Id(id);
        }
        if text.contains(char::is_control) || text.chars().count() > EXTERNAL.len() + KEY_MAX {
            return Self::Word(String::new());
        }
        match text.strip_prefix(EXTERNAL) {
            Some(external) => Self::ExternalId(external.to_owned()),
            None => Self::Word(text.to_owned()),
        }
    }
}

impl<K> Key<K> {
    /// The id, if the key is one.
    pub const fn id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(id.uuid()),
            Self::ExternalId(_) | Self::Word(_) => None,
        }
    }

    /// The institution's own key, if it is one.
    pub fn external_id(&self) -> Option<&str> {
        match self {
            Self::ExternalId(text) => Some(text),
            Self::Id(_) | Self::Word(_) => None,
        }
    }

    /// The other word, if it is one.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(text) => Some(text),
            Self::Id(_) | Self::ExternalId(_) => None,
        }
    }
}

impl<K> From<Id<K>> for Key<K> {
    fn from(id: Id<K>) -> Self {
        Self::Id(id)
    }
}

impl<K> Clone for Key<K> {
    fn clone(&self) -> Self {
        match self {
            Self::Id(id) => Self::Id(*id),
            Self::ExternalId(text) => Self::ExternalId(text.clone()),
            Self::Word(text) => Self::Word(text.clone()),
        }
    }
}

impl<K> PartialEq for Key<K> {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.external_id() == other.external_id() && self.word() == other.word()
    }
}
impl<K> Eq for Key<K> {}

impl<K: Kind> fmt::Display for Key<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::ExternalId(text) => write!(f, "{EXTERNAL}{text}"),
            Self::Word(text) => f.write_str(text),
        }
    }
}

impl<K: Kind> fmt::Debug for Key<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Key<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::read(&text))
    }
}

impl<K: Kind> JsonSchema for Key<K> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Key_{}", K::PREFIX).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": format!("`{}_…` or `external_id:` and the institution's own key", K::PREFIX),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Course;

    #[test]
    fn reads_three_kinds_of_key() {
        let id = "crs_01h455vb4pex5vsknk084sn02q";
        assert_eq!(Key::<Course>::read(id), Key::Id(id.parse().unwrap()));
        assert_eq!(Key::<Course>::read("external_id:a:b"), Key::ExternalId("a:b".into()));
        assert_eq!(Key::<Course>::read("español-a1"), Key::Word("español-a1".into()));
    }

    #[test]
    fn an_id_of_another_kind_is_a_word_that_nothing_has() {
        let key = Key::<Course>::read("lsn_01h455vb4pex5vsknk084sn02q");
        assert_eq!(key.word(), Some("lsn_01h455vb4pex5vsknk084sn02q"));
    }

    #[test]
    fn what_cannot_be_stored_names_nothing() {
        let long = format!("external_id:{}", "x".repeat(KEY_MAX + 1));
        for text in ["a\0b", "external_id:\u{7}", long.as_str()] {
            assert_eq!(Key::<Course>::read(text).word(), Some(""), "{text:?}");
        }
    }
}
