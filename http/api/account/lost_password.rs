//! The way back for whoever lost a password. Nobody learns here whether an address is known.
//!
//! Not here: the letter (`stoa_jobs::mail`), and changing a password that is known (`sessions`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Code, Key, Result,
    auth::{self, LetterPurpose, LetterToken, PASSWORD_MAX, password_reset},
    fields::Fields,
    id,
};
use stoa_jobs::{
    Queue,
    mail::{PasswordChangedLetter, PasswordResetRequest},
    queue::{HOUSE, NewJob, enqueue},
};

use super::{auth::text_or_number, guesses::Shown, guest::Asked};
use crate::{
    body::Body,
    doors::{Accepted, Done, Door, Sample, sample},
};

const TAG: &str = "Authentication";
/// The same to everybody.
const SAID: &str =
    "if the address is known, a letter with a link is on its way; the link works for a short while, once";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/auth/password-reset", ask)
            .named(
                "askForPasswordReset",
                TAG,
                "Sends a letter with a link to another password, if the address is known",
            )
            .errors(&[Code::RateLimited]),
        Door::post("/api/auth/password-reset/complete", complete)
            .named("resetPassword", TAG, "Sets another password by such a letter, and ends all sessions of the person")
            .errors(&[Code::PasswordResetInvalid, Code::TenantSuspended, Code::RateLimited]),
    ]
}

/// Whose password is lost.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Lost {
    /// Address, in any case.
    email: String,
    /// Which institution is meant, by its id, its number, or its external id; all that know the address, if left out.
    #[serde(default, deserialize_with = "text_or_number")]
    #[schemars(with = "Option<String>")]
    institution: Option<Key<id::Institution>>,
}

impl Body for Lost {
    fn example() -> Value {
        json!({ "email": "ada@school.example" })
    }
}

/// What is said to everybody who asks.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PasswordResetAsked")]
struct AskedView {
    /// The same words, whether the address is known or not.
    detail: &'static str,
}

impl Sample for AskedView {
    fn sample() -> Self {
        Self { detail: SAID }
    }
}

/// What the letter brought, and the password to come.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Found {
    /// The token, `stoa_r_…`: what stands behind `#token=` in the letter's link.
    token: String,
    /// The password to come, 8 characters or more.
    password: String,
}

impl Body for Found {
    fn example() -> Value {
        json!({ "token": sample::PASSWORD_RESET, "password": "wrong donkey accumulator" })
    }
}

/// Does the same work for every address: counts, and promises to look it up.
async fn ask(call: Asked<Lost>) -> Result<Accepted<AskedView>> {
    let Lost { email, institution } = call.body;
    let mut fields = Fields::new();
    if email.len() > PASSWORD_MAX {
        fields.fault("/email", "length", format!("wanted at most {PASSWORD_MAX} bytes"));
    }
    fields.finish()?;
    let app = &call.app;
    let mut house = app.db.house().await?;
    let counted = auth::count_letter(&mut house, &email, call.client, &app.settings.accounts.resets.limits).await;
    if counted.is_ok() {
        let job = PasswordResetRequest::new(&app.sealer, house.new_id(), &email, institution.as_ref())?;
        enqueue(&mut house, NewJob::of(HOUSE, &job)?.caused_by(Some(call.scope.request_id()))).await?;
    }
    house.commit().await?;
    counted?;
    app.road.wakes.wake(Queue::Mail);
    Ok(Accepted(AskedView { detail: SAID }))
}

async fn complete(call: Asked<Found>) -> Result<Done> {
    let (app, Found { token: text, password }) = (&call.app, call.body);
    auth::check_password(&password)?;
    let shown = Shown::look(app, &text, call.client).await?;
    let looked_up = async {
        let token = LetterToken::read(LetterPurpose::PasswordReset, &text).ok_or_else(password_reset::invalid)?;
        let mut tx = app.db.tenant(&call.scope.unknown(token.tenant())).await?;
        let found = password_reset::check(&mut tx, &token).await?;
        Ok((token, found))
    };
    let (token, found) = shown.judge(looked_up.await).await?;
    // The slow hash is made before anything is locked.
    let hash = app.passwords.hash(password).await?;
    let mut tx = app.db.tenant(&call.scope.as_person(token.tenant(), found.user)).await?;
    let (found, ended) = password_reset::complete(&mut tx, &token, &hash).await?;
    let letter = PasswordChangedLetter { tenant: token.tenant(), user: found.user, at: tx.now(), by_letter: true };
    enqueue(&mut tx, NewJob::of(token.tenant(), &letter)?).await?;
    tx.commit().await?;
    app.road.wakes.wake(Queue::Mail);
    for session in ended {
        app.tokens.forget(session);
    }
    let mut house = app.db.house().await?;
    auth::forgive(&mut house, &found.email, call.client).await?;
    house.commit().await?;
    Ok(Done)
}
