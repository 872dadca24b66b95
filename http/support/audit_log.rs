//! What the platform's staff did, anywhere: for institutions, and to their own accounts. For operators.
//!
//! Not here: what others did in an institution, which only that institution reads (`http::api::audit_log`).

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{Id, Result, TenantId, audit, id, staff::StaffRole, time::Timestamp};

use super::TAG;
use crate::{
    api::audit_log::{Asked, Csv, EntryView, Format, Log, Scrolled, wants_csv},
    body::NoBody,
    caller::Staff,
    doors::{Call, Door, NoPath},
    page::{PageNumber, PerPage, asked},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![Door::get("/api/support/audit-log", list).staffed_by(StaffRole::Operator).named(
        "listStaffAuditLog",
        TAG,
        "Lists what the staff did for any institution and to their own accounts, the newest first; for operators",
    )]
}

/// Which entries.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Listing {
    /// Only for this institution.
    institution: Option<TenantId>,
    /// Only what this person did, by id; `house` for what was done on the command line.
    actor: Option<String>,
    /// Only this action, all on a kind of thing, or all that begin so: `institution.*`.
    action: Option<String>,
    /// Only what was done to this thing, by its id.
    object: Option<String>,
    /// Only at or after this time.
    from: Option<Timestamp>,
    /// Only before this time.
    to: Option<Timestamp>,
    /// Only what this request did.
    request_id: Option<String>,
    /// Only what was done from this address.
    address: Option<String>,
    /// Only with this text in the person's name, the action, the object's id, or what was before or is since.
    q: Option<String>,
    /// Only what is older than this entry: `meta.next_cursor` of the page before.
    cursor: Option<Id<id::AuditEntry>>,
    /// `json`, which is the default, or `csv`: all entries in one file.
    format: Option<Format>,
    per_page: PerPage,
}

async fn list(call: Call<NoPath, Listing, NoBody, Staff>) -> Result<Log> {
    let Listing { institution, actor, action, object, from, to, request_id, address, q, cursor, format, per_page } =
        call.query;
    let filter = Asked { actor, action, object, from, to, request_id, address, q, cursor }.filter()?;
    let db = call.app.db.clone();
    if wants_csv(format, call.accept.as_deref()) {
        let csv = Csv::begin(filter, move |filter, most| {
            let db = db.clone();
            async move { audit::list_of_staff(&mut db.house().await?, institution, &filter, most).await }
        });
        return csv.await.map(Log::Csv);
    }
    let per_page = asked(PageNumber::default(), per_page).per_page;
    let (entries, more) = audit::list_of_staff(&mut db.house().await?, institution, &filter, per_page).await?;
    Ok(Log::Page(Scrolled { entries: entries.into_iter().map(EntryView::from).collect(), per_page, more }))
}
