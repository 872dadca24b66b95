//! Legal holds.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Result};
use stoa_record::privacy;

use super::{OnePerson, TAG, views::HoldView};
use crate::{
    body::Body,
    doors::{Call, Data, Done, Door, NoQuery},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let path = "/api/users/{id}/legal-hold";
    let doors = [
        Door::get(path, show).named("getLegalHold", TAG, "Shows the legal hold of a person"),
        Door::put(path, place)
            .named("putLegalHold", TAG, "Places a legal hold: the person may not be erased while it stands")
            .errors(&[Code::Conflict]),
        Door::delete(path, lift).named(
            "liftLegalHold",
            TAG,
            "Lifts a legal hold; an erasure that waited for it goes on",
        ),
    ];
    doors.into_iter().map(|door| door.needs(Ability::PrivacyManage)).collect()
}

/// A legal hold to be placed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewLegalHold")]
struct NewHold {
    /// Why, such as the number of a case. Name nobody.
    reason: String,
}

impl Body for NewHold {
    fn example() -> Value {
        json!({ "reason": "Case 2026-118" })
    }
}

async fn show(call: Call<OnePerson>) -> Result<Data<HoldView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(HoldView::of(privacy::hold(&mut tx, &call.path.id).await?)))
}

async fn place(call: Call<OnePerson, NoQuery, NewHold>) -> Result<Data<HoldView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let hold = privacy::place(&mut tx, &call.scope, &call.path.id, call.body.reason).await?;
    tx.commit().await?;
    Ok(Data(HoldView::of(hold)))
}

async fn lift(call: Call<OnePerson>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    privacy::lift(&mut tx, &call.path.id).await?;
    tx.commit().await?;
    Ok(Done)
}
