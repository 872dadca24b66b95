//! What a handler is called with, and the way from a request to it.
//!
//! The order of the checks is the contract: who calls (401), may he (403), the path (404), the body's type,
//! size and form (415, 413, 400), and only then what parameters and body say (422).

use std::{net::IpAddr, sync::Arc};

use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use futures::{FutureExt, future::LocalBoxFuture};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use stoa_core::{Ability, Code, Error, Result, Scope};

use super::{Access, Reply, Serve, Wire};
use crate::http::{
    body::{self, Body, NoBody},
    query,
    state::App,
};

/// A request that was let in: parsed, typed, with its caller.
#[derive(Debug)]
pub struct Call<P = NoPath, Q = NoQuery, B = NoBody, S = Scope> {
    /// The house.
    pub app: Arc<App>,
    /// Who calls: a [`Scope`], or a [`Visitor`] at a public door.
    pub scope: S,
    /// Parts of the path.
    pub path: P,
    /// Query parameters.
    pub query: Q,
    /// The body.
    pub body: B,
    /// Where the request comes from.
    pub client: IpAddr,
}

/// A request at a public door.
pub type Visit<P = NoPath, Q = NoQuery, B = NoBody> = Call<P, Q, B, Visitor>;

/// A path without parts.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
pub struct NoPath {}

/// No query parameters.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

/// Somebody of whom nothing is known.
#[derive(Debug, Clone, Copy)]
pub struct Visitor;

/// A request as the edge hands it over, body unread.
pub struct Arrival {
    /// The house.
    pub app: Arc<App>,
    /// Line and headers.
    pub request: HttpRequest,
    /// Its name.
    pub request_id: Arc<str>,
    /// Where it comes from.
    pub client: IpAddr,
}

/// Whom a handler wants to be called by.
pub trait Admits: Sized + 'static {
    /// Who may pass, before a door asks for more.
    const ACCESS: Access;

    /// Finds out who calls.
    ///
    /// # Errors
    /// `unauthenticated` or `token_expired`.
    fn admit(arrival: &Arrival) -> impl Future<Output = Result<Self>>;

    /// May the caller do this.
    fn may(&self, ability: Ability) -> bool;
}

impl Admits for Visitor {
    const ACCESS: Access = Access::Public;

    async fn admit(_: &Arrival) -> Result<Self> {
        Ok(Self)
    }

    fn may(&self, _: Ability) -> bool {
        false
    }
}

/// Wraps a handler into the way to it.
pub(super) fn serving<P, Q, B, S, R, Fut>(handler: impl Fn(Call<P, Q, B, S>) -> Fut + Send + Sync + 'static) -> Serve
where
    P: DeserializeOwned + JsonSchema + 'static,
    Q: DeserializeOwned + JsonSchema + 'static,
    B: Body,
    S: Admits,
    R: Reply,
    Fut: Future<Output = Result<R>> + 'static,
{
    let handler = Arc::new(handler);
    Arc::new(move |arrival, payload, access| {
        let handler = Arc::clone(&handler);
        let way: LocalBoxFuture<'static, Result<HttpResponse>> = async move {
            let wire = Wire::of(&arrival);
            let call = receive(arrival, payload, access).await?;
            handler(call).await?.write(&wire)
        }
        .boxed_local();
        way
    })
}

async fn receive<P, Q, B, S>(arrival: Arrival, mut payload: web::Payload, access: Access) -> Result<Call<P, Q, B, S>>
where
    P: DeserializeOwned,
    Q: DeserializeOwned,
    B: Body,
    S: Admits,
{
    let scope = S::admit(&arrival).await?;
    if let Access::Needs(ability) = access
        && !scope.may(ability)
    {
        return Err(Error::new(Code::AbilityMissing, format!("the token lacks the ability {ability}")));
    }
    let path = web::Path::<P>::extract(&arrival.request).await.map_err(|_| Error::not_found("resource"))?.into_inner();
    let bytes = body::receive::<B>(&arrival.app, &arrival.request, &mut payload).await?;
    let (query, body) = both(query::read::<Q>(arrival.request.query_string()), body::read::<B>(&bytes))?;
    Ok(Call { app: arrival.app, scope, path, query, body, client: arrival.client })
}

/// Names the faults of both at once. A body that cannot be read at all goes before any fault of a field.
fn both<Q, B>(query: Result<Q>, body: Result<B>) -> Result<(Q, B)> {
    match (query, body) {
        (Ok(query), Ok(body)) => Ok((query, body)),
        (Err(query), Err(body)) if body.code() == Code::ValidationFailed => {
            Err(Error::invalid([query.fields(), body.fields()].concat()))
        }
        (_, Err(error)) | (Err(error), Ok(_)) => Err(error),
    }
}
