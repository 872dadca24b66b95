//! A part of a file: which one is asked for, and which one that is.
//!
//! # Source
//! RFC 9110 section 14 (`Range`, 206, 416), 13.1.2 (`If-None-Match`), 13.1.5 (`If-Range`).

use std::ops::Range;

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderName},
};

/// What a request says of the part that it wants, as it came.
#[derive(Debug, Clone, Default)]
pub struct PartAsked {
    range: Option<String>,
    if_range: Option<String>,
    if_none_match: Option<String>,
}

/// What is to be answered of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// These bytes.
    Bytes(Range<u64>),
    /// Nothing: the caller has it.
    Known,
    /// Nothing: the file has no such bytes.
    Beyond,
}

impl PartAsked {
    /// Reads the headers. A method other than GET asks for no part.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let said = |name: HeaderName| {
            let mut said = request.headers().get_all(name);
            let (one, more) = (said.next(), said.next());
            one.filter(|_| more.is_none()).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Self {
            range: said(header::RANGE).filter(|_| request.method() == actix_web::http::Method::GET),
            if_range: said(header::IF_RANGE),
            if_none_match: said(header::IF_NONE_MATCH),
        }
    }

    /// What is answered of a file of so many bytes, tagged so.
    ///
    /// # Rule
    /// A part is of one stretch of bytes. Several at once, and what is no range of bytes, is as if nothing had been asked:
    /// then all of the file comes. So it does where the file is not the one that the caller has a part of.
    pub fn within(&self, size: u64, etag: &str) -> Part {
        if self.if_none_match.as_deref().is_some_and(|known| names(known, etag)) {
            return Part::Known;
        }
        if self.if_range.as_deref().is_some_and(|known| known.trim() != etag) {
            return Part::Whole;
        }
        self.range.as_deref().and_then(|range| read(range, size)).unwrap_or(Part::Whole)
    }
}

/// Is the tag among those, or any.
fn names(known: &str, etag: &str) -> bool {
    known.trim() == "*" || known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)
}

/// One stretch; none of what is none.
fn read(range: &str, size: u64) -> Option<Part> {
    let (unit, set) = range.split_once('=')?;
    let (first, last) = set.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || last.contains([',', '-']) {
        return None;
    }
    let within = match (first.trim(), last.trim()) {
        ("", "") => return None,
        ("", suffix) => size.saturating_sub(number(suffix)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if within.start < within.end { Part::Bytes(within) } else { Part::Beyond })
}

/// A number. What is beyond all numbers is beyond every file.
fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &str) -> Part {
        PartAsked { range: Some(range.to_owned()), ..PartAsked::default() }.within(100, "\"a\"")
    }

    #[test]
    fn one_stretch_of_bytes_is_a_part() {
        assert_eq!(asked("bytes=0-9"), Part::Bytes(0..10));
        assert_eq!(asked("bytes=90-"), Part::Bytes(90..100));
        assert_eq!(asked("bytes=-10"), Part::Bytes(90..100));
        assert_eq!(asked("Bytes = 0-99999999999999999999"), Part::Bytes(0..100));
        assert_eq!(asked("bytes=-1000"), Part::Bytes(0..100));
        assert_eq!(asked("bytes=99-99"), Part::Bytes(99..100));
    }

    #[test]
    fn what_lies_beyond_the_file_is_told_so_and_what_is_no_range_is_passed_over() {
        for beyond in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(asked(beyond), Part::Beyond, "{beyond}");
        }
        for none in ["bytes=0-1,5-6", "bytes=9-0", "lines=0-1", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=--1"]
        {
            assert_eq!(asked(none), Part::Whole, "{none}");
        }
    }

    #[test]
    fn a_part_of_another_file_is_no_part_and_a_file_that_is_known_is_not_sent() {
        let range = || Some("bytes=0-9".to_owned());
        let of = |known: &str| PartAsked { range: range(), if_range: Some(known.to_owned()), if_none_match: None };
        assert_eq!(of("\"a\"").within(100, "\"a\""), Part::Bytes(0..10));
        for other in ["\"b\"", "W/\"a\"", "Sun, 22 Nov 2026 07:00:00 GMT"] {
            assert_eq!(of(other).within(100, "\"a\""), Part::Whole, "{other}");
        }
        let known = PartAsked { if_none_match: Some("\"b\", \"a\"".to_owned()), ..PartAsked::default() };
        assert_eq!((known.within(100, "\"a\""), known.within(100, "\"c\"")), (Part::Known, Part::Whole));
    }
}
