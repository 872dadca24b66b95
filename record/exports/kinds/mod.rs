//! What each type of export is made of: its columns, where they come from, how it may be narrowed, and how it is told
//! which rows changed.
//!
//! Every type is one statement, so that a file shows one moment. Of what is said here everything is the house's own
//! words; what a request brings is quoted into it by `query`.

mod activity;
mod audit;
mod cefr;
mod completions;
mod deliveries;
mod learner_progress;
mod members;

use stoa_protocols::table::{Column, Kind};

use super::{ExportType, FilterName};

/// A column that a file may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    /// Its name in every file.
    pub(super) name: &'static str,
    /// What its cells are.
    pub(super) kind: Kind,
    /// Prefix of the ids that its cells are, where they are bare UUIDs in the rows.
    pub(super) prefix: Option<&'static str>,
    /// The cell, in SQL.
    pub(super) sql: &'static str,
}

/// How it is told which rows were written since a place in the order of commits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Changes {
    /// By the transactions that wrote what a row is made of: these tables, or else this condition with `{since}`.
    Written(&'static [&'static str], &'static str),
    /// By the place that a row keeps itself: this column.
    Placed(&'static str),
}

/// A type of export, in SQL. `{tenant}`, `{as_of}` and `{zone}` stand for what they say, quoted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// Every column, in the order of a file that names none.
    pub(super) columns: &'static [Spec],
    /// `FROM … WHERE …`
    pub(super) from: &'static str,
    /// What a row has to be to stand in a file of all there is. A file of changes has the others too, so that whoever
    /// keeps a copy learns that they are no more.
    pub(super) present: &'static str,
    /// A filter that says itself which of these rows are wanted, so that `present` does not.
    pub(super) present_unless: Option<FilterName>,
    /// How changes are told.
    pub(super) changes: Changes,
    /// Filters, each a condition with `{}` for its value.
    pub(super) filters: &'static [(FilterName, &'static str)],
}

impl Spec {
    /// The column as files and answers have it.
    pub(super) const fn column(&self) -> Column {
        match self.prefix {
            Some(prefix) => Column::id(self.name, prefix),
            None => Column::new(self.name, self.kind),
        }
    }
}

impl ExportType {
    /// What it is made of.
    pub(super) const fn source(self) -> &'static Source {
        match self {
            Self::LearnerProgress => &learner_progress::SOURCE,
            Self::Completions => &completions::SOURCE,
            Self::Activity => &activity::SOURCE,
            Self::Members => &members::SOURCE,
            Self::Deliveries => &deliveries::SOURCE,
            Self::Audit => &audit::SOURCE,
            Self::Cefr => &cefr::SOURCE,
        }
    }
}

const fn spec(name: &'static str, kind: Kind, sql: &'static str) -> Spec {
    Spec { name, kind, prefix: None, sql }
}

const fn text(name: &'static str, sql: &'static str) -> Spec {
    spec(name, Kind::Text, sql)
}

const fn integer(name: &'static str, sql: &'static str) -> Spec {
    spec(name, Kind::Integer, sql)
}

const fn number(name: &'static str, sql: &'static str) -> Spec {
    spec(name, Kind::Number, sql)
}

const fn boolean(name: &'static str, sql: &'static str) -> Spec {
    spec(name, Kind::Boolean, sql)
}

const fn time(name: &'static str, sql: &'static str) -> Spec {
    spec(name, Kind::Timestamp, sql)
}

/// A column of ids.
const fn id(name: &'static str, prefix: &'static str, sql: &'static str) -> Spec {
    Spec { name, kind: Kind::Text, prefix: Some(prefix), sql }
}

/// Who it is about, of users `u`: the same columns wherever people stand in rows of something else.
const LEARNER: [Spec; 3] =
    [id("user_id", "usr", "u.id"), text("user_external_id", "u.external_id"), text("user_name", "u.name")];

/// People of any of these groups.
const IN_GROUPS: &str = "EXISTS (SELECT FROM group_members g
  WHERE g.tenant_id = u.tenant_id AND g.user_id = u.id AND g.group_id = ANY ({}))";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn columns_have_names_of_their_own_and_filters_one_place_for_a_value() {
        for export_type in ExportType::ALL {
            let source = export_type.source();
            let names: BTreeSet<_> = source.columns.iter().map(|column| column.name).collect();
            assert_eq!(names.len(), source.columns.len(), "{export_type}");
            for (filter, condition) in source.filters {
                assert_eq!(condition.matches("{}").count(), 1, "{export_type} {filter}");
            }
        }
    }
}
