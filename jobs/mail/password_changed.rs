//! Tells somebody that the password was changed.
//!
//! Idempotent: one letter for each change.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stoa_core::{Id, Key, Result, Scope, TenantId, id, institutions, letters};
use stoa_protocols::render::mail::{PasswordChanged, PasswordWay};

use super::post::{Addressee, POLICY, post};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::HOUSE,
};

/// Writes the letter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordChangedLetter {
    /// In which institution.
    pub tenant: TenantId,
    /// Whose password.
    pub user: Id<id::User>,
    /// When.
    pub at: DateTime<Utc>,
    /// By the link of a letter, and not by somebody signed in.
    pub by_letter: bool,
}

impl Job for PasswordChangedLetter {
    const NAME: &'static str = "mail/password_changed";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        match load(&self, ctx).await {
            Ok(Some((to, words))) => post(ctx, &to, &self.occasion(), &words).await,
            Ok(None) => Outcome::Done,
            Err(error) => error.into(),
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.occasion())
    }

    fn sample() -> Self {
        let nil = HOUSE.uuid();
        Self { tenant: HOUSE, user: Id::from_uuid(nil), at: DateTime::UNIX_EPOCH, by_letter: true }
    }
}

impl PasswordChangedLetter {
    fn occasion(&self) -> String {
        format!("{}:{}", self.user, self.at.timestamp_micros())
    }
}

async fn load(job: &PasswordChangedLetter, ctx: &JobCtx) -> Result<Option<(Addressee, PasswordChanged)>> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    let Some(reader) = letters::reader(&mut tx, job.user).await? else { return Ok(None) };
    let institution = institutions::own(&mut tx, &Key::Id(job.tenant)).await?;
    let words = PasswordChanged {
        recipient_name: reader.name.clone(),
        institution_name: institution.name,
        way: if job.by_letter { PasswordWay::Reset } else { PasswordWay::Changed },
        changed_at: job.at,
        lost_url: format!("{}/reset", ctx.tools.accounts.app_url),
    };
    Ok(Some((Addressee::of(job.tenant, &reader), words)))
}
