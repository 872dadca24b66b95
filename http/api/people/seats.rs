//! Seats: how many people the institution may have, and how many it has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{
    Ability, Key, Result, id, institutions,
    members::{self, Seats},
};

use crate::doors::{Call, Data, Door, Sample};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![Door::get("/api/institutions/{id}/seats", show).needs(Ability::MembersRead).named(
        "getSeats",
        super::members::TAG,
        "Tells how many seats there are, and who takes them",
    )]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id of the caller's institution, its number, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
}

/// How full the institution is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Seats")]
struct SeatsView {
    /// Seats that there are; null for no limit.
    total: Option<i64>,
    /// Of active members.
    in_use: i64,
    /// Of people who were invited and have not accepted yet.
    pending_invite: i64,
    /// Kept for the people whom running imports are about to add.
    reserved: i64,
    /// That somebody may still take; null for no limit.
    available: Option<i64>,
}

impl From<Seats> for SeatsView {
    fn from(seats: Seats) -> Self {
        Self {
            total: seats.total,
            in_use: seats.in_use,
            pending_invite: seats.pending_invite,
            reserved: seats.reserved,
            available: seats.available(),
        }
    }
}

async fn show(call: Call<OneInstitution>) -> Result<Data<SeatsView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    Ok(Data(members::seats(&mut tx).await?.into()))
}

impl Sample for SeatsView {
    fn sample() -> Self {
        Self { total: Some(250), in_use: 231, pending_invite: 4, reserved: 0, available: Some(15) }
    }
}
