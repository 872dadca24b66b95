//! Files of the record: asked for, looked at, stopped.
//!
//! Not here: fetching them (`download`), and what is in them (`stoa_record::exports`).

mod download;
mod views;

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Id, Result, id, tokens::RateClass};
use stoa_jobs::{
    Queue,
    exports::RunExport,
    queue::{NewJob, enqueue},
};
use stoa_record::exports::{self, Export, ExportFilter, ExportStatus, ExportType, NewExport};

use self::views::ExportView;
use crate::{
    body::{Body, NoBody},
    doors::{Accepted, Call, Data, Door, Listed, NoPath, NoQuery, Reply, Wire},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Exports";
const ALL: &str = "/api/integrations/exports";
const ONE: &str = "/api/integrations/exports/{export}";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get(ALL, list).needs(Ability::ExportsRead).class(RateClass::Read).named(
            "listExports",
            TAG,
            "Lists exports, the newest first",
        ),
        Door::post(ALL, ask)
            .needs(Ability::ExportsWrite)
            .named(
                "createExport",
                TAG,
                "Has a file of the record made; the same again, while it is being made, is answered with the same export",
            )
            .errors(&[Code::Conflict]),
        Door::get(ONE, show).needs(Ability::ExportsRead).class(RateClass::Read).named(
            "getExport",
            TAG,
            "Shows an export: how far it is, and what its file is",
        ),
        Door::post("/api/integrations/exports/{export}/cancel", cancel)
            .needs(Ability::ExportsWrite)
            .class(RateClass::Write)
            .named("cancelExport", TAG, "Stops an export that waits or is being made; nothing of its file stays")
            .errors(&[Code::Conflict]),
        download::door(),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneExport {
    /// Id of the export.
    export: Id<id::Export>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Listing {
    /// Of this status.
    status: Option<ExportStatus>,
    /// Of this type.
    #[serde(rename = "type")]
    export_type: Option<ExportType>,
    /// Page, from 1.
    page: PageNumber,
    /// Exports on a page, 1 to 100; 15 if left out.
    per_page: PerPage,
}

impl Body for NewExport {
    fn example() -> Value {
        json!({
            "type": "learner_progress",
            "columns": ["user_external_id", "user_name", "course_title", "lesson_title", "status", "best_score"],
            "tz": "Asia/Seoul",
        })
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<ExportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let filter = ExportFilter { status: call.query.status, export_type: call.query.export_type };
    let exports = exports::list(&mut tx, filter, asked(call.query.page, call.query.per_page)).await?;
    Ok(Listed(exports.map(|export| ExportView::of(&export))))
}

async fn ask(call: Call<NoPath, NoQuery, NewExport>) -> Result<Underway> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let asked = exports::ask(&mut tx, &call.scope, call.body).await?;
    if asked.is_new {
        let promise = NewJob::of(call.scope.tenant, &RunExport { tenant: call.scope.tenant, export: asked.export.id })?;
        enqueue(&mut tx, promise.caused_by(call.scope.request_id.as_deref())).await?;
    }
    tx.commit().await?;
    call.app.road.wakes.wake(Queue::Exports);
    Ok(Underway(ExportView::of(&asked.export)))
}

async fn show(call: Call<OneExport>) -> Result<Shown> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let export = exports::get(&mut tx, call.path.export).await?;
    Ok(Shown { is_open: export.status.is_open(), view: ExportView::of(&export) })
}

async fn cancel(call: Call<OneExport, NoQuery, NoBody>) -> Result<Data<ExportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let export = exports::cancel(&mut tx, call.path.export).await?;
    tx.commit().await?;
    Ok(Data(ExportView::of(&export)))
}

/// 202 with the export, where to look at it, and when.
struct Underway(ExportView);

/// 200 with the export, and when to look again while it is being made.
struct Shown {
    is_open: bool,
    view: ExportView,
}

impl Reply for Underway {
    const STATUS: u16 = 202;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Accepted::<ExportView>::shape(schemas)
    }

    fn example(path: &str) -> Option<Value> {
        Accepted::<ExportView>::example(path)
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let location = HeaderValue::from_str(&format!("{}{ALL}/{}", wire.base, self.0.id()));
        let mut response = Accepted(self.0).write(wire)?;
        if let Ok(location) = location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response.headers_mut().insert(header::RETRY_AFTER, Export::RETRY_AFTER_SECS.into());
        Ok(response)
    }
}

impl Reply for Shown {
    const STATUS: u16 = 200;

    fn shape(schemas: &mut SchemaGenerator) -> Option<Schema> {
        Data::<ExportView>::shape(schemas)
    }

    fn example(path: &str) -> Option<Value> {
        Data::<ExportView>::example(path)
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        let mut response = Data(self.view).write(wire)?;
        if self.is_open {
            response.headers_mut().insert(header::RETRY_AFTER, Export::RETRY_AFTER_SECS.into());
        }
        Ok(response)
    }
}
