//! From a lost password to the promise of a letter: first, who has the address.
//!
//! Idempotent: the tokens of a letter are made once, with the promise of the letter. The address is sealed in the payload
//! and stands in no other, so that a look into the queue tells nobody who asked.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use stoa_core::{
    Error, Key, Result,
    auth::password_reset::{self, Wanted},
    id,
    sealed::{Sealer, Secret},
};
use uuid::Uuid;

use super::{password_reset::PasswordResetLetter, post::POLICY};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// Looks an address up, and promises the letter if anybody has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordResetRequest {
    /// Names the letter.
    pub letter: Uuid,
    /// The address, and the institution that was named: sealed, in base 64.
    pub sealed: String,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Asked {
    email: String,
    institution: Option<String>,
}

impl PasswordResetRequest {
    /// Seals what somebody asked for.
    ///
    /// # Errors
    /// `internal` when the cipher refuses.
    pub fn new(
        sealer: &Sealer,
        letter: stoa_core::Id<id::PasswordReset>,
        email: &str,
        institution: Option<&Key<id::Institution>>,
    ) -> Result<Self> {
        let letter = letter.uuid();
        let asked = Asked { email: email.to_owned(), institution: institution.map(ToString::to_string) };
        let plain = serde_json::to_vec(&asked).map_err(Error::internal)?;
        let bytes = sealer.seal(&Secret::new(plain), &place(letter))?;
        Ok(Self { letter, sealed: BASE64_STANDARD_NO_PAD.encode(bytes) })
    }

    fn open(&self, sealer: &Sealer) -> Result<Asked> {
        let bytes = BASE64_STANDARD_NO_PAD.decode(&self.sealed).map_err(Error::internal)?;
        serde_json::from_slice(sealer.open(&bytes, &place(self.letter))?.expose()).map_err(Error::internal)
    }
}

fn place(letter: Uuid) -> String {
    format!("password_reset_request:{letter}")
}

impl Job for PasswordResetRequest {
    const NAME: &'static str = "mail/password_reset_request";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match begin(&self, ctx).await {
            Ok(()) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn sample() -> Self {
        Self { letter: HOUSE.uuid(), sealed: String::new() }
    }
}

async fn begin(job: &PasswordResetRequest, ctx: &JobCtx) -> Result<()> {
    let (tools, accounts) = (&ctx.tools, &ctx.tools.accounts);
    let Asked { email, institution } = job.open(&accounts.sealer)?;
    let institution = institution.as_deref().map(Key::read);
    let mut tx = tools.db.house().await?;
    let wanted = Wanted { email: &email, institution: institution.as_ref(), letter: job.letter };
    if password_reset::begin(&mut tx, &accounts.sealer, &accounts.rules.resets, wanted).await? > 0 {
        let letter = PasswordResetLetter { letter: job.letter };
        queue::enqueue(&mut tx, NewJob::of(HOUSE, &letter)?).await?;
    }
    tx.commit().await?;
    tools.wakes.wake(Queue::Mail);
    Ok(())
}
