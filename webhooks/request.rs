//! The request of an attempt: the headers that are sent, and the same ones shown without their secrets.
//!
//! Not here: the bytes (`outgoing`), and sending (`stoa_actors::egress`, which adds what HTTP itself asks for).
//!
//! # Rule
//! What was sent is shown as it was sent. For most attempts it follows from the row, so nothing is stored; where it
//! does not, as with headers of the institution's own, two signatures, or a pair of keys, the masked block is.

use chrono::{DateTime, Utc};
use stoa_protocols::{
    event::EventType,
    webhook::{DialectName, SignatureScheme, Signing, SigningKey, masked_header},
};

use super::{Attempt, Outgoing, rows::DeliveryRow};
use stoa_core::id::{self, Id};

/// Who sends. Without a version, so that what a log shows of an old attempt is what was sent.
pub const USER_AGENT: &str = "Stoa/1 (webhooks)";

impl Outgoing {
    /// Every header of an attempt begun at a time, in the order in which they are sent.
    pub fn all_headers(&self, now: DateTime<Utc>) -> Vec<(String, String)> {
        let own = self.receiver.own_headers().iter().map(|(name, value)| (name.clone(), value.clone()));
        let dialect = self.headers(now).into_iter().map(|(name, value)| (name.to_owned(), value));
        dialect.chain(ours(self.request_id.as_deref(), now)).chain(own).collect()
    }

    /// The whole head of a request as it is sent, masked.
    pub fn head(&self, sent: &[(String, String)]) -> Vec<(String, String)> {
        wire(&self.url, Some(self.body.len())).chain(self.shown_headers(sent)).collect()
    }

    /// The same headers to be stored beside the attempt, masked; none where they follow from the row.
    pub fn kept_headers(&self, sent: &[(String, String)], now: DateTime<Utc>) -> Option<String> {
        let own = self.receiver.own_headers();
        let usual = matches!(self.receiver.keys(now), [only] if only.scheme() == SignatureScheme::V1) && own.is_empty();
        let line = |(name, value): (String, String)| format!("{name}: {value}");
        (!usual).then(|| self.shown_headers(sent).into_iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    fn shown_headers(&self, sent: &[(String, String)]) -> Vec<(String, String)> {
        let own = self.receiver.own_headers();
        let shown = |(name, value): &(String, String)| {
            (name.clone(), masked_header(name, value, own.keys().map(String::as_str)))
        };
        sent.iter().map(shown).collect()
    }
}

/// Headers that every dialect is sent beside its own. The date is given here, so that what is shown was sent.
fn ours(request_id: Option<&str>, now: DateTime<Utc>) -> impl Iterator<Item = (String, String)> {
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let request_id = request_id.map(|id| ("x-request-id".to_owned(), id.to_owned()));
    [("user-agent".to_owned(), USER_AGENT.to_owned()), ("date".to_owned(), date)].into_iter().chain(request_id)
}

/// Headers that HTTP itself asks for.
fn wire(url: &str, length: Option<usize>) -> impl Iterator<Item = (String, String)> {
    let length = length.map(|length| ("content-length".to_owned(), length.to_string()));
    [("host".to_owned(), host(url)), ("accept-encoding".to_owned(), "identity".to_owned())].into_iter().chain(length)
}

/// What the headers of a delivery's attempts follow from.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// Dialect, and what else its bytes depend on: `reach360:2023-05-04:whk_…`.
    pub(crate) rendering: String,
    pub(crate) event: Id<id::Event>,
    pub(crate) event_type: Option<EventType>,
    pub(crate) test: bool,
    pub(crate) request_id: Option<String>,
    pub(crate) url: String,
    /// Length of the body in bytes; none once it was forgotten.
    pub(crate) length: Option<usize>,
}

impl Sent {
    pub(crate) fn of(row: &DeliveryRow, length: Option<usize>) -> Self {
        Self {
            rendering: row.rendering.clone(),
            event: Id::from_uuid(row.event_id),
            event_type: row.event_type.parse().ok(),
            test: row.test,
            request_id: row.request_id.clone(),
            url: row.url.clone(),
            length,
        }
    }
}

/// The headers of an attempt as they were sent, names in lower case, secrets masked.
pub(crate) fn headers_of(sent: &Sent, attempt: &Attempt) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = wire(&sent.url, sent.length).collect();
    match &attempt.kept_headers {
        Some(block) => {
            let lines = block.lines().filter_map(|line| line.split_once(": "));
            shown.extend(lines.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        None => shown.extend(usual(sent, attempt.started_at)),
    }
    shown
}

/// Signed with one shared secret, of which only the form matters here.
fn usual(sent: &Sent, started_at: DateTime<Utc>) -> Vec<(String, String)> {
    let mut parts = sent.rendering.split(':');
    let dialect: Option<DialectName> = parts.next().and_then(|name| name.parse().ok());
    let (Some(dialect), Some(event_type)) = (dialect, sent.event_type) else { return Vec::new() };
    let headers = dialect.dialect().headers(&Signing {
        message_id: &sent.event.to_string(),
        timestamp: started_at.timestamp(),
        body: b"",
        keys: &[SigningKey::of(b"")],
        api_version: parts.next(),
        event_type,
        test: sent.test,
    });
    let masked = headers.into_iter().map(|(name, value)| {
        let shown = masked_header(name, &value, std::iter::empty());
        (name.to_owned(), shown)
    });
    masked.chain(ours(sent.request_id.as_deref(), started_at)).collect()
}

/// Host, and the port where it is not the usual one.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().to_owned()
}
