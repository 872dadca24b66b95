//! The life of an institution, in the hands of operators: each step with a reason.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    Code, Key, Result, Scope,
    db::TenantTx,
    institutions::{
        self, Institution,
        lifecycle::{self, Leave, Reason},
    },
    staff::StaffRole,
    time::Timestamp,
};
use stoa_jobs::institutions::wake_up;

use super::{OneInstitution, TAG, export::promise_export, view, views::InstitutionView};
use crate::{
    App,
    body::Body,
    caller::{Keeper, Staff},
    doors::{Call, Data, Door, NoQuery},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let steps = [
        Door::post("/api/institutions/{id}/suspend", suspend).named(
            "suspendInstitution",
            TAG,
            "Refuses an institution at every door; its jobs and webhooks wait",
        ),
        Door::post("/api/institutions/{id}/resume", resume).named(
            "resumeInstitution",
            TAG,
            "Lets a suspended institution work again; what waited goes on",
        ),
        Door::post("/api/institutions/{id}/activate", activate).named(
            "activateInstitution",
            TAG,
            "Turns an institution's trial into a contract",
        ),
        Door::post("/api/institutions/{id}/close", close).named(
            "closeInstitution",
            TAG,
            "Begins to close an institution: exports everything, waits, and then erases it",
        ),
        Door::post("/api/institutions/{id}/reopen", reopen).named(
            "reopenInstitution",
            TAG,
            "Calls off the closing of an institution, as long as nothing was erased",
        ),
    ];
    steps.into_iter().map(|door| door.staffed_by(StaffRole::Operator).errors(&[Code::Conflict])).collect()
}

/// Why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Why {
    /// In words that the institution is shown: 1 to 500 characters.
    reason: String,
}

impl Body for Why {
    fn example() -> Value {
        json!({ "reason": "The invoice of September is open" })
    }
}

/// Why, and when everything is to be erased.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WhyAndWhen {
    /// In words that the institution is shown: 1 to 500 characters.
    reason: String,
    /// Not before this time everything is erased; after the usual wait, if left out.
    #[serde(default)]
    erase_after: Option<Timestamp>,
}

impl Body for WhyAndWhen {
    fn example() -> Value {
        json!({ "reason": "The contract ends with the year", "erase_after": "2027-01-31T00:00:00Z" })
    }
}

type Asked<B> = Call<OneInstitution, NoQuery, B, Staff>;

async fn suspend(call: Asked<Why>) -> Result<Data<InstitutionView>> {
    let (mut tx, scope) = begin(&call).await?;
    let after = lifecycle::suspend(&mut tx, Reason::new(call.body.reason)?).await?;
    tx.commit().await?;
    shown(&call.app, call.scope, &scope, &after).await
}

async fn resume(call: Asked<Why>) -> Result<Data<InstitutionView>> {
    let (mut tx, scope) = begin(&call).await?;
    let after = lifecycle::resume(&mut tx, Reason::new(call.body.reason)?).await?;
    let queues = wake_up(&mut tx).await?;
    tx.commit().await?;
    for queue in queues {
        call.app.road.wakes.wake(*queue);
    }
    shown(&call.app, call.scope, &scope, &after).await
}

async fn activate(call: Asked<Why>) -> Result<Data<InstitutionView>> {
    let (mut tx, scope) = begin(&call).await?;
    let after = lifecycle::activate(&mut tx, Reason::new(call.body.reason)?).await?;
    tx.commit().await?;
    shown(&call.app, call.scope, &scope, &after).await
}

async fn close(call: Asked<WhyAndWhen>) -> Result<Data<InstitutionView>> {
    let (mut tx, scope) = begin(&call).await?;
    let wait = TimeDelta::days(call.app.settings.institutions.erase_after_days.into());
    let erase_after = call.body.erase_after.map_or(tx.now() + wait, Timestamp::utc);
    let leave = Leave { erase_after, export_days: call.app.settings.institutions.export_days };
    let after = lifecycle::close(&mut tx, Reason::new(call.body.reason)?, leave).await?;
    tx.commit().await?;
    promise_export(&call.app, after.tenant_id).await?;
    shown(&call.app, call.scope, &scope, &after).await
}

async fn reopen(call: Asked<Why>) -> Result<Data<InstitutionView>> {
    let (mut tx, scope) = begin(&call).await?;
    let after = lifecycle::reopen(&mut tx, Reason::new(call.body.reason)?).await?;
    tx.commit().await?;
    shown(&call.app, call.scope, &scope, &after).await
}

async fn begin<B>(call: &Asked<B>) -> Result<(TenantTx, Scope)> {
    let scope = call.scope.at(&call.app, &call.path.id).await?;
    let mut tx = call.app.db.tenant(&scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    Ok((tx, scope))
}

async fn shown(app: &App, staff: Staff, scope: &Scope, after: &Institution) -> Result<Data<InstitutionView>> {
    view(app, &Keeper::Staff(staff), scope, &Key::Id(after.tenant_id)).await.map(Data)
}
