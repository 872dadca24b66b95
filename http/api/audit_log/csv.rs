//! The log as a file for spreadsheets: a row for each entry, the newest first, written as it is read.
//!
//! # Shape
//! RFC 4180: commas, every cell in quotes, CRLF, one header row. UTF-8 with a byte order mark: without it Excel takes
//! Korean and Cyrillic for something else, and whoever reads CSV otherwise skips it. A cell that a spreadsheet would run
//! as a formula begins with an apostrophe. `before` and `after` are JSON.
//!
//! A page of entries is read when the one before has been taken, so a log of any length needs the memory of one page.

use std::fmt;

use actix_web::{HttpResponse, http::header, web::Bytes};
use futures::{StreamExt, TryStreamExt, stream, stream::LocalBoxStream};
use serde_json::Value;
use stoa_core::{
    Result,
    audit::{AuditEntry, AuditFilter},
};
use stoa_protocols::roster::is_formula;

use super::Format;

/// Entries read at once.
const AT_ONCE: i64 = 500;
const HEADER: &str = "\u{feff}\"id\",\"at\",\"actor_kind\",\"actor_id\",\"actor_name\",\"action\",\"object_kind\",\
    \"object_id\",\"institution_id\",\"before\",\"after\",\"request_id\",\"address\"\r\n";

/// A file that is being written.
pub(crate) struct Csv(LocalBoxStream<'static, Result<Bytes>>);

/// Whether somebody would rather have the file: said outright, or by `Accept`.
pub(crate) fn wants_csv(format: Option<Format>, accept: Option<&str>) -> bool {
    match format {
        Some(format) => format == Format::Csv,
        None => accept.is_some_and(prefers_csv),
    }
}

/// # Source
/// RFC 9110 section 12.5.1: weights, 1 where none is given; what is named outright goes before what is not.
fn prefers_csv(accept: &str) -> bool {
    let weight = |wanted: &[&str]| {
        let named = accept.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next()?.to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            wanted.contains(&media.as_str()).then_some(weight)
        });
        named.fold(0.0_f32, f32::max)
    };
    let csv = weight(&["text/csv"]);
    csv > 0.0 && csv >= weight(&["application/json"])
}

/// Where the reading stands.
struct Reading<F> {
    read: F,
    filter: AuditFilter,
    more: bool,
}

impl Csv {
    /// Reads the first page, so that a fault is told as any other; the rest is read while it is written.
    ///
    /// # Errors
    /// As the reading says.
    pub(crate) async fn begin<F, Fut>(filter: AuditFilter, read: F) -> Result<Self>
    where
        F: Fn(AuditFilter, i64) -> Fut + 'static,
        Fut: Future<Output = Result<(Vec<AuditEntry>, bool)>> + 'static,
    {
        let mut reading = Reading { read, filter, more: true };
        let first = reading.page().await?.unwrap_or_default();
        let rest =
            stream::try_unfold(
                reading,
                |mut reading| async move { Ok(reading.page().await?.map(|page| (page, reading))) },
            );
        let header = stream::iter([Ok(Bytes::from_static(HEADER.as_bytes())), Ok(first)]);
        Ok(Self(header.chain(rest).boxed_local()))
    }

    /// The answer.
    pub(super) fn respond(self) -> HttpResponse {
        let body = self.0.inspect_err(|error| tracing::warn!(%error, "the audit log broke off while it was written"));
        HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8; header=present")
            .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"audit-log.csv\""))
            .streaming(body.map_err(actix_web::error::ErrorInternalServerError))
    }
}

impl<F, Fut> Reading<F>
where
    F: Fn(AuditFilter, i64) -> Fut,
    Fut: Future<Output = Result<(Vec<AuditEntry>, bool)>>,
{
    /// The next page as rows; none at the end.
    async fn page(&mut self) -> Result<Option<Bytes>> {
        if !self.more {
            return Ok(None);
        }
        let (entries, more) = (self.read)(self.filter.clone(), AT_ONCE).await?;
        self.more = more;
        self.filter.before = entries.last().map(|entry| entry.id).or(self.filter.before);
        let mut rows = Vec::new();
        for entry in &entries {
            write_row(&mut rows, entry);
        }
        Ok(Some(rows.into()))
    }
}

fn write_row(out: &mut Vec<u8>, entry: &AuditEntry) {
    let json = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    let cells = [
        entry.id.to_string(),
        entry.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        entry.actor_kind.as_str().to_owned(),
        entry.actor_id().unwrap_or_default(),
        entry.actor_name.clone(),
        entry.action.clone(),
        entry.object_kind.clone(),
        entry.object_id.clone(),
        entry.tenant_id.map(|tenant| tenant.to_string()).unwrap_or_default(),
        json(&entry.before),
        json(&entry.after),
        entry.request_id.clone().unwrap_or_default(),
        entry.address.clone().unwrap_or_default(),
    ];
    for (at, cell) in cells.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"\"" } else { b",\"" });
        if is_formula(cell) {
            out.push(b'\'');
        }
        out.extend(cell.replace('"', "\"\"").into_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(b"\r\n");
}

impl fmt::Debug for Csv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Csv").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_answered_to_whoever_asks_for_it() {
        for (accept, wanted) in [
            ("text/csv", true),
            ("text/csv, application/json;q=0.9", true),
            ("application/json, text/csv;q=0.5", false),
            ("text/csv;q=0", false),
            ("text/csv, */*;q=0.1", true),
            ("application/json", false),
            ("*/*", false),
            ("text/csv;q=nonsense", true),
            ("", false),
        ] {
            assert_eq!(wants_csv(None, Some(accept)), wanted, "{accept}");
        }
        assert!(wants_csv(Some(Format::Csv), Some("application/json")));
        assert!(!wants_csv(Some(Format::Json), Some("text/csv")), "what is said outright counts");
    }
}
