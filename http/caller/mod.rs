//! The porter: from a bearer token to who calls.
//!
//! Not here: what a token is (`stoa_core::tokens`), and what its holder may do at a door (`http::doors`).

pub(crate) mod address;
mod cache;
mod keeper;
pub(crate) mod request_id;
mod staff;

use std::sync::Arc;

use actix_web::{HttpMessage, http::header};
pub use address::Addresses;
pub use cache::TokenCache;
use chrono::{DateTime, Utc};
pub use keeper::Keeper;
pub use staff::{Staff, StaffAccount};
use stoa_core::{
    Ability, Code, Error, Result, Scope,
    tokens::{TokenText, Verified},
};

use super::{
    doors::{Access, Admits, Arrival},
    limits,
};

/// The doors to one's own account, which stand open to whoever has yet to set up a second factor.
const OWN_ACCOUNT: &str = "/api/auth/";

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

/// Who calls a door that stands open to an institution whose other doors are shut: the one that says so.
#[derive(Debug, Clone)]
pub struct AnyStanding(pub Caller);

impl Admits for AnyStanding {
    const ACCESS: Access = Access::SignedIn;

    async fn admit(arrival: &Arrival) -> Result<Self> {
        identify(arrival, Some(bearer(arrival)?)).await.map(Self)
    }

    fn may(&self, ability: Ability) -> bool {
        self.0.may(ability)
    }

    fn acts(&self) -> Option<Scope> {
        self.0.acts()
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
/// `unauthenticated`, `token_expired`, `address_not_allowed`, `rate_limited`, `tenant_suspended`.
pub(super) async fn authenticate_by(arrival: &Arrival, text: Option<TokenText>) -> Result<Caller> {
    let caller = identify(arrival, text).await?;
    caller.token.institution_status.admit()?;
    Ok(caller)
}

/// Finds out who holds a token, also where the institution's doors are shut.
async fn identify(arrival: &Arrival, text: Option<TokenText>) -> Result<Caller> {
    let text = text.ok_or_else(not_known)?;
    let app = &arrival.app;
    let token = app.tokens.verify(&app.db, &text).await?.ok_or_else(not_known)?;
    let now = app.db.clock().now();
    if token.is_expired(now) {
        return Err(Error::new(Code::TokenExpired, "the token has expired"));
    }
    arrival.request.extensions_mut().insert(token.tenant);
    if !token.allow_list.admits(arrival.client) {
        return Err(refused_from(arrival, &token, now));
    }
    limits::spend(arrival, &token).await?;
    if token.lacks_factor && !arrival.request.path().starts_with(OWN_ACCOUNT) {
        let detail = "the institution demands a second factor of you; set one up at POST /api/auth/second-factor";
        return Err(Error::new(Code::SecondFactorRequired, detail));
    }
    if token.courses.is_some() && !arrival.within_courses {
        let detail = "the token is limited to some courses, and this reaches beyond them";
        return Err(Error::new(Code::AbilityMissing, detail));
    }
    app.touches.note(&token, arrival.needs, now, arrival.client);
    let scope = Scope {
        tenant: token.tenant,
        actor: token.actor,
        abilities: Arc::clone(&token.abilities),
        request_id: Some(Arc::clone(&arrival.request_id)),
        name: None,
        address: Some(arrival.client),
        courses: token.courses.clone(),
        led_by: token.led_by,
    };
    Ok(Caller { scope, token })
}

/// Notes and refuses a use from where the token may not be used.
fn refused_from(arrival: &Arrival, token: &Verified, now: DateTime<Utc>) -> Error {
    let client = arrival.client;
    arrival.app.touches.refuse(token, now, client);
    metrics::counter!("stoa_tokens_refused_by_address_total").increment(1);
    tracing::warn!(tenant.id = %token.tenant, token.id = %token.id, "a token was used from an address that it does not allow");
    Error::new(Code::AddressNotAllowed, format!("the token may not be used from {client}"))
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
