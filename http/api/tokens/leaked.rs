//! The door through which anybody reports tokens that lie in the open. Nothing is asked of who reports, and nothing is
//! told: whether a token worked is known to its institution alone.
//!
//! # Source
//! docs.github.com, "Secret scanning partner program": a list of `{token, type, url, source}`.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Error, Result,
    tokens::{Report, TokenText, report_leaked},
};

use crate::{
    body::Body,
    doors::{Accepted, Access, Admits, Arrival, Call, Door, NoPath, NoQuery, Sample, sample},
};

/// Most tokens of one report.
const TOKENS_MAX: usize = 100;

pub(super) fn door() -> Door {
    Door::post("/api/tokens/leaked", report).named(
        "reportLeakedTokens",
        super::TAG,
        "Reports tokens that lie in the open; those that work are revoked at once and their owners told",
    )
}

/// One token, several, or the list that a scanner of secrets sends.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "LeakedTokens")]
enum Found {
    /// One.
    One(OneFound),
    /// Several.
    Several(SeveralFound),
    /// As GitHub's secret scanning reports them.
    Scanned(Vec<Scanned>),
}

/// A token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LeakedToken")]
struct OneFound {
    /// The token, whole.
    token: String,
}

/// Tokens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LeakedTokenList")]
struct SeveralFound {
    /// Up to 100 tokens, whole.
    #[schemars(length(min = 1, max = 100))]
    tokens: Vec<String>,
}

/// A token as a scanner of secrets found it. What else is told of it is not looked at.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ScannedToken")]
struct Scanned {
    /// The token, whole.
    token: String,
}

/// A report was taken.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LeakReceipt")]
struct Receipt {
    /// How many tokens were reported. Whether any of them worked is not told.
    received: usize,
}

impl Body for Found {
    fn example() -> Value {
        json!({ "tokens": [sample::TOKEN] })
    }
}

impl Found {
    fn tokens(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one.token],
            Self::Several(several) => several.tokens,
            Self::Scanned(scanned) => scanned.into_iter().map(|one| one.token).collect(),
        }
    }
}

/// Somebody of whom nothing is known but the name of the request.
struct Finder {
    request_id: Arc<str>,
}

impl Admits for Finder {
    const ACCESS: Access = Access::Public;

    async fn admit(arrival: &Arrival) -> Result<Self> {
        Ok(Self { request_id: Arc::clone(&arrival.request_id) })
    }

    fn may(&self, _: Ability) -> bool {
        false
    }
}

async fn report(call: Call<NoPath, NoQuery, Found, Finder>) -> Result<Accepted<Receipt>> {
    let found = call.body.tokens();
    if !(1..=TOKENS_MAX).contains(&found.len()) {
        return Err(Error::invalid_field("/tokens", "length", format!("wanted 1 to {TOKENS_MAX} tokens")));
    }
    // What has no right checksum was never a token, and costs nobody a query.
    let mut tokens: Vec<TokenText> = Vec::new();
    for token in found.iter().filter_map(|text| TokenText::read(text.trim())) {
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    let report = Report { tokens, from: call.client, request_id: call.scope.request_id };
    for revoked in report_leaked(&call.app.db, &report).await? {
        call.app.tokens.forget(revoked);
    }
    Ok(Accepted(Receipt { received: found.len() }))
}

impl Sample for Receipt {
    fn sample() -> Self {
        Self { received: 1 }
    }
}
