//! Files of what learners did before they came: sent, read in the background, looked at, stopped.

mod upload;
mod views;

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{Ability, Code, Id, Result, id};
use stoa_record::history_imports;
use views::HistoryImportView;

use crate::{
    doors::{Call, Data, Door, Listed, NoPath},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Progress";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        upload::door(),
        Door::get("/api/progress-imports", list).needs(Ability::ProgressRead).named(
            "listProgressImports",
            TAG,
            "Lists files of history, the newest first",
        ),
        Door::get("/api/progress-imports/{import}", show).needs(Ability::ProgressRead).named(
            "getProgressImport",
            TAG,
            "Shows how far a file of history is, and its first thousand rows that do not count",
        ),
        Door::post("/api/progress-imports/{import}/cancel", cancel)
            .needs(Ability::ProgressWrite)
            .named("cancelProgressImport", TAG, "Stops a file of history between two handfuls; what was counted stays")
            .errors(&[Code::Conflict]),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneImport {
    /// Id of the import.
    import: Id<id::Import>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Listing {
    /// Page, from 1.
    page: PageNumber,
    /// Imports on a page, 1 to 100; 15 if left out.
    per_page: PerPage,
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<HistoryImportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let found = history_imports::list(&mut tx, asked(call.query.page, call.query.per_page)).await?;
    Ok(Listed(found.map(|import| HistoryImportView::of(&import))))
}

async fn show(call: Call<OneImport>) -> Result<Data<HistoryImportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let import = history_imports::find(&mut tx, call.path.import).await?;
    Ok(Data(HistoryImportView::of(&import)))
}

async fn cancel(call: Call<OneImport>) -> Result<Data<HistoryImportView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let import = history_imports::cancel(&mut tx, call.path.import).await?;
    tx.commit().await?;
    Ok(Data(HistoryImportView::of(&import)))
}
