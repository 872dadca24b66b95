//! The door of files of people: taken in as they come, stored in parts, and handed on as an import.
//!
//! Not here: what is read out of a file and what becomes of it (`stoa_core::imports`, `stoa_jobs::imports`).
//!
//! # Rule
//! Either there is an import when the answer goes out, with its whole file, or there is nothing: the file of an upload that
//! is the twin of an open import is deleted, as is that of one that broke off (`http::body::stored`).

use actix_web::web;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Key, Result, Scope, id,
    imports::{self, ImportOptions, NewImport, files},
    institutions,
};
use stoa_jobs::{
    Queue,
    imports::RunImport,
    queue::{NewJob, enqueue},
};

use super::{TAG, views::ImportView};
use crate::{
    body::{
        stored::SentFile,
        upload::{Announced, FILE_PART, FORM_MEDIA},
    },
    doors::{Accepted, Arrival, Call, Door, FileForm, Intake},
    query,
};

/// The door.
pub(super) fn door() -> Door {
    Door::upload("/api/institutions/{id}/members/bulk", take)
        .needs(Ability::MembersWrite)
        .named(
            "importMembers",
            TAG,
            "Takes a file of people, as CSV or as the part `file` of a form, packed by gzip or not, and plans what it \
             changes; with `mode=apply` the plan is applied at once",
        )
        .errors(&[Code::UploadInProgress, Code::UnreadableFile])
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id of the caller's institution, its number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
}

/// A file of people, with what is asked of it.
struct SentPeople {
    file: SentFile,
    options: ImportOptions,
}

impl Intake<OneInstitution, Scope> for SentPeople {
    fn forms(schemas: &mut SchemaGenerator) -> Vec<FileForm> {
        let example =
            "external_id,email,name,role,groups\ns-1815,ada@school.example,Ada Lovelace,learner,spring;analysts\n";
        let file = json_schema!({
            "type": "string",
            "format": "binary",
            "description": "Rows of people below a header; encoding and separator are found out. May be packed by gzip.",
        });
        let form = FileForm {
            media: FORM_MEDIA,
            shape: form_shape(schemas, file.clone()),
            example: json!({ FILE_PART: example, "mode": "dry_run" }),
        };
        vec![FileForm { media: "text/csv", shape: file, example: Value::String(example.to_owned()) }, form]
    }

    async fn take(
        arrival: &Arrival,
        scope: &Scope,
        path: &OneInstitution,
        payload: web::Payload,
    ) -> Result<(Self, Vec<u8>)> {
        imports::may_send(scope)?;
        let app = &arrival.app;
        let mut tx = app.db.tenant(scope).await?;
        let institution = institutions::own(&mut tx, &path.id).await?;
        let announced = Announced::of(&arrival.request, &app.settings.uploads)?;
        let asked = Asked::of(&arrival.request)?;
        if !announced.is_form() {
            // Nothing more can be asked, so that a fault need not wait for the file.
            asked.options(&[])?;
        }
        let with = (arrival, scope, institution.locale.as_str());
        let options = |fields: &[_]| asked.options(fields);
        let (file, options) = SentFile::take_in(tx, with, announced, payload, options).await?;
        let common = imports::fingerprint(&file.arrived.sha256, &options)?.into_bytes();
        Ok((Self { file, options }, common))
    }
}

async fn take(call: Call<OneInstitution, ImportOptions, SentPeople>) -> Result<Accepted<ImportView>> {
    let SentPeople { file: SentFile { stored, arrived, file_name }, options } = call.body;
    let new = NewImport { id: stored.file, options, file_name, file_bytes: arrived.size_bytes, sha256: arrived.sha256 };
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let begun = imports::begin(&mut tx, &call.scope, new).await?;
    if begun.is_new {
        files::seal(&mut tx, stored.file, &arrived).await?;
        let run = RunImport { tenant: call.scope.tenant, import: stored.file };
        let promise = NewJob::of(call.scope.tenant, &run)?;
        enqueue(&mut tx, promise.caused_by(call.scope.request_id.as_deref())).await?;
    }
    let now = tx.now();
    tx.commit().await?;
    stored.settle(begun.is_new).await?;
    if begun.is_new {
        call.app.road.wakes.wake(Queue::Imports);
    }
    Ok(Accepted(ImportView::of(&begun.import, now)))
}

/// The form is the options, and the file beside them.
fn form_shape(schemas: &mut SchemaGenerator, file: Schema) -> Schema {
    let mut form = ImportOptions::json_schema(schemas);
    let object = form.ensure_object();
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        properties.insert(FILE_PART.to_owned(), file.to_value());
    }
    object.insert("required".to_owned(), json!([FILE_PART]));
    form
}

/// What is asked in the query; a form may ask for more.
struct Asked(Vec<(String, String)>);

impl Asked {
    fn of(request: &actix_web::HttpRequest) -> Result<Self> {
        query::pairs(request.query_string()).map(Self).map_err(|fault| stoa_core::Error::invalid(vec![fault]))
    }

    fn options(&self, fields: &[(String, String)]) -> Result<ImportOptions> {
        let in_query = |name: &str| self.0.iter().any(|(known, _)| known == name);
        let pointer = |name: &str| if in_query(name) { format!("?{name}") } else { format!("/{name}") };
        if let Some((twice, _)) = fields.iter().find(|(name, _)| in_query(name)) {
            return Err(stoa_core::Error::invalid_field(
                format!("/{twice}"),
                "duplicate_key",
                "given in the query too",
            ));
        }
        let options: ImportOptions = query::read_pairs([&self.0, fields].concat(), pointer)?;
        options.check(|name| {
            if fields.iter().any(|(known, _)| known == name) { format!("/{name}") } else { format!("?{name}") }
        })?;
        Ok(options)
    }
}
