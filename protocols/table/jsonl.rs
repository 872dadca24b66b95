//! JSON lines: an object for each row, its keys in the order of the columns, every kind as JSON has it.
//!
//! # Shape
//! Numbers, truth values and nulls are those of JSON, moments are RFC 3339 in the zone of the file, a JSON value stands in
//! the object as it is. `NaN` and the infinities, which JSON lacks, are null. Rows end with a line feed; there is none
//! within one.
//!
//! # Source
//! RFC 8259, RFC 3339; jsonlines.org for the lines.

use super::{
    Column, Kind, TableError,
    spelled::{Day, Moment, boolean, is_json_number, is_no_number},
    writer::{LineFormat, misspelled},
};

/// Spells rows.
pub(super) struct JsonRows {
    columns: Vec<(Vec<u8>, Column)>,
}

impl JsonRows {
    /// Spells the keys once.
    pub(super) fn new(columns: &[Column]) -> Self {
        let key = |at: usize, column: &Column| {
            let mut key = vec![if at == 0 { b'{' } else { b',' }];
            text(&column.name, &mut key);
            key.push(b':');
            key
        };
        Self { columns: columns.iter().enumerate().map(|(at, column)| (key(at, column), column.clone())).collect() }
    }
}

impl LineFormat for JsonRows {
    fn cell(&mut self, at: usize, cell: Option<&str>, line: &mut Vec<u8>) -> Result<(), TableError> {
        let Some((key, column)) = self.columns.get(at) else { return Ok(()) };
        line.extend_from_slice(key);
        if let Some(cell) = cell {
            return value(cell, column.kind, line).ok_or_else(|| misspelled(column));
        }
        line.extend_from_slice(b"null");
        Ok(())
    }

    fn end_row(&mut self, line: &mut Vec<u8>) {
        if self.columns.is_empty() {
            line.push(b'{');
        }
        line.extend_from_slice(b"}\n");
    }
}

/// Spells a value of a kind; none when the cell is none.
fn value(cell: &str, kind: Kind, line: &mut Vec<u8>) -> Option<()> {
    let told = cell.as_bytes();
    match kind {
        Kind::Text => text(cell, line),
        Kind::Integer | Kind::Number if is_json_number(cell) => line.extend_from_slice(told),
        Kind::Number if is_no_number(cell) => line.extend_from_slice(b"null"),
        Kind::Integer | Kind::Number => return None,
        Kind::Boolean => line.extend_from_slice(if boolean(cell)? { b"true" } else { b"false" }),
        Kind::Timestamp => {
            let moment = Moment::of(cell)?;
            line.push(b'"');
            moment.spell(line);
            line.push(b'"');
        }
        Kind::Date => {
            Day::of(cell)?;
            line.push(b'"');
            line.extend_from_slice(told);
            line.push(b'"');
        }
        // Only white space between values can be a line end there.
        Kind::Json => line.extend(told.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte })),
    }
    Some(())
}

/// Bytes at which a text is looked at more closely: what JSON wants escaped, and the first bytes of the separators.
const CLOSER: [bool; 256] = {
    let mut closer = [false; 256];
    let mut byte = 0;
    #[expect(clippy::indexing_slicing, reason = "the loop ends within the array")]
    while byte < 256 {
        closer[byte] = byte < 0x20 || matches!(byte, 0x22 | 0x5c | 0xc2 | 0xe2);
        byte += 1;
    }
    closer
};

/// Spells a text. Beyond what JSON wants, the line and paragraph separators are escaped, at which readers of lines break.
fn text(cell: &str, line: &mut Vec<u8>) {
    let told = cell.as_bytes();
    line.push(b'"');
    let mut from = 0;
    for (at, byte) in told.iter().enumerate() {
        if !CLOSER.get(usize::from(*byte)).copied().unwrap_or(true) {
            continue;
        }
        let Some((escape, length)) = escape(told.get(at..).unwrap_or_default()) else { continue };
        line.extend_from_slice(told.get(from..at).unwrap_or_default());
        match escape {
            Escape::Short(letter) => line.extend_from_slice(&[b'\\', letter]),
            Escape::Code(code) => line.extend_from_slice(&hexadecimal(code)),
        }
        from = at + length;
    }
    line.extend_from_slice(told.get(from..).unwrap_or_default());
    line.push(b'"');
}

enum Escape {
    Short(u8),
    Code(u16),
}

/// How the first letter of a text is escaped, and how many bytes it has; none where it stands for itself.
fn escape(text: &[u8]) -> Option<(Escape, usize)> {
    Some(match text {
        [letter @ (b'"' | b'\\'), ..] => (Escape::Short(*letter), 1),
        [b'\n', ..] => (Escape::Short(b'n'), 1),
        [b'\r', ..] => (Escape::Short(b'r'), 1),
        [b'\t', ..] => (Escape::Short(b't'), 1),
        [8, ..] => (Escape::Short(b'b'), 1),
        [12, ..] => (Escape::Short(b'f'), 1),
        [control @ 0..0x20, ..] => (Escape::Code(u16::from(*control)), 1),
        [0xc2, 0x85, ..] => (Escape::Code(0x85), 2),
        [0xe2, 0x80, last @ (0xa8 | 0xa9), ..] => (Escape::Code(0x2000 + u16::from(last & 0x3f)), 3),
        _ => return None,
    })
}

/// `\u001f`
fn hexadecimal(code: u16) -> [u8; 6] {
    let digit = |shift: u32| {
        let digit = char::from_digit(u32::from(code >> shift) % 16, 16);
        digit.and_then(|digit| u8::try_from(digit).ok()).unwrap_or(b'0')
    };
    [b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]
}
