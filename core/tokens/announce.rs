//! What is told of tokens: events, and entries of the audit log.

use std::sync::Arc;

use serde_json::{Value, json};
use stoa_protocols::event::{EventData, EventType, ObjectKind, TokenFacts};

use super::{Token, TokenKind};
use crate::{
    db::TenantTx,
    events::NewEvent,
    id::{self, Id},
};

/// Why a token was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Somebody wanted it.
    Revoked,
    /// It was found in the open.
    Leaked,
}

impl Reason {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Leaked => "leaked",
        }
    }
}

/// What mattered of a token, for the audit log.
pub(super) fn noted(token: &Token) -> Value {
    json!({
        "name": token.name,
        "abilities": token.abilities,
        "expires_at": token.expires_at,
        "ip_allowlist": token.ip_allowlist,
        "course_ids": token.courses(),
    })
}

/// Tells that a token was made.
pub(super) fn created(tx: &mut TenantTx, token: &Token) {
    let event = event(tx, EventType::TokenCreated, token, None);
    tx.record(event);
}

/// Tells that a token was revoked.
pub(super) fn revoked(tx: &mut TenantTx, token: &Token, reason: Reason) {
    let event = event(tx, EventType::TokenRevoked, token, Some(reason));
    tx.record(event);
}

/// What there is to tell of a token.
pub(super) fn event(tx: &TenantTx, event_type: EventType, token: &Token, reason: Option<Reason>) -> NewEvent {
    let facts = TokenFacts {
        id: token.id.to_string(),
        kind: token.kind.as_str().to_owned(),
        name: token.name.clone(),
        last4: token.last4.clone(),
        abilities: token.abilities.clone(),
        created_by: token.created_by.map(|maker: Id<id::User>| maker.to_string()),
        expires_at: token.expires_at,
        reason: reason.map(|reason| reason.as_str().to_owned()),
    };
    NewEvent {
        event_type,
        object_kind: ObjectKind::Token,
        object_id: token.id.uuid(),
        revision: revision(event_type, token),
        scope_ids: Vec::new(),
        data: Arc::new(EventData { token: Some(Box::new(facts)), ..EventData::default() }),
        occurred_at: tx.now(),
        concludes: false,
    }
}

/// It is made, its end is told of twice at most, it ends.
fn revision(event_type: EventType, token: &Token) -> i32 {
    match event_type {
        EventType::TokenCreated => 1,
        EventType::TokenRevoked => 4,
        _ => 1 + i32::from(token.told),
    }
}

/// What a kind of token is called in the audit log.
pub(super) const fn revoked_action(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Session => "session.ended",
        TokenKind::Integration | TokenKind::Application => "token.revoked",
    }
}
