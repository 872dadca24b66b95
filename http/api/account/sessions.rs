//! A person's own sessions and password. Whoever shows an integration's token has neither.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Code, Error, Id, Result,
    audit::Entry,
    auth::{self, PASSWORD_MAX},
    id,
    tokens::{self, Token},
};
use stoa_jobs::{
    Queue,
    mail::PasswordChangedLetter,
    queue::{NewJob, enqueue},
};

use super::guesses::Guess;
use crate::{
    body::{Body, NoBody},
    caller::Caller,
    doors::{Call, Data, Done, Door, NoPath, NoQuery, Sample, sample},
};

const TAG: &str = "Authentication";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let persons = &[Code::SessionRequired];
    vec![
        Door::delete("/api/auth/session", sign_out)
            .named("signOut", TAG, "Ends the session that the request is made with")
            .errors(persons),
        Door::get("/api/auth/sessions", list)
            .named("listSessions", TAG, "Lists one's own sessions that work, the newest first")
            .errors(persons),
        Door::delete("/api/auth/sessions", end_others)
            .named("endOtherSessions", TAG, "Ends all of one's sessions but the one that the request is made with")
            .errors(persons),
        Door::delete("/api/auth/sessions/{session}", end)
            .named("endSession", TAG, "Ends one of one's own sessions")
            .errors(persons),
        Door::put("/api/auth/password", change_password)
            .named("changePassword", TAG, "Changes one's own password and ends all other sessions")
            .errors(&[Code::SessionRequired, Code::InvalidCredentials, Code::RateLimited]),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneSession {
    /// Id of the session.
    session: Id<id::Token>,
}

/// A session, without its token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OwnSession")]
struct OwnSessionView {
    /// Id.
    id: Id<id::Token>,
    /// The device, as it was named when signing in.
    name: String,
    /// Is it the one that the request is made with.
    is_current: bool,
    /// When it was opened.
    created_at: DateTime<Utc>,
    /// When it ends by itself.
    expires_at: Option<DateTime<Utc>>,
    /// Last use, to the minute.
    last_used_at: Option<DateTime<Utc>>,
    /// Address of the last use.
    last_used_ip: Option<String>,
}

impl OwnSessionView {
    fn of(session: Token, current: Id<id::Token>) -> Self {
        Self {
            id: session.id,
            name: session.name,
            is_current: session.id == current,
            created_at: session.created_at,
            expires_at: session.expires_at,
            last_used_at: session.last_used_at,
            last_used_ip: session.last_used_ip,
        }
    }
}

impl Sample for OwnSessionView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            name: "Ada's laptop".into(),
            is_current: true,
            created_at: sample::time(),
            expires_at: Some(sample::time()),
            last_used_at: Some(sample::time()),
            last_used_ip: Some("198.51.100.7".into()),
        }
    }
}

/// The present password and the one to come.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The present one.
    current_password: String,
    /// The one to come, 8 characters or more.
    password: String,
}

impl Body for PasswordChange {
    fn example() -> Value {
        json!({ "current_password": "correct horse battery", "password": "wrong donkey accumulator" })
    }
}

/// A call of a person about what is the person's own.
pub(super) type Own<P = NoPath, B = NoBody> = Call<P, NoQuery, B, Caller>;

/// The person behind a session.
///
/// # Errors
/// `session_required`.
pub(super) fn person(caller: &Caller) -> Result<Id<id::User>> {
    let detail = "only a person who has signed in may do this, not an integration";
    caller.scope.person().ok_or_else(|| Error::new(Code::SessionRequired, detail))
}

async fn sign_out(call: Own) -> Result<Done> {
    let current = call.scope.token.id;
    end_one(call, current).await
}

async fn end(call: Own<OneSession>) -> Result<Done> {
    let session = call.path.session;
    end_one(call, session).await
}

async fn end_one<P>(call: Own<P>, session: Id<id::Token>) -> Result<Done> {
    let person = person(&call.scope)?;
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    tokens::end_session(&mut tx, person, session).await?;
    tx.audit(Entry::of("user.signed_out", person).was(json!({ "session_id": session })));
    tx.commit().await?;
    call.app.tokens.forget(session);
    Ok(Done)
}

async fn list(call: Own) -> Result<Data<Vec<OwnSessionView>>> {
    let person = person(&call.scope)?;
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let sessions = tokens::sessions(&mut tx, person).await?;
    let current = call.scope.token.id;
    Ok(Data(sessions.into_iter().map(|session| OwnSessionView::of(session, current)).collect()))
}

async fn end_others(call: Own) -> Result<Done> {
    let person = person(&call.scope)?;
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let ended = tokens::end_sessions(&mut tx, person, Some(call.scope.token.id)).await?;
    if !ended.is_empty() {
        tx.audit(Entry::of("user.signed_out", person).was(json!({ "session_ids": ended })));
    }
    tx.commit().await?;
    for session in ended {
        call.app.tokens.forget(session);
    }
    Ok(Done)
}

async fn change_password(call: Own<NoPath, PasswordChange>) -> Result<Done> {
    let person = person(&call.scope)?;
    let PasswordChange { current_password, password } = call.body;
    if current_password.len() > PASSWORD_MAX {
        let wanted = format!("wanted at most {PASSWORD_MAX} bytes");
        return Err(Error::invalid_field("/current_password", "length", wanted));
    }
    auth::check_password(&password)?;
    let app = &call.app;
    let guess = Guess::count(app, &call.scope, person, call.client).await?;
    let mut tx = app.db.tenant(&call.scope.scope).await?;
    let hash = auth::password_hash(&mut tx, person).await?;
    drop(tx);
    if app.passwords.compare(current_password, vec![hash]).await? != [true] {
        return Err(Error::new(Code::InvalidCredentials, "the present password is wrong"));
    }
    let hash = app.passwords.hash(password).await?;
    let mut tx = app.db.tenant(&call.scope.scope).await?;
    auth::keep_password(&mut tx, person, &hash).await?;
    let ended = tokens::end_sessions(&mut tx, person, Some(call.scope.token.id)).await?;
    tx.audit(Entry::of("user.password_changed", person));
    let letter = PasswordChangedLetter { tenant: tx.tenant(), user: person, at: tx.now(), by_letter: false };
    enqueue(&mut tx, NewJob::of(letter.tenant, &letter)?).await?;
    tx.commit().await?;
    app.road.wakes.wake(Queue::Mail);
    guess.was_right(app).await?;
    for session in ended {
        app.tokens.forget(session);
    }
    Ok(Done)
}
