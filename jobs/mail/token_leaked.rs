//! Tells the owners and the maker of a token that it was found in the open and revoked.
//!
//! Idempotent: one promise for each reader, whose letter has one occasion.

use serde::{Deserialize, Serialize};
use stoa_core::{
    Id, TenantId,
    events::RecordedEvent,
    id,
    letters::Reader,
    tokens::{TokenKind, TokenNotice},
};
use stoa_protocols::render::mail::{LeakedKind, TokenLeaked};

use super::{
    about_token::{self, AboutToken},
    post::POLICY,
};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::HOUSE,
};

/// Writes the letter to everybody whom it concerns, or, once that is promised, to one of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenLeakedLetter {
    /// Whose token it was.
    pub tenant: TenantId,
    /// The token.
    pub token: Id<id::Token>,
    /// The event that says so.
    pub event: Id<id::Event>,
    /// One reader; none for all of them.
    pub reader: Option<Id<id::User>>,
}

impl TokenLeakedLetter {
    /// The letter that a revocation is told in; none where somebody wanted it.
    pub(crate) fn of(event: &RecordedEvent) -> Option<Self> {
        let facts = event.fact.data.token.as_ref()?;
        let is_leak = facts.reason.as_deref() == Some("leaked");
        let token = Id::from_uuid(event.fact.object_id);
        is_leak.then_some(Self { tenant: event.tenant, token, event: event.id, reader: None })
    }
}

impl Job for TokenLeakedLetter {
    const NAME: &'static str = "mail/token_leaked";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        about_token::write(&self, ctx).await
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.event, self.reader.map_or_else(String::new, |reader| reader.to_string())))
    }

    fn sample() -> Self {
        let nil = HOUSE.uuid();
        Self { tenant: HOUSE, token: Id::from_uuid(nil), event: Id::from_uuid(nil), reader: None }
    }
}

impl AboutToken for TokenLeakedLetter {
    type Words = TokenLeaked;

    fn about(&self) -> (TenantId, Id<id::Token>, Id<id::Event>) {
        (self.tenant, self.token, self.event)
    }

    fn reader(&self) -> Option<Id<id::User>> {
        self.reader
    }

    fn to(&self, reader: Id<id::User>) -> Self {
        Self { reader: Some(reader), ..self.clone() }
    }

    fn words(&self, notice: &TokenNotice, reader: &Reader, api: &str) -> Option<TokenLeaked> {
        // A person acts by himself in every session, so the log of all of it is his, not the session's.
        let actor = match (notice.kind, notice.user) {
            (TokenKind::Session, Some(person)) => person.to_string(),
            _ => self.token.to_string(),
        };
        Some(TokenLeaked {
            recipient_name: reader.name.clone(),
            institution_name: notice.institution_name.clone(),
            token_name: notice.name.clone(),
            last4: notice.last4.clone(),
            kind: match notice.kind {
                TokenKind::Integration => LeakedKind::Integration,
                TokenKind::Application => LeakedKind::Application,
                TokenKind::Session => LeakedKind::Session,
            },
            revoked_at: notice.revoked_at?,
            last_used_at: notice.last_used_at,
            audit_url: format!("{api}/audit-log?actor={actor}"),
        })
    }
}
