//! Joining an institution by an invitation. The token stands in the body, never in an address.
//!
//! Not here: who invites (`people::invitations`).

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Code, Key, Result, Role,
    auth::{self, Candidate, LetterPurpose, LetterToken, PASSWORD_MAX, second_factor},
    fields::Fields,
    institutions,
    members::{
        Member,
        invitations::{self, Accepted, Preview},
    },
    tokens::{self, Issued},
};

use super::{
    guesses::{Guess, Shown},
    guest::{Asked, Guest},
    session_views::SessionView,
};
use crate::{
    App,
    body::Body,
    doors::{Created, Data, Door, Sample, sample},
};

const TAG: &str = "Invitations";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/invitations/preview", preview)
            .named("previewInvitation", TAG, "Shows whoever has the letter what it invites to")
            .errors(&[
                Code::InvitationNotFound,
                Code::InvitationExpired,
                Code::InvitationRevoked,
                Code::InvitationAccepted,
                Code::TenantSuspended,
                Code::RateLimited,
            ]),
        Door::post("/api/invitations/accept", accept)
            .named("acceptInvitation", TAG, "Joins by a letter with a password of one's own, and opens a session")
            .errors(&[
                Code::InvitationNotFound,
                Code::InvitationExpired,
                Code::InvitationRevoked,
                Code::InvitationAccepted,
                Code::TenantSuspended,
                Code::OtpRequired,
                Code::OtpInvalid,
                Code::RateLimited,
            ]),
    ]
}

/// What a letter brought.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Letter {
    /// The token, `stoa_v_…`: what stands behind `#token=` in the letter's link.
    token: String,
}

impl Body for Letter {
    fn example() -> Value {
        json!({ "token": sample::INVITATION })
    }
}

/// How somebody joins.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Joining {
    /// The token, `stoa_v_…`.
    token: String,
    /// A password of one's own, 8 characters or more.
    password: String,
    /// One's name, where the institution wrote none or another.
    #[serde(default)]
    name: Option<String>,
    /// Names the session; `sign-in` if left out.
    #[serde(default)]
    device_name: Option<String>,
    /// One-time password, or a recovery code, of somebody who comes back and has a second factor.
    #[serde(default)]
    otp: Option<String>,
}

impl Body for Joining {
    fn example() -> Value {
        json!({ "token": sample::INVITATION, "password": "correct horse battery", "name": "Ada Lovelace" })
    }
}

impl Joining {
    fn checked(mut self) -> Result<Self> {
        let mut fields = Fields::new();
        fields.optional_name("/name", &mut self.name);
        fields.optional_name("/device_name", &mut self.device_name);
        fields.finish()?;
        auth::check_password(&self.password)?;
        Ok(self)
    }
}

/// What an invitation is to.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InvitationPreview")]
struct PreviewView {
    /// Name of the institution.
    institution_name: String,
    /// Language tag: of the person, or of the institution.
    locale: String,
    /// Address that was invited.
    email: String,
    /// The name, as far as the institution knows it.
    name: String,
    /// The role to come.
    role: Role,
    /// Who asks, if it is a person.
    invited_by: Option<String>,
    /// When the letter stops working.
    expires_at: DateTime<Utc>,
    /// The longest password, in bytes.
    password_max: usize,
}

impl PreviewView {
    fn of(preview: Preview) -> Self {
        Self {
            institution_name: preview.institution_name,
            locale: preview.locale.unwrap_or(preview.institution_locale),
            email: preview.email,
            name: preview.name,
            role: preview.role,
            invited_by: preview.invited_by,
            expires_at: preview.expires_at,
            password_max: PASSWORD_MAX,
        }
    }
}

impl Sample for PreviewView {
    fn sample() -> Self {
        Self {
            institution_name: "School of Examples".into(),
            locale: "en".into(),
            email: "ada@school.example".into(),
            name: "Ada Lovelace".into(),
            role: Role::Learner,
            invited_by: Some("Charles Babbage".into()),
            expires_at: sample::time(),
            password_max: PASSWORD_MAX,
        }
    }
}

async fn preview(call: Asked<Letter>) -> Result<Data<PreviewView>> {
    let shown = Shown::look(&call.app, &call.body.token, call.client).await?;
    let found = look_up(&call.app, &call.scope, &call.body.token).await;
    Ok(Data(PreviewView::of(shown.judge(found).await?.1)))
}

async fn look_up(app: &App, guest: &Guest, text: &str) -> Result<(LetterToken, Preview)> {
    let token = LetterToken::read(LetterPurpose::Invitation, text).ok_or_else(invitations::unknown)?;
    let mut tx = app.db.tenant(&guest.unknown(token.tenant())).await?;
    let preview = invitations::preview(&mut tx, &token).await?;
    Ok((token, preview))
}

async fn accept(call: Asked<Joining>) -> Result<Created<SessionView>> {
    let joining = call.body.checked()?;
    let shown = Shown::look(&call.app, &joining.token, call.client).await?;
    let found = look_up(&call.app, &call.scope, &joining.token).await;
    let (token, asked) = shown.judge(found).await?;
    // The slow hash is made before anything is locked.
    let password_hash = call.app.passwords.hash(joining.password).await?;
    let guess = match &joining.otp {
        Some(_) => Some(Guess::about(&call.app, asked.email, call.client).await?),
        None => None,
    };
    let mut tx = call.app.db.tenant(&call.scope.as_person(token.tenant(), asked.user)).await?;
    second_factor::prove(&mut tx, &call.app.sealer, asked.user, joining.otp.as_deref()).await?;
    let how = Accepted { password_hash, name: joining.name };
    let member = invitations::accept(&mut tx, &token, how).await?;
    let life = chrono::TimeDelta::from_std(call.app.settings.sign_in.session).map_err(stoa_core::Error::internal)?;
    let device = joining.device_name.unwrap_or_else(|| "sign-in".into());
    let issued = tokens::open_session(&mut tx, (member.id, member.role), device, life).await?;
    let place = institutions::own(&mut tx, &Key::Id(token.tenant())).await?;
    tx.commit().await?;
    if let Some(guess) = guess {
        guess.was_right(&call.app).await?;
    }
    Ok(view(issued, &member, &place).into())
}

fn view(Issued { token, text }: Issued, member: &Member, place: &institutions::Institution) -> SessionView {
    let joined = Candidate {
        tenant: place.tenant_id,
        user: member.id,
        role: member.role,
        password_hash: None,
        institution_number: place.number,
        institution_name: place.name.clone(),
        institution_status: place.status,
    };
    SessionView::of(&text, token, member, &[joined])
}
