//! Asks somebody to join an institution.
//!
//! Idempotent: one letter for each time that somebody is asked. The token is opened from its row when the letter is
//! written and forgotten once it has left, so that neither this payload nor any row tells it. A letter that comes too
//! late, when a later one was promised or nobody is waited for any more, is not written.

use serde::{Deserialize, Serialize};
use stoa_core::{
    Id, Result, Scope, TenantId, id,
    members::invitations::{self, InvitationNotice, Sent},
};
use stoa_protocols::render::{Manner, mail::Invitation};

use super::post::{Addressee, POLICY, post};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob, Promising},
};

/// Writes the letter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvitationLetter {
    /// Into which institution.
    pub tenant: TenantId,
    /// The invitation.
    pub invitation: Id<id::Invitation>,
    /// Which of its letters, from 1.
    pub sends: i32,
}

/// Promises the letters of people who were just asked, in the transaction that asked them. Wake the queue behind its
/// commit.
///
/// # Errors
/// As the database says.
pub async fn promise_invitations(tx: &mut impl Promising, tenant: TenantId, asked: &[Sent]) -> Result<()> {
    let letters = asked.iter().map(|sent| InvitationLetter { tenant, invitation: sent.id, sends: sent.sends });
    let jobs = letters.map(|letter| NewJob::of(tenant, &letter)).collect::<Result<_>>()?;
    queue::enqueue_many(tx, jobs).await?;
    Ok(())
}

impl Job for InvitationLetter {
    const NAME: &'static str = "mail/invitation";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        let notice = match load(&self, ctx).await {
            Ok(Some(notice)) => notice,
            Ok(None) => return Outcome::Done,
            Err(error) => return error.into(),
        };
        let (to, words) = (addressee(self.tenant, &notice), words(notice, &ctx.tools.accounts.app_url));
        let outcome = post(ctx, &to, &self.occasion(), &words).await;
        match outcome {
            Outcome::Done => forget(&self, ctx).await,
            other => other,
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(self.occasion())
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, invitation: Id::from_uuid(HOUSE.uuid()), sends: 1 }
    }
}

impl InvitationLetter {
    fn occasion(&self) -> String {
        format!("{}:{}", self.invitation, self.sends)
    }
}

async fn load(job: &InvitationLetter, ctx: &JobCtx) -> Result<Option<InvitationNotice>> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    let notice = invitations::notice(&mut tx, &ctx.tools.accounts.sealer, job.invitation).await?;
    Ok(notice.filter(|notice| notice.sends == job.sends))
}

fn addressee(tenant: TenantId, notice: &InvitationNotice) -> Addressee {
    Addressee {
        tenant,
        user: Some(notice.user),
        name: Some(notice.name.clone()),
        email: notice.email.clone(),
        manner: Manner::of(
            notice.locale.as_deref().unwrap_or(&notice.institution_locale),
            &notice.institution_locale,
            &notice.time_zone,
        ),
    }
}

fn words(notice: InvitationNotice, app_url: &str) -> Invitation {
    Invitation {
        recipient_name: notice.name,
        institution_name: notice.institution_name,
        invited_by: notice.invited_by,
        role: notice.role.as_str().to_owned(),
        email: notice.email,
        // Behind the #, which a browser keeps to itself: no server's log has the token.
        accept_url: format!("{app_url}/accept#token={}", notice.token.expose()),
        expires_at: notice.expires_at,
    }
}

async fn forget(job: &InvitationLetter, ctx: &JobCtx) -> Outcome {
    let forgetting = async {
        let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
        let occasion = format!("{}:{}", "invitation", job.occasion());
        invitations::note_sent(&mut tx, (job.invitation, job.sends), &occasion).await?;
        tx.commit().await
    };
    match forgetting.await {
        Ok(()) => Outcome::Done,
        Err(error) => error.into(),
    }
}
