//! Files of people: how far they are, what their plans say, and having a plan applied or an import stopped.
//!
//! Not here: sending a file (`upload`), and the file with what became of each row (`report`).

mod report;
mod upload;
mod views;

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Ability, Code, Error, Id, Key, Result, id,
    imports::{self, ImportStatus, Ordered},
    institutions,
};
use stoa_jobs::{
    Queue,
    imports::RunImport,
    queue::{NewJob, enqueue},
};

use self::views::ImportView;
use crate::{
    doors::{Accepted, Call, Data, Door, Listed},
    page::{PageNumber, PerPage, asked},
};

pub(super) const TAG: &str = "Imports";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let one = "/api/institutions/{id}/imports/{import}";
    vec![
        Door::get("/api/institutions/{id}/imports", list).needs(Ability::MembersRead).named(
            "listImports",
            TAG,
            "Lists imports, the newest first",
        ),
        Door::get(one, show).needs(Ability::MembersRead).named(
            "getImport",
            TAG,
            "Shows an import: its plan, and how far it is",
        ),
        Door::post("/api/institutions/{id}/imports/{import}/apply", apply)
            .needs(Ability::MembersWrite)
            .named("applyImport", TAG, "Has a plan applied exactly as it was made; refused if its people changed since")
            .errors(&[Code::Conflict, Code::StalePlan, Code::SeatsExceeded]),
        Door::post("/api/institutions/{id}/imports/{import}/cancel", cancel)
            .needs(Ability::MembersWrite)
            .named("cancelImport", TAG, "Stops an import between two chunks; what was applied stays")
            .errors(&[Code::Conflict]),
        upload::door(),
        report::door(),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id of the caller's institution, its number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneImport {
    /// Id of the caller's institution, its number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
    /// Id of the import.
    import: Id<id::Import>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Listing {
    /// Of this status.
    status: Option<ImportStatus>,
    /// Page, from 1.
    page: PageNumber,
    /// Imports on a page, 1 to 100; 15 if left out.
    per_page: PerPage,
}

async fn list(call: Call<OneInstitution, Listing>) -> Result<Listed<ImportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let page = asked(call.query.page, call.query.per_page);
    let imports = imports::list(&mut tx, call.query.status, page).await?;
    let now = tx.now();
    Ok(Listed(imports.map(|import| ImportView::of(&import, now))))
}

async fn show(call: Call<OneImport>) -> Result<Data<ImportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let import = imports::get(&mut tx, call.path.import).await?;
    Ok(Data(ImportView::of(&import, tx.now())))
}

async fn apply(call: Call<OneImport>) -> Result<Accepted<ImportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let ordered = imports::order_apply(&mut tx, call.path.import).await?;
    let now = tx.now();
    let Ordered::Applying(import) = ordered else {
        // That it is stale is kept, although the request is refused.
        tx.commit().await?;
        let why = "people changed since the plan was made; send the file again";
        return Err(Error::new(Code::StalePlan, why));
    };
    let tenant = call.scope.tenant;
    let promise = NewJob::of(tenant, &RunImport { tenant, import: import.id })?;
    enqueue(&mut tx, promise.caused_by(call.scope.request_id.as_deref())).await?;
    tx.commit().await?;
    call.app.road.wakes.wake(Queue::Imports);
    Ok(Accepted(ImportView::of(&import, now)))
}

async fn cancel(call: Call<OneImport>) -> Result<Data<ImportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    let import = imports::cancel(&mut tx, call.path.import).await?;
    let now = tx.now();
    tx.commit().await?;
    call.app.road.tenants.cancel_import(call.scope.tenant, import.id).await;
    Ok(Data(ImportView::of(&import, now)))
}
