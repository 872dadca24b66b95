//! Tokens for applications: the client credentials grant.
//!
//! Not here: what an application is and how it proves itself (`stoa_core::applications`).
//!
//! # Source
//! RFC 6749 sections 2.3.1, 3.2, 4.4 and 5. The words are those of Doorkeeper, which Teachbase runs; that clients send
//! their credentials in the query is read in help.teachbase.ru, managers/api-and-integrations/02, and that they send
//! JSON in `cepjant/teachbaseclient`.

mod manners;
mod presented;

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Code, Error, Result, Scope,
    applications::{self, ClientId, TOKEN_LIFE, WHOLE_SCOPE},
    auth, institutions,
    tokens::Issued,
};

pub(crate) use manners::OAuth;
use presented::{Asked, Basic, Wanted};

use super::reply::Bare;
use crate::{
    App,
    doors::{Call, Door, NoPath, Sample, sample},
};

pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/oauth/token", token)
            .named("takeToken", super::TAG, "Gives an application a token for its id and secret")
            .errors(&[
                Code::InvalidClient,
                Code::InvalidGrant,
                Code::UnsupportedGrantType,
                Code::InvalidScope,
                Code::RateLimited,
                Code::TenantSuspended,
            ]),
    ]
}

/// A token of an application.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AccessToken")]
struct Granted {
    /// The token: send it as `Authorization: Bearer`, or as the parameter `access_token`.
    access_token: String,
    /// `Bearer`
    token_type: &'static str,
    /// Seconds until it ends; there is no refreshing, take another.
    expires_in: i64,
    /// What it may do: `public` for all that the application may.
    scope: String,
    /// Epoch seconds.
    created_at: i64,
}

async fn token(call: Call<NoPath, Wanted, Option<Wanted>, Basic>) -> Result<Bare<Granted>> {
    let asked = Asked::of(call.scope, call.query, call.body.unwrap_or_default())?;
    match asked.grant_type.as_str() {
        "client_credentials" => {}
        // There are none to show, so whatever is shown was never given.
        "refresh_token" | "authorization_code" => {
            return Err(Error::new(
                Code::InvalidGrant,
                "The provided authorization grant is invalid, expired, revoked, or was issued to another client.",
            ));
        }
        _ => {
            return Err(Error::new(
                Code::UnsupportedGrantType,
                "The authorization grant type is not supported by the authorization server.",
            ));
        }
    }
    let (client_id, secret) = asked.credentials()?;
    let account = format!("client:{client_id} {}", call.client);
    let mut house = call.app.db.house().await?;
    auth::look(&mut house, &account, call.client, &call.app.settings.sign_in).await?;
    drop(house);
    let wanted = asked.scopes();
    match take(&call.app, client_id.parse().ok(), (secret, &wanted), call.client).await {
        Err(error) if error.code() == Code::InvalidClient => {
            count(&call.app, &account, call.client).await?;
            // Who is unknown and who has another secret are not told apart.
            Err(presented::unknown())
        }
        issued => Ok(Bare(Granted::of(&issued?, &wanted))),
    }
}

/// Counts a failure, on every node.
async fn count(app: &App, account: &str, client: IpAddr) -> Result<()> {
    let mut house = app.db.house().await?;
    // Whether it was one too many is said to the next try.
    drop(auth::attempt(&mut house, account, client, &app.settings.sign_in).await);
    house.commit().await
}

async fn take(app: &App, client: Option<ClientId>, (secret, wanted): (&str, &[&str]), from: IpAddr) -> Result<Issued> {
    let client = client.ok_or_else(presented::unknown)?;
    let mut tx = app.db.tenant(&Scope::house(client.tenant)).await?;
    let issued = applications::take_token(&mut tx, (client.application, secret), wanted, from).await?;
    institutions::admit(&mut tx).await?;
    tx.commit().await?;
    Ok(issued)
}

impl Granted {
    fn of(issued: &Issued, wanted: &[&str]) -> Self {
        let is_whole = wanted.is_empty() || wanted.contains(&WHOLE_SCOPE);
        Self {
            access_token: issued.text.expose().to_owned(),
            token_type: "Bearer",
            expires_in: TOKEN_LIFE.num_seconds(),
            scope: if is_whole { WHOLE_SCOPE.to_owned() } else { issued.token.abilities.join(" ") },
            created_at: issued.token.created_at.timestamp(),
        }
    }
}

impl Sample for Granted {
    fn sample() -> Self {
        Self {
            access_token: sample::TOKEN.replacen("_i_", "_a_", 1),
            token_type: "Bearer",
            expires_in: TOKEN_LIFE.num_seconds(),
            scope: WHOLE_SCOPE.to_owned(),
            created_at: sample::time().timestamp(),
        }
    }
}
