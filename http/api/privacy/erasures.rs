//! Asking for erasures, saying that they shall be, calling them off, and the receipts.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Id, Result, id};
use stoa_jobs::{Queue, privacy::ErasePerson, queue};
use stoa_record::privacy::{self, Erasure, ErasureFilter, ErasureStatus};

use super::{OnePerson, TAG, views::ErasureView};
use crate::{
    App,
    body::{Body, NoBody},
    doors::{Accepted, Call, Data, Door, NoPath, NoQuery, Stretch},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/users/{id}/erasure", ask)
            .named(
                "eraseUser",
                TAG,
                "Asks for the erasure of a person. One's own waits for a confirmation; that of others needs `privacy:manage`, \
                 and ends the membership at once",
            )
            .errors(&[Code::AbilityMissing, Code::Conflict, Code::ErasureBlocked]),
        Door::get("/api/erasures", list).needs(Ability::PrivacyManage).named(
            "listErasures",
            TAG,
            "Lists erasures, the newest first; `links.next` leads to what is older",
        ),
        Door::get("/api/erasures/{erasure}", show).needs(Ability::PrivacyManage).named(
            "getErasure",
            TAG,
            "Shows an erasure, and the receipt of one that is completed",
        ),
        Door::post("/api/erasures/{erasure}/confirm", confirm)
            .needs(Ability::PrivacyManage)
            .named("confirmErasure", TAG, "Says that an erasure which the person asked for shall be")
            .errors(&[Code::Conflict, Code::ErasureBlocked]),
        Door::post("/api/erasures/{erasure}/cancel", cancel)
            .named(
                "cancelErasure",
                TAG,
                "Calls off an erasure that has not begun. Whoever asked for his own can take that back until it is confirmed; \
                 everything else needs `privacy:manage`",
            )
            .errors(&[Code::AbilityMissing, Code::Conflict]),
    ]
}

/// A request for an erasure.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewErasure")]
struct NewErasure {
    /// Why. Name nobody: it stays on the receipt's record, with the person's name struck out.
    reason: String,
}

impl Body for NewErasure {
    fn example() -> Value {
        json!({ "reason": "Asked by letter of 12 November" })
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneErasure {
    /// Id of the erasure.
    erasure: Id<id::Erasure>,
}

/// Which erasures.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Listing {
    /// Only those that stand there.
    status: Option<ErasureStatus>,
    /// Only those of this person.
    user_id: Option<Id<id::User>>,
    /// Only what is older than this erasure: where the page before ended.
    cursor: Option<Id<id::Erasure>>,
    per_page: PerPage,
}

async fn ask(call: Call<OnePerson, NoQuery, NewErasure>) -> Result<Accepted<ErasureView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let wanted = (call.body.reason, &call.app.settings.privacy);
    let erasure = privacy::ask(&mut tx, &call.scope, &call.path.id, wanted).await?;
    tx.commit().await?;
    promise(&call.app, (call.scope.tenant, &erasure)).await?;
    Ok(Accepted(ErasureView::of(erasure)))
}

async fn confirm(call: Call<OneErasure, NoQuery, NoBody>) -> Result<Data<ErasureView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let erasure = privacy::confirm(&mut tx, &call.scope, call.path.erasure, &call.app.settings.privacy).await?;
    tx.commit().await?;
    promise(&call.app, (call.scope.tenant, &erasure)).await?;
    Ok(Data(ErasureView::of(erasure)))
}

/// Promises what shall be, for when it may be. Whoever looks for what is due finds it too, should this be lost.
async fn promise(app: &App, (tenant, erasure): (stoa_core::TenantId, &Erasure)) -> Result<()> {
    let Some(after) = erasure.erase_after else { return Ok(()) };
    app.tokens.forget_all(tenant);
    let mut house = app.db.house().await?;
    queue::enqueue(&mut house, ErasePerson::of(tenant, erasure.id)?.at(after)).await?;
    house.commit().await?;
    app.road.wakes.wake(Queue::Housekeeping);
    Ok(())
}

async fn cancel(call: Call<OneErasure, NoQuery, NoBody>) -> Result<Data<ErasureView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let erasure = privacy::cancel(&mut tx, &call.scope, call.path.erasure).await?;
    tx.commit().await?;
    Ok(Data(ErasureView::of(erasure)))
}

async fn list(call: Call<NoPath, Listing>) -> Result<Stretch<ErasureView>> {
    let query = call.query;
    let most = asked(PageNumber::default(), query.per_page).per_page;
    let filter = ErasureFilter { status: query.status, user: query.user_id, before: query.cursor };
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let (rows, more) = privacy::list(&mut tx, filter, most).await?;
    let next = rows.last().filter(|_| more).map(|last| ("cursor", last.id.to_string()));
    Ok(Stretch { rows: rows.into_iter().map(ErasureView::of).collect(), next })
}

async fn show(call: Call<OneErasure>) -> Result<Data<ErasureView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(ErasureView::of(privacy::get(&mut tx, call.path.erasure).await?)))
}
