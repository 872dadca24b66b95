//! What a dialect is, and the closed list of them.
//!
//! Not here: the dialects themselves (`dialects`).
//!
//! # Source
//! Standard Webhooks specification, "Webhook metadata" and "Signature scheme", for the headers that every dialect
//! sends beside its own.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use super::{
    dialects::{REACH360, TALKTIKO, TEACHBASE},
    signature::SigningKey,
};
use crate::event::{Envelope, EventType};

/// Names a kind of receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DialectName {
    /// Our own, after Talktiko: everything that is known, signed with `X-Signature-256` and Standard Webhooks.
    Talktiko,
    /// Teachbase: six statistics, integer ids, unsigned.
    Teachbase,
    /// Articulate Reach 360: four events, objects with links, signed with `X-Hook-Signature`.
    Reach360,
}

/// Reports a name that is no dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a dialect")]
pub struct UnknownDialect;

/// Who reads a body: what it depends on besides the event.
#[derive(Debug, Clone, Copy)]
pub struct Audience<'a> {
    /// `whk_…` of the receiver.
    pub webhook_id: &'a str,
    /// Version pinned by the receiver, where the dialect has versions; the dialect's first one if none.
    pub api_version: Option<&'a str>,
    /// Where links begin: the root of the installation, with or without a slash at the end.
    pub base_url: &'a str,
}

/// What the headers of one attempt depend on.
#[derive(Debug, Clone, Copy)]
pub struct Signing<'a> {
    /// `evt_…`, the same over every attempt: the receiver's key against duplicates.
    pub message_id: &'a str,
    /// Start of the attempt, in Unix seconds.
    pub timestamp: i64,
    /// The bytes that are sent.
    pub body: &'a [u8],
    /// What it is signed with, the newest first: two while a secret is being replaced, none for a receiver that takes
    /// unsigned bodies.
    pub keys: &'a [SigningKey],
    /// As in [`Audience`].
    pub api_version: Option<&'a str>,
    /// What is delivered, for a dialect that names it in a header; none of the three does.
    pub event_type: EventType,
    /// Asked for by a person, not caused by activity.
    pub test: bool,
}

/// Reports an event that cannot be said in a dialect.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The dialect has no word for the type.
    #[error("{dialect} has no word for {event_type}")]
    NotSpoken {
        /// The dialect.
        dialect: DialectName,
        /// The type.
        event_type: EventType,
    },
    /// The payload lacks what the dialect must say.
    #[error("{event_type} has no {part}")]
    Missing {
        /// The type.
        event_type: EventType,
        /// The part of the payload.
        part: &'static str,
    },
    /// The receiver is pinned to a version that the dialect does not have.
    #[error("{dialect} has no version {version:?}")]
    UnknownVersion {
        /// The dialect.
        dialect: DialectName,
        /// The version.
        version: String,
    },
    /// The body cannot be written as JSON.
    #[error("body cannot be written")]
    Json(#[from] serde_json::Error),
}

/// How one kind of receiver wants it said.
///
/// Every method is pure: the same input gives the same bytes.
pub trait Dialect: Sync {
    /// Its name.
    fn name(&self) -> DialectName;

    /// Has a word for the type; a webhook can be subscribed to no other.
    fn speaks(&self, event_type: EventType) -> bool;

    /// What the dialect calls the type; the catalogue's name for one that it does not speak.
    fn name_of(&self, event_type: EventType) -> &'static str {
        event_type.as_str()
    }

    /// Finds a spoken type by the dialect's own name or the catalogue's.
    fn event_named(&self, name: &str) -> Option<EventType> {
        EventType::ALL
            .iter()
            .copied()
            .filter(|known| self.speaks(*known))
            .find(|known| self.name_of(*known) == name || known.as_str() == name)
    }

    /// Versions that a receiver may be pinned to, the default first; empty where the dialect has none.
    fn versions(&self) -> &'static [&'static str] {
        &[]
    }

    /// The type that a test delivery shows, from [`sample`](crate::event::sample).
    fn test_event(&self) -> EventType;

    /// Key of the payload store: audiences with the same key are sent the same bytes of an event.
    fn rendering(&self, webhook_id: &str, api_version: Option<&str>) -> String;

    /// Writes the body.
    ///
    /// # Errors
    /// When the dialect has no word for the event, or the event lacks what the dialect must say.
    fn render(&self, event: &Envelope, audience: &Audience<'_>) -> Result<Vec<u8>, RenderError>;

    /// The schema of the body that a type has in a version; none where the dialect gives none, or has no such version.
    fn schema(&self, event_type: EventType, api_version: Option<&str>) -> Option<Schema> {
        let _ = (event_type, api_version);
        None
    }

    /// Writes the headers of one attempt, names in lower case. The standard ones stand beside the dialect's own.
    fn headers(&self, signing: &Signing<'_>) -> Vec<(&'static str, String)>;
}

impl DialectName {
    /// All dialects, in the order in which an error lists them.
    pub const ALL: [Self; 3] = [Self::Talktiko, Self::Teachbase, Self::Reach360];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Talktiko => "talktiko",
            Self::Teachbase => "teachbase",
            Self::Reach360 => "reach360",
        }
    }

    /// The dialect itself.
    pub fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::Talktiko => &TALKTIKO,
            Self::Teachbase => &TEACHBASE,
            Self::Reach360 => &REACH360,
        }
    }
}

impl fmt::Display for DialectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DialectName {
    type Err = UnknownDialect;
    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        Self::ALL.into_iter().find(|name| name.as_str() == text).ok_or(UnknownDialect)
    }
}

/// The headers that every dialect sends: content type, Standard Webhooks, and the mark of a test.
///
/// Id and timestamp are sent without a secret too: a receiver of a dialect that has no event id finds one here.
pub(super) fn common_headers(signing: &Signing<'_>) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", signing.message_id.to_owned()),
        ("webhook-timestamp", signing.timestamp.to_string()),
    ];
    if !signing.keys.is_empty() {
        let sign = |key: &SigningKey| key.sign(signing.message_id, signing.timestamp, signing.body);
        headers.push(("webhook-signature", signing.keys.iter().map(sign).collect::<Vec<_>>().join(" ")));
    }
    if signing.test {
        headers.push(("webhook-test", "true".to_owned()));
    }
    headers
}

/// Writes a vendor's own header, which has room for one signature, and while a secret is being replaced its `next`.
///
/// # Rule
/// The header stays with the oldest shared secret, which is the one that the receiver has, until the overlap ends;
/// `next` carries the newest. So nothing breaks at the moment of replacing, and a receiver that is changed early finds
/// its signature too. A pair of keys cannot sign it.
pub(super) fn legacy_headers(
    signing: &Signing<'_>,
    (header, next): (&'static str, &'static str),
    sign: impl Fn(&[u8], &[u8]) -> String,
) -> Vec<(&'static str, String)> {
    let mut oldest_first = signing.keys.iter().rev().filter_map(SigningKey::shared_text);
    let oldest = oldest_first.next();
    let newest = oldest_first.next_back();
    let named = [(header, oldest), (next, newest)].into_iter();
    named.filter_map(|(name, secret)| Some((name, sign(secret?, signing.body)))).collect()
}

/// Narrows a text of a body's schema to the one that it always is.
pub(super) fn say_constant(schema: &mut Schema, property: &str, text: &str) {
    if let Some(property) = schema.pointer_mut(&format!("/properties/{property}")).and_then(|it| it.as_object_mut()) {
        property.insert("const".to_owned(), text.into());
    }
}

/// Takes a part that the dialect must say.
pub(super) fn required<'a, T>(part: Option<&'a T>, name: &'static str, event: &Envelope) -> Result<&'a T, RenderError> {
    part.ok_or(RenderError::Missing { event_type: event.event_type, part: name })
}
