//! Everything of an institution as files, for whoever takes it elsewhere. For operators.
//!
//! Not here: what is in it (`stoa_core::institutions::closing`).

use actix_web::{HttpResponse, http::header};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_core::{
    Error, Id, Key, Result, TenantId,
    audit::Entry,
    db::Db,
    id,
    institutions::closing::{
        erase,
        export::{self, Export, ExportStatus, ExportedTable},
    },
    staff::StaffRole,
};
use stoa_jobs::{Queue, institutions::ExportInstitution, queue};

use super::{OneInstitution, TAG};
use crate::{
    App,
    body::NoBody,
    caller::Staff,
    doors::{Accepted, Call, Data, Door, NoQuery, Reply, Sample, Wire, sample},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let (all, one) = ("/api/institutions/{id}/export", "/api/institutions/{id}/export/{table}");
    let doors = [
        Door::get(all, show).named(
            "getInstitutionExport",
            TAG,
            "Shows the newest export of an institution, and after its erasing the receipt of what was erased",
        ),
        Door::post(all, ask).named(
            "exportInstitution",
            TAG,
            "Exports everything of an institution, in place of the last export",
        ),
        Door::get(one, download).named(
            "downloadInstitutionExport",
            TAG,
            "Downloads the rows of a table: lines of JSON, compressed with gzip",
        ),
    ];
    doors.into_iter().map(|door| door.staffed_by(StaffRole::Operator)).collect()
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneTable {
    /// Id, number, slug, or `external_id:` and the operator's key of the institution.
    id: Key<id::Institution>,
    /// Name of the table, as the export lists it.
    table: String,
}

/// An export of an institution.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionExport")]
struct ExportView {
    /// Id.
    id: Id<id::Export>,
    /// Where it is. A running one is whole in minutes; one that failed is tried again, or asked for again.
    status: ExportStatus,
    /// Why it failed.
    error: Option<String>,
    /// The moment that it shows.
    created_at: DateTime<Utc>,
    /// When it was whole.
    completed_at: Option<DateTime<Utc>>,
    /// When it is deleted; null while the institution is there.
    expires_at: Option<DateTime<Utc>>,
    /// Its files, once it is whole.
    tables: Vec<TableView>,
    /// Rows that were erased, by table; null before the erasing began.
    erased: Option<std::collections::BTreeMap<String, i64>>,
}

/// A file of an export.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionExportTable")]
struct TableView {
    /// Name of the table.
    table: String,
    /// Rows in it.
    rows: u64,
    /// Length of the file, in bytes.
    bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    sha256: String,
}

/// An export that will be made.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstitutionExportPromised")]
struct Promised {
    /// The institution.
    institution_id: TenantId,
    /// `queued`
    status: &'static str,
}

type One = Call<OneInstitution, NoQuery, NoBody, Staff>;

async fn show(call: One) -> Result<Data<ExportView>> {
    let tenant = call.scope.at(&call.app, &call.path.id).await?.tenant;
    let mut house = call.app.db.house().await?;
    let export = newest(&mut house, tenant).await?;
    let erased = erase::receipt(&mut house, tenant).await?;
    house.commit().await?;
    Ok(Data(ExportView {
        tables: export.tables()?.into_iter().map(Into::into).collect(),
        id: export.id,
        status: export.status,
        error: export.error,
        created_at: export.created_at,
        completed_at: export.completed_at,
        expires_at: export.expires_at,
        erased,
    }))
}

async fn ask(call: Call<OneInstitution, NoQuery, NoBody, Staff>) -> Result<Accepted<Promised>> {
    let scope = call.scope.at(&call.app, &call.path.id).await?;
    let mut tx = call.app.db.tenant(&scope).await?;
    tx.audit(Entry::of("institution.export_asked_for", scope.tenant));
    tx.commit().await?;
    promise_export(&call.app, scope.tenant).await?;
    Ok(Accepted(Promised { institution_id: scope.tenant, status: "queued" }))
}

/// Promises an export; one that is promised already is enough.
pub(super) async fn promise_export(app: &App, tenant: TenantId) -> Result<()> {
    let mut house = app.db.house().await?;
    queue::enqueue(&mut house, ExportInstitution::of(tenant)?).await?;
    house.commit().await?;
    app.road.wakes.wake(Queue::Housekeeping);
    Ok(())
}

async fn download(call: Call<OneTable, NoQuery, NoBody, Staff>) -> Result<File> {
    let tenant = call.scope.at(&call.app, &call.path.id).await?.tenant;
    let mut house = call.app.db.house().await?;
    let export = newest(&mut house, tenant).await?;
    house.commit().await?;
    let listed = export.tables()?.into_iter().any(|table| table.table == call.path.table);
    if export.status != ExportStatus::Completed || !listed {
        return Err(Error::not_found("file of an export"));
    }
    Ok(File { db: call.app.db.clone(), export: (tenant, export.id), table: call.path.table })
}

async fn newest(house: &mut stoa_core::db::HouseTx, tenant: TenantId) -> Result<Export> {
    export::newest(house, tenant).await?.ok_or_else(|| Error::not_found("export"))
}

/// A file, read part by part while it is sent.
struct File {
    db: Db,
    export: (TenantId, Id<id::Export>),
    table: String,
}

impl Reply for File {
    const STATUS: u16 = 200;
    const MEDIA: &'static str = "application/gzip";

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({ "type": "string", "format": "binary" }))
    }

    fn example(_: &str) -> Option<Value> {
        Some("(gzip of lines such as {\"id\":\"0190…\",\"name\":\"Kim Minjun\"})".into())
    }

    fn write(self, _: &Wire) -> Result<HttpResponse> {
        let name = format!("attachment; filename=\"{}-{}.jsonl.gz\"", self.export.0, self.table);
        let parts = stream::try_unfold((self, 0), |(file, part)| async move {
            let bytes = file.part(part).await?;
            Ok::<_, Error>(bytes.map(|bytes| (Bytes::from(bytes), (file, part + 1))))
        });
        Ok(HttpResponse::Ok()
            .content_type(Self::MEDIA)
            .insert_header((header::CONTENT_DISPOSITION, name))
            .streaming(parts))
    }
}

impl File {
    async fn part(&self, part: i32) -> Result<Option<Vec<u8>>> {
        let mut house = self.db.house().await?;
        let bytes = export::read_part(&mut house, self.export, (&self.table, part)).await?;
        house.commit().await?;
        Ok(bytes)
    }
}

impl From<ExportedTable> for TableView {
    fn from(table: ExportedTable) -> Self {
        let ExportedTable { table, rows, bytes, sha256 } = table;
        Self { table, rows, bytes, sha256 }
    }
}

impl Sample for ExportView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            status: ExportStatus::Completed,
            error: None,
            created_at: sample::time(),
            completed_at: Some(sample::time()),
            expires_at: None,
            tables: vec![TableView {
                table: "users".into(),
                rows: 250,
                bytes: 18_412,
                sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            }],
            erased: None,
        }
    }
}

impl Sample for Promised {
    fn sample() -> Self {
        Self { institution_id: sample::id(), status: "queued" }
    }
}
