//! Files of rows, read by `DuckDB` of `tests/peers/duckdb`: by a program that shares no code with what writes them.

use std::{path::PathBuf, process::Command};

use serde_json::{Value, json};
use stoa_protocols::table::{Column, Format, Kind, Packing, Table, Writer};

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

/// As PostgreSQL spells them, with what people put into names.
const ROWS: [[Option<&str>; 7]; 4] = [
    [
        Some("=cmd|' /C calc'!A0"),
        Some("-9223372036854775808"),
        Some("-0.1"),
        Some("t"),
        Some("2026-11-21 09:00:00.25+09"),
        Some("2024-02-29"),
        Some("{\"a\": [1, null]}"),
    ],
    [None, None, None, None, None, None, None],
    [
        Some("a\r\nb,c;d\te|f\"g\" מימין 가 👩‍👩‍👧"),
        Some("0"),
        Some("1e+20"),
        Some("f"),
        Some("1969-12-31 23:59:59.999999+00"),
        Some("1969-12-31"),
        Some("\"text\""),
    ],
    [
        Some(" '@x "),
        Some("9223372036854775807"),
        Some("12.50"),
        Some("t"),
        Some("2026-03-29 03:00:00+02"),
        Some("9999-12-31"),
        Some("5"),
    ],
];

/// Writes the rows and lets `DuckDB` read them.
fn read(format: Format, packing: Packing) -> Value {
    let table = Table { packing, ..Table::new(columns(), format) };
    let mut writer = Writer::new(Vec::new(), &table).expect("a writer");
    for row in &ROWS {
        writer.row(row).expect("a row");
    }
    let name = format!("formats-{}.{}", std::process::id(), table.extension());
    analysed(&name, &writer.finish().expect("a file").0)
}

/// What `DuckDB` reads in a file of this name: its columns with their types, and its rows.
pub(super) fn analysed(name: &str, file: &[u8]) -> Value {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, file).expect("a file on the disk");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let read = Command::new(root.join("target/peers/venv/bin/python"))
        .arg(root.join("tests/peers/duckdb/read.py"))
        .arg(&path)
        .output()
        .unwrap_or_else(|error| panic!("DuckDB: {error}; scripts/setup test installs it"));
    let told = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{told}; scripts/setup test installs DuckDB");
    std::fs::remove_file(path).expect("it was there");
    serde_json::from_slice(&read.stdout).expect("JSON")
}

#[test]
fn parquet_has_its_types_and_every_value() {
    let read = read(Format::Parquet, Packing::None);
    let types: Vec<&Value> = read["columns"].as_array().expect("columns").iter().map(|column| &column[1]).collect();
    assert_eq!(types, ["VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP WITH TIME ZONE", "DATE", "JSON"]);
    assert_eq!(
        read["rows"],
        json!([
            [ROWS[0][0], i64::MIN, -0.1, true, "2026-11-21 00:00:00.25+00", "2024-02-29", "{\"a\": [1, null]}"],
            [null, null, null, null, null, null, null],
            [ROWS[2][0], 0, 1e20, false, "1969-12-31 23:59:59.999999+00", "1969-12-31", "\"text\""],
            [ROWS[3][0], i64::MAX, 12.5, true, "2026-03-29 01:00:00+00", "9999-12-31", "5"],
        ])
    );
}

#[test]
fn json_lines_have_their_types_and_every_value_packed_or_not() {
    for packing in [Packing::None, Packing::Gzip] {
        let read = read(Format::Jsonl, packing);
        let names: Vec<&Value> = read["columns"].as_array().expect("columns").iter().map(|column| &column[0]).collect();
        assert_eq!(names, ["name", "tries", "score", "passed", "at", "due", "extra"]);
        let rows = read["rows"].as_array().expect("rows");
        for (row, read) in ROWS.iter().zip(rows) {
            assert_eq!(read[0], json!(row[0]));
            assert_eq!(read[3], json!(row[3].map(|passed| passed == "t")));
        }
        // It takes a number as wide as that for a text.
        assert_eq!(rows[0][1].to_string().trim_matches('"'), i64::MIN.to_string());
        assert_eq!(rows[3][2], json!(12.5));
        assert_eq!(rows[0][4], json!("2026-11-21 00:00:00.25+00"));
        assert_eq!(rows[3][5], json!("9999-12-31"));
    }
}

#[test]
fn csv_has_every_value_and_no_formula() {
    let read = read(Format::Csv, Packing::Gzip);
    let empty = Value::Null;
    assert_eq!(
        read["rows"],
        json!([
            [
                format!("'{}", ROWS[0][0].expect("a name")),
                "-9223372036854775808",
                "-0.1",
                "true",
                "2026-11-21T09:00:00.25+09:00",
                "2024-02-29",
                "{\"a\": [1, null]}"
            ],
            [empty, empty, empty, empty, empty, empty, empty],
            [ROWS[2][0], "0", "1e+20", "false", "1969-12-31T23:59:59.999999Z", "1969-12-31", "\"text\""],
            [ROWS[3][0], "9223372036854775807", "12.50", "true", "2026-03-29T03:00:00+02:00", "9999-12-31", "5"],
        ])
    );
}
