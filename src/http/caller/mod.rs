//! The porter: from a bearer token to who calls.
//!
//! Not here: what a token is (`stoa_core::tokens`), and what its holder may do at a door (`http::doors`).

pub(crate) mod address;
mod cache;
pub(crate) mod request_id;
mod staff;

use std::sync::Arc;

use actix_web::{HttpMessage, http::header};
pub use address::Addresses;
pub use cache::TokenCache;
use chrono::{DateTime, Utc};
pub use staff::Staff;
use stoa_core::{
    Ability, Code, Error, Result, Scope, TenantId,
    tokens::{TokenText, Verified},
};

use super::{
    doors::{Access, Admits, Arrival},
    state::App,
};

/// Who calls, with the token that says so.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who acts, and where.
    pub scope: Scope,
    /// By which token.
    pub token: Arc<Verified>,
}

impl Admits for Caller {
    const ACCESS: Access = Access::SignedIn;

    async fn admit(arrival: &Arrival) -> Result<Self> {
        authenticate(arrival).await
    }

    fn may(&self, ability: Ability) -> bool {
        self.scope.may(ability)
    }

    fn acts(&self) -> Option<Scope> {
        Some(self.scope.clone())
    }
}

impl Admits for Scope {
    const ACCESS: Access = Access::SignedIn;

    async fn admit(arrival: &Arrival) -> Result<Self> {
        authenticate(arrival).await.map(|caller| caller.scope)
    }

    fn may(&self, ability: Ability) -> bool {
        Self::may(self, ability)
    }

    fn acts(&self) -> Option<Self> {
        Some(self.clone())
    }
}

async fn authenticate(arrival: &Arrival) -> Result<Caller> {
    authenticate_by(arrival, Some(bearer(arrival)?)).await
}

/// Finds out who holds a token; none is what nobody was ever given.
///
/// # Errors
/// `unauthenticated`, `token_expired`; `rate_limited` when the institution sends too much.
pub(super) async fn authenticate_by(arrival: &Arrival, text: Option<TokenText>) -> Result<Caller> {
    let text = text.ok_or_else(not_known)?;
    let app = &arrival.app;
    let token = app.tokens.verify(&app.db, &text).await?.ok_or_else(not_known)?;
    let now = app.db.clock().now();
    if token.is_expired(now) {
        return Err(Error::new(Code::TokenExpired, "the token has expired"));
    }
    within_rate(app, token.tenant, now).await?;
    app.touches.note(&token, now, arrival.client);
    arrival.request.extensions_mut().insert(token.tenant);
    let scope = Scope {
        tenant: token.tenant,
        actor: token.actor,
        abilities: Arc::clone(&token.abilities),
        request_id: Some(Arc::clone(&arrival.request_id)),
        name: None,
        address: Some(arrival.client),
    };
    Ok(Caller { scope, token })
}

/// Asks the institution's actor, so that one institution's flood is not everybody's.
pub(super) async fn within_rate(app: &App, tenant: TenantId, now: DateTime<Utc>) -> Result<()> {
    let Some(directory) = &app.road.rate else { return Ok(()) };
    directory.spend(tenant, 1).await.map_err(|enough_at| {
        let wait_secs = u64::try_from((enough_at - now).num_seconds()).unwrap_or_default().saturating_add(1);
        Error::new(Code::RateLimited, "the institution sends more requests than it may").retry_after_secs(wait_secs)
    })
}

/// Reads the token, and refuses one that was never made without asking the database.
fn bearer(arrival: &Arrival) -> Result<TokenText> {
    TokenText::read(shown(arrival)?).ok_or_else(not_known)
}

/// What stands behind `Bearer`.
fn shown(arrival: &Arrival) -> Result<&str> {
    let mut given = arrival.request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(Error::new(Code::Unauthenticated, "send one Authorization header: Bearer and a token"));
    };
    let words = value.to_str().ok().and_then(|value| value.split_once(' '));
    let Some((_, token)) = words.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
        return Err(Error::new(Code::Unauthenticated, "send Authorization: Bearer and a token"));
    };
    Ok(token.trim())
}

/// Mistyped, made up, revoked, or its person gone: the same answer.
fn not_known() -> Error {
    Error::new(Code::Unauthenticated, "the token is not valid")
}
