//! The file comes back: the same rows in the same order, with two columns that say what became of each.
//!
//! # Rule
//! A spreadsheet runs what begins with `=`, `+`, `-`, `@`, a TAB or a return. Whoever opens the report did not write
//! the file, so such a cell gets an apostrophe before it, and is read without it when it is sent again. The report is
//! in UTF-8 with a byte order mark, which every spreadsheet reads right, whatever encoding the file came in.
//!
//! # Source
//! OWASP, "CSV Injection"; RFC 4180 for quotes and line ends.

use super::{Cells, Charset, FileFault, RawRow, Sheet};

/// Title of the column that says what was done with a row.
pub const ACTION_COLUMN: &str = "stoa_action";
/// Title of the column that says why.
pub const MESSAGE_COLUMN: &str = "stoa_message";
/// Stands behind a cell that is too long to come back whole.
const CUT: &str = "…";

/// Writes the file again. Bytes of the file go in as into [`Cells`]; rows are taken out and written with what became of
/// them.
#[derive(Debug)]
pub struct Report {
    cells: Cells,
    /// Which columns come back: ours of an earlier report do not.
    kept: Option<Vec<bool>>,
}

impl Report {
    /// Starts a file.
    pub fn new(charset: Charset) -> Self {
        Self { cells: Cells::new(charset), kept: None }
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.cells.feed(bytes);
    }

    /// Says that no more bytes come.
    pub fn end(&mut self) {
        self.cells.end();
    }

    /// Takes the next row out, to be written. Writes the header before the first one.
    ///
    /// # Errors
    /// Why the file cannot be read any further.
    pub fn next_row(&mut self, out: &mut Vec<u8>) -> Result<Option<RawRow>, FileFault> {
        if self.kept.is_none() {
            let Some(sheet) = self.cells.read_header()? else { return Ok(None) };
            self.kept = Some(header(sheet, out));
        }
        self.cells.next_row()
    }

    /// Writes a row with what became of it. One with nothing in it comes back as it is.
    pub fn write(&self, row: &RawRow, action: &str, message: &str, out: &mut Vec<u8>) {
        let separator = self.separator();
        let kept = self.kept.as_deref().unwrap_or_default();
        let cells = row.iter().enumerate().filter(|(at, _)| kept.get(*at).copied().unwrap_or(true));
        let (longest, columns) = (row.is_cut().then(|| row.longest()), kept.iter().filter(|kept| **kept).count());
        let mut written = 0;
        for (at, cell) in cells {
            write_cell(out, cell, if longest == Some(at) { CUT } else { "" }, separator);
            written += 1;
            out.push(separator);
        }
        // A row that is too short would shift the two columns that are ours.
        out.extend(std::iter::repeat_n(separator, columns.saturating_sub(written)));
        write_cell(out, action, "", separator);
        out.push(separator);
        write_cell(out, message, "", separator);
        out.extend_from_slice(b"\r\n");
    }

    fn separator(&self) -> u8 {
        self.cells.sheet().map_or(b',', |sheet| sheet.separator)
    }
}

fn header(sheet: &Sheet, out: &mut Vec<u8>) -> Vec<bool> {
    let kept: Vec<bool> = sheet.columns.iter().map(|column| !super::people::is_own_column(&column.title)).collect();
    out.extend_from_slice("\u{feff}".as_bytes());
    for (column, _) in sheet.columns.iter().zip(&kept).filter(|(_, kept)| **kept) {
        write_cell(out, &column.title, "", sheet.separator);
        out.push(sheet.separator);
    }
    write_cell(out, ACTION_COLUMN, "", sheet.separator);
    out.push(sheet.separator);
    write_cell(out, MESSAGE_COLUMN, "", sheet.separator);
    out.extend_from_slice(b"\r\n");
    kept
}

/// Would a spreadsheet run it.
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn write_cell(out: &mut Vec<u8>, cell: &str, behind: &str, separator: u8) {
    let escape = if is_formula(cell) { "'" } else { "" };
    let quoted = cell.bytes().any(|byte| byte == separator || matches!(byte, b'"' | b'\r' | b'\n' | b'\t' | b'\0'))
        || cell.starts_with(' ')
        || cell.ends_with(' ');
    if !quoted {
        out.extend([escape, cell, behind].concat().bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(escape.as_bytes());
    for byte in cell.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.extend_from_slice(behind.as_bytes());
    out.push(b'"');
}
