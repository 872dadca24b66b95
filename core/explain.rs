//! Reads a JSON tree into a type and says in our own words what does not fit, and where.
//!
//! serde reports through the error type of whoever reads, so that ours, unlike `serde_json`'s, learns what is
//! the matter and not only a text about it. A type of ours that refuses a value says so with
//! `invalid_value` or `invalid_length` of [`serde::de::Error`] and what it expects, which stands after "wanted".
//!
//! Not here: whether a text is JSON at all (the edge).

use std::fmt;

use serde::{
    de::{self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use serde_json::Value;

use crate::error::FieldFault;

/// Reads JSON into a type: the quick way first, the explaining one only for those who must be told.
///
/// # Errors
/// The first thing that does not fit.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, FieldFault> {
    serde_json::from_str(text).map_err(|_| {
        let misfit = serde_json::from_str::<Value>(text).ok().and_then(|tree| T::deserialize(Node(&tree)).err());
        misfit.unwrap_or_else(|| Misfit::new("value", "not valid")).into_fault()
    })
}

/// A step of a JSON Pointer (RFC 6901 section 3).
pub fn segment(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// What does not fit. The pointer grows from the inside as the reading returns.
#[derive(Debug)]
pub struct Misfit {
    pointer: String,
    code: &'static str,
    detail: String,
}

impl Misfit {
    /// Says what is the matter.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: String::new(), code, detail: detail.into() }
    }

    fn wanted(what: &str) -> Self {
        Self::new("type", format!("wanted {what}"))
    }

    /// Says that it is inside of something.
    #[must_use]
    pub fn under(mut self, name: &str) -> Self {
        self.pointer.insert_str(0, &segment(name));
        self
    }

    /// Says that it is not inside of this, but this itself.
    #[must_use]
    pub fn at(mut self, name: &str) -> Self {
        self.pointer = segment(name);
        self
    }

    /// Ends the reading.
    pub fn into_fault(self) -> FieldFault {
        FieldFault::new(self.pointer, self.code, self.detail)
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.detail, self.pointer)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        // Our own types say "wanted …"; the words of anything else stay inside.
        let message = message.to_string();
        Self::new("format", if message.starts_with("wanted ") { message } else { "not valid".into() })
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("type", "not of the wanted type")
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        match unexpected {
            Unexpected::Signed(_) | Unexpected::Unsigned(_) | Unexpected::Float(_) => {
                // The name of a machine's integer is nobody's business.
                let is_machine = expected.starts_with(['i', 'u']) && expected.ends_with(char::is_numeric);
                Self::new("range", if is_machine { "out of range".into() } else { format!("wanted {expected}") })
            }
            _ => Self::new("format", format!("wanted {expected}")),
        }
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::new("length", format!("wanted {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new("value", format!("wanted one of: {}", expected.join(", ")))
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        // Whoever read the key adds its name.
        Self::new("unknown", "there is no such field")
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("required", "must be given").under(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new("duplicate_key", "given twice").under(field)
    }
}

/// A node of the tree.
#[derive(Clone, Copy)]
struct Node<'de>(&'de Value);

macro_rules! wants {
    ($($method:ident: $pattern:pat => $what:literal;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            if matches!(self.0, $pattern) { self.deserialize_any(visitor) } else { Err(Misfit::wanted($what)) }
        }
    )* };
}

macro_rules! wants_whole_number {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self.0 {
                Value::Number(number) if !number.is_f64() => self.deserialize_any(visitor),
                _ => Err(Misfit::wanted("a whole number")),
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, number) => visitor.visit_f64(number.unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(Items { rest: items.iter(), index: 0 }),
            Value::Object(members) => visitor.visit_map(Members { rest: members.iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        // `RawValue` is read by serde_json's own reader only.
        if name.starts_with("$serde_json::") {
            return self.0.deserialize_newtype_struct(name, visitor).map_err(|_| Misfit::new("value", "not valid"));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        // Only enumerations of plain words are spoken here.
        match self.0 {
            Value::String(word) => visitor.visit_enum(de::value::BorrowedStrDeserializer::new(word)),
            _ => Err(Misfit::wanted("a text")),
        }
    }

    wants_whole_number! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    wants! {
        deserialize_bool: Value::Bool(_) => "true or false";
        deserialize_f32: Value::Number(_) => "a number";
        deserialize_f64: Value::Number(_) => "a number";
        deserialize_str: Value::String(_) => "a text";
        deserialize_string: Value::String(_) => "a text";
        deserialize_char: Value::String(_) => "a text";
        deserialize_seq: Value::Array(_) => "a list";
        deserialize_map: Value::Object(_) => "an object";
        deserialize_unit: Value::Null => "null";
    }

    forward_to_deserialize_any! { bytes byte_buf unit_struct tuple tuple_struct identifier ignored_any }
}

struct Items<'de> {
    rest: std::slice::Iter<'de, Value>,
    index: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some(item) = self.rest.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Node(item)).map(Some).map_err(|misfit| misfit.under(&index.to_string()))
    }
}

struct Members<'de> {
    rest: serde_json::map::Iter<'de>,
    value: Option<(&'de str, &'de Value)>,
}

impl<'de> de::MapAccess<'de> for Members<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some((name, value));
        let key = de::value::BorrowedStrDeserializer::new(name);
        seed.deserialize(key).map(Some).map_err(|misfit: Misfit| misfit.under(name))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (name, value) = self.value.take().unwrap_or(("", &Value::Null));
        seed.deserialize(Node(value)).map_err(|misfit| misfit.under(name))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::*;
    use crate::{
        id::{Course, Id},
        scope::Role,
        time::Timestamp,
    };

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        name: String,
        #[serde(default)]
        count: Option<i32>,
        #[serde(default)]
        when: Option<Timestamp>,
        #[serde(default)]
        courses: Vec<Id<Course>>,
        #[serde(default)]
        roles: Vec<Role>,
        #[serde(default)]
        inner: Option<Inner>,
        #[serde(default)]
        raw: Vec<Box<RawValue>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        #[serde(rename = "a/b")]
        flag: bool,
    }

    fn fault(text: &str) -> String {
        let fault = from_json::<Outer>(text).unwrap_err();
        format!("{} {}: {}", fault.pointer, fault.code, fault.detail)
    }

    #[test]
    fn says_where_and_what_in_its_own_words() {
        let faults: Vec<_> = [
            r#"{}"#,
            r#"[]"#,
            r#"{"name": null}"#,
            r#"{"name": 7}"#,
            r#"{"name": "x", "nmae": "y"}"#,
            r#"{"name": "x", "count": 1.5}"#,
            r#"{"name": "x", "count": 3000000000}"#,
            r#"{"name": "x", "when": "yesterday"}"#,
            r#"{"name": "x", "courses": ["crs_01h455vb4pex5vsknk084sn02q", "lsn_1"]}"#,
            r#"{"name": "x", "roles": ["boss"]}"#,
            r#"{"name": "x", "inner": {"a/b": "yes"}}"#,
            r#"{"name": "x", "raw": [{"a": [1]}], "more": 1}"#,
        ]
        .map(fault)
        .to_vec();
        insta::assert_snapshot!(faults.join("\n"), @r"
        /name required: must be given
         type: wanted an object
        /name type: wanted a text
        /name type: wanted a text
        /nmae unknown: there is no such field
        /count type: wanted a whole number
        /count range: out of range
        /when format: wanted a time such as 2026-11-21T09:00:00.123Z, with its offset, from 1970 to 2100
        /courses/1 format: wanted the id of a course, crs_…
        /roles/0 value: wanted one of: owner, admin, billing_admin, manager, support, integrator, learner, auditor
        /inner/a~1b type: wanted true or false
        /more unknown: there is no such field
        ");
    }

    #[test]
    fn reads_what_fits() {
        assert!(from_json::<Outer>(r#"{"name": "x", "count": null, "raw": [{"a": 1}]}"#).is_ok());
    }
}
