//! JSON lines, read back by `serde_json`.

use serde_json::{Map, Value, json};

use super::*;

fn read(file: &[u8]) -> Vec<Map<String, Value>> {
    let text = str::from_utf8(file).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    // Every line alone is a value, whatever stands in it, and by whatever a reader breaks lines.
    assert!(!text.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read(rows in rows()) {
        let mut rows = rows;
        for row in &mut rows {
            // Within a JSON value the separators of lines are the business of whoever made it.
            row[6] = row[6].take().map(|cell| cell.replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], " "));
        }
        let (file, _) = write(&Table::new(columns(), Format::Jsonl), &rows);
        let read = read(&file);
        prop_assert_eq!(read.len(), rows.len());
        for (row, read) in rows.iter().zip(&read) {
            let wanted = |at: usize, value: fn(&str) -> Value| row[at].as_deref().map_or(Value::Null, value);
            prop_assert_eq!(&read["name"], &wanted(0, |cell| json!(cell)));
            prop_assert_eq!(&read["tries"], &wanted(1, |cell| json!(cell.parse::<i64>().unwrap())));
            // This reader rounds the last digit of some numbers.
            let score: Option<f64> = row[2].as_deref().map(|cell| cell.parse().unwrap());
            let off = score.zip(read["score"].as_f64()).map_or(0.0, |(told, read)| (told - read).abs() / told.abs().max(f64::MIN_POSITIVE));
            prop_assert!(off < 1e-15 && read["score"].is_null() == score.is_none(), "{score:?} {}", read["score"]);
            prop_assert_eq!(&read["passed"], &wanted(3, |cell| json!(cell == "t")));
            prop_assert_eq!(&read["at"], &wanted(4, |cell| json!(cell.replacen(' ', "T", 1).replace("+00", "Z"))));
            prop_assert_eq!(&read["due"], &wanted(5, |cell| json!(cell)));
            prop_assert_eq!(&read["extra"], &wanted(6, |cell| serde_json::from_str(cell).unwrap()));
            prop_assert_eq!(read.len(), 7);
        }
    }
}

#[test]
fn kinds_are_those_of_json_and_keys_stand_in_the_order_of_columns() {
    let row =
        ["Ann \"A\"\n\u{1}\\", "-12", "1.50", "f", "2026-11-21 09:00:00.25+05:45", "2026-02-28", "{\"a\":\n [1]}"];
    let (file, _) = write(&Table::new(columns(), Format::Jsonl), &[row.map(|cell| Some(cell.to_owned())).to_vec()]);
    assert_eq!(
        String::from_utf8(file).unwrap(),
        "{\"name\":\"Ann \\\"A\\\"\\n\\u0001\\\\\",\"tries\":-12,\"score\":1.50,\"passed\":false,\
         \"at\":\"2026-11-21T09:00:00.25+05:45\",\"due\":\"2026-02-28\",\"extra\":{\"a\":  [1]}}\n"
    );
}

#[test]
fn what_is_no_number_in_json_is_null() {
    for cell in ["NaN", "Infinity", "-Infinity"] {
        let table = Table::new(vec![Column::new("n", Kind::Number)], Format::Jsonl);
        let (file, _) = write(&table, &[vec![Some(cell.to_owned())]]);
        assert_eq!(file, b"{\"n\":null}\n", "{cell}");
    }
}
