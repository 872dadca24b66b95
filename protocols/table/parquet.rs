//! Parquet for analysis: every kind with the type that it has there.
//!
//! # Shape
//! All columns may be null. Text is a `STRING`, an integer an `INT64`, a number a `DOUBLE`, a moment a `TIMESTAMP` of
//! microseconds in UTC, a date a `DATE`, a JSON value a `JSON`. Pages are packed with Snappy. Rows are gathered and
//! written in groups, so that a file of any length needs the memory of one.
//!
//! # Source
//! Apache Parquet 2, "Logical Types".

use std::{io::Write, mem, sync::Arc};

use bytes::Bytes;
use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};

use super::{
    Column, Kind, TableError,
    spelled::{Moment, boolean, days},
    writer::misspelled,
};

/// Bytes of cells that make a group of rows, about.
const GROUP_BYTES: usize = 4 * 1024 * 1024;
/// Rows that make one at most.
const GROUP_ROWS: usize = 128 * 1024;
/// Bytes that a cell costs beside its text.
const CELL_BYTES: usize = 10;
/// Texts that are handed over at once.
const AT_ONCE: usize = 1024;

/// Gathers rows and writes them in groups.
pub(super) struct ParquetRows<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Gathered>,
    rows: usize,
    bytes: usize,
}

/// The cells of a column in the group that is gathered.
struct Gathered {
    column: Column,
    /// 1 for each cell that is there, 0 for a null.
    present: Vec<i16>,
    values: Values,
}

enum Values {
    Texts(Texts),
    Longs(Vec<i64>),
    Doubles(Vec<f64>),
    Truths(Vec<bool>),
    Days(Vec<i32>),
}

/// Texts one behind the other, and where each ends.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl<W: Write + Send> ParquetRows<W> {
    /// Begins the file.
    pub(super) fn begin(out: W, columns: &[Column]) -> Result<Self, TableError> {
        let fields = columns.iter().map(|column| field(column).map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
        let schema = Type::group_type_builder("row").with_fields(fields).build()?;
        // What is said of every page would have to be kept until the end of the file.
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by("stoa".to_owned())
            .build();
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        Ok(Self { file, columns: columns.iter().cloned().map(Gathered::new).collect(), rows: 0, bytes: 0 })
    }

    pub(super) fn cell(&mut self, at: usize, cell: Option<&str>) -> Result<(), TableError> {
        let Some(column) = self.columns.get_mut(at) else { return Ok(()) };
        self.bytes += CELL_BYTES + cell.map_or(0, str::len);
        column.present.push(i16::from(cell.is_some()));
        match cell {
            Some(cell) => column.values.push(cell, column.column.kind).ok_or_else(|| misspelled(&column.column)),
            None => Ok(()),
        }
    }

    pub(super) fn end_row(&mut self) -> Result<(), TableError> {
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    /// Writes the last group and what the file says of itself.
    pub(super) fn end(mut self) -> Result<W, TableError> {
        if self.rows > 0 {
            self.write_group()?;
        }
        Ok(self.file.into_inner()?)
    }

    fn write_group(&mut self) -> Result<(), TableError> {
        (self.rows, self.bytes) = (0, 0);
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            column.write(&mut group)?;
        }
        group.close()?;
        Ok(())
    }
}

impl Gathered {
    fn new(column: Column) -> Self {
        let values = match column.kind {
            Kind::Text | Kind::Json => Values::Texts(Texts::default()),
            Kind::Integer | Kind::Timestamp => Values::Longs(Vec::new()),
            Kind::Number => Values::Doubles(Vec::new()),
            Kind::Boolean => Values::Truths(Vec::new()),
            Kind::Date => Values::Days(Vec::new()),
        };
        Self { column, present: Vec::new(), values }
    }

    /// Writes the cells and forgets them.
    fn write<W: Write + Send>(&mut self, group: &mut SerializedRowGroupWriter<'_, W>) -> Result<(), TableError> {
        if let Some(mut column) = group.next_column()? {
            let present = &self.present;
            match &mut self.values {
                Values::Texts(texts) => texts.write(&mut column, present)?,
                Values::Longs(values) => write::<Int64Type>(&mut column, values, present)?,
                Values::Doubles(values) => write::<DoubleType>(&mut column, values, present)?,
                Values::Truths(values) => write::<BoolType>(&mut column, values, present)?,
                Values::Days(values) => write::<Int32Type>(&mut column, values, present)?,
            }
            column.close()?;
        }
        self.present.clear();
        Ok(())
    }
}

impl Values {
    /// Takes a cell of a kind; none when it is none.
    fn push(&mut self, cell: &str, kind: Kind) -> Option<()> {
        match self {
            Self::Texts(texts) => texts.push(cell),
            Self::Longs(values) if kind == Kind::Timestamp => values.push(Moment::of(cell)?.micros()?),
            Self::Longs(values) => values.push(cell.parse().ok()?),
            Self::Doubles(values) => values.push(cell.parse().ok()?),
            Self::Truths(values) => values.push(boolean(cell)?),
            Self::Days(values) => values.push(days(cell)?),
        }
        Some(())
    }
}

impl Texts {
    fn push(&mut self, cell: &str) {
        self.bytes.extend_from_slice(cell.as_bytes());
        self.ends.push(self.bytes.len());
    }

    /// Writes the texts and forgets them. The writer wants each as a value of its own, so they are parts of one text, a few
    /// at a time.
    fn write(&mut self, column: &mut SerializedColumnWriter<'_>, present: &[i16]) -> Result<(), ParquetError> {
        // The next group is about as long.
        let next = Vec::with_capacity(self.bytes.len());
        let bytes = Bytes::from(mem::replace(&mut self.bytes, next));
        let (mut from, mut ends) = (0, self.ends.iter());
        for present in present.chunks(AT_ONCE) {
            let texts = present.iter().filter(|cell| **cell > 0).zip(&mut ends).map(|(_, end)| {
                let text = bytes.slice(from..*end);
                from = *end;
                ByteArray::from(text)
            });
            let texts: Vec<ByteArray> = texts.collect();
            column.typed::<ByteArrayType>().write_batch(&texts, Some(present), None)?;
        }
        self.ends.clear();
        Ok(())
    }
}

fn write<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    values: &mut Vec<T::T>,
    present: &[i16],
) -> Result<(), ParquetError> {
    column.typed::<T>().write_batch(values, Some(present), None)?;
    values.clear();
    Ok(())
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        Kind::Integer => (Physical::INT64, None),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Boolean => (Physical::BOOLEAN, None),
        Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
        Kind::Timestamp => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
    };
    Type::primitive_type_builder(&column.name, physical)
        .with_logical_type(logical)
        .with_repetition(Repetition::OPTIONAL)
        .build()
}
