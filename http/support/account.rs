//! The staff's own accounts: a second factor, and the sessions that it opens.
//!
//! Not here: the rules (`stoa_core::staff`), and who is sent here (`http::caller`).

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Code, Id, Result, auth, id,
    staff::{self, Member, StaffRole, second_factor},
};

use super::TAG;
use crate::{
    App,
    api::account::factor_views::{BegunView, CodesView, FactorView, Proof},
    body::NoBody,
    caller::StaffAccount,
    doors::{Call, Created, Data, Done, Door, NoPath, NoQuery, Sample, sample},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let guessed = &[Code::OtpInvalid, Code::RateLimited];
    vec![
        Door::get("/api/support/me", me).named("whoAmIOfTheStaff", TAG, "Tells who of the staff holds the token"),
        Door::post("/api/support/session", open)
            .named("openStaffSession", TAG, "Opens a session of some hours with one's token and a one-time password")
            .errors(guessed),
        Door::delete("/api/support/session", end).named(
            "endStaffSession",
            TAG,
            "Ends the session that the request is made with; with the person's own token, all of them",
        ),
        Door::get("/api/support/second-factor", show).named(
            "getStaffSecondFactor",
            TAG,
            "Tells whether one has a second factor",
        ),
        Door::post("/api/support/second-factor", begin)
            .named("beginStaffSecondFactor", TAG, "Begins a second factor; it is asked for once it is confirmed")
            .errors(&[Code::Conflict]),
        Door::post("/api/support/second-factor/confirm", confirm)
            .named("confirmStaffSecondFactor", TAG, "Confirms a second factor and shows the recovery codes, this once")
            .errors(&[Code::OtpInvalid, Code::RateLimited, Code::Conflict]),
        Door::post("/api/support/second-factor/recovery-codes", renew)
            .named(
                "renewStaffRecoveryCodes",
                TAG,
                "Makes new recovery codes and shows them, this once; the old ones stop",
            )
            .errors(guessed),
        Door::post("/api/support/second-factor/remove", remove)
            .named("removeStaffSecondFactor", TAG, "Removes the second factor and ends all sessions")
            .errors(guessed),
    ]
}

/// Who of the staff holds the token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StaffMe")]
struct MeView {
    /// Id.
    id: Id<id::Staff>,
    /// Shown to institutions.
    name: String,
    /// Address.
    email: String,
    /// What one may do.
    role: StaffRole,
    /// Has a second factor, so that one's own token opens nothing but a session.
    has_second_factor: bool,
    /// The session; null where one's own token was shown.
    session_id: Option<Id<id::StaffSession>>,
}

impl MeView {
    fn of(member: Member, has_second_factor: bool, session_id: Option<Id<id::StaffSession>>) -> Self {
        let Member { id, name, email, role, .. } = member;
        Self { id, name, email, role, has_second_factor, session_id }
    }
}

impl Sample for MeView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            name: "Vera".into(),
            email: "vera@support.example".into(),
            role: StaffRole::Support,
            has_second_factor: true,
            session_id: Some(sample::id()),
        }
    }
}

/// A session just opened.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StaffSession")]
struct SessionView {
    /// Id.
    id: Id<id::StaffSession>,
    /// The token to work with. It is not shown again.
    token: String,
    /// How to send it: `Authorization: Bearer` and the token.
    token_type: &'static str,
    /// When the session ends by itself.
    expires_at: DateTime<Utc>,
}

impl Sample for SessionView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            token: "stoa_w_00000000000000000000000000000000000000".into(),
            token_type: "Bearer",
            expires_at: sample::time(),
        }
    }
}

type Own<B = NoBody> = Call<NoPath, NoQuery, B, StaffAccount>;

/// A guess of a one-time password: counted on every node before anything is told of it, as people's are.
struct Guess {
    account: String,
    client: IpAddr,
}

impl Guess {
    async fn count(app: &App, staff: Id<id::Staff>, client: IpAddr) -> Result<Self> {
        let account = format!("staff:{staff}");
        let mut house = app.db.house().await?;
        let counted = auth::attempt(&mut house, &account, client, &app.settings.sign_in).await;
        house.commit().await?;
        counted.map(|()| Self { account, client })
    }

    async fn was_right(self, app: &App) -> Result<()> {
        let mut house = app.db.house().await?;
        auth::forgive(&mut house, &self.account, self.client).await?;
        house.commit().await
    }
}

async fn me(call: Own) -> Result<Data<MeView>> {
    let StaffAccount { staff, session, has_factor } = call.scope;
    Ok(Data(MeView::of(staff.member, has_factor, session)))
}

async fn open(call: Own<Proof>) -> Result<Created<SessionView>> {
    let (app, staff) = (&call.app, &call.scope.staff);
    let guess = Guess::count(app, staff.member.id, call.client).await?;
    let mut tx = app.db.house().await?;
    second_factor::prove(&mut tx, &app.sealer, staff.member.id, &call.body.otp).await?;
    let life = app.settings.accounts.staff_session;
    let opened = staff::open_session(&mut tx, staff.member.id, life, &staff.from()).await?;
    tx.commit().await?;
    guess.was_right(app).await?;
    let token = opened.token.expose().to_owned();
    Ok(SessionView { id: opened.id, token, token_type: "Bearer", expires_at: opened.expires_at }.into())
}

async fn end(call: Own) -> Result<Done> {
    let StaffAccount { staff, session, .. } = &call.scope;
    let mut tx = call.app.db.house().await?;
    if staff::end_sessions(&mut tx, staff.member.id, *session).await? > 0 {
        staff::note(&mut tx, staff.member.id, "staff_session.ended", &staff.from()).await?;
    }
    tx.commit().await?;
    Ok(Done)
}

async fn show(call: Own) -> Result<Data<FactorView>> {
    let mut tx = call.app.db.house().await?;
    Ok(Data(FactorView::of(second_factor::look(&mut tx, call.scope.staff.member.id).await?)))
}

async fn begin(call: Own) -> Result<Created<BegunView>> {
    let staff = &call.scope.staff;
    let mut tx = call.app.db.house().await?;
    let begun = second_factor::begin(&mut tx, &call.app.sealer, &staff.member).await?;
    staff::note(&mut tx, staff.member.id, "staff_second_factor.begun", &staff.from()).await?;
    tx.commit().await?;
    Ok(BegunView::of(begun).into())
}

async fn confirm(call: Own<Proof>) -> Result<Data<CodesView>> {
    let (app, staff) = (&call.app, &call.scope.staff);
    let guess = Guess::count(app, staff.member.id, call.client).await?;
    let mut tx = app.db.house().await?;
    let recovery_codes = second_factor::confirm(&mut tx, &app.sealer, staff.member.id, &call.body.otp).await?;
    staff::note(&mut tx, staff.member.id, "staff_second_factor.confirmed", &staff.from()).await?;
    tx.commit().await?;
    guess.was_right(app).await?;
    Ok(Data(CodesView { recovery_codes }))
}

async fn renew(call: Own<Proof>) -> Result<Data<CodesView>> {
    let (app, staff) = (&call.app, &call.scope.staff);
    let guess = Guess::count(app, staff.member.id, call.client).await?;
    let mut tx = app.db.house().await?;
    second_factor::prove(&mut tx, &app.sealer, staff.member.id, &call.body.otp).await?;
    let recovery_codes = second_factor::renew_recovery_codes(&mut tx, staff.member.id).await?;
    staff::note(&mut tx, staff.member.id, "staff_recovery_codes.renewed", &staff.from()).await?;
    tx.commit().await?;
    guess.was_right(app).await?;
    Ok(Data(CodesView { recovery_codes }))
}

/// Whoever found a token or an open session should not be able to take the factor away.
async fn remove(call: Own<Proof>) -> Result<Done> {
    let (app, staff) = (&call.app, &call.scope.staff);
    let guess = Guess::count(app, staff.member.id, call.client).await?;
    let mut tx = app.db.house().await?;
    second_factor::prove(&mut tx, &app.sealer, staff.member.id, &call.body.otp).await?;
    second_factor::remove(&mut tx, staff.member.id).await?;
    staff::end_sessions(&mut tx, staff.member.id, None).await?;
    staff::note(&mut tx, staff.member.id, "staff_second_factor.removed", &staff.from()).await?;
    tx.commit().await?;
    guess.was_right(app).await?;
    Ok(Done)
}
