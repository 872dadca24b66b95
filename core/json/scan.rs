//! The grammar, and where it is stricter than the standard's.
//!
//! # Source
//! RFC 8259; RFC 7493 (I-JSON) section 2 for what is refused beyond it.

use std::{borrow::Cow, collections::HashSet};

use super::Misfit;

/// Deepest nest of lists and objects.
pub(super) const DEPTH: usize = 32;
/// Longest number, in characters.
const NUMBER_LEN: usize = 64;

/// A place in a text.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

fn flaw<T>(code: &'static str, what: &'static str) -> Result<T, Misfit> {
    Err(Misfit::new(code, what))
}

impl<'a> Scan<'a> {
    /// Begins at the beginning.
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// How many bytes were read.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The first byte of what comes, after any space.
    pub(super) fn next(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.peek()
    }

    /// Reads over a value, in which no key may stand twice, and says how it is written.
    pub(super) fn value(&mut self) -> Result<&'a str, Misfit> {
        let first = self.next();
        let start = self.at;
        match first {
            Some(b'{') => self.object(),
            Some(b'[') => self.list(),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(_) => flaw("syntax", "unexpected character"),
            None => flaw("syntax", "the document ends too early,"),
        }?;
        Ok(self.since(start))
    }

    /// Insists on the end.
    pub(super) fn end(&mut self) -> Result<(), Misfit> {
        if self.next().is_none() { Ok(()) } else { flaw("syntax", "something stands after the document,") }
    }

    /// Steps into a list or an object, whose bracket is next.
    pub(super) fn enter(&mut self) -> Result<(), Misfit> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH { flaw("depth", "nested too deeply,") } else { Ok(()) }
    }

    /// Is there another item of the list; if not, the list is left.
    pub(super) fn item(&mut self, is_first: bool) -> Result<bool, Misfit> {
        match self.next() {
            Some(b']') => Ok(self.leave()),
            _ if is_first => Ok(true),
            Some(b',') => {
                self.at += 1;
                if self.next() == Some(b']') { flaw("syntax", "an item is missing") } else { Ok(true) }
            }
            _ => flaw("syntax", "`,` or `]` is missing"),
        }
    }

    /// The key of another member of the object, if there is one; if not, the object is left.
    pub(super) fn member(&mut self, is_first: bool) -> Result<Option<Cow<'a, str>>, Misfit> {
        match self.next() {
            Some(b'}') => {
                self.leave();
                return Ok(None);
            }
            _ if is_first => {}
            Some(b',') => self.at += 1,
            _ => return flaw("syntax", "`,` or `}` is missing"),
        }
        if self.next() != Some(b'"') {
            return flaw("syntax", "a key is missing");
        }
        let key = self.string()?;
        if self.next() != Some(b':') {
            return flaw("syntax", "`:` is missing");
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Reads a string, whose quote is next, and gives what it says.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Misfit> {
        self.at += 1;
        let mut said: Option<String> = None;
        let mut start = self.at;
        loop {
            match self.peek() {
                None => return flaw("syntax", "a string does not end,"),
                Some(0..=0x1f) => return flaw("control", "a control character"),
                Some(b'"') => break,
                Some(b'\\') => {
                    let plain = self.since(start);
                    let letter = self.escape()?;
                    let said = said.get_or_insert_default();
                    said.push_str(plain);
                    said.push(letter);
                    start = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
        let plain = self.since(start);
        self.at += 1;
        Ok(said.map_or(Cow::Borrowed(plain), |said| Cow::Owned(said + plain)))
    }

    /// Reads a number and says how it is written.
    pub(super) fn number(&mut self) -> Result<&'a str, Misfit> {
        let start = self.at;
        self.takes(b'-');
        if !self.takes(b'0') {
            self.digits()?;
        }
        if self.takes(b'.') {
            self.digits()?;
        }
        if self.takes(b'e') || self.takes(b'E') {
            let _ = self.takes(b'+') || self.takes(b'-');
            self.digits()?;
        }
        let number = self.since(start);
        let is_finite = number.len() <= NUMBER_LEN && number.parse().is_ok_and(f64::is_finite);
        if is_finite { Ok(number) } else { flaw("number", "a number beyond what a double holds,") }
    }

    /// Reads a word.
    pub(super) fn word(&mut self, word: &'static str) -> Result<(), Misfit> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            Ok(())
        } else {
            flaw("syntax", "unexpected character")
        }
    }

    fn list(&mut self) -> Result<(), Misfit> {
        self.enter()?;
        let mut index = 0_usize;
        while self.item(index == 0)? {
            self.value().map_err(|misfit| misfit.under(&index.to_string()))?;
            index += 1;
        }
        Ok(())
    }

    fn object(&mut self) -> Result<(), Misfit> {
        self.enter()?;
        let mut keys: HashSet<Cow<'a, str>> = HashSet::new();
        while let Some(key) = self.member(keys.is_empty())? {
            if keys.contains(&key) {
                return flaw("duplicate_key", "the same key again,").map_err(|misfit: Misfit| misfit.under(&key));
            }
            self.value().map_err(|misfit| misfit.under(&key))?;
            keys.insert(key);
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    /// Steps out over the bracket. There is no more: false.
    fn leave(&mut self) -> bool {
        self.at += 1;
        self.depth = self.depth.saturating_sub(1);
        false
    }

    fn escape(&mut self) -> Result<char, Misfit> {
        self.at += 1;
        let letter = match self.peek() {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return flaw("syntax", "an unknown escape"),
        };
        self.at += 1;
        Ok(letter)
    }

    fn unicode(&mut self) -> Result<char, Misfit> {
        let code = match self.unit()? {
            0 => return flaw("nul", "a NUL character"),
            first @ 0xd800..=0xdbff => {
                let second = if self.takes(b'\\') && self.peek() == Some(b'u') { self.unit()? } else { 0 };
                if !(0xdc00..=0xdfff).contains(&second) {
                    return flaw("surrogate", "half of a surrogate pair,");
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        char::from_u32(code).map_or_else(|| flaw("surrogate", "half of a surrogate pair,"), Ok)
    }

    /// `uXXXX`.
    fn unit(&mut self) -> Result<u32, Misfit> {
        let digits = self.text.get(self.at + 1..self.at + 5).unwrap_or_default();
        let is_hex = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        match u32::from_str_radix(digits, 16) {
            Ok(unit) if is_hex => {
                self.at += 5;
                Ok(unit)
            }
            _ => flaw("syntax", "an unknown escape"),
        }
    }

    fn digits(&mut self) -> Result<(), Misfit> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { flaw("syntax", "a digit is missing") }
    }
}
