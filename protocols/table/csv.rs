//! CSV for spreadsheets and for programs.
//!
//! # Shape
//! UTF-8, a header, CRLF at the end of every row. A null is an empty cell, an empty text is `""`. Moments and dates are
//! ISO 8601 and numbers have a point, unless a locale is asked for.
//!
//! # Rule
//! A spreadsheet runs what begins with `=`, `+`, `-` or `@`, also in full width, and skips a TAB, a return, a line end or a
//! NUL before it. Whoever opens the file did not write its rows, so such a text gets an apostrophe before it and stands in
//! quotes: quotes alone do not help. A text that would look like one so guarded gets one too, so that taking one away
//! always gives the text back. What a column of numbers, moments or truth values holds is checked to be that, so negative
//! numbers stay numbers.
//!
//! A cell that holds any of the delimiters there are stands in quotes, not only one with the file's own: a program of
//! another country guesses another one.
//!
//! # Source
//! RFC 4180; OWASP, "CSV Injection", and ASVS 5.0, 1.2.10.

use super::{
    Column, CsvLocale, CsvManner, Kind, TableError,
    spelled::{Day, Moment, boolean, is_json_number, is_no_number},
    writer::LineFormat,
};

/// Bytes for which a cell stands in quotes.
const QUOTED: [bool; 256] = {
    let mut quoted = [false; 256];
    let mut bytes: &[u8] = b"\",;\t|\r\n\0";
    while let [byte, rest @ ..] = bytes {
        #[expect(clippy::indexing_slicing, clippy::as_conversions, reason = "a byte is within 256; From is not const")]
        {
            quoted[*byte as usize] = true;
        }
        bytes = rest;
    }
    quoted
};

/// Spells rows.
pub(super) struct CsvRows {
    kinds: Vec<Kind>,
    delimiter: u8,
    locale: Option<CsvLocale>,
    /// A cell while it is put together.
    cell: Vec<u8>,
}

impl CsvRows {
    /// Writes what stands before the first row.
    pub(super) fn begin(columns: &[Column], manner: &CsvManner, line: &mut Vec<u8>) -> Self {
        let kinds = columns.iter().map(|column| column.kind).collect();
        let mut rows =
            Self { kinds, delimiter: manner.delimiter.byte(), locale: manner.locale.clone(), cell: Vec::new() };
        if manner.byte_order_mark {
            line.extend_from_slice("\u{feff}".as_bytes());
        }
        for (at, column) in columns.iter().enumerate() {
            rows.delimit(at, line);
            text(column.title.as_ref().unwrap_or(&column.name), line);
        }
        rows.end_row(line);
        rows
    }

    fn delimit(&self, at: usize, line: &mut Vec<u8>) {
        if at > 0 {
            line.push(self.delimiter);
        }
    }

    /// A number as it is told, or with the point of a country.
    fn number(&mut self, cell: &str, line: &mut Vec<u8>) {
        let point = self.locale.as_ref().map_or(".", |locale| locale.point());
        match cell.split_once('.') {
            Some((whole, part)) if point != "." => {
                self.cell.clear();
                for piece in [whole, point, part] {
                    self.cell.extend_from_slice(piece.as_bytes());
                }
                plain(&self.cell, line);
            }
            _ => line.extend_from_slice(cell.as_bytes()),
        }
    }

    fn moment(&mut self, moment: Moment<'_>, line: &mut Vec<u8>) {
        match (&self.locale, Day::of(moment.date)) {
            (Some(locale), Some(day)) => {
                self.cell.clear();
                locale.date(day, &mut self.cell);
                self.cell.push(b' ');
                // Spreadsheets know no parts of seconds in a time that they recognise.
                self.cell.extend_from_slice(moment.time.as_bytes().get(..8).unwrap_or_default());
                plain(&self.cell, line);
            }
            _ => moment.spell(line),
        }
    }

    fn date(&mut self, cell: &str, day: Day<'_>, line: &mut Vec<u8>) {
        match &self.locale {
            Some(locale) => {
                self.cell.clear();
                locale.date(day, &mut self.cell);
                plain(&self.cell, line);
            }
            None => line.extend_from_slice(cell.as_bytes()),
        }
    }
}

impl LineFormat for CsvRows {
    fn cell(&mut self, at: usize, cell: Option<&str>, line: &mut Vec<u8>) -> Result<(), TableError> {
        self.delimit(at, line);
        let Some(cell) = cell else {
            // A row of nothing but one empty cell would be an empty line, which readers skip.
            if self.kinds.len() == 1 {
                line.extend_from_slice(b"\"\"");
            }
            return Ok(());
        };
        // What is not of its kind is written as a text, and so cannot be a formula.
        match self.kinds.get(at).copied().unwrap_or(Kind::Text) {
            Kind::Integer | Kind::Number if is_json_number(cell) => self.number(cell, line),
            Kind::Number if is_no_number(cell) => line.extend_from_slice(cell.as_bytes()),
            Kind::Boolean => match boolean(cell) {
                Some(truth) => line.extend_from_slice(if truth { b"true" } else { b"false" }),
                None => text(cell, line),
            },
            Kind::Timestamp => match Moment::of(cell) {
                Some(moment) => self.moment(moment, line),
                None => text(cell, line),
            },
            Kind::Date => match Day::of(cell) {
                Some(day) => self.date(cell, day, line),
                None => text(cell, line),
            },
            Kind::Text | Kind::Json | Kind::Integer | Kind::Number => text(cell, line),
        }
        Ok(())
    }

    fn end_row(&mut self, line: &mut Vec<u8>) {
        line.extend_from_slice(b"\r\n");
    }
}

/// Would a spreadsheet run it, or would it look like one that is guarded already.
fn is_dangerous(cell: &str) -> bool {
    match cell.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n' | 0) => true,
        // U+FF0B, U+FF0D, U+FF1D and U+FF20 begin with this byte.
        Some(0xef) => cell.starts_with(['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']),
        Some(b'\'') => is_dangerous(cell.trim_start_matches('\'')),
        _ => false,
    }
}

/// A text that anybody may have written.
fn text(cell: &str, line: &mut Vec<u8>) {
    let dangerous = is_dangerous(cell);
    if !dangerous && !cell.is_empty() && !must_be_quoted(cell.as_bytes()) {
        line.extend_from_slice(cell.as_bytes());
        return;
    }
    line.push(b'"');
    if dangerous {
        line.push(b'\'');
    }
    let mut pieces = cell.split('"');
    line.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        line.extend_from_slice(b"\"\"");
        line.extend_from_slice(piece.as_bytes());
    }
    line.push(b'"');
}

/// What we spelled ourselves.
fn plain(cell: &[u8], line: &mut Vec<u8>) {
    let quotes: &[u8] = if must_be_quoted(cell) { b"\"" } else { b"" };
    for piece in [quotes, cell, quotes] {
        line.extend_from_slice(piece);
    }
}

fn must_be_quoted(cell: &[u8]) -> bool {
    let edge = |byte: Option<&u8>| byte == Some(&b' ');
    cell.iter().any(|byte| QUOTED.get(usize::from(*byte)).copied().unwrap_or(true))
        || edge(cell.first())
        || edge(cell.last())
}
