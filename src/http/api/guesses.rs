//! Guesses of what one person alone knows: counted as signing in counts them, on every node, so that whoever found an
//! open session does not find a password or a one-time password with it.

use std::net::IpAddr;

use stoa_core::{Id, Key, Result, auth, id, members};

use crate::http::{App, caller::Caller};

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
