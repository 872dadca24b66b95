//! From text to types, by the grammar of [`super::scan`].
//!
//! serde's own readers take a list for a struct and say nothing of it; this one does not.

use std::borrow::Cow;

use serde::{
    de::{
        self, DeserializeSeed, Deserializer, Visitor,
        value::{BorrowedStrDeserializer, CowStrDeserializer, MapDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{Misfit, scan::Scan};

/// Reads one value, where the scan stands.
pub(super) struct Reader<'s, 'de>(pub(super) &'s mut Scan<'de>);

impl<'de> Reader<'_, 'de> {
    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.0.enter()?;
        let mut items = Items { scan: self.0, index: 0, is_over: false };
        let value = visitor.visit_seq(&mut items)?;
        // A list of fixed length does not ask for the end.
        if items.is_over || !items.scan.item(items.index == 0)? {
            return Ok(value);
        }
        Err(Misfit::new("length", "wanted fewer items"))
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.0.enter()?;
        let mut members = Members { scan: self.0, is_first: true, key: None };
        let value = visitor.visit_map(&mut members)?;
        if members.is_over() { Ok(value) } else { Err(Misfit::new("type", "wanted fewer members")) }
    }

    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let text = self.0.number()?;
        if let Ok(number) = text.parse::<u64>() {
            visitor.visit_u64(number)
        } else if let Ok(number) = text.parse::<i64>() {
            visitor.visit_i64(number)
        } else {
            visitor.visit_f64(text.parse().map_err(|_| Misfit::wanted("a number"))?)
        }
    }

    fn whole_number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if !matches!(self.0.next(), Some(b'-' | b'0'..=b'9')) {
            return Err(Misfit::wanted("a whole number"));
        }
        let text = self.0.number()?;
        if text.contains(['.', 'e', 'E']) {
            Err(Misfit::wanted("a whole number"))
        } else if let Ok(number) = text.parse::<u64>() {
            visitor.visit_u64(number)
        } else if let Ok(number) = text.parse::<i64>() {
            visitor.visit_i64(number)
        } else {
            Err(Misfit::new("range", "out of range"))
        }
    }
}

macro_rules! wants {
    ($($method:ident: $first:pat => $what:literal;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            if matches!(self.0.next(), Some($first)) { self.deserialize_any(visitor) } else { Err(Misfit::wanted($what)) }
        }
    )* };
}

macro_rules! wants_whole_number {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            self.whole_number(visitor)
        }
    )* };
}

impl<'de> Deserializer<'de> for Reader<'_, 'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0.next() {
            Some(b'{') => self.object(visitor),
            Some(b'[') => self.list(visitor),
            Some(b'"') => match self.0.string()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            Some(b'-' | b'0'..=b'9') => self.number(visitor),
            Some(b't') => self.0.word("true").and_then(|()| visitor.visit_bool(true)),
            Some(b'f') => self.0.word("false").and_then(|()| visitor.visit_bool(false)),
            _ => self.0.word("null").and_then(|()| visitor.visit_unit()),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.0.next() == Some(b'n') {
            self.0.word("null")?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        // So asks `RawValue` of serde_json for the text itself, under the name that it gives.
        if name.starts_with("$serde_json::") {
            let raw = self.0.value()?;
            return visitor.visit_map(MapDeserializer::new(std::iter::once((name, raw))));
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
        if self.0.next() == Some(b'"') {
            visitor.visit_enum(CowStrDeserializer::new(self.0.string()?))
        } else {
            Err(Misfit::wanted("a text"))
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.0.value()?;
        visitor.visit_unit()
    }

    wants_whole_number! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    wants! {
        deserialize_bool: b't' | b'f' => "true or false";
        deserialize_f32: b'-' | b'0'..=b'9' => "a number";
        deserialize_f64: b'-' | b'0'..=b'9' => "a number";
        deserialize_str: b'"' => "a text";
        deserialize_string: b'"' => "a text";
        deserialize_char: b'"' => "a text";
        deserialize_seq: b'[' => "a list";
        deserialize_map: b'{' => "an object";
        deserialize_unit: b'n' => "null";
    }

    forward_to_deserialize_any! { bytes byte_buf unit_struct tuple tuple_struct identifier }
}

struct Items<'s, 'de> {
    scan: &'s mut Scan<'de>,
    index: usize,
    is_over: bool,
}

impl<'de> de::SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        if self.is_over || !self.scan.item(self.index == 0)? {
            self.is_over = true;
            return Ok(None);
        }
        let index = self.index;
        self.index += 1;
        seed.deserialize(Reader(self.scan)).map(Some).map_err(|misfit| misfit.under(&index.to_string()))
    }
}

struct Members<'s, 'de> {
    scan: &'s mut Scan<'de>,
    is_first: bool,
    /// The key whose value is next; none also when all were read.
    key: Option<Cow<'de, str>>,
}

impl Members<'_, '_> {
    fn is_over(&self) -> bool {
        !self.is_first && self.key.is_none()
    }
}

impl<'de> de::MapAccess<'de> for &mut Members<'_, 'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        self.key = self.scan.member(self.is_first)?;
        self.is_first = false;
        let Some(key) = &self.key else { return Ok(None) };
        let read = match key {
            Cow::Borrowed(text) => seed.deserialize(BorrowedStrDeserializer::new(text)),
            Cow::Owned(text) => seed.deserialize(CowStrDeserializer::new(Cow::Borrowed(text))),
        };
        read.map(Some).map_err(|misfit: Misfit| misfit.under(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        // A value is asked for once, after its key.
        let key = self.key.clone().unwrap_or_default();
        seed.deserialize(Reader(self.scan)).map_err(|misfit| misfit.under(&key))
    }
}
