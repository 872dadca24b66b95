//! What a handler is called with, and the way from a request to it.
//!
//! The order of the checks is the contract: who calls (401), may he (403), the path (404), the body's type,
//! size and form (415, 413, 400), and only then what parameters and body say (422).

use std::{net::IpAddr, sync::Arc};

use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use futures::{FutureExt, future::LocalBoxFuture};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use stoa_core::{Ability, Code, Error, Result, Scope, staff::StaffRole};

use super::{Access, Reply, Serve, Wire, idempotency::Keyed};
use crate::http::{
    body::{self, Body, NoBody},
    query,
    state::App,
    surface,
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

    /// Looks into the body, where a surface takes credentials there; what is read is kept with the request.
    ///
    /// # Errors
    /// As the body's own checks say.
    fn look_inside(arrival: &Arrival, payload: &mut web::Payload) -> impl Future<Output = Result<()>> {
        let _ = (arrival, payload);
        async { Ok(()) }
    }

    /// Finds out who calls.
    ///
    /// # Errors
    /// `unauthenticated` or `token_expired`.
    fn admit(arrival: &Arrival) -> impl Future<Output = Result<Self>>;

    /// May the caller do this.
    fn may(&self, ability: Ability) -> bool;

    /// Has this role among the platform's staff, or a higher one.
    fn is_staff(&self, role: StaffRole) -> bool {
        let _ = role;
        false
    }

    /// Who acts for an institution, where somebody does: the holder of an `Idempotency-Key`.
    fn acts(&self) -> Option<Scope> {
        None
    }
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
            let (wire, request_id) = (Wire::of(&arrival), Arc::clone(&arrival.request_id));
            let (call, keyed) = receive(arrival, payload, access).await?;
            let Some(keyed) = keyed else { return handler(call).await?.write(&wire) };
            let app = Arc::clone(&call.app);
            let serve = async move {
                let response = handler(call).await.and_then(|reply| reply.write(&wire));
                response.unwrap_or_else(|error| surface::respond(surface::at(&wire.path), &error, &request_id))
            };
            keyed.serve(app, serve).await
        }
        .boxed_local();
        way
    })
}

async fn receive<P, Q, B, S>(
    arrival: Arrival,
    mut payload: web::Payload,
    access: Access,
) -> Result<(Call<P, Q, B, S>, Option<Keyed>)>
where
    P: DeserializeOwned,
    Q: DeserializeOwned,
    B: Body,
    S: Admits,
{
    S::look_inside(&arrival, &mut payload).await?;
    let scope = S::admit(&arrival).await?;
    if let Access::Needs(ability) = access
        && !scope.may(ability)
    {
        return Err(Error::new(Code::AbilityMissing, format!("the token lacks the ability {ability}")));
    }
    if let Access::Staff(role) = access
        && !scope.is_staff(role)
    {
        return Err(Error::new(Code::AbilityMissing, format!("only staff with the role {} may", role.as_str())));
    }
    let path = web::Path::<P>::extract(&arrival.request).await.map_err(|_| Error::not_found("resource"))?.into_inner();
    let bytes = body::receive::<B>(&arrival.app, &arrival.request, &mut payload).await?;
    let (query, body) = both(query::read::<Q>(arrival.request.query_string()), body::read::<B>(&bytes))?;
    let keyed = Keyed::of(&arrival, &scope, &bytes)?;
    Ok((Call { app: arrival.app, scope, path, query, body, client: arrival.client }, keyed))
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
