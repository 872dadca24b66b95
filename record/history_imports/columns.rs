//! Which column of a file of history is which.
//!
//! # Shape
//! A header with any spelling of these names in any case, with spaces, hyphens or underscores; the learner's column is
//! named as in files of people, in any of their languages. What is not known is passed over.

use stoa_protocols::roster::{Field, RawRow, Sheet};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    ExternalId,
    Email,
    EventId,
    Object,
    Kind,
    Verb,
    At,
    Progress,
    Score,
    ScoreMin,
    ScoreMax,
    Success,
    Seconds,
    Attempt,
}

const TITLES: [(&str, Column); 29] = [
    ("eventid", Column::EventId),
    ("object", Column::Object),
    ("objectid", Column::Object),
    ("objectexternalid", Column::Object),
    ("activity", Column::Object),
    ("kind", Column::Kind),
    ("objectkind", Column::Kind),
    ("verb", Column::Verb),
    ("action", Column::Verb),
    ("occurredat", Column::At),
    ("timestamp", Column::At),
    ("date", Column::At),
    ("time", Column::At),
    ("completedat", Column::At),
    ("progress", Column::Progress),
    ("score", Column::Score),
    ("scoreraw", Column::Score),
    ("scoremin", Column::ScoreMin),
    ("minscore", Column::ScoreMin),
    ("scoremax", Column::ScoreMax),
    ("maxscore", Column::ScoreMax),
    ("success", Column::Success),
    ("passed", Column::Success),
    ("durationseconds", Column::Seconds),
    ("timespentseconds", Column::Seconds),
    ("duration", Column::Seconds),
    ("seconds", Column::Seconds),
    ("attempt", Column::Attempt),
    ("attempts", Column::Attempt),
];

impl Column {
    /// The name by which a fault tells it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ExternalId => "external_id",
            Self::Email => "email",
            Self::EventId => "event_id",
            Self::Object => "object",
            Self::Kind => "kind",
            Self::Verb => "verb",
            Self::At => "occurred_at",
            Self::Progress => "progress",
            Self::Score => "score",
            Self::ScoreMin => "score_min",
            Self::ScoreMax => "score_max",
            Self::Success => "success",
            Self::Seconds => "duration_seconds",
            Self::Attempt => "attempt",
        }
    }
}

/// The columns of a file, in order.
#[derive(Debug, Clone)]
pub struct Columns(Vec<Option<Column>>);

impl Columns {
    /// Reads them off a header.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn of(sheet: &Sheet) -> Result<Self, String> {
        let columns: Vec<Option<Column>> =
            sheet.columns.iter().map(|column| meant(&column.title, column.field)).collect();
        for wanted in [Column::Object, Column::At] {
            if !columns.contains(&Some(wanted)) {
                return Err(format!("there is no column {}", wanted.name()));
            }
        }
        let twice = columns
            .iter()
            .flatten()
            .find(|column| columns.iter().filter(|other| **other == Some(**column)).count() > 1);
        match twice {
            Some(twice) => Err(format!("two columns mean {}; leave one of them out", twice.name())),
            None => Ok(Self(columns)),
        }
    }

    /// The cell of a column; none where it is empty or there is no such column.
    pub(super) fn cell<'a>(&self, row: &'a RawRow, wanted: Column) -> Option<&'a str> {
        let place = self.0.iter().position(|column| *column == Some(wanted))?;
        row.iter().nth(place).map(str::trim).filter(|cell| !cell.is_empty())
    }

    /// The first column whose cell holds a NUL, which no database keeps.
    pub(super) fn with_nul(&self, row: &RawRow) -> Option<Column> {
        let cells = self.0.iter().zip(row.iter());
        cells.filter(|(_, cell)| cell.contains('\0')).find_map(|(column, _)| *column)
    }
}

fn meant(title: &str, field: Option<Field>) -> Option<Column> {
    let letters: String =
        title.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let known = TITLES.into_iter().find_map(|(known, column)| (known == letters).then_some(column));
    known.or(match field {
        Some(Field::ExternalId) => Some(Column::ExternalId),
        Some(Field::Email) => Some(Column::Email),
        _ => None,
    })
}
