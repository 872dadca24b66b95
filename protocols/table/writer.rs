//! The writer: takes rows, hands their cells to the format, and the bytes on.
//!
//! # Source
//! PostgreSQL, "COPY": the text format of rows that are handed on as they come.

use std::io::Write;

use super::{
    Column, Format, Table, TableError, Written,
    copied::{Cells, Cutter},
    csv::CsvRows,
    ids,
    jsonl::JsonRows,
    out::{Out, Tally},
    parquet::ParquetRows,
};

/// Bytes of lines that are gathered before they go on.
const AT_ONCE_BYTES: usize = 64 * 1024;

/// Writes a table. Dropped without [`Writer::finish`], the file is a torso.
pub struct Writer<W: Write + Send> {
    columns: usize,
    /// For each column the prefix of its ids, where it has some.
    prefixes: Vec<Option<&'static str>>,
    /// An id, while it is spelled.
    id: String,
    rows: u64,
    cutter: Cutter,
    body: Body<W>,
}

enum Body<W: Write + Send> {
    Csv(Lines<CsvRows, W>),
    Jsonl(Lines<JsonRows, W>),
    Parquet(Box<ParquetRows<Tally<W>>>),
}

/// A format of lines: cells are spelled one after the other.
pub(super) trait LineFormat {
    /// Spells the next cell.
    fn cell(&mut self, at: usize, cell: Option<&str>, line: &mut Vec<u8>) -> Result<(), TableError>;

    /// Ends the line.
    fn end_row(&mut self, line: &mut Vec<u8>);
}

/// Lines of a format that are gathered.
struct Lines<F, W: Write> {
    format: F,
    gathered: Vec<u8>,
    out: Out<W>,
}

impl<W: Write + Send> Writer<W> {
    /// Begins the file.
    ///
    /// # Errors
    /// As whatever it is written to says.
    pub fn new(out: W, table: &Table) -> Result<Self, TableError> {
        let body = match table.format {
            Format::Csv => {
                let mut gathered = Vec::with_capacity(2 * AT_ONCE_BYTES);
                let format = CsvRows::begin(&table.columns, &table.csv, &mut gathered);
                Body::Csv(Lines { format, gathered, out: Out::new(out, table.is_gzipped()) })
            }
            Format::Jsonl => {
                let gathered = Vec::with_capacity(2 * AT_ONCE_BYTES);
                let format = JsonRows::new(&table.columns);
                Body::Jsonl(Lines { format, gathered, out: Out::new(out, table.is_gzipped()) })
            }
            Format::Parquet => Body::Parquet(Box::new(ParquetRows::begin(Tally::new(out), &table.columns)?)),
        };
        Ok(Self {
            columns: table.columns.len(),
            prefixes: table.columns.iter().map(|column| column.id_prefix).collect(),
            id: String::new(),
            rows: 0,
            cutter: Cutter::default(),
            body,
        })
    }

    /// Writes a row. Its cells are spelled as [`super::Kind`] says.
    ///
    /// # Errors
    /// When a cell does not say what its column wants, or as whatever the file is written to says.
    pub fn row(&mut self, cells: &[Option<&str>]) -> Result<(), TableError> {
        for (at, cell) in cells.iter().enumerate() {
            self.cell(at, *cell)?;
        }
        self.end_row(cells.len())
    }

    /// Writes the rows of a piece of what `COPY … TO STDOUT` tells in its text format; a row may come in several pieces.
    ///
    /// # Errors
    /// As [`Writer::row`], and when the piece is no such thing.
    pub fn copied(&mut self, piece: &[u8]) -> Result<(), TableError> {
        let mut cutter = std::mem::take(&mut self.cutter);
        cutter.take(piece, self)?;
        self.cutter = cutter;
        Ok(())
    }

    /// Rows so far, without the header.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the file, and gives back what it was written to.
    ///
    /// # Errors
    /// When rows of `COPY` broke off, or as whatever the file is written to says.
    pub fn finish(self) -> Result<(W, Written), TableError> {
        self.cutter.end()?;
        let tally = match self.body {
            Body::Csv(lines) => lines.end()?,
            Body::Jsonl(lines) => lines.end()?,
            Body::Parquet(rows) => rows.end()?,
        };
        let (mut out, bytes, sha256) = tally.end();
        out.flush()?;
        Ok((out, Written { rows: self.rows, bytes, sha256 }))
    }
}

impl<W: Write + Send> Cells for Writer<W> {
    fn cell(&mut self, at: usize, cell: Option<&str>) -> Result<(), TableError> {
        if at >= self.columns {
            return Err(TableError::Width { cells: at + 1, columns: self.columns });
        }
        let prefix = self.prefixes.get(at).copied().flatten();
        let cell = match (cell, prefix) {
            (Some(uuid), Some(prefix)) => {
                ids::spell(prefix, uuid, &mut self.id).ok_or(TableError::Copied("an id is no UUID"))?;
                Some(self.id.as_str())
            }
            (cell, _) => cell,
        };
        match &mut self.body {
            Body::Csv(lines) => lines.format.cell(at, cell, &mut lines.gathered),
            Body::Jsonl(lines) => lines.format.cell(at, cell, &mut lines.gathered),
            Body::Parquet(rows) => rows.cell(at, cell),
        }
    }

    fn end_row(&mut self, cells: usize) -> Result<(), TableError> {
        if cells != self.columns {
            return Err(TableError::Width { cells, columns: self.columns });
        }
        match &mut self.body {
            Body::Csv(lines) => lines.end_row()?,
            Body::Jsonl(lines) => lines.end_row()?,
            Body::Parquet(rows) => rows.end_row()?,
        }
        self.rows += 1;
        Ok(())
    }
}

impl<F: LineFormat, W: Write> Lines<F, W> {
    fn end_row(&mut self) -> Result<(), TableError> {
        self.format.end_row(&mut self.gathered);
        if self.gathered.len() >= AT_ONCE_BYTES {
            self.out.write_all(&self.gathered)?;
            // One huge row must not keep its room for the rest of the file.
            self.gathered.clear();
            self.gathered.shrink_to(2 * AT_ONCE_BYTES);
        }
        Ok(())
    }

    fn end(mut self) -> Result<Tally<W>, TableError> {
        self.out.write_all(&self.gathered)?;
        Ok(self.out.end()?)
    }
}

/// What is said of a cell that its column cannot hold.
pub(super) fn misspelled(column: &Column) -> TableError {
    TableError::Misspelled { column: column.name.clone().into_owned(), kind: column.kind }
}
