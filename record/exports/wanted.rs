//! What is asked for, and what is left of it once every word of it is known.
//!
//! # Rule
//! - Nothing is passed over: a filter that the type has not, a column, a word that is none, somebody who is not there,
//!   each is refused and named, with what there is.
//! - Whoever names no zone and no language gets the institution's; separators of a country are used where a language is
//!   named outright, and programs' own where none is.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{Id, Key, id, time::Timestamp};
use stoa_protocols::table::{Column, CsvLocale, CsvManner, Delimiter, Format, Packing, Table};

use super::ExportType;

/// An export, asked for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// What its rows are.
    #[serde(rename = "type")]
    pub export_type: ExportType,
    /// Form of the file; `csv` if left out.
    #[serde(default)]
    pub format: Option<Format>,
    /// Pack it by gzip. Parquet packs itself.
    #[serde(default)]
    pub gzip: bool,
    /// Columns in the order in which they are wanted; all of the type if left out.
    #[serde(default)]
    pub columns: Option<Vec<String>>,
    /// What is to be in it; each type has filters of its own.
    #[serde(default)]
    pub filters: FiltersWanted,
    /// IANA zone in which times are told; the institution's if left out.
    #[serde(default)]
    pub tz: Option<String>,
    /// Of a CSV: language and country whose spreadsheets it is for, such as `de-AT`. Numbers, dates and separators are
    /// then theirs, and it begins with a byte order mark. Left out, it is for programs.
    #[serde(default)]
    pub locale: Option<String>,
    /// Of a CSV: what stands between two cells; the comma if left out, or what the locale's spreadsheets expect.
    #[serde(default)]
    pub delimiter: Option<Delimiter>,
    /// Only what was written since: `next_since` of an earlier export of this type. What is no more comes too, and says so
    /// in `removed`.
    #[serde(default)]
    pub since: Option<String>,
}

/// Filters, asked for.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ExportFiltersWanted")]
pub struct FiltersWanted {
    /// Courses: ids, slugs, or `external_id:` and the institution's own key.
    pub course_ids: Option<Vec<Key<id::Course>>>,
    /// People: ids, e-mail addresses, or `external_id:` and the institution's own key.
    pub user_ids: Option<Vec<Key<id::User>>>,
    /// People of any of these groups.
    pub group_ids: Option<Vec<Id<id::Group>>>,
    /// Statuses: of the lesson, the membership or the delivery, as the type is.
    pub status: Option<Vec<String>>,
    /// Roles of members.
    pub roles: Option<Vec<String>>,
    /// What learners did.
    pub verbs: Option<Vec<String>>,
    /// Receivers.
    pub webhook_ids: Option<Vec<Id<id::Webhook>>>,
    /// Types of events.
    pub event_types: Option<Vec<String>>,
    /// Actions, in the words of the audit log.
    pub actions: Option<Vec<String>>,
    /// Languages that are learned, such as `ko`.
    pub languages: Option<Vec<String>>,
    /// Skills.
    pub skills: Option<Vec<String>>,
    /// At or after this time: of the completion, the activity, the delivery, the entry or the evidence.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

/// What an export is to be, as its row keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// Form of the file.
    pub format: Format,
    /// Packed by gzip.
    pub gzip: bool,
    /// Columns that were chosen; none means all.
    pub columns: Option<Vec<String>>,
    /// What is in it.
    pub filters: Filters,
    /// IANA zone in which times are told.
    pub zone: String,
    /// Whose spreadsheets a CSV is for; none where it is for programs.
    pub locale: Option<String>,
    /// What stands between two cells of a CSV.
    pub delimiter: Delimiter,
    /// Place in the order of commits since which it tells what was written.
    pub since: Option<i64>,
}

/// Filters whose every word is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ExportFilters")]
pub struct Filters {
    /// Courses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course_ids: Option<Vec<Id<id::Course>>>,
    /// People.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_ids: Option<Vec<Id<id::User>>>,
    /// People of any of these groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_ids: Option<Vec<Id<id::Group>>>,
    /// Statuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Vec<String>>,
    /// Roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// What learners did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbs: Option<Vec<String>>,
    /// Receivers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_ids: Option<Vec<Id<id::Webhook>>>,
    /// Types of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_types: Option<Vec<String>>,
    /// Actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<String>>,
    /// Languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<String>>,
    /// Skills.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skills: Option<Vec<String>>,
    /// At or after this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            format: Format::Csv,
            gzip: false,
            columns: None,
            filters: Filters::default(),
            zone: Tz::UTC.name().to_owned(),
            locale: None,
            delimiter: Delimiter::Comma,
            since: None,
        }
    }
}

impl Wanted {
    /// The columns of the file, in order.
    pub fn columns(&self, export_type: ExportType) -> Vec<Column> {
        super::query::chosen(export_type, self).into_iter().map(super::kinds::Spec::column).collect()
    }

    /// The zone in which times are told.
    pub fn zone(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }

    /// The date that a moment is in the file.
    pub fn date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone()).date_naive()
    }

    /// What the file is like.
    pub fn table(&self, export_type: ExportType) -> Table {
        let locale = self.locale.as_deref().and_then(CsvLocale::of);
        Table {
            columns: self.columns(export_type),
            format: self.format,
            packing: if self.gzip { Packing::Gzip } else { Packing::None },
            csv: CsvManner { delimiter: self.delimiter, byte_order_mark: locale.is_some(), locale },
        }
    }
}
