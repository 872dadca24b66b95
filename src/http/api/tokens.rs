//! Tokens of integrations.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Id, Result,
    id::{self, User},
    tokens::{self, Issued, NewToken, Token, TokenStatus},
};

use crate::http::{
    body::Body,
    doors::{Call, Created, Done, Door, Listed, NoPath, NoQuery, Sample, sample},
    page::Paging,
};

const TAG: &str = "Tokens";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/integrations/tokens", list).needs(Ability::TokensRead).named(
            "listTokens",
            TAG,
            "Lists the tokens of integrations, the newest first",
        ),
        Door::post("/api/integrations/tokens", create).needs(Ability::TokensWrite).named(
            "createToken",
            TAG,
            "Makes a token of an integration; the answer is the only one to show it",
        ),
        Door::delete("/api/integrations/tokens/{token}", revoke).needs(Ability::TokensWrite).named(
            "revokeToken",
            TAG,
            "Revokes a token at once; a second time changes nothing",
        ),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneToken {
    /// Id of the token, not the token.
    token: Id<id::Token>,
}

impl Body for NewToken {
    fn example() -> Value {
        json!({
            "name": "Warehouse sync",
            "abilities": ["progress:read", "webhooks:read"],
            "expires_at": "2099-01-01T00:00:00Z",
        })
    }
}

/// A token, without the token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Token")]
struct TokenView {
    /// Id.
    id: Id<id::Token>,
    /// Given by its maker.
    name: String,
    /// How it begins.
    prefix: &'static str,
    /// Its last four letters.
    last4: String,
    /// What it may do.
    abilities: Vec<String>,
    /// Who made it; null when a token or the server did.
    created_by: Option<Id<User>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// Last use, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// Address of the last use.
    last_used_ip: Option<String>,
    /// When it stops working; null means never.
    expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
    /// Where it is in its life.
    status: TokenStatus,
}

/// A token just made, shown this once.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "IssuedToken")]
struct IssuedView {
    /// The token itself. Keep it: it is not shown again.
    token: String,
    #[serde(flatten)]
    kept: TokenView,
}

impl TokenView {
    fn of(token: Token, now: DateTime<Utc>) -> Self {
        Self {
            status: token.status(now),
            prefix: token.prefix(),
            id: token.id,
            name: token.name,
            last4: token.last4,
            abilities: token.abilities,
            created_by: token.created_by,
            created_at: token.created_at,
            last_used_at: token.last_used_at,
            last_used_ip: token.last_used_ip,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        }
    }
}

async fn list(call: Call<NoPath, Paging>) -> Result<Listed<TokenView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let tokens = tokens::list(&mut tx, call.query.asked()).await?;
    let now = tx.now();
    Ok(Listed(tokens.map(|token| TokenView::of(token, now))))
}

async fn create(call: Call<NoPath, NoQuery, NewToken>) -> Result<Created<IssuedView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let now = tx.now();
    let Issued { token, text } = tokens::create(&mut tx, &call.scope, call.body).await?;
    tx.commit().await?;
    Ok(Created::from(IssuedView { token: text.expose().to_owned(), kept: TokenView::of(token, now) }))
}

async fn revoke(call: Call<OneToken>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    tokens::revoke(&mut tx, call.path.token).await?;
    tx.commit().await?;
    call.app.tokens.forget(call.path.token);
    Ok(Done)
}

impl Sample for TokenView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            name: "Warehouse sync".into(),
            prefix: "stoa_i_",
            last4: "7q2x".into(),
            abilities: vec!["progress:read".into(), "webhooks:read".into()],
            created_by: Some(sample::id()),
            created_at: sample::time(),
            last_used_at: None,
            last_used_ip: None,
            expires_at: None,
            revoked_at: None,
            status: TokenStatus::Active,
        }
    }
}

impl Sample for IssuedView {
    fn sample() -> Self {
        Self { token: sample::TOKEN.into(), kept: TokenView::sample() }
    }
}
