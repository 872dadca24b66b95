//! Who calls: a token in the header, in the query or in the body, and the account that the client believes to be in.
//!
//! # Source
//! `vansilich/teachbase-sdk` and `cepjant/teachbaseclient` send `access_token` beside the other parameters;
//! `alexleskov/tb-telegrambot-ruby` sends `X-Account-Id`.

use actix_web::{
    HttpMessage,
    http::header::{self, HeaderName},
    web,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, Result, Scope,
    tokens::{TokenText, Verified},
};

use crate::{
    body::{self, Body},
    caller::{self, Caller},
    doors::{Access, Admits, Arrival, sample},
    query,
};

const ACCOUNT: HeaderName = HeaderName::from_static("x-account-id");

/// Who calls this surface.
#[derive(Debug, Clone)]
pub(super) struct Client(pub(super) Scope);

/// The one parameter that says who calls.
#[derive(Deserialize, JsonSchema)]
struct Shown {
    #[serde(default)]
    access_token: Option<String>,
}

impl Body for Shown {
    const FORM: bool = true;

    fn example() -> Value {
        json!({ "access_token": sample::TOKEN })
    }
}

/// What the body showed, kept with the request until it is asked for.
struct InBody(Shown);

impl Admits for Client {
    const ACCESS: Access = Access::SignedIn;

    async fn look_inside(arrival: &Arrival, payload: &mut web::Payload) -> Result<()> {
        let request = &arrival.request;
        if request.headers().contains_key(header::AUTHORIZATION) || in_query(arrival)?.is_some() {
            return Ok(());
        }
        let bytes = body::receive::<Option<Shown>>(&arrival.app, request, payload).await?;
        if let Some(shown) = body::read::<Option<Shown>>(&bytes)? {
            request.extensions_mut().insert(InBody(shown));
        }
        Ok(())
    }

    async fn admit(arrival: &Arrival) -> Result<Self> {
        let caller = match shown(arrival)? {
            Some(token) => caller::authenticate_by(arrival, TokenText::read(token.trim())).await?,
            None => Caller::admit(arrival).await?,
        };
        is_of_account(arrival, &caller.token)?;
        Ok(Self(caller.scope))
    }

    fn may(&self, ability: Ability) -> bool {
        self.0.may(ability)
    }

    fn acts(&self) -> Option<Scope> {
        Some(self.0.clone())
    }
}

/// The token, where it does not stand in the header.
fn shown(arrival: &Arrival) -> Result<Option<String>> {
    if arrival.request.headers().contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let in_body = arrival.request.extensions_mut().remove::<InBody>().and_then(|InBody(shown)| shown.access_token);
    Ok(in_query(arrival)?.or(in_body))
}

/// What else stands in the query is read later, and more strictly.
fn in_query(arrival: &Arrival) -> Result<Option<String>> {
    Ok(query::read::<Shown>(arrival.request.query_string())?.access_token)
}

/// Checks the account that a client names; naming none is right too, since the token says it.
fn is_of_account(arrival: &Arrival, token: &Verified) -> Result<()> {
    let own = token.institution_number.to_string();
    let mut named = arrival.request.headers().get_all(ACCOUNT);
    if named.all(|account| account.to_str().is_ok_and(|account| account.trim() == own)) {
        Ok(())
    } else {
        Err(Error::new(Code::WrongAccount, "the token is not of the account that X-Account-Id names"))
    }
}
