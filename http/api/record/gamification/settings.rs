//! How an institution wants its game.

use serde_json::{Value, json};
use stoa_core::{Ability, Result};
use stoa_record::gamification::{self, Settings, SettingsChange};

use super::TAG;
use crate::{
    body::Body,
    doors::{Call, Data, Door, NoPath, NoQuery},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/gamification/settings", show).needs(Ability::GamificationRead).named(
            "getGamificationSettings",
            TAG,
            "Shows how the institution wants its game",
        ),
        Door::patch("/api/gamification/settings", change).needs(Ability::InstitutionsWrite).named(
            "changeGamificationSettings",
            TAG,
            "Changes how the institution wants its game, from now on: what was counted stays",
        ),
    ]
}

impl Body for SettingsChange {
    fn example() -> Value {
        json!({ "names": "alias", "freezes_max": 3, "rules_off": ["perfect_score"] })
    }
}

async fn show(call: Call) -> Result<Data<Settings>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(gamification::settings(&mut tx).await?))
}

async fn change(call: Call<NoPath, NoQuery, SettingsChange>) -> Result<Data<Settings>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let settings = gamification::change_settings(&mut tx, call.body).await?;
    tx.commit().await?;
    Ok(Data(settings))
}
