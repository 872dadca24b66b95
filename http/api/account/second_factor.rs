//! One's own second factor. Whoever shows an integration's token has none.

use stoa_core::{Code, Error, Key, Result, audit::Entry, auth::second_factor, institutions, members};

use super::{
    factor_views::{BegunView, CodesView, FactorView, Proof},
    guesses::Guess,
    sessions::{Own, person},
};
use crate::doors::{Created, Data, Done, Door, NoPath};

const TAG: &str = "Authentication";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let guessed = &[Code::SessionRequired, Code::OtpInvalid, Code::RateLimited];
    vec![
        Door::get("/api/auth/second-factor", show)
            .named("getSecondFactor", TAG, "Tells whether one is asked for a one-time password when signing in")
            .errors(&[Code::SessionRequired]),
        Door::post("/api/auth/second-factor", begin)
            .named("beginSecondFactor", TAG, "Begins a second factor; it is asked for once it is confirmed")
            .errors(&[Code::SessionRequired, Code::Conflict]),
        Door::post("/api/auth/second-factor/confirm", confirm)
            .named("confirmSecondFactor", TAG, "Confirms a second factor and shows the recovery codes, this once")
            .errors(&[Code::SessionRequired, Code::OtpInvalid, Code::RateLimited, Code::Conflict]),
        Door::post("/api/auth/second-factor/recovery-codes", renew)
            .named("renewRecoveryCodes", TAG, "Makes new recovery codes and shows them, this once; the old ones stop")
            .errors(guessed),
        Door::post("/api/auth/second-factor/remove", remove)
            .named("removeSecondFactor", TAG, "Removes the second factor and its recovery codes")
            .errors(guessed),
    ]
}

async fn show(call: Own) -> Result<Data<FactorView>> {
    let person = person(&call.scope)?;
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let found = second_factor::look(&mut tx, person).await?;
    Ok(Data(FactorView::of(found)))
}

async fn begin(call: Own) -> Result<Created<BegunView>> {
    let person = person(&call.scope)?;
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let member = members::get(&mut tx, &Key::Id(person)).await?;
    let institution = institutions::own(&mut tx, &Key::Id(call.scope.scope.tenant)).await?;
    let who = (person, &*member.email, &*institution.name);
    let begun = second_factor::begin(&mut tx, &call.app.sealer, who).await?;
    tx.audit(Entry::of("user.second_factor_begun", person));
    tx.commit().await?;
    Ok(BegunView::of(begun).into())
}

async fn confirm(call: Own<NoPath, Proof>) -> Result<Data<CodesView>> {
    let person = person(&call.scope)?;
    let guess = Guess::count(&call.app, &call.scope, person, call.client).await?;
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let recovery_codes = second_factor::confirm(&mut tx, &call.app.sealer, person, &call.body.otp).await?;
    tx.audit(Entry::of("user.second_factor_confirmed", person));
    tx.commit().await?;
    guess.was_right(&call.app).await?;
    Ok(Data(CodesView { recovery_codes }))
}

async fn renew(call: Own<NoPath, Proof>) -> Result<Data<CodesView>> {
    let person = person(&call.scope)?;
    let guess = Guess::count(&call.app, &call.scope, person, call.client).await?;
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    if second_factor::look(&mut tx, person).await?.is_none() {
        return Err(Error::not_found("second factor"));
    }
    second_factor::prove(&mut tx, &call.app.sealer, person, Some(&call.body.otp)).await?;
    let recovery_codes = second_factor::renew_recovery_codes(&mut tx, person).await?;
    tx.audit(Entry::of("user.recovery_codes_renewed", person));
    tx.commit().await?;
    guess.was_right(&call.app).await?;
    Ok(Data(CodesView { recovery_codes }))
}

/// Whoever found an open session should not be able to take the factor away.
async fn remove(call: Own<NoPath, Proof>) -> Result<Done> {
    let person = person(&call.scope)?;
    let guess = Guess::count(&call.app, &call.scope, person, call.client).await?;
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    second_factor::prove(&mut tx, &call.app.sealer, person, Some(&call.body.otp)).await?;
    second_factor::remove(&mut tx, person).await?;
    tx.audit(Entry::of("user.second_factor_removed", person));
    tx.commit().await?;
    guess.was_right(&call.app).await?;
    Ok(Done)
}
