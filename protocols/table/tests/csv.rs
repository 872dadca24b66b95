//! CSV, read back by csv-core, which is not ours.

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::*;
use crate::table::{CsvLocale, Delimiter};

const DELIMITERS: [Delimiter; 4] = [Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab, Delimiter::Pipe];

/// Reads a file, header included.
fn read(file: &[u8], delimiter: Delimiter) -> Vec<Vec<String>> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter.byte()).build();
    let (mut rows, mut input) = (Vec::new(), file);
    let (mut cells, mut ends) = (vec![0; file.len() + 1], vec![0; 64]);
    loop {
        let (mut used, mut ended) = (0, 0);
        let result = loop {
            let (result, read, wrote, marked) = reader.read_record(input, &mut cells[used..], &mut ends[ended..]);
            input = &input[read..];
            (used, ended) = (used + wrote, ended + marked);
            if result != ReadRecordResult::InputEmpty || read == 0 && input.is_empty() && wrote == 0 && marked == 0 {
                break result;
            }
        };
        if result == ReadRecordResult::End {
            return rows;
        }
        let mut from = 0;
        let row = ends[..ended].iter().map(|end| {
            let cell = String::from_utf8(cells[from..*end].to_vec()).unwrap();
            from = *end;
            cell
        });
        rows.push(row.collect());
    }
}

/// A text without the apostrophe that guards it.
fn unguarded(cell: &str) -> &str {
    let rest = cell.trim_start_matches('\'');
    let dangerous =
        rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if dangerous { cell.strip_prefix('\'').expect("what is dangerous is guarded") } else { cell }
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_never_runs(rows in rows(), at in 0_usize..4) {
        let delimiter = DELIMITERS[at];
        let manner = CsvManner { delimiter, ..CsvManner::default() };
        let table = Table { csv: manner, ..Table::new(columns(), Format::Csv) };
        let (file, _) = write(&table, &rows);
        let read = read(&file, delimiter);
        prop_assert_eq!(read.len(), rows.len() + 1);
        for (row, read) in rows.iter().zip(&read[1..]) {
            prop_assert_eq!(unguarded(&read[0]), row[0].as_deref().unwrap_or_default());
            prop_assert_eq!(&read[1], row[1].as_deref().unwrap_or_default());
            prop_assert_eq!(&read[2], row[2].as_deref().unwrap_or_default());
            prop_assert_eq!(&read[3], row[3].as_deref().map_or("", |cell| if cell == "t" { "true" } else { "false" }));
            let at = row[4].as_deref().map(|cell| cell.replacen(' ', "T", 1).replace("+00", "Z"));
            prop_assert_eq!(&read[4], at.as_deref().unwrap_or_default());
            prop_assert_eq!(&read[5], row[5].as_deref().unwrap_or_default());
            prop_assert_eq!(unguarded(&read[6]), row[6].as_deref().unwrap_or_default());
        }
    }
}

#[test]
fn a_formula_is_guarded_and_in_quotes_and_a_number_is_neither() {
    let text = |cell| csv_of(Kind::Text, CsvManner::default(), cell);
    for formula in
        ["=1+1", "+49 30 1234", "-x", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1+1", "－1", "＋1", "＠A"]
    {
        assert_eq!(text(formula), format!("\"'{formula}\""));
    }
    assert_eq!(text("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    // What looks guarded already is guarded too, so that taking one apostrophe away gives every text back.
    assert_eq!(text("'=1"), "\"''=1\"");
    assert_eq!(text("''@"), "\"'''@\"");
    assert_eq!(text("'quoted'"), "'quoted'");
    assert_eq!(text("a=b"), "a=b");
    assert_eq!(csv_of(Kind::Integer, CsvManner::default(), "-5"), "-5");
    assert_eq!(csv_of(Kind::Number, CsvManner::default(), "-1.5e-07"), "-1.5e-07");
    assert_eq!(csv_of(Kind::Number, CsvManner::default(), "-Infinity"), "-Infinity");
    // What a column of numbers holds must be one to go as one.
    for no_number in ["-1+cmd|' /C calc'!A0", "+1", "-", "--1", "1e", "=1", "-1."] {
        for kind in [Kind::Integer, Kind::Number, Kind::Boolean, Kind::Timestamp, Kind::Date] {
            assert!(!csv_of(kind, CsvManner::default(), no_number).starts_with(['-', '+', '=']), "{no_number}");
        }
    }
}

#[test]
fn a_header_is_as_safe_as_a_row_and_may_be_titles() {
    let columns = vec![
        Column::new("name", Kind::Text).titled("이름, 성"),
        Column::new("=x", Kind::Text),
        Column::new("n", Kind::Integer).titled("Zahl"),
    ];
    let manner = CsvManner { byte_order_mark: true, ..CsvManner::default() };
    let table = Table { csv: manner, ..Table::new(columns, Format::Csv) };
    let (file, _) = write(&table, &[vec![None, Some(String::new()), Some("1".to_owned())]]);
    assert_eq!(String::from_utf8(file).unwrap(), "\u{feff}\"이름, 성\",\"'=x\",Zahl\r\n,\"\",1\r\n");
}

#[test]
fn one_empty_cell_is_no_empty_line() {
    let table = Table::new(vec![Column::new("a", Kind::Text)], Format::Csv);
    let (file, _) = write(&table, &[vec![None], vec![Some("x".to_owned())]]);
    assert_eq!(String::from_utf8(file).unwrap(), "a\r\n\"\"\r\nx\r\n");
}

#[test]
fn a_country_has_its_numbers_dates_and_times() {
    let written = |tag: &str| {
        let manner = CsvManner { delimiter: Delimiter::Semicolon, locale: CsvLocale::of(tag), ..CsvManner::default() };
        assert!(manner.locale.is_some(), "{tag}");
        [(Kind::Number, "-1234.5"), (Kind::Date, "2026-02-03"), (Kind::Timestamp, "2026-02-03 04:05:06.789+09")]
            .map(|(kind, cell)| csv_of(kind, manner.clone(), cell))
            .join(" | ")
    };
    let lines: Vec<String> =
        ["en-US", "en-GB", "de-DE", "fr_FR", "ko-KR", "ru", "he", "ar-EG", "fa-IR", "th-TH", "hu", "sv"]
            .iter()
            .map(|tag| format!("{tag}: {}", written(tag)))
            .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    en-US: -1234.5 | 02/03/2026 | 02/03/2026 04:05:06
    en-GB: -1234.5 | 03/02/2026 | 03/02/2026 04:05:06
    de-DE: "-1234,5" | 03.02.2026 | 03.02.2026 04:05:06
    fr_FR: "-1234,5" | 03/02/2026 | 03/02/2026 04:05:06
    ko-KR: -1234.5 | 2026/02/03 | 2026/02/03 04:05:06
    ru: "-1234,5" | 03.02.2026 | 03.02.2026 04:05:06
    he: -1234.5 | 03.02.2026 | 03.02.2026 04:05:06
    ar-EG: -1234.5 | 03/02/2026 | 03/02/2026 04:05:06
    fa-IR: -1234.5 | 2026/02/03 | 2026/02/03 04:05:06
    th-TH: -1234.5 | 03/02/2026 | 03/02/2026 04:05:06
    hu: "-1234,5" | 2026. 02. 03. | 2026. 02. 03. 04:05:06
    sv: "-1234,5" | 2026-02-03 | 2026-02-03 04:05:06
    "#);
}

#[test]
fn what_is_no_tag_is_no_country() {
    for tag in ["", "-", "english language", "e", "../../etc"] {
        assert_eq!(CsvLocale::of(tag), None, "{tag}");
    }
}

#[test]
fn a_point_that_is_the_delimiter_stands_in_quotes() {
    let manner = CsvManner { locale: CsvLocale::of("de"), ..CsvManner::default() };
    assert_eq!(csv_of(Kind::Number, manner.clone(), "1.5"), "\"1,5\"");
    assert_eq!(csv_of(Kind::Integer, manner, "15"), "15");
}

#[test]
fn offsets_are_those_of_the_zone() {
    let at = |cell| csv_of(Kind::Timestamp, CsvManner::default(), cell);
    assert_eq!(at("2026-11-21 09:00:00+09"), "2026-11-21T09:00:00+09:00");
    assert_eq!(at("2026-11-21 09:00:00.25+05:45"), "2026-11-21T09:00:00.25+05:45");
    assert_eq!(at("2026-11-21 09:00:00-03:30"), "2026-11-21T09:00:00-03:30");
    assert_eq!(at("2026-11-21 09:00:00+00"), "2026-11-21T09:00:00Z");
    assert_eq!(at("0044-03-15 12:00:00+00 BC"), "0044-03-15 12:00:00+00 BC");
    assert_eq!(at("-infinity"), "\"'-infinity\"");
}
