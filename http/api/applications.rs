//! Applications, which take tokens of their own by OAuth's client credentials.
//!
//! Not here: the endpoint that gives the tokens (`http::teachbase::oauth`).

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Id, Result,
    applications::{self, Application, ClientSecret, NewApplication, Rotation},
    id::{self, User},
};

use crate::{
    body::Body,
    doors::{Call, Created, Data, Done, Door, Listed, NoPath, NoQuery, Sample, sample},
    page::Paging,
};

const TAG: &str = "Applications";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/integrations/applications", list).needs(Ability::TokensRead).named(
            "listApplications",
            TAG,
            "Lists the applications, the newest first",
        ),
        Door::post("/api/integrations/applications", create).needs(Ability::TokensWrite).named(
            "createApplication",
            TAG,
            "Makes an application; the answer is the only one to show its secret",
        ),
        Door::get("/api/integrations/applications/{application}", show).needs(Ability::TokensRead).named(
            "getApplication",
            TAG,
            "Shows an application, without its secret",
        ),
        Door::delete("/api/integrations/applications/{application}", delete).needs(Ability::TokensWrite).named(
            "deleteApplication",
            TAG,
            "Deletes an application; its tokens stop working at once",
        ),
        Door::post("/api/integrations/applications/{application}/secret/rotate", rotate)
            .needs(Ability::TokensWrite)
            .named("rotateApplicationSecret", TAG, "Gives an application another secret, shown in this answer alone"),
        Door::delete("/api/integrations/applications/{application}/secret/previous", drop_previous)
            .needs(Ability::TokensWrite)
            .named("dropPreviousApplicationSecret", TAG, "Ends the time in which the secret before still works"),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneApplication {
    /// Id of the application, not its client id.
    application: Id<id::Application>,
}

impl Body for NewApplication {
    fn example() -> Value {
        json!({ "name": "Reporting bot", "scopes": ["content:read", "members:read", "progress:read"] })
    }
}

impl Body for Rotation {
    fn example() -> Value {
        json!({ "overlap_seconds": 3600 })
    }
}

/// An application, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Application")]
struct ApplicationView {
    /// Id.
    id: Id<id::Application>,
    /// Given by its maker.
    name: String,
    /// What it calls itself when it asks for a token.
    client_id: String,
    /// Abilities of its tokens; `public` asks for all of them.
    scopes: Vec<String>,
    /// Last four letters of the secret.
    secret_last4: String,
    /// When the secret was made.
    secret_made_at: DateTime<Utc>,
    /// Until when the secret before works; null when there is none.
    previous_secret_until: Option<DateTime<Utc>>,
    /// Who made it; null when a token or the server did.
    created_by: Option<Id<User>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// When it last took a token.
    last_used_at: Option<DateTime<Utc>>,
    /// Address from which it did.
    last_used_ip: Option<String>,
}

/// An application with a secret just made, shown this once.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApplicationWithSecret")]
struct SecretView {
    /// The secret. Keep it: it is not shown again.
    client_secret: String,
    #[serde(flatten)]
    kept: ApplicationView,
}

impl ApplicationView {
    fn of(application: Application, now: DateTime<Utc>) -> Self {
        Self {
            client_id: application.client_id().to_string(),
            id: application.id,
            name: application.name,
            scopes: application.scopes,
            secret_last4: application.secret_last4,
            secret_made_at: application.secret_made_at,
            previous_secret_until: application.previous_until.filter(|until| *until > now),
            created_by: application.created_by,
            created_at: application.created_at,
            updated_at: application.updated_at,
            last_used_at: application.last_used_at,
            last_used_ip: application.last_used_ip,
        }
    }
}

impl SecretView {
    fn of((application, secret): (Application, ClientSecret), now: DateTime<Utc>) -> Self {
        Self { client_secret: secret.expose().to_owned(), kept: ApplicationView::of(application, now) }
    }
}

async fn list(call: Call<NoPath, Paging>) -> Result<Listed<ApplicationView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let found = applications::list(&mut tx, call.query.asked()).await?;
    let now = tx.now();
    Ok(Listed(found.map(|application| ApplicationView::of(application, now))))
}

async fn create(call: Call<NoPath, NoQuery, NewApplication>) -> Result<Created<SecretView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let now = tx.now();
    let made = applications::create(&mut tx, &call.scope, call.body).await?;
    tx.commit().await?;
    Ok(Created::at(format!("/api/integrations/applications/{}", made.0.id), SecretView::of(made, now)))
}

async fn show(call: Call<OneApplication>) -> Result<Data<ApplicationView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let found = applications::get(&mut tx, call.path.application).await?;
    Ok(Data(ApplicationView::of(found, tx.now())))
}

async fn delete(call: Call<OneApplication>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let revoked = applications::delete(&mut tx, call.path.application).await?;
    tx.commit().await?;
    for token in revoked {
        call.app.tokens.forget(token);
    }
    Ok(Done)
}

async fn rotate(call: Call<OneApplication, NoQuery, Option<Rotation>>) -> Result<Data<SecretView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let now = tx.now();
    let rotation = call.body.unwrap_or_default();
    let made = applications::rotate_secret(&mut tx, call.path.application, rotation).await?;
    tx.commit().await?;
    Ok(Data(SecretView::of(made, now)))
}

async fn drop_previous(call: Call<OneApplication>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    applications::drop_previous_secret(&mut tx, call.path.application).await?;
    tx.commit().await?;
    Ok(Done)
}

impl Sample for ApplicationView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            name: "Reporting bot".into(),
            client_id: "stoa_c_01j25etb4petbvsknk0804sn0201j25etb4petbvsknk0804sn02".into(),
            scopes: vec!["content:read".into(), "members:read".into(), "progress:read".into()],
            secret_last4: "7q2x".into(),
            secret_made_at: sample::time(),
            previous_secret_until: None,
            created_by: Some(sample::id()),
            created_at: sample::time(),
            updated_at: sample::time(),
            last_used_at: None,
            last_used_ip: None,
        }
    }
}

impl Sample for SecretView {
    fn sample() -> Self {
        Self { client_secret: format!("stoa_k_{}", "0".repeat(48)), kept: ApplicationView::sample() }
    }
}
