//! Tokens of integrations: made, listed, changed, replaced and revoked; and the door through which anybody reports one
//! that lies in the open.

mod leaked;
mod views;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Result, id,
    tokens::{self, Issued, NewToken, Rotation, TokenChange, TokenFilter, TokenFlag, TokenStatus},
};

use self::views::{IssuedView, RotatedView, TokenView};
use crate::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, Listed, NoPath, NoQuery},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Tokens";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let (all, one) = ("/api/integrations/tokens", "/api/integrations/tokens/{token}");
    vec![
        Door::get(all, list).needs(Ability::TokensRead).named(
            "listTokens",
            TAG,
            "Lists the tokens of integrations, the newest first, with what somebody should look at",
        ),
        Door::post(all, create).needs(Ability::TokensWrite).named(
            "createToken",
            TAG,
            "Makes a token of an integration; the answer is the only one to show it",
        ),
        Door::get(one, show).needs(Ability::TokensRead).named("getToken", TAG, "Shows a token of an integration"),
        Door::patch(one, change)
            .needs(Ability::TokensWrite)
            .named("updateToken", TAG, "Renames a token, or says anew from where it may be used")
            .errors(&[Code::Conflict]),
        Door::delete(one, revoke).needs(Ability::TokensWrite).named(
            "revokeToken",
            TAG,
            "Revokes a token at once; a second time changes nothing",
        ),
        Door::post("/api/integrations/tokens/{token}/rotate", rotate)
            .needs(Ability::TokensWrite)
            .named(
                "rotateToken",
                TAG,
                "Makes a token in place of another, which works beside it for a while; the answer is the only one to show it",
            )
            .errors(&[Code::Conflict]),
        leaked::door(),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneToken {
    /// Id of the token, not the token.
    token: Id<id::Token>,
}

/// Which tokens.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Listing {
    /// Only tokens with this ability.
    ability: Option<Ability>,
    /// Only tokens that are there in their life.
    status: Option<TokenStatus>,
    /// Only tokens that somebody should look at for this reason.
    flag: Option<TokenFlag>,
    page: PageNumber,
    per_page: PerPage,
}

impl Body for NewToken {
    fn example() -> Value {
        json!({
            "name": "Warehouse sync",
            "abilities": ["progress:read", "content:read"],
            "expires_at": "2027-05-01T00:00:00Z",
            "ip_allowlist": ["203.0.113.0/24"],
        })
    }
}

impl Body for TokenChange {
    fn example() -> Value {
        json!({ "name": "Warehouse sync, Lyon", "ip_allowlist": ["203.0.113.0/24", "2001:db8:7::/48"] })
    }
}

impl Body for Rotation {
    fn example() -> Value {
        json!({ "overlap_hours": 48 })
    }
}

async fn list(call: Call<NoPath, Listing>) -> Result<Listed<TokenView>> {
    let Listing { ability, status, flag, page, per_page } = call.query;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let tokens = tokens::list(&mut tx, TokenFilter { ability, status, flag }, asked(page, per_page)).await?;
    let now = tx.now();
    Ok(Listed(tokens.map(|token| TokenView::of(token, now))))
}

async fn show(call: Call<OneToken>) -> Result<Data<TokenView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let token = tokens::get(&mut tx, call.path.token).await?;
    let now = tx.now();
    Ok(Data(TokenView::of(token, now)))
}

async fn create(call: Call<NoPath, NoQuery, NewToken>) -> Result<Created<IssuedView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let now = tx.now();
    let issued = tokens::create(&mut tx, &call.scope, call.body).await?;
    tx.commit().await?;
    let path = format!("/api/integrations/tokens/{}", issued.token.id);
    Ok(Created::at(path, IssuedView::of(issued, now)))
}

async fn change(call: Call<OneToken, NoQuery, TokenChange>) -> Result<Data<TokenView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let now = tx.now();
    let token = tokens::edit(&mut tx, &call.scope, call.path.token, call.body).await?;
    tx.commit().await?;
    call.app.tokens.forget(token.id);
    Ok(Data(TokenView::of(token, now)))
}

async fn rotate(call: Call<OneToken, NoQuery, Option<Rotation>>) -> Result<Created<RotatedView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let now = tx.now();
    let how = call.body.unwrap_or_default();
    let (issued, old): (Issued, _) = tokens::rotate(&mut tx, &call.scope, call.path.token, how).await?;
    tx.commit().await?;
    call.app.tokens.forget(old.id);
    let path = format!("/api/integrations/tokens/{}", issued.token.id);
    Ok(Created::at(path, RotatedView { issued: IssuedView::of(issued, now), replaced: TokenView::of(old, now) }))
}

async fn revoke(call: Call<OneToken>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    tokens::revoke(&mut tx, call.path.token).await?;
    tx.commit().await?;
    call.app.tokens.forget(call.path.token);
    Ok(Done)
}
