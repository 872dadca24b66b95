//! The rows as they stand in the file, one by one.
//!
//! # Source
//! RFC 4180 section 2: records of fields; what it leaves open, files of spreadsheets decide.

use super::{
    Charset, Decoding, FileFault, FileFaultKind as Kind, Sheet,
    charset::Last,
    header,
    split::{Splitter, Step},
};

/// A row as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// Which row it is, from 1; none for one with nothing in any cell.
    pub number: Option<u64>,
    /// Line of the file that it begins on, from 1.
    pub line: u64,
    pub(super) text: String,
    pub(super) ends: Vec<usize>,
    pub(super) cells: usize,
    pub(super) bytes: usize,
    pub(super) open: bool,
}

impl RawRow {
    /// The cells, as far as they were kept.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let cell = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            cell
        })
    }

    /// How many cells it has, also those that were not kept.
    pub const fn cells(&self) -> usize {
        self.cells
    }

    /// Was some of it dropped because it is too long.
    pub fn is_cut(&self) -> bool {
        self.bytes > self.text.len() || self.cells > self.ends.len()
    }

    /// The longest cell, from 0.
    pub(in super::super) fn longest(&self) -> usize {
        let starts = std::iter::once(&0).chain(&self.ends);
        let lengths = self.ends.iter().zip(starts).map(|(end, start)| end.saturating_sub(*start));
        lengths.enumerate().max_by_key(|(_, length)| *length).map_or(0, |(at, _)| at)
    }

    /// Is its last cell a quote that is never closed.
    pub(in super::super) const fn is_open(&self) -> bool {
        self.open
    }

    fn is_blank(&self) -> bool {
        self.text.chars().all(char::is_whitespace)
    }
}

/// Reads a file into rows: bytes go in by [`Cells::feed`], rows come out by [`Cells::next_row`].
#[derive(Debug)]
pub struct Cells {
    charset: Charset,
    decoding: Decoding,
    /// What was decoded, and how much of it was read.
    text: String,
    read: usize,
    splitter: Option<Splitter>,
    sheet: Option<Sheet>,
    rows: u64,
    ended: bool,
    over: bool,
}

impl Cells {
    /// Starts a file.
    pub fn new(charset: Charset) -> Self {
        Self {
            charset,
            decoding: Decoding::new(charset),
            text: String::new(),
            read: 0,
            splitter: None,
            sheet: None,
            rows: 0,
            ended: false,
            over: false,
        }
    }

    /// Takes the next bytes. What is kept is never more than what was fed and not taken out yet, and one row.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.take_in(bytes, Last::No);
    }

    /// Says that no more bytes come.
    pub fn end(&mut self) {
        if !self.ended {
            self.take_in(&[], Last::Yes);
            self.ended = true;
        }
    }

    /// What the header says, once it was read: after the first row came out, or [`Cells::read_header`].
    pub const fn sheet(&self) -> Option<&Sheet> {
        self.sheet.as_ref()
    }

    /// Reads the header, if all of it is there.
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn read_header(&mut self) -> Result<Option<&Sheet>, FileFault> {
        if self.sheet.is_none() {
            let text = self.text.get(self.read..).unwrap_or_default();
            match header::first(text, self.ended)? {
                Some(first) => {
                    let sheet = Sheet::read(self.charset, first.line, first.header, first.said)?;
                    let line = first.line + super::split::line_ends(first.header.as_bytes());
                    self.splitter = Some(Splitter::new(sheet.separator, line));
                    self.read += first.bytes;
                    self.sheet = Some(sheet);
                }
                None if self.ended => {
                    self.over = true;
                    return Err(FileFault::new(Kind::Empty, None, "there is nothing in the file"));
                }
                None => {}
            }
        }
        Ok(self.sheet.as_ref())
    }

    /// The next row. None when more bytes are wanted, or when the file is over.
    ///
    /// # Errors
    /// Why the file cannot be read any further.
    pub fn next_row(&mut self) -> Result<Option<RawRow>, FileFault> {
        if self.over || self.read_header()?.is_none() {
            return Ok(None);
        }
        let Some(splitter) = &mut self.splitter else { return Ok(None) };
        let input = self.text.get(self.read..).unwrap_or_default().as_bytes();
        let (read, step) = splitter.step(input);
        self.read += read;
        let row = match step {
            Step::Row(row) => Some(row),
            Step::More if self.ended => {
                self.over = true;
                let (row, line) = (splitter.end(), splitter.line());
                self.check_end(row.as_ref(), line)?;
                row
            }
            Step::More => None,
        };
        Ok(row.map(|row| self.numbered(row)))
    }

    fn numbered(&mut self, mut row: RawRow) -> RawRow {
        if !row.is_blank() || row.open {
            self.rows += 1;
            row.number = Some(self.rows);
        }
        row
    }

    /// A quote that swallowed whole rows is a fault of the file: nobody can say who stands behind it.
    fn check_end(&self, last: Option<&RawRow>, line: u64) -> Result<(), FileFault> {
        if let Some(row) = last.filter(|row| row.open)
            && line > row.line + 1
        {
            let message = format!(
                "a quote is opened in the row that begins here and never closed, so all {} lines behind it belong to one cell",
                line - row.line - 1
            );
            return Err(FileFault::new(Kind::QuoteNeverClosed, row.line, message));
        }
        if self.rows == 0 && last.is_none_or(RawRow::is_blank) {
            return Err(FileFault::new(Kind::HeaderOnly, None, "there is a header and nothing below it"));
        }
        Ok(())
    }

    fn take_in(&mut self, bytes: &[u8], last: Last) {
        if self.ended {
            return;
        }
        self.text.drain(..self.read);
        self.read = 0;
        self.decoding.decode(bytes, last, &mut self.text);
    }
}
