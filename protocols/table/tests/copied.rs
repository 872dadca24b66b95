//! Rows as `COPY` tells them.

use super::*;
use crate::table::copied::{Cells, Cutter};

#[derive(Default)]
struct Heard {
    row: Row,
    rows: Vec<Row>,
}

impl Cells for Heard {
    fn cell(&mut self, at: usize, cell: Option<&str>) -> Result<(), TableError> {
        assert_eq!(at, self.row.len());
        self.row.push(cell.map(str::to_owned));
        Ok(())
    }

    fn end_row(&mut self, cells: usize) -> Result<(), TableError> {
        assert_eq!(cells, self.row.len());
        self.rows.push(std::mem::take(&mut self.row));
        Ok(())
    }
}

fn heard(pieces: &[&[u8]]) -> Result<Vec<Row>, TableError> {
    let (mut cutter, mut heard) = (Cutter::default(), Heard::default());
    for piece in pieces {
        cutter.take(piece, &mut heard)?;
    }
    cutter.end()?;
    Ok(heard.rows)
}

/// As PostgreSQL writes a cell: `CopyAttributeOutText`.
fn told(rows: &[Row]) -> Vec<u8> {
    let mut told = String::new();
    for row in rows {
        let cells = row.iter().map(|cell| match cell {
            None => "\\N".to_owned(),
            Some(cell) => cell.chars().fold(String::new(), |mut told, letter| {
                match letter {
                    '\u{8}' => told.push_str("\\b"),
                    '\u{c}' => told.push_str("\\f"),
                    '\n' => told.push_str("\\n"),
                    '\r' => told.push_str("\\r"),
                    '\t' => told.push_str("\\t"),
                    '\u{b}' => told.push_str("\\v"),
                    '\\' => told.push_str("\\\\"),
                    other => told.push(other),
                }
                told
            }),
        });
        told.push_str(&cells.collect::<Vec<_>>().join("\t"));
        told.push('\n');
    }
    told.into_bytes()
}

proptest! {
    #[test]
    fn what_is_told_is_heard_whatever_the_pieces(rows in rows(), size in 1_usize..40) {
        let told = told(&rows);
        let pieces: Vec<&[u8]> = told.chunks(size).collect();
        prop_assert_eq!(heard(&pieces).unwrap(), rows);
    }

    #[test]
    fn no_bytes_break_it(bytes: Vec<u8>, size in 1_usize..40) {
        let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
        let _ = heard(&pieces);
    }
}

#[test]
fn nulls_empty_cells_and_backslashes_are_three_things() {
    let cells = |line: &str| heard(&[line.as_bytes()]).unwrap().remove(0);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(cells("\\N\t\t\\\\N\n"), [None, text(""), text("\\N")]);
    assert_eq!(cells("a\\tb\\\\tc\\nd\n"), [text("a\tb\\tc\nd")]);
    assert_eq!(cells("\\\\\\\\n\t\\x\n"), [text("\\\\n"), text("x")]);
    assert_eq!(cells("\n"), [text("")]);
}

#[test]
fn rows_that_break_off_are_told() {
    for broken in [&b"a\tb"[..], b"a\n\xff\n", b"a\\\n"] {
        assert!(matches!(heard(&[broken]), Err(TableError::Copied(_))), "{broken:?}");
    }
    let table = Table::new(vec![Column::new("a", Kind::Text)], Format::Csv);
    let mut writer = Writer::new(Vec::new(), &table).unwrap();
    writer.copied(b"one\ntw").unwrap();
    assert_eq!(writer.rows(), 1);
    assert!(writer.finish().is_err());
}
