//! Does the token work.
//!
//! # Source
//! `vansilich/teachbase-sdk` and `alexleskov/tb-telegrambot-ruby` ask for the status alone.

use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::Result;

use super::{
    client::Client,
    reply::{Bare, TokenOnly},
};
use crate::{
    body::NoBody,
    doors::{Call, Door, NoPath, Sample},
};

pub(super) fn doors() -> Vec<Door> {
    vec![Door::get("/endpoint/v1/_ping", ping).named("pingEndpoint", super::TAG, "Answers whoever has a good token")]
}

/// The token works.
#[derive(Debug, Serialize, JsonSchema)]
struct Pong {
    /// `ok`
    status: &'static str,
}

async fn ping(_: Call<NoPath, TokenOnly, NoBody, Client>) -> Result<Bare<Pong>> {
    Ok(Bare(Pong::sample()))
}

impl Sample for Pong {
    fn sample() -> Self {
        Self { status: "ok" }
    }
}
