//! Parquet, read back by the crate's reader of records. `tests/peers/parquet` reads it by Arrow.

use ::parquet::{
    file::{
        metadata::RowGroupMetaData,
        reader::{FileReader, SerializedFileReader},
    },
    record::{Field, RowAccessor},
};
use bytes::Bytes;

use super::*;
use crate::table::spelled::{Moment, days};

fn reader(file: Vec<u8>) -> SerializedFileReader<Bytes> {
    SerializedFileReader::new(Bytes::from(file)).unwrap()
}

proptest! {
    #[test]
    fn what_is_written_is_read(rows in rows()) {
        let (file, _) = write(&Table::new(columns(), Format::Parquet), &rows);
        let reader = reader(file);
        let read: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(read.len(), rows.len());
        for (row, read) in rows.iter().zip(&read) {
            let fields: Vec<&Field> = read.get_column_iter().map(|(_, field)| field).collect();
            let wanted = |at: usize, value: fn(&str) -> Field| row[at].as_deref().map_or(Field::Null, value);
            prop_assert_eq!(fields[0], &wanted(0, |cell| Field::Str(cell.to_owned())));
            prop_assert_eq!(fields[1], &wanted(1, |cell| Field::Long(cell.parse().unwrap())));
            prop_assert_eq!(fields[2], &wanted(2, |cell| Field::Double(cell.parse().unwrap())));
            prop_assert_eq!(fields[3], &wanted(3, |cell| Field::Bool(cell == "t")));
            prop_assert_eq!(
                fields[4],
                &wanted(4, |cell| Field::TimestampMicros(Moment::of(cell).unwrap().micros().unwrap()))
            );
            prop_assert_eq!(fields[5], &wanted(5, |cell| Field::Date(days(cell).unwrap())));
            prop_assert_eq!(fields[6], &wanted(6, |cell| Field::Str(cell.to_owned())));
        }
    }
}

#[test]
fn a_moment_is_the_same_in_every_zone() {
    let micros = |cell| Moment::of(cell).unwrap().micros().unwrap();
    let utc = micros("2026-11-21 00:00:00.25+00");
    assert_eq!(utc, 1_795_219_200_250_000);
    for same in ["2026-11-21 09:00:00.25+09", "2026-11-20 20:30:00.25-03:30", "2026-11-21T00:00:00.25Z"] {
        assert_eq!(micros(same), utc, "{same}");
    }
    assert_eq!(days("1970-01-01"), Some(0));
    assert_eq!(days("1969-12-31"), Some(-1));
    assert_eq!(days("2024-02-29"), Some(19_782));
    assert_eq!(days("2023-02-29"), None);
}

#[test]
fn groups_of_rows_are_bounded_by_rows_and_by_bytes() {
    let table = Table::new(vec![Column::new("n", Kind::Integer), Column::new("text", Kind::Text)], Format::Parquet);
    let mut writer = Writer::new(Vec::new(), &table).unwrap();
    for n in 0..300_000 {
        writer.row(&[Some(&n.to_string()), None]).unwrap();
    }
    let long = "x".repeat(1024 * 1024);
    for _ in 0..20 {
        writer.row(&[None, Some(&long)]).unwrap();
    }
    let reader = reader(writer.finish().unwrap().0);
    let groups: Vec<i64> = reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups.iter().sum::<i64>(), 300_020);
    assert!(groups.iter().all(|rows| *rows <= 128 * 1024), "{groups:?}");
    assert!(groups.len() >= 5, "{groups:?}");
    let last = reader.get_row_iter(None).unwrap().last().unwrap().unwrap();
    assert_eq!(last.get_string(1).unwrap(), &long);
}
