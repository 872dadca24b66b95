//! Files of people: what a school's office has, as it comes out of a spreadsheet, becomes rows that are checked.
//!
//! Bytes go in piece by piece and rows come out one by one, in constant memory whatever the size of the file. A row that
//! is not right never stops the file: it comes out with its faults, each with its line and column. Only what makes the
//! whole file unreadable stops it, as a [`FileFault`].
//!
//! # Cast
//! - [`Probe`] looks at every byte once, as they arrive, and finds out the [`Charset`].
//! - [`Sheet`] is what the header says: the separator, and which column means which [`Field`].
//! - [`Cells`] are the rows as they stand in the file; [`Rows`] are the people whom they mean, a [`Row`] in an
//!   [`Entry`]; a [`Reader`] is the same over anything that can be read.
//! - [`Report`] writes the file again, with two columns that say what became of each row.
//!
//! Not here: who is in the institution already and what changes (`stoa_core::imports`), uploads (`stoa::http`), gzip.
//!
//! # Source
//! RFC 4180 for the form of a file, and what spreadsheets do beyond it; WHATWG Encoding for the encodings.

mod file;
mod people;
mod report;

pub use file::{Cells, Charset, FileFault, FileFaultKind, Probe, RawRow, Sheet, SheetColumn};
pub use people::{
    Empty, Entry, Fault, FaultCode, Field, Forms, ReadError, Reader, Row, RowRole, RowStatus, Rows, Rules, Value,
};
pub use report::{ACTION_COLUMN, MESSAGE_COLUMN, Report, is_formula};

#[cfg(test)]
mod tests;
