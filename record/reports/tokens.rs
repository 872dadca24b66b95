//! The tokens in a recipient's letters. All are made of one secret of the recipient, kept sealed, so that a letter that is
//! written twice brings the same; what a caller shows is found by its hash.

use stoa_core::{
    Id, Result, TenantId,
    auth::{LetterPurpose, LetterToken},
    id,
    sealed::{Sealer, Secret, report_recipient},
};

/// Bytes of a recipient's secret.
const SECRET_BYTES: usize = 32;

/// Makes a recipient's tokens. Its `Debug` says nothing of the secret.
#[derive(Debug, Clone)]
pub struct Tokens {
    tenant: TenantId,
    secret: Secret,
}

impl Tokens {
    /// Of a new recipient, with its secret sealed for the row.
    pub(super) fn fresh(
        sealer: &Sealer,
        tenant: TenantId,
        recipient: Id<id::ReportRecipient>,
    ) -> Result<(Self, Vec<u8>)> {
        let secret = Secret::new(rand::random::<[u8; SECRET_BYTES]>());
        let kept = sealer.seal(&secret, &report_recipient(recipient))?;
        Ok((Self { tenant, secret }, kept))
    }

    /// Of a row.
    pub(super) fn open(
        sealer: &Sealer,
        tenant: TenantId,
        recipient: Id<id::ReportRecipient>,
        kept: &[u8],
    ) -> Result<Self> {
        Ok(Self { tenant, secret: sealer.open(kept, &report_recipient(recipient))? })
    }

    /// Ends the report for the recipient.
    pub fn leave(&self) -> LetterToken {
        LetterToken::derived(LetterPurpose::ReportLeaving, self.tenant, &self.secret, "")
    }

    /// Says yes, to the question of this number.
    pub fn confirm(&self, asks: i32) -> LetterToken {
        LetterToken::derived(LetterPurpose::ReportConfirmation, self.tenant, &self.secret, &asks.to_string())
    }

    /// Fetches the file of a run.
    pub fn file(&self, run: Id<id::ReportRun>) -> LetterToken {
        LetterToken::derived(LetterPurpose::ReportFile, self.tenant, &self.secret, &run.to_string())
    }
}
