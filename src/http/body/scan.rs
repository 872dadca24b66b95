//! Is it one JSON document, and one that means the same to everybody.
//!
//! Stricter than the grammar where parsers differ: no key twice, no NUL, no half of a surrogate pair, no
//! number beyond a double, no deep nest.
//!
//! # Source
//! RFC 8259; RFC 7493 (I-JSON) section 2 for what is refused beyond it.

use std::{borrow::Cow, collections::HashSet};

use stoa_core::{FieldFault, explain};

/// Deepest nest of lists and objects.
pub(super) const DEPTH: usize = 32;
/// Longest number, in characters.
const NUMBER_LEN: usize = 64;

/// Checks the bytes and gives them back as text.
pub(super) fn check(bytes: &[u8]) -> Result<&str, FieldFault> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| FieldFault::new("", "utf8", format!("invalid UTF-8 at byte {}", error.valid_up_to())))?;
    let mut scan = Scan { text, at: 0, depth: 0 };
    scan.document().map_err(|flaw| FieldFault::new(flaw.pointer, flaw.code, format!("{} at byte {}", flaw.what, scan.at)))?;
    Ok(text)
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

/// What is wrong; the pointer grows from the inside as the scan returns.
struct Flaw {
    pointer: String,
    code: &'static str,
    what: &'static str,
}

impl Flaw {
    fn under(mut self, segment: &str) -> Self {
        self.pointer.insert_str(0, &explain::segment(segment));
        self
    }
}

fn flaw<T>(code: &'static str, what: &'static str) -> Result<T, Flaw> {
    Err(Flaw { pointer: String::new(), code, what })
}

impl<'a> Scan<'a> {
    fn document(&mut self) -> Result<(), Flaw> {
        self.value()?;
        self.space();
        if self.at == self.text.len() { Ok(()) } else { flaw("syntax", "something stands after the document,") }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self) -> Result<(), Flaw> {
        self.space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(_) => flaw("syntax", "unexpected character"),
            None => flaw("syntax", "the document ends too early,"),
        }
    }

    fn nested(&mut self, inside: fn(&mut Self) -> Result<(), Flaw>) -> Result<(), Flaw> {
        self.depth += 1;
        if self.depth > DEPTH {
            return flaw("depth", "nested too deeply,");
        }
        self.at += 1;
        inside(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn list(&mut self) -> Result<(), Flaw> {
        self.space();
        if self.takes(b']') {
            return Ok(());
        }
        for index in 0_usize.. {
            self.value().map_err(|flaw| flaw.under(&index.to_string()))?;
            self.space();
            if self.takes(b']') {
                break;
            }
            if !self.takes(b',') {
                return flaw("syntax", "`,` or `]` is missing");
            }
        }
        Ok(())
    }

    fn object(&mut self) -> Result<(), Flaw> {
        self.space();
        if self.takes(b'}') {
            return Ok(());
        }
        let mut keys: HashSet<Cow<'a, str>> = HashSet::new();
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return flaw("syntax", "a key is missing");
            }
            let key = self.string()?;
            self.space();
            if !self.takes(b':') {
                return flaw("syntax", "`:` is missing");
            }
            self.value().map_err(|flaw| flaw.under(&key))?;
            if keys.contains(&key) {
                return flaw("duplicate_key", "the same key again").map_err(|flaw| flaw.under(&key));
            }
            keys.insert(key);
            self.space();
            if self.takes(b'}') {
                return Ok(());
            }
            if !self.takes(b',') {
                return flaw("syntax", "`,` or `}` is missing");
            }
        }
    }

    /// Reads a string and what it says.
    fn string(&mut self) -> Result<Cow<'a, str>, Flaw> {
        self.at += 1;
        let start = self.at;
        let mut said: Option<String> = None;
        let mut copied = start;
        loop {
            match self.peek() {
                None => return flaw("syntax", "a string does not end,"),
                Some(0..=0x1f) => return flaw("control", "a control character"),
                Some(b'"') => break,
                Some(b'\\') => {
                    let plain = self.text.get(copied..self.at).unwrap_or_default();
                    let letter = self.escape()?;
                    let said = said.get_or_insert_default();
                    said.push_str(plain);
                    said.push(letter);
                    copied = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
        let tail = self.text.get(copied..self.at).unwrap_or_default();
        self.at += 1;
        Ok(match said {
            None => Cow::Borrowed(tail),
            Some(said) => Cow::Owned(said + tail),
        })
    }

    fn escape(&mut self) -> Result<char, Flaw> {
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

    fn unicode(&mut self) -> Result<char, Flaw> {
        let first = self.unit()?;
        let code = match first {
            0 => return flaw("nul", "a NUL character"),
            0xd800..=0xdbff => {
                let second = if self.takes(b'\\') && self.peek() == Some(b'u') { self.unit()? } else { 0 };
                if !(0xdc00..=0xdfff).contains(&second) {
                    return flaw("surrogate", "half of a surrogate pair");
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        char::from_u32(code).map_or_else(|| flaw("surrogate", "half of a surrogate pair"), Ok)
    }

    /// `uXXXX`.
    fn unit(&mut self) -> Result<u32, Flaw> {
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

    fn number(&mut self) -> Result<(), Flaw> {
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
        let digits = self.text.get(start..self.at).unwrap_or_default();
        let is_finite = digits.len() <= NUMBER_LEN && digits.parse().is_ok_and(f64::is_finite);
        if is_finite { Ok(()) } else { flaw("number", "a number beyond what a double holds,") }
    }

    fn digits(&mut self) -> Result<(), Flaw> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { flaw("syntax", "a digit is missing") }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Flaw> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            Ok(())
        } else {
            flaw("syntax", "unexpected character")
        }
    }
}
