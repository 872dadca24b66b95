//! The rows of one query on their way out: `COPY (query) TO STDOUT` inside the wall of whoever asked for them.
//!
//! # Rule
//! `COPY` takes no bound values, so they are written into its text, and that in one place: a [`CopyQuery`] is a text of
//! ours with `$1`, `$2`, …, and values of a few closed types that write themselves. Identifiers, numbers, moments and truth
//! values are made of letters that end no literal. Only texts are anything, and are quoted as the standard says, with
//! PostgreSQL told that a backslash is a letter like any other. The alternatives were settings read by
//! `current_setting()`, which the planner knows nothing about, and a temporary table, which would have to be written.
//!
//! Not here: the connection and its snapshot (`stoa_core::db`), which queries there are, and the file.

use std::{borrow::Cow, fmt::Write};

use chrono::{DateTime, NaiveDate, Utc};
use stoa_core::{
    Error, Result,
    db::{Copy, Snapshot},
    id::Id,
};
use uuid::Uuid;

/// A query with its values.
#[derive(Debug, Clone)]
pub struct CopyQuery {
    text: Cow<'static, str>,
    values: Vec<CopyValue>,
}

/// A value of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum CopyValue {
    /// A null of this type of PostgreSQL.
    Null(&'static str),
    /// `uuid`
    Uuid(Uuid),
    /// `uuid[]`
    Uuids(Vec<Uuid>),
    /// `bigint`
    Integer(i64),
    /// `boolean`
    Boolean(bool),
    /// `timestamptz`, to the microsecond
    Moment(DateTime<Utc>),
    /// `date`
    Date(NaiveDate),
    /// `text`; without NUL, which PostgreSQL lacks
    Text(String),
    /// `text[]`; likewise
    Texts(Vec<String>),
}

impl CopyQuery {
    /// Begins a query of ours with placeholders `$1`, `$2`, …; what a request brings is bound. A `$` stands for nothing
    /// else in it.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    /// Binds the next placeholder.
    #[must_use]
    pub fn bind(mut self, value: impl Into<CopyValue>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Counts the rows that there will be.
    ///
    /// # Errors
    /// As the database says.
    pub async fn count(&self, snapshot: &mut Snapshot) -> Result<u64> {
        let counted = snapshot.number(&format!("SELECT count(*) FROM ({}) AS counted", self.written()?)).await?;
        Ok(u64::try_from(counted.unwrap_or(0)).unwrap_or(0))
    }

    /// Asks for one number.
    ///
    /// # Errors
    /// As the database says.
    pub async fn number(&self, snapshot: &mut Snapshot) -> Result<Option<i64>> {
        snapshot.number(&self.written()?).await
    }

    /// Copies the rows out, as they are asked for.
    ///
    /// # Errors
    /// `internal` when a value is missing.
    pub fn copy(&self, snapshot: Snapshot) -> Result<Copy> {
        Ok(snapshot.copy(&self.written()?))
    }

    /// The text with its values in their places. It is gone over once, so that nothing within a value is taken for a
    /// placeholder.
    fn written(&self) -> Result<String> {
        let mut written = String::with_capacity(self.text.len() * 2);
        let mut pieces = self.text.split('$');
        written.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let (number, rest) = piece.split_at(digits);
            let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let value = place.and_then(|place| self.values.get(place));
            let value = value.ok_or_else(|| Error::internal(anyhow::anyhow!("no value is bound to ${number}")))?;
            value.write(&mut written)?;
            written.push_str(rest);
        }
        Ok(written)
    }
}

impl CopyValue {
    fn write(&self, out: &mut String) -> Result<()> {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Null(of) => write!(out, "NULL::{of}"),
            Self::Uuid(uuid) => write!(out, "'{uuid}'::uuid"),
            Self::Uuids(uuids) => {
                out.push_str("'{");
                for (at, uuid) in uuids.iter().enumerate() {
                    let _ = write!(out, "{}{uuid}", if at == 0 { "" } else { "," });
                }
                write!(out, "}}'::uuid[]")
            }
            // In parentheses: a minus sign before it would begin a comment with it.
            Self::Integer(number) => write!(out, "('{number}'::bigint)"),
            Self::Boolean(truth) => write!(out, "{truth}"),
            Self::Moment(moment) => write!(out, "'{}'::timestamptz", moment.format("%Y-%m-%d %H:%M:%S%.6f+00")),
            Self::Date(date) => write!(out, "'{}'::date", date.format("%Y-%m-%d")),
            Self::Text(text) => {
                quote(text, out)?;
                write!(out, "::text")
            }
            Self::Texts(texts) => {
                out.push_str("ARRAY[");
                for (at, text) in texts.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    quote(text, out)?;
                }
                write!(out, "]::text[]")
            }
        };
        Ok(())
    }
}

/// # Source
/// PostgreSQL, "String Constants", with `standard_conforming_strings`, which the snapshot sets.
fn quote(text: &str, out: &mut String) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::invalid_field("", "value", "a text cannot hold the character NUL"));
    }
    out.push('\'');
    out.push_str(&text.replace('\'', "''"));
    out.push('\'');
    Ok(())
}

impl<K> From<Id<K>> for CopyValue {
    fn from(id: Id<K>) -> Self {
        Self::Uuid(id.uuid())
    }
}

impl<K> From<Vec<Id<K>>> for CopyValue {
    fn from(ids: Vec<Id<K>>) -> Self {
        Self::Uuids(ids.into_iter().map(Id::uuid).collect())
    }
}

macro_rules! value {
    ($($kind:ty => $variant:ident,)*) => { $(
        impl From<$kind> for CopyValue {
            fn from(value: $kind) -> Self {
                Self::$variant(value)
            }
        }
    )* };
}

value! {
    Uuid => Uuid,
    Vec<Uuid> => Uuids,
    i64 => Integer,
    bool => Boolean,
    DateTime<Utc> => Moment,
    NaiveDate => Date,
    String => Text,
    Vec<String> => Texts,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(query: &CopyQuery) -> String {
        query.written().unwrap()
    }

    #[test]
    fn every_value_writes_itself_with_its_type() {
        let uuid = Uuid::from_u128(7);
        let at = DateTime::from_timestamp_micros(1_795_219_200_000_001).unwrap();
        let query = CopyQuery::new("$1 $2 $3 $4 $5 $6 $7 $8 $9 $10")
            .bind(uuid)
            .bind(vec![uuid, uuid])
            .bind(-5_i64)
            .bind(true)
            .bind(at)
            .bind(at.date_naive())
            .bind("it's".to_owned())
            .bind(vec!["a".to_owned(), "b,'}".to_owned()])
            .bind(CopyValue::Null("date"))
            .bind(Vec::<String>::new());
        let id = "00000000-0000-0000-0000-000000000007";
        assert_eq!(
            written(&query),
            format!(
                "'{id}'::uuid '{{{id},{id}}}'::uuid[] ('-5'::bigint) true '2026-11-21 00:00:00.000001+00'::timestamptz \
                 '2026-11-21'::date 'it''s'::text ARRAY['a','b,''}}']::text[] NULL::date ARRAY[]::text[]"
            )
        );
    }

    #[test]
    fn a_placeholder_within_a_value_is_none_and_ten_is_not_one() {
        let query = (0..9).fold(CopyQuery::new("$1|$10"), |query, _| query.bind("$2 $10".to_owned()));
        assert_eq!(written(&query.bind(10_i64)), "'$2 $10'::text|('10'::bigint)");
    }

    #[test]
    fn what_is_not_bound_is_a_fault_of_ours_and_nul_one_of_the_request() {
        for text in ["$1", "$0", "$", "$x"] {
            assert!(CopyQuery::new(text).written().is_err(), "{text}");
        }
        assert!(CopyQuery::new("$1").bind("a\0b".to_owned()).written().is_err());
    }
}
