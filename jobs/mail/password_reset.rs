//! The letter that brings links to a new password.
//!
//! Idempotent: the tokens of a letter were made once, with its promise, and are forgotten once it has left.

use serde::{Deserialize, Serialize};
use stoa_core::{
    Result,
    auth::password_reset::{self, ResetNotice},
};
use stoa_protocols::render::{
    Manner,
    mail::{PasswordPlace, PasswordReset},
};
use uuid::Uuid;

use super::post::{Addressee, POLICY, post};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::HOUSE,
};

/// Writes the letter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordResetLetter {
    /// Which one.
    pub letter: Uuid,
}

impl Job for PasswordResetLetter {
    const NAME: &'static str = "mail/password_reset";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        let notice = match load(&self, ctx).await {
            Ok(Some(notice)) => notice,
            Ok(None) => return Outcome::Done,
            Err(error) => return error.into(),
        };
        let Some(to) = addressee(&notice) else { return Outcome::Done };
        let words = words(&notice, &ctx.tools.accounts.app_url);
        match post(ctx, &to, &self.letter.simple().to_string(), &words).await {
            Outcome::Done => forget(&self, ctx).await,
            other => other,
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.letter.simple().to_string())
    }

    fn sample() -> Self {
        Self { letter: HOUSE.uuid() }
    }
}

async fn load(job: &PasswordResetLetter, ctx: &JobCtx) -> Result<Option<ResetNotice>> {
    let mut tx = ctx.tools.db.house().await?;
    password_reset::notice(&mut tx, &ctx.tools.accounts.sealer, job.letter).await
}

/// The letter is kept with the first institution that it names.
fn addressee(notice: &ResetNotice) -> Option<Addressee> {
    let first = notice.places.first()?;
    Some(Addressee {
        tenant: first.tenant,
        user: Some(first.user),
        name: Some(notice.name.clone()),
        email: notice.email.clone(),
        manner: Manner::of(&notice.locale, &notice.institution_locale, &notice.time_zone),
    })
}

fn words(notice: &ResetNotice, app_url: &str) -> PasswordReset {
    let names: Vec<&str> = notice.places.iter().map(|place| place.institution_name.as_str()).collect();
    PasswordReset {
        recipient_name: notice.name.clone(),
        institution_name: names.join(" · "),
        places: notice
            .places
            .iter()
            .map(|place| PasswordPlace {
                name: place.institution_name.clone(),
                // Behind the #, which a browser keeps to itself: no server's log has the token.
                reset_url: format!("{app_url}/reset#token={}", place.token.expose()),
            })
            .collect(),
        expires_at: notice.expires_at,
    }
}

async fn forget(job: &PasswordResetLetter, ctx: &JobCtx) -> Outcome {
    let forgetting = async {
        let mut tx = ctx.tools.db.house().await?;
        password_reset::note_sent(&mut tx, job.letter).await?;
        tx.commit().await
    };
    match forgetting.await {
        Ok(()) => Outcome::Done,
        Err(error) => error.into(),
    }
}
