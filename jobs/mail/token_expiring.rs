//! Tells the maker of a token and the owners that it stops working: a week before, and a day before.
//!
//! Idempotent: one promise for each reader, whose letter has one occasion. One that comes too late, when the token is
//! replaced or revoked, is not written.

use serde::{Deserialize, Serialize};
use stoa_core::{Id, TenantId, events::RecordedEvent, id, letters::Reader, tokens::TokenNotice};
use stoa_protocols::render::mail::{ExpiringStage, TokenExpiring};

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
pub struct TokenExpiringLetter {
    /// Whose token it is.
    pub tenant: TenantId,
    /// The token.
    pub token: Id<id::Token>,
    /// The event that says so.
    pub event: Id<id::Event>,
    /// It is the letter of the last day.
    pub is_last: bool,
    /// One reader; none for all of them.
    pub reader: Option<Id<id::User>>,
}

impl TokenExpiringLetter {
    pub(crate) fn of(event: &RecordedEvent) -> Self {
        let token = Id::from_uuid(event.fact.object_id);
        let expires_at = event.fact.data.token.as_ref().and_then(|token| token.expires_at);
        let is_last = expires_at.is_some_and(|end| end - event.fact.occurred_at <= chrono::TimeDelta::days(1));
        Self { tenant: event.tenant, token, event: event.id, is_last, reader: None }
    }
}

impl Job for TokenExpiringLetter {
    const NAME: &'static str = "mail/token_expiring";
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
        Self { tenant: HOUSE, token: Id::from_uuid(nil), event: Id::from_uuid(nil), is_last: false, reader: None }
    }
}

impl AboutToken for TokenExpiringLetter {
    type Words = TokenExpiring;

    fn about(&self) -> (TenantId, Id<id::Token>, Id<id::Event>) {
        (self.tenant, self.token, self.event)
    }

    fn reader(&self) -> Option<Id<id::User>> {
        self.reader
    }

    fn to(&self, reader: Id<id::User>) -> Self {
        Self { reader: Some(reader), ..self.clone() }
    }

    fn words(&self, notice: &TokenNotice, reader: &Reader, api: &str) -> Option<TokenExpiring> {
        let expires_at = notice.expires_at.filter(|_| notice.revoked_at.is_none() && !notice.is_replaced)?;
        Some(TokenExpiring {
            recipient_name: reader.name.clone(),
            institution_name: notice.institution_name.clone(),
            token_name: notice.name.clone(),
            last4: notice.last4.clone(),
            stage: if self.is_last { ExpiringStage::LastDay } else { ExpiringStage::LastWeek },
            expires_at,
            last_used_at: notice.last_used_at,
            manage_url: format!("{api}/integrations/tokens/{}", self.token),
        })
    }
}
