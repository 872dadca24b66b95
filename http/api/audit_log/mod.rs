//! The audit log: what was done in the institution, and by whom.
//!
//! Not here: writing it, which every command does with what it changes (`stoa_core::audit`).

mod csv;
mod scroll;
mod view;

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Ability, Error, Id, Result,
    audit::{self, ActionKey, ActorKey, AuditFilter},
    id,
    time::Timestamp,
};

pub(crate) use csv::{Csv, wants_csv};
pub(crate) use scroll::{Log, Scrolled};
pub(crate) use view::EntryView;

use crate::{
    doors::{Call, Data, Door, NoPath},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Audit log";
/// Longest text that is looked for, in characters.
const TEXT_MAX: usize = 100;

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/audit-log", list).needs(Ability::AuditRead).named(
            "listAuditLog",
            TAG,
            "Lists what was done, the newest first; `links.next` leads to what is older. With `Accept: text/csv` or \
             `format=csv` all of it, as a file",
        ),
        Door::get("/api/audit-log/{audit_entry}", show).needs(Ability::AuditRead).named(
            "getAuditEntry",
            TAG,
            "Shows one entry of the audit log",
        ),
    ]
}

/// Which entries.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Listing {
    /// Only what this actor did: `person`, `integration`, `staff` or `house`, or the id of one.
    actor: Option<String>,
    /// Only this action, such as `webhook.deleted`; or all on a kind of thing, such as `webhook`; or all that begin so,
    /// such as `webhook.secret_*`.
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
    /// Only with this text in the actor's name, the action, the object's id, or what was before or is since.
    q: Option<String>,
    /// Only what is older than this entry: `meta.next_cursor` of the page before.
    cursor: Option<Id<id::AuditEntry>>,
    /// `json`, which is the default, or `csv`: all entries in one file.
    format: Option<Format>,
    per_page: PerPage,
}

/// Names how the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AuditLogFormat")]
pub(crate) enum Format {
    /// A page.
    Json,
    /// All of it, a row for each entry.
    Csv,
}

/// What a filter is made of, as it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) actor: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) object: Option<String>,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
    pub(crate) request_id: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) q: Option<String>,
    pub(crate) cursor: Option<Id<id::AuditEntry>>,
}

impl Asked {
    /// Reads it.
    ///
    /// # Errors
    /// `validation_failed`.
    pub(crate) fn filter(self) -> Result<AuditFilter> {
        let actor = self.actor.as_deref().map(str::parse::<ActorKey>).transpose().map_err(|()| {
            Error::invalid_field("?actor", "value", "wanted person, integration, staff, house, or the id of an actor")
        })?;
        let address = self.address.as_deref().map(str::parse).transpose();
        let address = address.map_err(|_| Error::invalid_field("?address", "format", "wanted an IP address"))?;
        if self.q.as_deref().is_some_and(|text| text.chars().count() > TEXT_MAX) {
            return Err(Error::invalid_field("?q", "length", format!("wanted at most {TEXT_MAX} characters")));
        }
        Ok(AuditFilter {
            actor,
            action: self.action.as_deref().map(ActionKey::from),
            object: self.object,
            from: self.from.map(Timestamp::utc),
            to: self.to.map(Timestamp::utc),
            request_id: self.request_id,
            address,
            text: self.q.filter(|text| !text.is_empty()),
            before: self.cursor,
        })
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneEntry {
    /// Id of the entry.
    audit_entry: Id<id::AuditEntry>,
}

async fn list(call: Call<NoPath, Listing>) -> Result<Log> {
    let Listing { actor, action, object, from, to, request_id, address, q, cursor, format, per_page } = call.query;
    let filter = Asked { actor, action, object, from, to, request_id, address, q, cursor }.filter()?;
    if wants_csv(format, call.accept.as_deref()) {
        let (db, scope) = (call.app.db.clone(), call.scope);
        let csv = Csv::begin(filter, move |filter, most| {
            let (db, scope) = (db.clone(), scope.clone());
            async move { audit::list(&mut db.tenant(&scope).await?, &filter, most).await }
        });
        return csv.await.map(Log::Csv);
    }
    let per_page = asked(PageNumber::default(), per_page).per_page;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let (entries, more) = audit::list(&mut tx, &filter, per_page).await?;
    Ok(Log::Page(Scrolled { entries: entries.into_iter().map(EntryView::from).collect(), per_page, more }))
}

async fn show(call: Call<OneEntry>) -> Result<Data<EntryView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    Ok(Data(audit::get(&mut tx, call.path.audit_entry).await?.into()))
}
