//! Doors that take a file: the body is taken in as it comes, by whoever knows where to put it.

use std::sync::Arc;

use actix_web::{HttpResponse, http::Method, web};
use futures::{FutureExt, future::LocalBoxFuture};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::Value;
use stoa_core::Result;

use super::{
    Admits, Arrival, Call, Door, Gives, NoPath, NoQuery, PartAsked, Reply, Serve, Takes,
    call::{self, Entered},
    idempotency::Keyed,
};
use crate::{
    body::{NoBody, Presence},
    query,
};

/// One of the ways in which a file may be sent.
#[derive(Debug)]
pub struct FileForm {
    /// Media type of the body.
    pub media: &'static str,
    /// What it looks like.
    pub shape: Schema,
    /// One that is taken.
    pub example: Value,
}

/// A body that is taken in as it comes.
pub trait Intake<P, S>: Sized + 'static {
    /// The ways in which it may be sent. The example of the first is what a sweep sends, as it stands.
    fn forms(schemas: &mut SchemaGenerator) -> Vec<FileForm>;

    /// Takes it in. Answers it, and what two requests that send the same have in common.
    ///
    /// # Errors
    /// `not_found` for a path that is none of the caller's, before any byte is read; then as the body says.
    fn take(
        arrival: &Arrival,
        scope: &S,
        path: &P,
        payload: web::Payload,
    ) -> impl Future<Output = Result<(Self, Vec<u8>)>>;
}

impl Door {
    /// A door for POST that takes a file.
    pub fn upload<P, Q, I, S, R, Fut>(
        path: &'static str,
        handler: impl Fn(Call<P, Q, I, S>) -> Fut + Send + Sync + 'static,
    ) -> Self
    where
        P: DeserializeOwned + JsonSchema + 'static,
        Q: DeserializeOwned + JsonSchema + 'static,
        I: Intake<P, S>,
        S: Admits,
        R: Reply,
        Fut: Future<Output = Result<R>> + 'static,
    {
        // The frame of a door without a body, of which what differs is put in.
        let frame = Self::new(Method::POST, path, |_: Call<NoPath, NoQuery, NoBody, S>| async { Ok(super::Done) });
        Self {
            takes: Takes {
                path: P::json_schema,
                query: Q::json_schema,
                presence: Presence::File,
                files: I::forms,
                ..frame.takes
            },
            gives: Gives { status: R::STATUS, media: R::MEDIA, body: R::shape, example: R::example },
            serve: serving(handler),
            ..frame
        }
    }
}

fn serving<P, Q, I, S, R, Fut>(handler: impl Fn(Call<P, Q, I, S>) -> Fut + Send + Sync + 'static) -> Serve
where
    P: DeserializeOwned + JsonSchema + 'static,
    Q: DeserializeOwned + JsonSchema + 'static,
    I: Intake<P, S>,
    S: Admits,
    R: Reply,
    Fut: Future<Output = Result<R>> + 'static,
{
    let handler = Arc::new(handler);
    Arc::new(move |arrival, mut payload, access| {
        let handler = Arc::clone(&handler);
        let way: LocalBoxFuture<'static, Result<HttpResponse>> = async move {
            let Entered { scope, path } = call::enter::<P, S>(&arrival, &mut payload, access).await?;
            let query = query::read::<Q>(arrival.request.query_string())?;
            let (body, common) = I::take(&arrival, &scope, &path, payload).await?;
            let keyed = Keyed::of(&arrival, &scope, &common)?;
            call::answer(
                &arrival,
                keyed,
                handler(Call {
                    app: Arc::clone(&arrival.app),
                    scope,
                    path,
                    query,
                    body,
                    client: arrival.client,
                    accept: arrival.accept(),
                    if_match: arrival.if_match(),
                    subdomain: arrival.subdomain(),
                    part: PartAsked::of(&arrival.request),
                }),
            )
            .await
        }
        .boxed_local();
        way
    })
}
