//! The ledger of points, and corrections of it.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Ability, Code, Error, Id, Key, Result, id, members};
use stoa_record::{
    gamification::{self, Corrected, Correction, XpEntry},
    subject::{SubjectKey, subject},
};

use super::TAG;
use crate::{
    body::Body,
    doors::{Call, Created, Door, Listed, NoPath, NoQuery},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/gamification/xp-entries", list)
            .named(
                "listXpEntries",
                TAG,
                "Lists for what a learner was given points, the newest date first; those of others need `gamification:read`",
            )
            .errors(&[Code::AbilityMissing, Code::SubjectRequired]),
        Door::post("/api/gamification/corrections", correct)
            .needs(Ability::ProgressWrite)
            .named(
                "correctXp",
                TAG,
                "Takes an entry back, or gives or takes points: another entry, which counts today; what is frozen stays",
            )
            .errors(&[Code::Conflict]),
    ]
}

/// Whose.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Id of the learner; the caller if neither this nor `external_id` is given.
    #[serde(default)]
    user_id: Option<Id<id::User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

/// What is to be corrected: an entry, or a number of points.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewCorrection {
    /// Id of the learner, e-mail address, or `external_id:` and the institution's own key.
    user: Key<id::User>,
    /// Points that are given, or taken away if below 0; at most 100,000.
    #[serde(default)]
    amount: Option<i32>,
    /// Id of the entry that is taken back, in the place of `amount`.
    #[serde(default)]
    entry_id: Option<Id<id::XpEntry>>,
    /// Why; kept with the entry and in the audit log.
    reason: String,
    /// The sender's own key: a correction counts once.
    #[serde(default)]
    external_id: Option<String>,
}

impl Body for NewCorrection {
    fn example() -> Value {
        json!({ "user": "external_id:s-1815", "amount": 40, "reason": "Helped at the open day", "external_id": "open-day-1815" })
    }
}

/// An entry of the ledger of points.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "XpEntry")]
pub(super) struct EntryView {
    /// Id.
    pub(super) id: Id<id::XpEntry>,
    /// The learner.
    pub(super) user_id: Id<id::User>,
    /// Key of the rule; `correction` for what somebody entered.
    pub(super) rule: String,
    /// Version of the rule.
    pub(super) rule_version: i32,
    /// Points; fewer than the rule's where the date's cap was reached.
    pub(super) amount: i32,
    /// The sender's own id of the activity; of a correction its own key.
    pub(super) source: String,
    /// The learner's date on which it counts.
    pub(super) local_date: NaiveDate,
    /// IANA zone of the date.
    pub(super) tz: String,
    /// When it was done.
    pub(super) occurred_at: DateTime<Utc>,
    /// When it was counted.
    pub(super) created_at: DateTime<Utc>,
    /// Entry that it takes back.
    pub(super) corrects: Option<Id<id::XpEntry>>,
    /// Why somebody entered it.
    pub(super) reason: Option<String>,
}

impl EntryView {
    fn of(entry: XpEntry) -> Self {
        Self {
            id: entry.id,
            user_id: entry.user_id,
            rule: entry.rule,
            rule_version: entry.rule_version,
            amount: entry.amount,
            source: entry.source,
            local_date: entry.local_date,
            tz: entry.tz,
            occurred_at: entry.occurred_at,
            created_at: entry.created_at,
            corrects: entry.corrects,
            reason: entry.note,
        }
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<EntryView>> {
    let Listing { user_id, external_id, page, per_page } = call.query;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let key = SubjectKey { user_id, external_id };
    let learner = subject(&mut tx, &call.scope, (key, Ability::GamificationRead)).await?;
    let page = gamification::entries(&mut tx, learner.id, asked(page, per_page)).await?;
    Ok(Listed(page.map(EntryView::of)))
}

async fn correct(call: Call<NoPath, NoQuery, NewCorrection>) -> Result<Created<EntryView>> {
    let NewCorrection { user, amount, entry_id, reason, external_id } = call.body;
    let what = match (amount, entry_id) {
        (Some(amount), None) => Corrected::Points(amount),
        (None, Some(entry)) => Corrected::Entry(entry),
        _ => return Err(Error::invalid_field("/amount", "required", "wanted an amount or an entry_id, and not both")),
    };
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let member = members::resolve(&mut tx, &[("/user".to_owned(), user)]).await?.into_iter().next();
    let member = member.ok_or_else(|| Error::not_found("member"))?;
    let correction = Correction { what, reason, external_id };
    let entry = gamification::correct(&mut tx, (&call.scope, &member), correction).await?;
    tx.commit().await?;
    Ok(Created::from(EntryView::of(entry)))
}
