//! The door of files of history: taken in as they come, stored in parts, and handed on.
//!
//! # Rule
//! Either there is an import when the answer goes out, with its whole file, or there is nothing.

use actix_web::web;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stoa_core::{Ability, Code, Error, Key, Result, Scope, imports::files, institutions};
use stoa_jobs::{
    Queue,
    history_imports::RunHistoryImport,
    queue::{NewJob, enqueue},
};
use stoa_record::{
    history::Zone,
    history_imports::{self, NewHistory},
};

use super::{TAG, views::HistoryImportView};
use crate::{
    body::{
        stored::SentFile,
        upload::{Announced, FILE_PART, FORM_MEDIA, field_pointer},
    },
    doors::{Accepted, Arrival, Call, Door, FileForm, Intake, NoPath},
};

pub(super) fn door() -> Door {
    Door::upload("/api/progress-imports", take)
        .needs(Ability::ProgressWrite)
        .named(
            "importProgress",
            TAG,
            "Takes a file of what learners did, as CSV or as the part `file` of a form, packed by gzip or not, and counts \
             its rows in the background; each counts once, for ever",
        )
        .errors(&[Code::UploadInProgress, Code::UnreadableFile])
}

/// How the file is read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// IANA zone of times that stand in the file without an offset; the institution's if left out.
    #[serde(default)]
    tz: Option<String>,
}

/// A file of history.
struct SentHistory(SentFile);

impl Intake<NoPath, Scope> for SentHistory {
    fn forms(_: &mut SchemaGenerator) -> Vec<FileForm> {
        let example = "event_id,external_id,object,verb,occurred_at,score,score_max,duration_seconds\n\
            old-1,s-1815,en-b1/1,passed,2025-03-01T09:30:00+09:00,17,20,900\n";
        let file: Schema = json_schema!({
            "type": "string",
            "format": "binary",
            "description": "Rows of activity below a header; encoding and separator are found out. May be packed by gzip.",
        });
        let form = FileForm {
            media: FORM_MEDIA,
            shape: json_schema!({
                "type": "object",
                "properties": { FILE_PART: file.clone() },
                "additionalProperties": false,
                "required": [FILE_PART],
            }),
            example: json!({ FILE_PART: example }),
        };
        vec![FileForm { media: "text/csv", shape: file, example: Value::String(example.to_owned()) }, form]
    }

    async fn take(arrival: &Arrival, scope: &Scope, _: &NoPath, payload: web::Payload) -> Result<(Self, Vec<u8>)> {
        let app = &arrival.app;
        let mut tx = app.db.tenant(scope).await?;
        let institution = institutions::own(&mut tx, &Key::Id(scope.tenant)).await?;
        let announced = Announced::of(&arrival.request, &app.settings.uploads)?;
        let with = (arrival, scope, institution.locale.as_str());
        let (file, ()) = SentFile::take_in(tx, with, announced, payload, nothing_beside).await?;
        let common = file.arrived.sha256.to_vec();
        Ok((Self(file), common))
    }
}

async fn take(call: Call<NoPath, Asked, SentHistory>) -> Result<Accepted<HistoryImportView>> {
    let SentHistory(SentFile { stored, arrived, file_name }) = call.body;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let institution = institutions::own(&mut tx, &Key::Id(call.scope.tenant)).await?;
    let zone = Zone::of(call.query.tz.as_deref(), &[Some(&institution.time_zone)])?;
    let fingerprint = Sha256::new().chain_update(arrived.sha256).chain_update(zone.name()).finalize();
    let new = NewHistory {
        id: stored.file,
        file_name,
        file_bytes: arrived.size_bytes,
        fingerprint: hex::encode(fingerprint),
        time_zone: zone.name().to_owned(),
    };
    let (import, is_new) = history_imports::begin(&mut tx, &call.scope, new).await?;
    if is_new {
        files::seal(&mut tx, stored.file, &arrived).await?;
        let run = RunHistoryImport { tenant: call.scope.tenant, import: stored.file };
        let promise = NewJob::of(call.scope.tenant, &run)?;
        enqueue(&mut tx, promise.caused_by(call.scope.request_id.as_deref())).await?;
    }
    tx.commit().await?;
    stored.settle(is_new).await?;
    if is_new {
        call.app.road.wakes.wake(Queue::Imports);
    }
    Ok(Accepted(HistoryImportView::of(&import)))
}

/// What is asked of a file stands in the query; a form brings the file alone.
fn nothing_beside(fields: &[(String, String)]) -> Result<()> {
    let Some((name, _)) = fields.first() else { return Ok(()) };
    let detail = match name.as_str() {
        "tz" => "ask for it in the query, as ?tz=Asia/Seoul",
        _ => "there is no such parameter",
    };
    Err(Error::invalid_field(field_pointer(name), "unknown", detail))
}
