//! What the header says: the separator, and which column means what.
//!
//! # Source
//! `sep=;` in a line of its own is what Excel writes and reads to name the separator.

use std::collections::HashMap;

use super::{COLUMNS_MAX, Charset, FileFault, FileFaultKind as Kind, HEADER_MAX_BYTES, split};
use crate::roster::{Field, people::is_own_column};

/// Separators that are looked for, the likeliest first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A file's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The encoding.
    pub charset: Charset,
    /// What stands between cells: `,`, `;`, TAB or `|`.
    pub separator: u8,
    /// Line of the header, from 1.
    pub line: u64,
    /// The columns, in order.
    pub columns: Vec<SheetColumn>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetColumn {
    /// Its title, as written.
    pub title: String,
    /// What it means; none where that is not known.
    pub field: Option<Field>,
}

impl Sheet {
    /// Titles of the columns that nobody reads. Empty ones and our own of an earlier report are not told.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        let unread = self.columns.iter().filter(|column| column.field.is_none());
        unread.map(|column| column.title.as_str()).filter(|title| !title.is_empty() && !is_own_column(title))
    }

    /// The fields that the file speaks of.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.columns.iter().filter_map(|column| column.field)
    }

    /// Reads the header, which is the first row.
    pub(super) fn read(charset: Charset, line: u64, header: &str, said: Option<u8>) -> Result<Self, FileFault> {
        let separators = said.map_or_else(|| SEPARATORS.to_vec(), |said| vec![said]);
        let mut best: Option<(Vec<SheetColumn>, u8)> = None;
        for separator in separators {
            let columns = columns(header, separator, line)?;
            let weigh = |columns: &[SheetColumn]| {
                (columns.iter().filter(|column| column.field.is_some()).count(), columns.len())
            };
            if best.as_ref().is_none_or(|(other, _)| weigh(&columns) > weigh(other)) {
                best = Some((columns, separator));
            }
        }
        let (columns, separator) = best.unwrap_or_default();
        let sheet = Self { charset, separator, line, columns };
        sheet.check()?;
        Ok(sheet)
    }

    fn check(&self) -> Result<(), FileFault> {
        let mut seen: HashMap<Field, (usize, &str)> = HashMap::new();
        for (at, column) in (1..).zip(&self.columns) {
            let Some(field) = column.field else { continue };
            if let Some((first, title)) = seen.insert(field, (at, &column.title)) {
                let message = format!(
                    "columns {first} ({title:?}) and {at} ({:?}) both mean {}; leave one of them out",
                    column.title,
                    field.as_str()
                );
                return Err(FileFault::new(Kind::HeaderTwice, self.line, message));
            }
        }
        if seen.is_empty() {
            let message = "the first row names no column that is known, such as email or external_id; put a header above the rows";
            return Err(FileFault::new(Kind::HeaderMissing, self.line, message));
        }
        if !seen.contains_key(&Field::ExternalId) && !seen.contains_key(&Field::Email) {
            let message = "there is neither a column external_id nor a column email, so nobody can be told by a row";
            return Err(FileFault::new(Kind::KeyColumnMissing, self.line, message));
        }
        Ok(())
    }
}

fn columns(header: &str, separator: u8, line: u64) -> Result<Vec<SheetColumn>, FileFault> {
    let titles = split::titles(header, separator);
    if titles.len() > COLUMNS_MAX {
        let message = format!("a file may have {COLUMNS_MAX} columns; this one has {}", titles.len());
        return Err(FileFault::new(Kind::TooManyColumns, line, message));
    }
    let has = |wanted: Field| titles.iter().any(|title| Field::named(title) == Some(wanted));
    // What a title means may depend on those beside it; `ID` is the key only where no other column says so better.
    let beside = Beside { key: has(Field::ExternalId), first: has(Field::FirstName), last: has(Field::LastName) };
    Ok(titles.iter().map(|title| SheetColumn { field: meant(title, beside), title: title.clone() }).collect())
}

/// Which columns a file has.
#[derive(Debug, Clone, Copy)]
struct Beside {
    key: bool,
    first: bool,
    last: bool,
}

fn meant(title: &str, beside: Beside) -> Option<Field> {
    match Field::named(title) {
        None if !beside.key && Field::is_vague_key(title) => Some(Field::ExternalId),
        // `이름` beside `성`, and `nom` without `prénom`.
        Some(Field::Name) if beside.last && !beside.first && Field::is_given_name(title) => Some(Field::FirstName),
        Some(Field::LastName) if !beside.first && Field::is_bare_name(title) => Some(Field::Name),
        meant => meant,
    }
}

/// Says how far the first row goes in a text that may go on: to its line end outside of quotes.
///
/// None while it is not all there. `sep=;` above it is read and passed over.
pub(super) struct First<'a> {
    /// The header itself.
    pub(super) header: &'a str,
    /// Line it begins on.
    pub(super) line: u64,
    /// The separator that the file names itself.
    pub(super) said: Option<u8>,
    /// Bytes up to what follows it.
    pub(super) bytes: usize,
}

/// Finds the header.
///
/// # Errors
/// It is longer than any header.
pub(super) fn first(text: &str, ended: bool) -> Result<Option<First<'_>>, FileFault> {
    let (mut line, mut said, mut at) = (1_u64, None, 0_usize);
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        // A line feed behind a return that has not come yet is counted with what follows.
        line += split::line_ends(rest.get(..blank).unwrap_or_default().as_bytes());
        at += blank;
        let rest = text.get(at..).unwrap_or_default();
        let end = end_of_row(rest).or_else(|| (ended && !rest.is_empty()).then_some(rest.len()));
        let row = match end {
            Some(end) if end <= HEADER_MAX_BYTES => rest.get(..end).unwrap_or_default(),
            _ if rest.len() > HEADER_MAX_BYTES => {
                let message =
                    format!("the header is longer than {HEADER_MAX_BYTES} bytes; is a quote in it never closed?");
                return Err(FileFault::new(Kind::HeaderTooLong, line, message));
            }
            _ => return Ok(None),
        };
        if said.is_none()
            && let Some(separator) = row.strip_prefix("sep=").and_then(|named| match named.as_bytes() {
                [one] if SEPARATORS.contains(one) => Some(*one),
                _ => None,
            })
        {
            said = Some(separator);
            at += row.len();
            continue;
        }
        let is_empty = row.trim_matches([',', ';', '\t', '|', ' ', '"']).is_empty();
        if is_empty {
            // Formatted but empty rows above the table.
            at += row.len();
            continue;
        }
        return Ok(Some(First { header: row, line, said, bytes: at + row.len() }));
    }
}

fn end_of_row(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        !quoted && matches!(byte, b'\r' | b'\n')
    })
}
