//! What a handler is called with, and the way from a request to it.
//!
//! The order of the checks is the contract: who calls (401), may he (403), the path (404), the body's type,
//! size and form (415, 413, 400), and only then what parameters and body say (422).

use std::{net::IpAddr, sync::Arc};

use actix_web::{FromRequest, HttpRequest, HttpResponse, http::header, web};
use futures::{FutureExt, future::LocalBoxFuture};
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use stoa_core::{Ability, Code, Error, Result, Scope, staff::StaffRole, tokens::RateClass};

use super::{Access, Door, IfMatch, PartAsked, Reply, Serve, Wire, idempotency::Keyed};
use crate::{
    body::{self, Body, NoBody},
    caller::address,
    limits, query,
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
    /// Media types that the caller would like, as they came.
    pub accept: Option<String>,
    /// What must not have changed since the caller read it.
    pub if_match: IfMatch,
    /// Host that the request was sent to, where it is one below the server's own.
    pub subdomain: Option<String>,
    /// Which part of a file is asked for, and what of it the caller has.
    pub part: PartAsked,
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
    /// Which limit it counts against.
    pub class: RateClass,
    /// The ability that its door asks for.
    pub needs: Option<Ability>,
    /// Its door leads to courses alone.
    pub within_courses: bool,
}

impl Arrival {
    /// The request at its door.
    pub(super) fn at(self, door: &Door) -> Self {
        Self { class: door.class, needs: door.access.ability(), within_courses: door.within_courses, ..self }
    }
}

impl Arrival {
    /// Which forms of an answer the caller takes, as he wrote it.
    pub(super) fn accept(&self) -> Option<String> {
        let types = self.request.headers().get(header::ACCEPT).and_then(|types| types.to_str().ok());
        types.map(str::to_owned)
    }

    /// Tags of which one must still be that of what the request changes.
    pub(super) fn if_match(&self) -> IfMatch {
        let tags = self.request.headers().get(header::IF_MATCH).and_then(|tags| tags.to_str().ok());
        IfMatch::new(tags.map(str::to_owned))
    }

    /// The first part of a host below the server's own: `north` of `north.learn.example`.
    pub(super) fn subdomain(&self) -> Option<String> {
        address::subdomain(&self.app.settings, &self.request)
    }
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
            let (call, keyed) = receive(&arrival, payload, access).await?;
            answer(&arrival, keyed, handler(call)).await
        }
        .boxed_local();
        way
    })
}

/// Serves a request, under its key where it has one, and writes the answer down.
pub(super) async fn answer<R: Reply>(
    arrival: &Arrival,
    keyed: Option<Keyed>,
    serve: impl Future<Output = Result<R>> + 'static,
) -> Result<HttpResponse> {
    let (wire, request_id) = (Wire::of(arrival), Arc::clone(&arrival.request_id));
    let Some(keyed) = keyed else { return serve.await?.write(&wire) };
    let serve = async move {
        let response = serve.await.and_then(|reply| reply.write(&wire));
        response.unwrap_or_else(|error| surface::respond(surface::at(&wire.path), &error, &request_id))
    };
    keyed.serve(Arc::clone(&arrival.app), serve).await
}

/// Who came in, and to what.
pub(super) struct Entered<P, S> {
    pub(super) scope: S,
    pub(super) path: P,
}

/// Finds out who comes, whether he may, and to what.
pub(super) async fn enter<P: DeserializeOwned, S: Admits>(
    arrival: &Arrival,
    payload: &mut web::Payload,
    access: Access,
) -> Result<Entered<P, S>> {
    S::look_inside(arrival, payload).await?;
    let scope = S::admit(arrival).await?;
    may_pass(&scope, access)?;
    let path = web::Path::<P>::extract(&arrival.request).await.map_err(|_| Error::not_found("resource"))?.into_inner();
    Ok(Entered { scope, path })
}

async fn receive<P, Q, B, S>(
    arrival: &Arrival,
    mut payload: web::Payload,
    access: Access,
) -> Result<(Call<P, Q, B, S>, Option<Keyed>)>
where
    P: DeserializeOwned,
    Q: DeserializeOwned,
    B: Body,
    S: Admits,
{
    if arrival.class == RateClass::Auth {
        limits::spend_by_address(arrival).await?;
    }
    let Entered { scope, path } = enter(arrival, &mut payload, access).await?;
    let bytes = body::receive::<B>(&arrival.app, &arrival.request, &mut payload).await?;
    let (query, body) = both(query::read::<Q>(arrival.request.query_string()), body::read::<B>(&bytes))?;
    let keyed = Keyed::of(arrival, &scope, &bytes)?;
    let (app, accept) = (Arc::clone(&arrival.app), arrival.accept());
    let (if_match, subdomain, part) = (arrival.if_match(), arrival.subdomain(), PartAsked::of(&arrival.request));
    Ok((Call { app, scope, path, query, body, client: arrival.client, accept, if_match, subdomain, part }, keyed))
}

/// Who may do it by the one way need not by the other: a token of an institution has no role among the staff.
fn may_pass<S: Admits>(scope: &S, access: Access) -> Result<()> {
    if access.role().is_some_and(|role| scope.is_staff(role)) {
        return Ok(());
    }
    match (access.ability(), access.role()) {
        (Some(ability), _) if scope.may(ability) => Ok(()),
        (Some(ability), _) if scope.acts().is_some() => {
            Err(Error::new(Code::AbilityMissing, format!("the token lacks the ability {ability}")))
        }
        (_, Some(role)) => {
            Err(Error::new(Code::AbilityMissing, format!("only staff with the role {} may", role.as_str())))
        }
        (Some(ability), None) => {
            Err(Error::new(Code::AbilityMissing, format!("the token lacks the ability {ability}")))
        }
        (None, None) => Ok(()),
    }
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
