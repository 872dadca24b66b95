//! Query strings, read as strictly as bodies: every parameter known, once, in UTF-8, of its type.
//!
//! A list is written `ids=a,b,c`.

use std::borrow::Cow;

use serde::{
    de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Visitor},
    forward_to_deserialize_any,
};
use stoa_core::{Error, FieldFault, Result, json::Misfit};

/// Reads the query of a request.
///
/// # Errors
/// `validation_failed`, with `?name` as the pointer.
pub fn read<T: DeserializeOwned>(query: &str) -> Result<T> {
    let pairs = pairs(query).map_err(|fault| Error::invalid(vec![fault]))?;
    read_pairs(pairs, |name| format!("?{name}"))
}

/// Reads names and values that came in any other way; `pointer` says where a name was given.
///
/// # Errors
/// `validation_failed`.
pub(super) fn read_pairs<T: DeserializeOwned>(
    pairs: Vec<(String, String)>,
    pointer: impl Fn(&str) -> String,
) -> Result<T> {
    T::deserialize(Parameters { rest: pairs.into_iter(), value: None }).map_err(|misfit| {
        let mut fault = misfit.into_fault();
        fault.pointer = pointer(fault.pointer.trim_start_matches('/'));
        if fault.code == "unknown" {
            "there is no such parameter".clone_into(&mut fault.detail);
        }
        Error::invalid(vec![fault])
    })
}

/// Takes a query, or a form, apart.
pub(super) fn pairs(query: &str) -> Result<Vec<(String, String)>, FieldFault> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name).ok_or_else(|| FieldFault::new("?", "utf8", "the name of a parameter is not UTF-8"))?;
        let fault = |code, detail| Err(FieldFault::new(format!("?{name}"), code, detail));
        let Some(value) = decoded(value) else { return fault("utf8", "not UTF-8, or a broken escape") };
        if value.contains('\0') || name.contains('\0') {
            return fault("nul", "a NUL character");
        }
        if pairs.iter().any(|(known, _)| *known == name) {
            return fault("duplicate_key", "given twice");
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// Undoes `%XX` and `+`.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

struct Parameters {
    rest: std::vec::IntoIter<(String, String)>,
    value: Option<(String, String)>,
}

impl<'de> Deserializer<'de> for Parameters {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> de::MapAccess<'de> for Parameters {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        let key = seed.deserialize(name.as_str().into_deserializer()).map_err(|misfit: Misfit| misfit.under(&name))?;
        self.value = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (name, value) = self.value.take().unwrap_or_default();
        // An element of a list is not pointed at.
        seed.deserialize(Parameter(Cow::Owned(value))).map_err(|misfit| misfit.at(&name))
    }
}

/// A value, which is always a text until somebody wants a number of it.
struct Parameter<'a>(Cow<'a, str>);

macro_rules! parses {
    ($($method:ident => $visit:ident, $what:literal;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Misfit::new("type", concat!("wanted ", $what))),
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for Parameter<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_string(self.0.into_owned())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let elements = self.0.split(',').filter(|element| !element.is_empty());
        visitor.visit_seq(de::value::SeqDeserializer::new(elements.map(|element| Parameter(Cow::Borrowed(element)))))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(self.0.as_ref().into_deserializer())
    }

    parses! {
        deserialize_bool => visit_bool, "true or false";
        deserialize_i8 => visit_i64, "a whole number";
        deserialize_i16 => visit_i64, "a whole number";
        deserialize_i32 => visit_i64, "a whole number";
        deserialize_i64 => visit_i64, "a whole number";
        deserialize_u8 => visit_u64, "a whole number from 0";
        deserialize_u16 => visit_u64, "a whole number from 0";
        deserialize_u32 => visit_u64, "a whole number from 0";
        deserialize_u64 => visit_u64, "a whole number from 0";
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

impl IntoDeserializer<'_, Misfit> for Parameter<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use stoa_core::{Role, time::Timestamp};

    use super::*;
    use crate::page::{PageNumber, PerPage};

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Listing {
        q: Option<String>,
        role: Option<Role>,
        since: Option<Timestamp>,
        ids: Vec<String>,
        deep: bool,
        page: PageNumber,
        per_page: PerPage,
    }

    fn fault(query: &str) -> String {
        let error = read::<Listing>(query).unwrap_err();
        let fault = error.fields().first().unwrap();
        format!("{} {}: {}", fault.pointer, fault.code, fault.detail)
    }

    #[test]
    fn reads_typed_parameters() {
        let read = read::<Listing>(
            "q=a+b%20%C3%A9&role=learner&ids=x,y&deep=true&per_page=100&since=2026-11-21T09:00:00%2B02:00",
        );
        let read = read.unwrap();
        assert_eq!(read.q.as_deref(), Some("a b é"));
        assert_eq!(read.ids, ["x", "y"]);
        assert!(read.deep && read.role == Some(Role::Learner) && read.since.is_some());
    }

    #[test]
    fn names_what_it_refuses() {
        let faults: Vec<_> = [
            "qq=1",
            "page=0",
            "page=x",
            "per_page=101",
            "per_page=-1",
            "role=boss",
            "since=now",
            "deep=1",
            "q=%00",
            "q=%ff",
            "q=%2",
            "q=1&q=2",
            "%ff=1",
            "page=99999999999999999999",
        ]
        .map(fault)
        .to_vec();
        insta::assert_snapshot!(faults.join("\n"), @r"
        ?qq unknown: there is no such parameter
        ?page range: wanted a page from 1
        ?page type: wanted a whole number
        ?per_page range: wanted 1 to 100
        ?per_page range: wanted 1 to 100
        ?role value: wanted one of: owner, admin, billing_admin, manager, support, integrator, learner, auditor
        ?since format: wanted a time such as 2026-11-21T09:00:00.123Z, with its offset, from 1970 to 2100
        ?deep type: wanted true or false
        ?q nul: a NUL character
        ?q utf8: not UTF-8, or a broken escape
        ?q utf8: not UTF-8, or a broken escape
        ?q duplicate_key: given twice
        ? utf8: the name of a parameter is not UTF-8
        ?page type: wanted a whole number
        ");
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read(query in "\\PC*|[a-z=&%0-9]{0,40}|(page|per_page|q|ids|role|since)=[%a-f0-9,]{0,12}") {
            let _ = read::<Listing>(&query);
        }
    }
}
