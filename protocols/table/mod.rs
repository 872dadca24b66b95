//! Tables as files: rows go in one by one and a file comes out in CSV, JSON lines or Parquet, in constant memory whatever
//! its size.
//!
//! # Cast
//! - [`Table`] says what the file is like: its [`Column`]s of a [`Kind`], its [`Format`], its [`Packing`], and for CSV
//!   its [`CsvManner`].
//! - [`Writer`] writes it over anything that can be written to. It takes rows cell by cell ([`Writer::row`]) or as
//!   PostgreSQL's `COPY … TO STDOUT` tells them ([`Writer::copied`]), and at the end says how many rows and bytes they
//!   were and the SHA-256 of the file: [`Written`].
//! - `copied` reads the rows of `COPY`, `spelled` what PostgreSQL's spelling of a value means, and `csv`, `jsonl` and
//!   `parquet` each write one format.
//!
//! Cells come as PostgreSQL spells them in ISO style, because most come from there: a million rows a second leave no time
//! to make values of them only to spell them again. [`Kind`] says what that is.
//!
//! Not here: where the rows come from (`stoa_record::exports`), and where the file lies (`stoa_actors::storage`).
//!
//! # Source
//! RFC 4180 (CSV), RFC 8259 (JSON), Apache Parquet 2, RFC 1952 (gzip).

mod copied;
mod csv;
mod ids;
mod jsonl;
mod locale;
mod out;
mod parquet;
mod spelled;
mod writer;

use std::{borrow::Cow, io};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{locale::CsvLocale, writer::Writer};

/// What a cell of a column is.
///
/// # Shape
/// How its cells are spelled on their way in; none is a null in every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Any text.
    Text,
    /// `-12`, within 64 bits.
    Integer,
    /// `-1.5`, `1e+20`, `NaN`, `Infinity`: written as told in CSV and JSON, a double in Parquet.
    Number,
    /// `t` or `f`; `true` and `false` are understood.
    Boolean,
    /// `2026-11-21 09:00:00.25+09`, with or without the part of a second: a moment, told in the zone of the file.
    Timestamp,
    /// `2026-11-21`.
    Date,
    /// A JSON value as text.
    Json,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    /// Its name, the same in every language: the header of a CSV that names no other, and the key of JSON and Parquet.
    pub name: Cow<'static, str>,
    /// What its cells are.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What a person calls it: the header of a CSV, where given.
    #[serde(skip)]
    pub title: Option<Cow<'static, str>>,
    /// Prefix of the ids that its cells are: told as bare UUIDs, and written as the API spells them.
    #[serde(skip)]
    pub id_prefix: Option<&'static str>,
}

impl Column {
    /// A column that is called by its name.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name: Cow::Borrowed(name), kind, title: None, id_prefix: None }
    }

    /// A column of ids, whose cells come as UUIDs.
    pub const fn id(name: &'static str, prefix: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), kind: Kind::Text, title: None, id_prefix: Some(prefix) }
    }

    /// The same, called something else in a CSV's header.
    #[must_use]
    pub fn titled(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = Some(title.into());
        self
    }
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Rows for spreadsheets.
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// Columns for analysis.
    Parquet,
}

/// What is done with the bytes of a file before it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    /// Nothing.
    None,
    /// Packed with gzip. Parquet packs its pages itself, so that it stays readable in parts.
    Gzip,
}

/// What stands between two cells of a CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub enum Delimiter {
    /// `,`
    #[default]
    #[serde(rename = ",")]
    Comma,
    /// `;`, which spreadsheets expect where the comma is in the numbers.
    #[serde(rename = ";")]
    Semicolon,
    /// A TAB.
    #[serde(rename = "\t", alias = "tab")]
    Tab,
    /// `|`
    #[serde(rename = "|")]
    Pipe,
}

impl Delimiter {
    const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

/// How a CSV is written; nothing of it touches the other formats.
#[derive(Debug, Clone, Default)]
pub struct CsvManner {
    /// Between two cells.
    pub delimiter: Delimiter,
    /// Begins with a byte order mark, without which Excel takes Korean and Cyrillic for something else.
    pub byte_order_mark: bool,
    /// Writes numbers, dates and times as spreadsheets of a country read them; none writes them as ISO 8601 and with a
    /// point, which programs read.
    pub locale: Option<CsvLocale>,
}

/// What a file is like.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its form.
    pub format: Format,
    /// Whether its bytes are packed.
    pub packing: Packing,
    /// How it is written if it is CSV.
    pub csv: CsvManner,
}

impl Table {
    /// A plain file of this form.
    pub fn new(columns: Vec<Column>, format: Format) -> Self {
        Self { columns, format, packing: Packing::None, csv: CsvManner::default() }
    }

    /// Is packed once it is written: Parquet never, as it packs itself.
    pub fn is_gzipped(&self) -> bool {
        self.packing == Packing::Gzip && self.format != Format::Parquet
    }

    /// How the name of the file ends, without the first dot.
    pub fn extension(&self) -> &'static str {
        let tab = self.csv.delimiter == Delimiter::Tab;
        match (self.format, self.is_gzipped()) {
            (Format::Csv, false) if tab => "tsv",
            (Format::Csv, true) if tab => "tsv.gz",
            (Format::Csv, false) => "csv",
            (Format::Csv, true) => "csv.gz",
            (Format::Jsonl, false) => "jsonl",
            (Format::Jsonl, true) => "jsonl.gz",
            (Format::Parquet, _) => "parquet",
        }
    }

    /// What it is as a body of HTTP. A packed file is one that is kept packed, not an encoding of the transfer.
    ///
    /// # Source
    /// RFC 7111 for `text/csv`, RFC 6713 for gzip; the registrations of IANA for the others.
    pub fn media_type(&self) -> &'static str {
        match (self.format, self.is_gzipped()) {
            (_, true) => "application/gzip",
            (Format::Csv, _) if self.csv.delimiter == Delimiter::Tab => "text/tab-separated-values; charset=utf-8",
            (Format::Csv, _) => "text/csv; charset=utf-8; header=present",
            (Format::Jsonl, _) => "application/jsonl; charset=utf-8",
            (Format::Parquet, _) => "application/vnd.apache.parquet",
        }
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Rows, without the header.
    pub rows: u64,
    /// Bytes of the file as it is kept.
    pub bytes: u64,
    /// SHA-256 of these bytes.
    pub sha256: [u8; 32],
}

impl Written {
    /// The SHA-256 in hexadecimal.
    pub fn digest(&self) -> String {
        hex::encode(self.sha256)
    }
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Whatever it is written to refused.
    #[error("the file could not be written")]
    Out(#[from] io::Error),
    /// Parquet's writer refused.
    #[error("the Parquet file could not be written")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// A row has another number of cells than the table has columns.
    #[error("a row has {cells} cells, the table {columns} columns")]
    Width {
        /// Cells of the row.
        cells: usize,
        /// Columns of the table.
        columns: usize,
    },
    /// A cell does not say what its column wants.
    #[error("a cell of `{column}` is no {kind:?}")]
    Misspelled {
        /// Name of the column.
        column: String,
        /// What was wanted.
        kind: Kind,
    },
    /// The rows of `COPY` broke off within one, or are no UTF-8.
    #[error("what was copied is no table of text: {0}")]
    Copied(&'static str),
}

#[cfg(test)]
mod tests;
