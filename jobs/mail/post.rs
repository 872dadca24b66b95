//! Sends one letter to one reader: its row, its words, the way out, and what came of it.
//!
//! Idempotent by its occasion: once the mail server has taken a letter, the same occasion sends nothing more. Between
//! the server's yes and our note of it a crash may send a copy, which carries the same Message-ID.
//!
//! Not here: who is written to and what is told (the letters beside this file), and when it is tried again (`POLICY`).

use std::time::Duration;

use stoa_actors::mailer::{Enclosure, Mail, MailError, Party};
use stoa_core::{
    Id, Result, Scope, TenantId, id,
    letters::{self, Attempt, LetterStatus, NewLetter, Reader},
};
use stoa_protocols::render::{self, Letter, Manner};

use super::AddressSuspendedLetter;
use crate::{
    context::JobCtx,
    job::{Backoff, Outcome, Policy, Queue},
    queue::{self, NewJob},
};

/// How a letter is tried: a mail server that is away for four days delays it, and no more.
pub const POLICY: Policy =
    Policy { attempts: 100, timeout: Duration::from_mins(10), backoff: Backoff::doubling(10_000, 3_600_000) };

/// Whom a letter goes to.
#[derive(Debug, Clone)]
pub struct Addressee {
    /// In which institution.
    pub tenant: TenantId,
    /// The member, if it is one.
    pub user: Option<Id<id::User>>,
    /// To be shown beside the address.
    pub name: Option<String>,
    /// Where it goes.
    pub email: String,
    /// The reader's language and time zone.
    pub manner: Manner,
}

impl Addressee {
    /// A member, written to in his own language, else in the institution's.
    pub fn of(tenant: TenantId, reader: &Reader) -> Self {
        Self {
            tenant,
            user: Some(reader.id),
            name: Some(reader.name.clone()),
            email: reader.email.clone(),
            manner: Manner::of(&reader.locale, &reader.institution_locale, &reader.time_zone),
        }
    }
}

/// What a letter brings beside its words.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// Pictures in it and files beside it.
    pub enclosures: Vec<Enclosure>,
    /// Where whoever wants no more of them says so.
    pub unsubscribe: Option<String>,
}

/// Sends a letter.
///
/// # Shape
/// `occasion` says what it is about and for whom, such as the id of an event and of its reader: the same occasion of the
/// same kind of letter is sent once.
pub async fn post<M: render::Mail>(ctx: &JobCtx, to: &Addressee, occasion: &str, words: &M) -> Outcome {
    post_with(ctx, to, occasion, (words, Extras::default())).await
}

/// Sends a letter with something beside its words.
pub async fn post_with<M: render::Mail>(
    ctx: &JobCtx,
    to: &Addressee,
    occasion: &str,
    (words, extras): (&M, Extras),
) -> Outcome {
    // Written first: a letter that cannot be is a fault of ours, and no attempt.
    let written = match ctx.tools.mail.renderer.letter(words, to.manner) {
        Ok(written) => written,
        Err(error) => return Outcome::Stop(error.to_string()),
    };
    match try_once(ctx, to, (M::NAME, occasion), (written, extras)).await {
        Ok(outcome) => outcome,
        Err(error) => error.into(),
    }
}

async fn try_once(
    ctx: &JobCtx,
    to: &Addressee,
    (kind, occasion): (&str, &str),
    written: (Letter, Extras),
) -> Result<Outcome> {
    let scope = Scope::house(to.tenant);
    let occasion = format!("{kind}:{occasion}");
    let new =
        NewLetter { occasion: &occasion, kind, user: to.user, email: &to.email, language: to.manner.language.tag() };
    let mut tx = ctx.tools.db.tenant(&scope).await?;
    let (letter, status) = letters::begin(&mut tx, &new).await?;
    tx.commit().await?;
    if status != LetterStatus::Queued {
        return Ok(Outcome::Done);
    }
    // No transaction is open while a mail server is asked.
    let (attempt, outcome) = carry(ctx, to, letter, written).await;
    let mut tx = ctx.tools.db.tenant(&scope).await?;
    let suspended = letters::finish(&mut tx, letter, &attempt).await?;
    if suspended {
        let told = AddressSuspendedLetter { tenant: to.tenant, letter, reader: None };
        queue::enqueue(&mut tx, NewJob::of(to.tenant, &told)?).await?;
    }
    tx.commit().await?;
    if suspended {
        ctx.tools.wakes.wake(Queue::Mail);
    }
    Ok(outcome)
}

async fn carry(
    ctx: &JobCtx,
    to: &Addressee,
    letter: Id<id::Letter>,
    (written, extras): (Letter, Extras),
) -> (Attempt, Outcome) {
    let post = &ctx.tools.mail;
    let mail = Mail {
        // Names the letter and its institution, so that what comes back is found.
        id: format!("{letter}.{}", to.tenant),
        date: ctx.tools.now(),
        from: post.from.clone(),
        to: Party { name: to.name.clone(), address: to.email.clone() },
        language: written.language.tag(),
        subject: written.subject,
        text: written.text,
        html: written.html,
        enclosures: extras.enclosures,
        unsubscribe: extras.unsubscribe,
    };
    match post.mailer.send(&mail).await {
        Ok(()) => (Attempt::Sent, Outcome::Done),
        // Told in its row, and nothing that an operator could mend.
        Err(MailError::Refused(why)) => (Attempt::Refused { why, gone: false }, Outcome::Done),
        Err(MailError::NoSuchAddress(why)) => (Attempt::Refused { why, gone: true }, Outcome::Done),
        Err(MailError::Deferred(why)) if ctx.last => (Attempt::GivenUp(why.clone()), Outcome::Again(why)),
        Err(MailError::Deferred(why)) => (Attempt::Deferred(why.clone()), Outcome::Again(why)),
    }
}
