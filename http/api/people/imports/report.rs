//! The file comes back: the rows as they were sent, each with what was done with it.
//!
//! Not here: how it is written, and what makes it safe to open (`stoa_protocols::roster`).

use std::{collections::VecDeque, sync::Arc};

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::Bytes,
};
use futures::{Stream, stream};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use stoa_core::{
    Ability, Code, Error, Id, Key, Result, Scope,
    db::TenantTx,
    id,
    imports::{
        self, ImportStatus, LineReport,
        files::{self, StoredFile},
    },
    institutions,
    tokens::RateClass,
};
use stoa_protocols::roster::{RawRow, Report};

use super::TAG;
use crate::{
    doors::{Call, Door, Reply, Wire},
    state::App,
};

/// What became of lines, asked for at once.
const LINES: i64 = 5_000;

/// The door.
pub(super) fn door() -> Door {
    Door::get("/api/institutions/{id}/imports/{import}/report", report)
        .needs(Ability::MembersRead)
        .named(
            "getImportReport",
            TAG,
            "Answers the file as it was sent, with two columns more: what was done with each row, and why",
        )
        .class(RateClass::Export)
        .errors(&[Code::Conflict, Code::ImportFileExpired])
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneImport {
    /// Id of the caller's institution, its number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
    /// Id of the import.
    import: Id<id::Import>,
}

async fn report(call: Call<OneImport>) -> Result<AnnotatedFile> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let import = imports::get(&mut tx, call.path.import).await?;
    let file = files::get(&mut tx, import.id).await?;
    tx.commit().await?;
    if import.status == ImportStatus::Validating {
        return Err(Error::new(Code::Conflict, "the file is being read; the report is there when it is planned")
            .retry_after_secs(2));
    }
    Ok(AnnotatedFile { app: call.app, scope: call.scope, file })
}

/// 200 with the file, row by row.
struct AnnotatedFile {
    app: Arc<App>,
    scope: Scope,
    file: StoredFile,
}

impl Reply for AnnotatedFile {
    const STATUS: u16 = 200;
    const MEDIA: &'static str = "text/csv";

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({
            "type": "string",
            "description": "UTF-8 with a byte order mark, the file's own separator, and nothing that a spreadsheet runs.",
        }))
    }

    fn example(_: &str) -> Option<Value> {
        let rows = "email,name,stoa_action,stoa_message\r\nada@school.example,Ada,create,\r\n";
        Some(Value::String(rows.to_owned()))
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        let name = format!("attachment; filename=\"{}.csv\"", self.file.id);
        let mut response = HttpResponse::Ok().content_type("text/csv; charset=utf-8").streaming(pieces(self));
        let name = HeaderValue::from_str(&name).map_err(Error::internal)?;
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        Ok(response)
    }
}

/// The report, a piece for each part of the file. An error breaks the answer off, so that nobody takes it for whole.
fn pieces(from: AnnotatedFile) -> impl Stream<Item = Result<Bytes>> {
    let writing = Writing {
        report: Report::new(from.file.charset),
        from,
        part: 0,
        told: VecDeque::new(),
        asked_through: 0,
        is_over: false,
    };
    stream::try_unfold(writing, |mut writing| async move {
        while !writing.is_over {
            let piece = writing.piece().await.inspect_err(|error| tracing::error!(%error, "a report broke off"))?;
            if !piece.is_empty() {
                return Ok(Some((Bytes::from(piece), writing)));
            }
        }
        Ok(None)
    })
}

/// A report being written.
struct Writing {
    from: AnnotatedFile,
    report: Report,
    part: i32,
    /// What became of the lines that come next.
    told: VecDeque<LineReport>,
    asked_through: i32,
    is_over: bool,
}

impl Writing {
    /// Writes the rows of the next part.
    async fn piece(&mut self) -> Result<Vec<u8>> {
        let mut tx = self.from.app.db.tenant(&self.from.scope).await?;
        let bytes = files::part(&mut tx, self.from.file.id, self.part).await?;
        self.is_over = bytes.is_none();
        if let Some(bytes) = bytes {
            self.report.feed(&bytes);
        } else {
            self.report.end();
        }
        self.part += 1;
        let mut out = Vec::new();
        let rows = self.rows(&mut out);
        if let Some(last) = rows.last() {
            self.ask(&mut tx, line_of(last)).await?;
        }
        tx.commit().await?;
        for row in &rows {
            let (action, message) = self.fate(row);
            self.report.write(row, action, &message, &mut out);
        }
        Ok(out)
    }

    /// Takes out what is whole. Where the file cannot be read any further the import has failed for it, and the report
    /// ends with it.
    fn rows(&mut self, out: &mut Vec<u8>) -> Vec<RawRow> {
        let mut rows = Vec::new();
        loop {
            match self.report.next_row(out) {
                Ok(Some(row)) => rows.push(row),
                Ok(None) => return rows,
                Err(fault) => {
                    tracing::debug!(%fault, "the report ends where the file cannot be read");
                    self.is_over = true;
                    return rows;
                }
            }
        }
    }

    /// Asks what became of the lines up to one.
    async fn ask(&mut self, tx: &mut TenantTx, through: i32) -> Result<()> {
        while self.asked_through < through {
            let lines = imports::lines(tx, self.from.file.id, (self.asked_through, LINES)).await?;
            let is_last = i64::try_from(lines.len()).unwrap_or(i64::MAX) < LINES;
            self.asked_through = if is_last { i32::MAX } else { lines.last().map_or(i32::MAX, |last| last.line) };
            self.told.extend(lines);
        }
        Ok(())
    }

    /// What became of a row, in a word and a sentence; nothing of one that was not read.
    fn fate(&mut self, row: &RawRow) -> (&'static str, String) {
        let line = line_of(row);
        while self.told.front().is_some_and(|told| told.line < line) {
            self.told.pop_front();
        }
        match self.told.front() {
            Some(told) if told.line == line && row.number.is_some() => (told.action.as_str(), message(told)),
            _ => ("", String::new()),
        }
    }
}

fn message(told: &LineReport) -> String {
    let not_done = told.failed.iter().map(|code| format!("not applied: {code}"));
    let faults = told.faults().into_iter().map(|fault| match fault.column {
        Some(column) => format!("{column}: {}", fault.message),
        None => fault.message,
    });
    not_done.chain(faults).collect::<Vec<_>>().join("; ")
}

fn line_of(row: &RawRow) -> i32 {
    i32::try_from(row.line).unwrap_or(i32::MAX)
}
