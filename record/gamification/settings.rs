//! How an institution wants its game.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, Bool, Integer, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stoa_core::{
    Result,
    audit::Entry,
    db::{TenantTx, failed, sql},
    fields::{Fields, given},
    words,
};

use super::rules::XP_RULES;

/// Most freezes that any institution lets a learner keep.
pub const FREEZES_MAX: i32 = 5;

words! {
    /// How people are named on leaderboards.
    Names {
        /// By their whole names.
        Full = "full",
        /// By the first letters of their names.
        Initials = "initials",
        /// By a name that tells nothing, the same each time.
        Alias = "alias",
        /// Not at all.
        Hidden = "hidden",
    }
}

/// How an institution wants its game.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName, Serialize, JsonSchema)]
#[schemars(rename = "GamificationSettings")]
pub struct Settings {
    /// Anything is counted at all. What is done while it is off is not made up for.
    #[diesel(sql_type = Bool)]
    pub enabled: bool,
    /// There are leaderboards.
    #[diesel(sql_type = Bool)]
    pub leaderboards: bool,
    /// How people are named on leaderboards.
    #[diesel(sql_type = Text)]
    pub names: Names,
    /// Most freezes that a learner keeps; 0 for none.
    #[diesel(sql_type = Integer)]
    pub freezes_max: i32,
    /// Rules that give no points.
    #[diesel(sql_type = Array<Text>)]
    pub rules_off: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { enabled: true, leaderboards: true, names: Names::Initials, freezes_max: 2, rules_off: Vec::new() }
    }
}

impl Settings {
    /// Does a rule give points.
    pub fn gives(&self, rule: &str) -> bool {
        !self.rules_off.iter().any(|off| off == rule)
    }
}

/// What is to be changed of it. What is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SettingsChange {
    /// Count anything at all.
    #[serde(deserialize_with = "given")]
    pub enabled: Option<bool>,
    /// Have leaderboards.
    #[serde(deserialize_with = "given")]
    pub leaderboards: Option<bool>,
    /// How people are named on leaderboards.
    #[serde(deserialize_with = "given")]
    pub names: Option<Names>,
    /// Most freezes that a learner keeps, 0 to 5.
    #[serde(deserialize_with = "given")]
    pub freezes_max: Option<i32>,
    /// Rules that give no points; in place of those before.
    #[serde(deserialize_with = "given")]
    pub rules_off: Option<Vec<String>>,
}

const READ: &str =
    "SELECT s.enabled, s.leaderboards, s.names, s.freezes_max, s.rules_off FROM game_settings s WHERE s.tenant_id = $1";
const WRITE: &str = "INSERT INTO game_settings (tenant_id, enabled, leaderboards, names, freezes_max, rules_off, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (tenant_id) DO UPDATE SET enabled = excluded.enabled, leaderboards = excluded.leaderboards,
    names = excluded.names, freezes_max = excluded.freezes_max, rules_off = excluded.rules_off, updated_at = excluded.updated_at";

/// Reads how the institution wants its game; as the platform has it where it never said.
///
/// # Errors
/// As the database says.
pub async fn settings(tx: &mut TenantTx) -> Result<Settings> {
    let tenant = tx.tenant();
    let one = sql(READ).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.optional().map_err(failed)?;
    Ok(one.unwrap_or_default())
}

/// Changes how the institution wants its game, from now on: what was counted stays.
///
/// # Errors
/// `validation_failed`.
pub async fn change_settings(tx: &mut TenantTx, wanted: SettingsChange) -> Result<Settings> {
    super::lock(tx).await?;
    let before = settings(tx).await?;
    let after = Settings {
        enabled: wanted.enabled.unwrap_or(before.enabled),
        leaderboards: wanted.leaderboards.unwrap_or(before.leaderboards),
        names: wanted.names.unwrap_or(before.names),
        freezes_max: wanted.freezes_max.unwrap_or(before.freezes_max),
        rules_off: wanted.rules_off.unwrap_or_else(|| before.rules_off.clone()),
    };
    let mut fields = Fields::new();
    fields.within("/freezes_max", &after.freezes_max, &(0..=FREEZES_MAX));
    for (at, key) in after.rules_off.iter().enumerate() {
        if !XP_RULES.iter().any(|rule| rule.key == key) {
            let known = XP_RULES.map(|rule| rule.key).join(", ");
            fields.fault(format!("/rules_off/{at}"), "value", format!("wanted one of {known}"));
        }
    }
    fields.finish()?;
    if after != before {
        write(tx, &after).await?;
        let (tenant, was, is) = (tx.tenant(), json!(before), json!(after));
        tx.audit(Entry::of("gamification.changed", tenant).differing(&was, &is));
    }
    Ok(after)
}

async fn write(tx: &mut TenantTx, settings: &Settings) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(WRITE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Bool, _>(settings.enabled)
        .bind::<Bool, _>(settings.leaderboards)
        .bind::<Text, _>(settings.names.as_str())
        .bind::<Integer, _>(settings.freezes_max)
        .bind::<Array<Text>, _>(&settings.rules_off)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
