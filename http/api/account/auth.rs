//! Signing in, and who one is.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use stoa_core::{
    Actor, Code, Error, Key, Result, Scope,
    audit::Entry,
    auth::{self, Candidate, PASSWORD_MAX, second_factor},
    fields::Fields,
    id, institutions, members,
    tokens::{self, Issued},
};

use super::{
    guest::Asked,
    session_views::{MeView, SessionView},
};
use crate::{
    App,
    body::Body,
    caller::{AnyStanding, Caller},
    doors::{Call, Data, Door, NoPath, NoQuery},
};

const TAG: &str = "Authentication";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/auth/sign-in", sign_in)
            .named("signIn", TAG, "Opens a session with an e-mail address and a password")
            .errors(&[
                Code::InvalidCredentials,
                Code::OtpRequired,
                Code::OtpInvalid,
                Code::RateLimited,
                Code::TenantSuspended,
            ]),
        Door::get("/api/auth/me", me).named("whoAmI", TAG, "Tells who holds the token and what the token can do"),
    ]
}

/// An e-mail address and a password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// Address, in any case.
    email: String,
    /// Password.
    password: String,
    /// Names the session; `sign-in` if left out.
    #[serde(default)]
    device_name: Option<String>,
    /// One-time password of the authenticator, or a recovery code, where a second factor is asked for.
    #[serde(default)]
    otp: Option<String>,
    /// Which institution is meant, where several know the address: its id, its number, or its external id.
    #[serde(default, deserialize_with = "text_or_number")]
    #[schemars(with = "Option<String>")]
    institution: Option<Key<id::Institution>>,
}

impl Body for SignIn {
    fn example() -> Value {
        json!({ "email": "ada@school.example", "password": "correct horse battery", "device_name": "Ada's laptop" })
    }
}

impl SignIn {
    /// Checks what costs nothing to check. Whether the address has the form of one is not told.
    fn checked(mut self) -> Result<Self> {
        let mut fields = Fields::new();
        fields.optional_name("/device_name", &mut self.device_name);
        if self.email.len() > PASSWORD_MAX {
            fields.fault("/email", "length", format!("wanted at most {PASSWORD_MAX} bytes"));
        }
        if self.password.len() > PASSWORD_MAX {
            fields.fault("/password", "length", format!("wanted at most {PASSWORD_MAX} bytes"));
        }
        fields.finish()?;
        Ok(self)
    }
}

async fn sign_in(call: Asked<SignIn>) -> Result<Data<SessionView>> {
    let SignIn { email, password, device_name, otp, institution } = call.body.checked()?;
    let candidates = look_up(&call.app, &email, call.client, institution.as_ref()).await?;
    let hashes = candidates.iter().map(|candidate| candidate.password_hash.clone()).collect();
    let right = call.app.passwords.compare(password, hashes).await?;
    let proven: Vec<Candidate> =
        candidates.into_iter().zip(right).filter_map(|(candidate, right)| right.then_some(candidate)).collect();
    // Of several institutions rather one whose doors are open.
    let open_one = proven.iter().find(|candidate| candidate.institution_status.is_open());
    let Some(chosen) = open_one.or(proven.first()) else {
        return Err(Error::new(Code::InvalidCredentials, "the e-mail address or the password is wrong"));
    };
    let scope = call.scope.as_person(chosen.tenant, chosen.user);
    let session = open(&call.app, (&scope, chosen, otp.as_deref()), device_name, &proven).await?;
    let mut house = call.app.db.house().await?;
    auth::forgive(&mut house, &email, call.client).await?;
    house.commit().await?;
    Ok(Data(session))
}

/// Counts the try, on every node, before anything is told of the address.
async fn look_up(
    app: &App,
    email: &str,
    client: IpAddr,
    institution: Option<&Key<id::Institution>>,
) -> Result<Vec<Candidate>> {
    let mut house = app.db.house().await?;
    let counted = auth::attempt(&mut house, email, client, &app.settings.sign_in).await;
    let candidates = match counted {
        Ok(()) => auth::candidates(&mut house, email, institution).await,
        Err(error) => Err(error),
    };
    house.commit().await?;
    candidates
}

async fn open(
    app: &App,
    (scope, chosen, otp): (&Scope, &Candidate, Option<&str>),
    device: Option<String>,
    proven: &[Candidate],
) -> Result<SessionView> {
    let mut tx = app.db.tenant(scope).await?;
    second_factor::prove(&mut tx, &app.sealer, chosen.user, otp).await?;
    chosen.institution_status.admit()?;
    let member = members::get(&mut tx, &Key::Id(chosen.user)).await?;
    let life = chrono::TimeDelta::from_std(app.settings.sign_in.session).map_err(Error::internal)?;
    let device = device.unwrap_or_else(|| "sign-in".into());
    let Issued { token, text } = tokens::open_session(&mut tx, (chosen.user, chosen.role), device, life).await?;
    tx.audit(Entry::of("user.signed_in", chosen.user).is(json!({ "session_id": token.id, "device": token.name })));
    tx.commit().await?;
    Ok(SessionView::of(&text, token, &member, proven))
}

async fn me(call: Call<NoPath, NoQuery, crate::body::NoBody, AnyStanding>) -> Result<Data<MeView>> {
    let AnyStanding(Caller { scope, token }) = call.scope;
    let mut tx = call.app.db.tenant(&scope).await?;
    let institution = institutions::own(&mut tx, &Key::Id(scope.tenant)).await?;
    let member = match scope.actor {
        Actor::Person(user) => Some(members::get(&mut tx, &Key::Id(user)).await?),
        Actor::Integration(_) | Actor::Staff(_) | Actor::House => None,
    };
    Ok(Data(MeView::of(&token, &institution, member.as_ref())))
}

/// A number is as good as its text.
pub(super) fn text_or_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Key<id::Institution>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Named {
        Text(String),
        Number(i64),
    }
    Ok(Option::<Named>::deserialize(deserializer)?.map(|named| match named {
        Named::Text(text) => Key::read(&text),
        Named::Number(number) => Key::Word(number.to_string()),
    }))
}
