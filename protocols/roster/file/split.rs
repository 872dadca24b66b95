//! Rows out of text, by a machine that is fed piece by piece.
//!
//! What a row holds is bounded: of a longer one the rest is read and dropped, and its true lengths are kept.
//!
//! # Source
//! RFC 4180; a lone CR or LF ends a row as CRLF does.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{COLUMNS_MAX, ROW_MAX_BYTES, RawRow};

/// Room for a row at first; it grows with the longest one, to a bound.
const FIRST_BYTES: usize = 4 * 1024;
/// Room for the text that is dropped.
const DROPPED_BYTES: usize = 8 * 1024;
/// Most cells of a row whose ends are kept: enough to tell that there are too many.
const ENDS_MAX: usize = COLUMNS_MAX + 1;

/// The machine.
pub(super) struct Splitter {
    machine: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Bytes and cells of the row so far, also those that were not kept.
    bytes: usize,
    cells: usize,
    dropped: Vec<u8>,
    dropped_ends: [usize; 64],
    /// Line of the next byte, and of the row's first.
    line: u64,
    begun: Option<u64>,
    after_return: bool,
}

impl std::fmt::Debug for Splitter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Splitter").field("line", &self.line).finish_non_exhaustive()
    }
}

/// What became of a piece of text.
pub(super) enum Step {
    /// A row is whole.
    Row(RawRow),
    /// All was read; there is no row yet.
    More,
}

impl Splitter {
    /// Starts at a line.
    pub(super) fn new(separator: u8, line: u64) -> Self {
        Self {
            machine: ReaderBuilder::new().delimiter(separator).build(),
            text: vec![0; FIRST_BYTES],
            ends: vec![0; ENDS_MAX],
            bytes: 0,
            cells: 0,
            dropped: vec![0; DROPPED_BYTES],
            dropped_ends: [0; 64],
            line,
            begun: None,
            after_return: false,
        }
    }

    /// Reads on, at most to the end of a row. Answers how many bytes were read.
    pub(super) fn step(&mut self, input: &[u8]) -> (usize, Step) {
        let mut at = 0;
        if self.begun.is_none() {
            at = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.count(input.get(..at).unwrap_or_default());
            if at == input.len() {
                return (at, Step::More);
            }
            self.begun = Some(self.line);
        }
        loop {
            let rest = input.get(at..).unwrap_or_default();
            if rest.is_empty() {
                // To the machine no bytes are the end of all bytes.
                return (at, Step::More);
            }
            let (result, read) = self.read(rest);
            self.count(rest.get(..read).unwrap_or_default());
            at += read;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {}
                ReadRecordResult::Record => return (at, self.finish(false)),
                ReadRecordResult::End => return (at, Step::More),
            }
        }
    }

    /// Ends the text: the last row may have no line end.
    pub(super) fn end(&mut self) -> Option<RawRow> {
        self.begun?;
        // A line end ends a row, except within quotes.
        let (mut result, _) = self.read(b"\n");
        let open = result == ReadRecordResult::InputEmpty;
        while !matches!(result, ReadRecordResult::Record | ReadRecordResult::End) {
            (result, _) = self.read(b"");
        }
        match self.finish(open) {
            Step::Row(row) => Some(row),
            Step::More => None,
        }
    }

    /// Line of the next byte.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    fn read(&mut self, input: &[u8]) -> (ReadRecordResult, usize) {
        if self.bytes >= self.text.len() && self.text.len() < ROW_MAX_BYTES {
            self.text.resize((self.text.len() * 2).min(ROW_MAX_BYTES), 0);
        }
        let text = match self.text.get_mut(self.bytes..) {
            Some(room) if !room.is_empty() => room,
            _ => &mut self.dropped,
        };
        let ends = match self.ends.get_mut(self.cells..) {
            Some(room) if !room.is_empty() => room,
            _ => &mut self.dropped_ends,
        };
        let (result, read, written, ended) = self.machine.read_record(input, text, ends);
        self.bytes += written;
        self.cells += ended;
        (result, read)
    }

    fn finish(&mut self, open: bool) -> Step {
        let kept = self.bytes.min(self.text.len());
        let text = String::from_utf8_lossy(self.text.get(..kept).unwrap_or_default()).into_owned();
        let ends = self.ends.get(..self.cells.min(self.ends.len())).unwrap_or_default().to_vec();
        let row = RawRow {
            number: None,
            line: self.begun.take().unwrap_or(self.line),
            text,
            ends,
            cells: self.cells,
            bytes: self.bytes,
            open,
        };
        (self.bytes, self.cells) = (0, 0);
        Step::Row(row)
    }

    fn count(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        self.line += line_ends(bytes);
        if self.after_return && bytes.first() == Some(&b'\n') {
            self.line -= 1;
        }
        self.after_return = *last == b'\r';
    }
}

/// Counts line ends: CRLF, CR or LF.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let mut ends = 0;
    let mut after_return = false;
    for byte in bytes {
        ends += u64::from(*byte == b'\r' || (*byte == b'\n' && !after_return));
        after_return = *byte == b'\r';
    }
    ends
}

/// The cells of a header.
pub(super) fn titles(header: &str, separator: u8) -> Vec<String> {
    let mut splitter = Splitter::new(separator, 1);
    let row = match splitter.step(header.as_bytes()) {
        (_, Step::Row(row)) => Some(row),
        (_, Step::More) => splitter.end(),
    };
    let title = |cell: &str| cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned();
    row.map(|row| row.iter().map(title).collect()).unwrap_or_default()
}
