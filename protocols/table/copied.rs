//! Rows as PostgreSQL's `COPY … TO STDOUT` tells them, cut into cells.
//!
//! # Shape
//! A row a line, a TAB between cells, `\N` for a null, and a backslash before what would be mistaken for one of these.
//! The line ends and the TABs of a cell never stand in it raw, so rows are found without looking into cells.
//!
//! # Source
//! PostgreSQL, `COPY`, "Text Format".

use memchr::{memchr, memchr_iter, memrchr};

use super::TableError;

/// What receives the cells of rows.
pub(super) trait Cells {
    /// Takes the next cell of the row.
    fn cell(&mut self, at: usize, cell: Option<&str>) -> Result<(), TableError>;

    /// Ends the row after so many cells.
    fn end_row(&mut self, cells: usize) -> Result<(), TableError>;
}

/// Cuts what comes in pieces of whatever size.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    /// The beginning of a row whose end has not come.
    begun: Vec<u8>,
    /// A cell without its backslashes.
    plain: String,
}

impl Cutter {
    /// Takes the next piece and hands out the cells of the rows that end in it.
    pub(super) fn take(&mut self, piece: &[u8], to: &mut impl Cells) -> Result<(), TableError> {
        let Some(end) = memrchr(b'\n', piece) else {
            self.begun.extend_from_slice(piece);
            return Ok(());
        };
        let (whole, rest) = piece.split_at(end + 1);
        if self.begun.is_empty() {
            self.rows(whole, to)?;
        } else {
            self.begun.extend_from_slice(whole);
            let whole = std::mem::take(&mut self.begun);
            self.rows(&whole, to)?;
        }
        self.begun.extend_from_slice(rest);
        Ok(())
    }

    /// Says that no more comes.
    pub(super) fn end(&self) -> Result<(), TableError> {
        if self.begun.is_empty() { Ok(()) } else { Err(TableError::Copied("it ends within a row")) }
    }

    fn rows(&mut self, rows: &[u8], to: &mut impl Cells) -> Result<(), TableError> {
        let mut rows = str::from_utf8(rows).map_err(|_| TableError::Copied("it is no UTF-8"))?;
        while let Some((row, rest)) = split_at_byte(rows, b'\n') {
            self.row(row, to)?;
            rows = rest;
        }
        Ok(())
    }

    fn row(&mut self, mut row: &str, to: &mut impl Cells) -> Result<(), TableError> {
        let escapes = memchr(b'\\', row.as_bytes()).is_some();
        let mut at = 0;
        loop {
            let (cell, rest) = match split_at_byte(row, b'\t') {
                Some((cell, rest)) => (cell, Some(rest)),
                None => (row, None),
            };
            let cell = match cell {
                "\\N" => None,
                cell if escapes && memchr(b'\\', cell.as_bytes()).is_some() => Some(self.unescaped(cell)?),
                cell => Some(cell),
            };
            to.cell(at, cell)?;
            at += 1;
            match rest {
                Some(rest) => row = rest,
                None => return to.end_row(at),
            }
        }
    }

    /// The cell without its backslashes. `COPY TO` sends no octal or hexadecimal forms.
    fn unescaped(&mut self, cell: &str) -> Result<&str, TableError> {
        self.plain.clear();
        let mut from = 0;
        let mut slashes = memchr_iter(b'\\', cell.as_bytes());
        while let Some(at) = slashes.next() {
            let mut behind = cell.get(at + 1..).unwrap_or_default().chars();
            let escaped = behind.next().ok_or(TableError::Copied("a cell ends with a lone backslash"))?;
            self.plain.push_str(cell.get(from..at).unwrap_or_default());
            self.plain.push(match escaped {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                other => other,
            });
            from = at + 1 + escaped.len_utf8();
            if escaped == '\\' {
                slashes.next();
            }
        }
        self.plain.push_str(cell.get(from..).unwrap_or_default());
        Ok(&self.plain)
    }
}

/// Both sides of the first such byte, which is one of ASCII.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = memchr(byte, text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}
