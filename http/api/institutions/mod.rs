//! Institutions: their own people see and set up theirs; the platform's staff makes, finds, moves and closes all.
//!
//! Not here: the rules (`stoa_core::institutions`), and people (`http::api::people`).

mod create;
mod export;
mod lifecycle;
mod search;
mod views;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Key, Result, Scope, id,
    institutions::{self, Change, InstitutionChange, search::health},
    staff::StaffRole,
};

use views::InstitutionView;

use crate::{
    App,
    body::{Body, NoBody},
    caller::Keeper,
    doors::{Call, Data, Door, NoQuery},
};

/// Chapter of the documentation.
const TAG: &str = "Institutions";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let one = "/api/institutions/{id}";
    let own = vec![
        Door::get(one, show).needs(Ability::InstitutionsRead).staffed_by(StaffRole::Reseller).named(
            "getInstitution",
            TAG,
            "Shows the caller's institution; to staff any that they look after",
        ),
        Door::patch(one, change)
            .needs(Ability::InstitutionsWrite)
            .staffed_by(StaffRole::Reseller)
            .named("changeInstitution", TAG, "Changes what an institution is called, how it looks and what it may")
            .errors(&[Code::Conflict]),
    ];
    [search::doors(), create::doors(), own, lifecycle::doors(), export::doors()].into_iter().flatten().collect()
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id, number, slug, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
}

impl Body for InstitutionChange {
    fn example() -> Value {
        json!({ "name": "Academy of Seoul", "time_zone": "Asia/Seoul", "branding": { "primary_color": "#0a5c36" } })
    }
}

async fn show(call: Call<OneInstitution, NoQuery, NoBody, Keeper>) -> Result<Data<InstitutionView>> {
    let (app, keeper) = (&call.app, &call.scope);
    let scope = keeper.at(app, &call.path.id).await?;
    view(app, keeper, &scope, &call.path.id).await.map(Data)
}

async fn change(call: Call<OneInstitution, NoQuery, InstitutionChange, Keeper>) -> Result<Data<InstitutionView>> {
    let (app, keeper) = (&call.app, &call.scope);
    let scope = keeper.at(app, &call.path.id).await?;
    let mut tx = app.db.tenant(&scope).await?;
    // The key may be the very thing that is changed.
    let id = institutions::own(&mut tx, &call.path.id).await?.tenant_id;
    let by_staff = matches!(keeper, Keeper::Staff(_));
    institutions::change(&mut tx, Change { wanted: call.body, by_staff }, &app.settings.institutions).await?;
    tx.commit().await?;
    view(app, keeper, &scope, &Key::Id(id)).await.map(Data)
}

/// The institution as whoever asks may see it.
async fn view(app: &App, keeper: &Keeper, scope: &Scope, key: &Key<id::Institution>) -> Result<InstitutionView> {
    let mut tx = app.db.tenant(scope).await?;
    let found = institutions::own(&mut tx, key).await?;
    let with = (&app.settings.institutions, tx.now());
    if matches!(keeper, Keeper::Institution(_)) {
        return Ok(InstitutionView::of(found, with));
    }
    drop(tx);
    let mut house = app.db.house().await?;
    let health = health(&mut house, found.tenant_id).await?;
    house.commit().await?;
    Ok(match health {
        Some(health) => InstitutionView::with(found, &health, with),
        None => InstitutionView::of(found, with),
    })
}
