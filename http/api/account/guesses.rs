//! Guesses of what one person alone knows: counted as signing in counts them, on every node, so that whoever found an
//! open session does not find a password or a one-time password with it.

use std::net::IpAddr;

use stoa_core::{Code, Error, Id, Key, Result, auth, id, members};

use crate::{App, caller::Caller};

/// A guess that was counted, before anything was told of it.
pub(super) struct Guess {
    email: String,
    client: IpAddr,
}

impl Guess {
    /// Counts a guess about the person who calls.
    ///
    /// # Errors
    /// `rate_limited` when there were too many.
    pub(super) async fn count(app: &App, caller: &Caller, person: Id<id::User>, client: IpAddr) -> Result<Self> {
        let mut tx = app.db.tenant(&caller.scope).await?;
        let email = members::get(&mut tx, &Key::Id(person)).await?.email;
        drop(tx);
        Self::about(app, email, client).await
    }

    /// Counts a guess about whoever has an address.
    ///
    /// # Errors
    /// `rate_limited` when there were too many.
    pub(super) async fn about(app: &App, email: String, client: IpAddr) -> Result<Self> {
        let mut house = app.db.house().await?;
        let counted = auth::attempt(&mut house, &email, client, &app.settings.sign_in).await;
        house.commit().await?;
        counted.map(|()| Self { email, client })
    }

    /// It was right.
    ///
    /// # Errors
    /// As the database says.
    pub(super) async fn was_right(self, app: &App) -> Result<()> {
        let mut house = app.db.house().await?;
        auth::forgive(&mut house, &self.email, self.client).await?;
        house.commit().await
    }
}

/// A token of a letter that somebody shows. It cannot be guessed, so failures alone are counted, for the address that
/// they come from.
pub(super) struct Shown<'a> {
    app: &'a App,
    account: String,
    client: IpAddr,
}

impl<'a> Shown<'a> {
    /// Refuses an address that showed too many that were none.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(super) async fn look(app: &'a App, token: &str, client: IpAddr) -> Result<Self> {
        let account = format!("letter:{token}");
        let mut house = app.db.house().await?;
        auth::look(&mut house, &account, client, &app.settings.sign_in).await?;
        Ok(Self { app, account, client })
    }

    /// Counts a failure, on every node, where it was one of the token.
    ///
    /// # Errors
    /// What came of it.
    pub(super) async fn judge<T>(self, came: Result<T>) -> Result<T> {
        let is_none = |error: &Error| matches!(error.code(), Code::InvitationNotFound | Code::PasswordResetInvalid);
        if came.as_ref().is_err_and(is_none) {
            let mut house = self.app.db.house().await?;
            // Whether it was one too many is said to the next try.
            drop(auth::attempt(&mut house, &self.account, self.client, &self.app.settings.sign_in).await);
            house.commit().await?;
        }
        came
    }
}
