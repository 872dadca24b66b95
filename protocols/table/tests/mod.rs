//! Tests of what is written, read back by other people's readers.

mod copied;
mod csv;
mod hostile;
mod jsonl;
mod parquet;

use std::io::Read;

use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::{Column, CsvManner, Format, Kind, Packing, Table, TableError, Writer, Written};

/// Of every kind one.
fn columns() -> Vec<Column> {
    vec![
        Column::new("name", Kind::Text),
        Column::new("tries", Kind::Integer),
        Column::new("score", Kind::Number),
        Column::new("passed", Kind::Boolean),
        Column::new("at", Kind::Timestamp),
        Column::new("due", Kind::Date),
        Column::new("extra", Kind::Json),
    ]
}

type Row = Vec<Option<String>>;

/// Rows of every kind as PostgreSQL spells them.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let text = prop_oneof![".{0,12}", "[=+@'\"\\-\t\r\n;,|\u{0}\\\\N]{0,6}", "[א-ת\u{200f}\u{ff1d}ㄱ가]{0,6}"];
    let at = (-62_135_596_800_i64..253_402_300_799, 0..1_000_000_u32).prop_map(|(secs, micros)| spelled(secs, micros));
    let score = prop_oneof![any::<f64>().prop_filter("finite", |score| score.is_finite()), Just(-0.5), Just(1e300)];
    let row = (
        proptest::option::of(text),
        proptest::option::of(any::<i64>()),
        proptest::option::of(score),
        proptest::option::of(any::<bool>()),
        proptest::option::of(at),
        proptest::option::of(0..3_000_000_u32),
        proptest::option::of(any::<(i32, String)>()),
    );
    let spelled = row.prop_map(|(name, tries, score, passed, at, due, extra)| {
        vec![
            name,
            tries.map(|tries| tries.to_string()),
            score.map(|score| score.to_string()),
            passed.map(|passed| if passed { "t" } else { "f" }.to_owned()),
            at,
            due.map(|day| {
                chrono::NaiveDate::from_num_days_from_ce_opt(i32::try_from(day).unwrap() + 1).unwrap().to_string()
            }),
            extra.map(|(number, text)| serde_json::json!({ "n": number, "t": text }).to_string()),
        ]
    });
    proptest::collection::vec(spelled, 0..20)
}

fn spelled(secs: i64, micros: u32) -> String {
    let at = chrono::DateTime::from_timestamp(secs, micros * 1000).unwrap();
    at.format(if micros == 0 { "%Y-%m-%d %H:%M:%S+00" } else { "%Y-%m-%d %H:%M:%S%.6f+00" }).to_string()
}

fn write(table: &Table, rows: &[Row]) -> (Vec<u8>, Written) {
    let mut writer = Writer::new(Vec::new(), table).unwrap();
    for row in rows {
        let cells: Vec<Option<&str>> = row.iter().map(Option::as_deref).collect();
        writer.row(&cells).unwrap();
    }
    let (file, written) = writer.finish().unwrap();
    assert_eq!(written.rows, u64::try_from(rows.len()).unwrap());
    assert_eq!(written.bytes, u64::try_from(file.len()).unwrap());
    assert_eq!(written.sha256, <[u8; 32]>::from(Sha256::digest(&file)));
    (file, written)
}

/// One column of texts in CSV.
fn csv_of(kind: Kind, manner: CsvManner, cell: &str) -> String {
    let table =
        Table { csv: manner, ..Table::new(vec![Column::new("a", kind), Column::new("b", Kind::Text)], Format::Csv) };
    let (file, _) = write(&table, &[vec![Some(cell.to_owned()), None]]);
    let text = String::from_utf8(file).unwrap();
    let row = text.split_once("\r\n").unwrap().1;
    let delimiter = char::from(table.csv.delimiter.byte());
    row.strip_suffix("\r\n").unwrap().strip_suffix(delimiter).unwrap().to_owned()
}

#[test]
fn a_packed_file_is_the_same_file_and_what_is_counted_is_what_is_kept() {
    let rows: Vec<Row> = (0..5000).map(|n| vec![Some(format!("row {n}")), Some(n.to_string())]).collect();
    let columns = vec![Column::new("name", Kind::Text), Column::new("n", Kind::Integer)];
    for format in [Format::Csv, Format::Jsonl] {
        let plain = Table::new(columns.clone(), format);
        let packed = Table { packing: Packing::Gzip, ..plain.clone() };
        let ((file, _), (gz, written)) = (write(&plain, &rows), write(&packed, &rows));
        assert!(written.bytes < u64::try_from(file.len()).unwrap() / 3);
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(gz.as_slice()).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == file, "{format:?}");
        assert_eq!(packed.extension(), format!("{}.gz", plain.extension()));
    }
    let parquet = Table { packing: Packing::Gzip, ..Table::new(columns, Format::Parquet) };
    assert_eq!((parquet.extension(), parquet.is_gzipped()), ("parquet", false));
}

#[test]
fn a_row_of_another_width_and_a_cell_of_another_kind_are_told() {
    for format in [Format::Csv, Format::Jsonl, Format::Parquet] {
        let table = Table::new(columns(), format);
        let mut writer = Writer::new(Vec::new(), &table).unwrap();
        let error = writer.row(&[None; 3]).unwrap_err();
        assert!(matches!(error, TableError::Width { cells: 3, columns: 7 }), "{error}");
        let mut writer = Writer::new(Vec::new(), &table).unwrap();
        let error = writer.row(&[None; 8]).unwrap_err();
        assert!(matches!(error, TableError::Width { cells: 8, columns: 7 }), "{error}");
    }
    for format in [Format::Jsonl, Format::Parquet] {
        for (at, cell) in [(1, "twelve"), (1, "1.5"), (2, "1,5"), (3, "yes"), (4, "infinity"), (5, "tomorrow")] {
            let mut cells: Vec<Option<&str>> = vec![None; 7];
            cells[at] = Some(cell);
            if format == Format::Jsonl && cell == "1.5" {
                continue;
            }
            let written = Writer::new(Vec::new(), &Table::new(columns(), format)).unwrap().row(&cells);
            assert!(matches!(written, Err(TableError::Misspelled { .. })), "{format:?} {cell}");
        }
    }
}

#[test]
fn a_table_without_rows_is_a_file() {
    let written = |format| write(&Table::new(columns(), format), &[]).0;
    assert_eq!(String::from_utf8(written(Format::Csv)).unwrap(), "name,tries,score,passed,at,due,extra\r\n");
    assert!(written(Format::Jsonl).is_empty());
    assert!(written(Format::Parquet).starts_with(b"PAR1"));
}

/// Fails after so many bytes.
struct Full(usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_place_that_is_full_is_told() {
    for format in [Format::Csv, Format::Jsonl, Format::Parquet] {
        let table = Table::new(vec![Column::new("name", Kind::Text)], format);
        let mut writer = Writer::new(Full(1000), &table).unwrap();
        let full = (0..300_000).try_for_each(|n| writer.row(&[Some(&format!("{n}"))]));
        let full = full.err().or_else(|| writer.finish().err());
        assert!(matches!(full, Some(TableError::Out(_) | TableError::Parquet(_))), "{format:?}");
    }
}
