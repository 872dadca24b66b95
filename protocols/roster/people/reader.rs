//! Cells become people.

use std::io::{self, Read};

use super::{
    Empty, Entry, Fault, FaultCode as Code, Field, Row, RowRole, RowStatus, Rules, Value,
    cell::{self, Reading},
    fault::masked,
};
use crate::roster::{Cells, Charset, FileFault, RawRow, Sheet};

/// Bytes that a [`Reader`] asks for at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Reads a file into people: bytes go in by [`Rows::feed`], entries come out by [`Rows::next_entry`].
#[derive(Debug)]
pub struct Rows {
    cells: Cells,
    rules: Rules,
}

impl Rows {
    /// Starts a file.
    pub fn new(charset: Charset, rules: Rules) -> Self {
        Self { cells: Cells::new(charset), rules }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.cells.feed(bytes);
    }

    /// Says that no more bytes come.
    pub fn end(&mut self) {
        self.cells.end();
    }

    /// What the header says, once it was read.
    pub const fn sheet(&self) -> Option<&Sheet> {
        self.cells.sheet()
    }

    /// The next person. None when more bytes are wanted, or when the file is over.
    ///
    /// # Errors
    /// Why the file cannot be read any further.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, FileFault> {
        while let Some(raw) = self.cells.next_row()? {
            if let (Some(number), Some(sheet)) = (raw.number, self.cells.sheet()) {
                return Ok(Some(entry(number, &raw, sheet, self.rules)));
            }
        }
        Ok(None)
    }
}

/// Reads people out of anything that can be read.
#[derive(Debug)]
pub struct Reader<R> {
    from: R,
    rows: Rows,
    piece: Vec<u8>,
    ended: bool,
}

/// Why reading stopped.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The bytes do not come.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl<R: Read> Reader<R> {
    /// Starts a file.
    pub fn new(from: R, charset: Charset, rules: Rules) -> Self {
        Self { from, rows: Rows::new(charset, rules), piece: vec![0; PIECE_BYTES], ended: false }
    }

    /// What the header says, once the first row came out.
    pub const fn sheet(&self) -> Option<&Sheet> {
        self.rows.sheet()
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.rows.next_entry() {
                Ok(Some(entry)) => return Some(Ok(entry)),
                Err(fault) => return Some(Err(fault.into())),
                Ok(None) if self.ended => return None,
                Ok(None) => {}
            }
            match self.from.read(&mut self.piece) {
                Ok(0) => {
                    self.ended = true;
                    self.rows.end();
                }
                Ok(read) => self.rows.feed(self.piece.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Some(Err(error.into())),
            }
        }
    }
}

fn entry(number: u64, raw: &RawRow, sheet: &Sheet, rules: Rules) -> Entry {
    let mut entry = Entry { number, line: raw.line, row: Row::default(), faults: Vec::new() };
    whole(raw, sheet, &mut entry.faults);
    if entry.faults.iter().any(|fault| fault.code == Code::HeaderAgain) {
        return entry;
    }
    for (at, (column, text)) in (1..).zip(sheet.columns.iter().zip(raw.iter())) {
        let Some(field) = column.field else { continue };
        let reading = cell::read(text, rules.empty);
        if let Err((code, message)) = take(&mut entry.row, field, reading, rules) {
            entry.faults.push(Fault {
                column: Some(at),
                name: Some(field.as_str().into()),
                code,
                message,
                value_masked: masked(text),
            });
        }
    }
    let is_told = entry.row.external_id.given().is_some() || entry.row.email.given().is_some();
    if !is_told && entry.faults.is_empty() {
        let message = "there is neither an external_id nor an email in the row, so nobody can be told by it";
        entry.faults.push(of_row(Code::KeyMissing, message.to_owned()));
    }
    entry
}

/// Looks at the row as a whole.
fn whole(raw: &RawRow, sheet: &Sheet, faults: &mut Vec<Fault>) {
    let columns = sheet.columns.len();
    if raw.is_open() {
        faults.push(of_row(Code::QuoteNeverClosed, "a quote is opened in the row and never closed".to_owned()));
    } else if raw.is_cut() {
        let at = raw.longest();
        faults.push(Fault {
            column: u32::try_from(at + 1).ok(),
            name: sheet.columns.get(at).map(|column| match column.field {
                Some(field) => field.as_str().into(),
                None => column.title.as_str().into(),
            }),
            code: Code::TooLong,
            message: format!("the row is longer than {} bytes", crate::roster::file::ROW_MAX_BYTES).into(),
            value_masked: raw.iter().nth(at).and_then(masked),
        });
    } else if raw.cells() > columns && raw.iter().skip(columns).any(|cell| !cell.trim().is_empty()) {
        // Spreadsheets write separators behind the last column; those say nothing.
        let message = format!(
            "the row has {} cells and the header {columns} columns; is a separator or a quote astray?",
            raw.cells()
        );
        faults.push(of_row(Code::TooManyCells, message));
    } else if raw.cells() < columns {
        let message = format!("the row has {} cells and the header {columns} columns; is it cut off?", raw.cells());
        faults.push(of_row(Code::CellsMissing, message));
    } else if columns > 1 && raw.iter().zip(&sheet.columns).all(|(cell, column)| cell.trim() == column.title) {
        faults.push(of_row(Code::HeaderAgain, "this is the header once more; were two files put together?".to_owned()));
    }
}

fn of_row(code: Code, message: String) -> Fault {
    Fault { column: None, name: None, code, message: message.into(), value_masked: None }
}

/// Puts what a cell says where it belongs.
fn take(row: &mut Row, field: Field, reading: Reading<'_>, rules: Rules) -> cell::Checked<()> {
    let text = |slot: &mut Value<String>, check: &dyn Fn(&str) -> cell::Checked<String>| {
        *slot = match reading.clone()? {
            Value::Given(text) => Value::Given(check(&text)?),
            Value::Cleared => Value::Cleared,
            Value::Untouched => Value::Untouched,
        };
        Ok(())
    };
    match field {
        Field::ExternalId => text(&mut row.external_id, &cell::line),
        Field::Email => text(&mut row.email, &|text| cell::email(text, rules.forms)),
        Field::Name => text(&mut row.name, &cell::line),
        Field::FirstName => text(&mut row.first_name, &cell::line),
        Field::LastName => text(&mut row.last_name, &cell::line),
        Field::Locale => text(&mut row.locale, &|text| cell::locale(text, rules.forms)),
        Field::TimeZone => text(&mut row.time_zone, &cell::time_zone),
        Field::Role => cell::word(reading, rules.empty, RowRole::read, "role").map(|value| row.role = value),
        Field::Status => cell::word(reading, rules.empty, RowStatus::read, "status").map(|value| row.status = value),
        Field::Groups => cell::list(reading).map(|value| row.groups = value),
        Field::Courses => cell::list(reading).map(|value| row.courses = value),
    }
}

impl Empty {
    /// What nothing in a cell means.
    pub(super) const fn value<T>(self) -> Value<T> {
        match self {
            Self::Untouched => Value::Untouched,
            Self::Clears => Value::Cleared,
        }
    }
}
