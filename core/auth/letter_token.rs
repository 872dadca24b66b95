//! What a letter brings to an address, so that whoever shows it proves to have that address.
//!
//! # Shape
//! `stoa_v_` (invitation), `stoa_r_` (password reset), `stoa_c_`, `stoa_u_` or `stoa_f_` (reports), 26 letters of the
//! institution, 32 random letters, 6 letters of checksum: the form of an institution's token, which it cannot be taken for.
//! It travels in the fragment of a link and in bodies, never in the path or the query of a request; but for the one that
//! ends a report, which mail programs put where RFC 8058 says, and which can do nothing else.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{
    id::{Id, Institution, TenantId},
    sealed::Secret,
    tokens::{has_checksum, is_letters, with_checksum},
};

const TENANT_LEN: usize = 26;
const RANDOM_LEN: usize = 32;
const CHECKSUM_LEN: usize = 6;

/// Names what a letter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterPurpose {
    /// Joining an institution.
    Invitation,
    /// Setting another password.
    PasswordReset,
    /// Saying yes to a report.
    ReportConfirmation,
    /// Getting a report no more.
    ReportLeaving,
    /// Fetching the numbers of a report as a file.
    ReportFile,
}

impl LetterPurpose {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Invitation => "stoa_v_",
            Self::PasswordReset => "stoa_r_",
            Self::ReportConfirmation => "stoa_c_",
            Self::ReportLeaving => "stoa_u_",
            Self::ReportFile => "stoa_f_",
        }
    }
}

/// A token in the clear. Its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterToken {
    text: String,
    tenant: TenantId,
}

impl LetterToken {
    /// Makes a fresh one.
    pub fn fresh(purpose: LetterPurpose, tenant: TenantId) -> Self {
        Self::made_of(purpose, tenant, &rand::random::<[u8; RANDOM_LEN]>())
    }

    /// The one that a secret of 32 random bytes makes for an occasion: the same however often a letter is written.
    pub fn derived(purpose: LetterPurpose, tenant: TenantId, secret: &Secret, occasion: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(secret.expose());
        hash.update(purpose.prefix());
        hash.update(occasion);
        let random: [u8; RANDOM_LEN] = hash.finalize().into();
        Self::made_of(purpose, tenant, &random)
    }

    fn made_of(purpose: LetterPurpose, tenant: TenantId, random: &[u8; RANDOM_LEN]) -> Self {
        let letters = tenant.to_string();
        let letters = letters.split_once('_').map_or("", |(_, letters)| letters);
        let text = with_checksum(&format!("{}{letters}", purpose.prefix()), random);
        Self { text, tenant }
    }

    /// Reads what a caller showed; nothing is said of why it is none.
    pub fn read(purpose: LetterPurpose, text: &str) -> Option<Self> {
        let text = text.trim();
        let letters = text.strip_prefix(purpose.prefix())?;
        if letters.len() != TENANT_LEN + RANDOM_LEN + CHECKSUM_LEN || !is_letters(letters) || !has_checksum(text) {
            return None;
        }
        let tenant: Id<Institution> = format!("inst_{}", letters.get(..TENANT_LEN)?).parse().ok()?;
        Some(Self { text: text.to_owned(), tenant })
    }

    /// Whose it says it is; true only once its hash is found there.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What is kept of it once its letter has left.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// The token, for the letter that brings it.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for LetterToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LetterToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const PURPOSES: [LetterPurpose; 5] = [
        LetterPurpose::Invitation,
        LetterPurpose::PasswordReset,
        LetterPurpose::ReportConfirmation,
        LetterPurpose::ReportLeaving,
        LetterPurpose::ReportFile,
    ];

    #[test]
    fn a_fresh_token_is_read_back_for_its_purpose_alone() {
        let tenant = Id::from_uuid(Uuid::from_u128(7));
        for (purpose, other) in PURPOSES.into_iter().zip(PURPOSES.into_iter().cycle().skip(1)) {
            let token = LetterToken::fresh(purpose, tenant);
            let read = LetterToken::read(purpose, &format!(" {}\n", token.expose())).unwrap();
            assert_eq!((read.hash(), read.tenant()), (token.hash(), tenant));
            assert_eq!(LetterToken::read(other, token.expose()), None);
            assert_eq!(crate::tokens::TokenText::read(token.expose()), None);
            assert_eq!(format!("{token:?}"), "LetterToken(…)");
        }
    }

    #[test]
    fn a_derived_token_is_that_of_its_secret_and_its_occasion() {
        let tenant = Id::from_uuid(Uuid::from_u128(7));
        let of = |secret: u8, purpose, occasion| {
            LetterToken::derived(purpose, tenant, &Secret::new([secret; 32]), occasion).expose().to_owned()
        };
        let leave = of(1, LetterPurpose::ReportLeaving, "");
        assert_eq!(of(1, LetterPurpose::ReportLeaving, ""), leave);
        assert!(LetterToken::read(LetterPurpose::ReportLeaving, &leave).is_some());
        for other in [
            of(2, LetterPurpose::ReportLeaving, ""),
            of(1, LetterPurpose::ReportLeaving, "1"),
            of(1, LetterPurpose::ReportFile, ""),
        ] {
            assert_ne!(other.get(33..65), leave.get(33..65));
        }
    }

    #[test]
    fn one_wrong_letter_is_noticed() {
        let token = LetterToken::fresh(LetterPurpose::Invitation, Id::from_uuid(Uuid::from_u128(7)));
        for at in 0..token.expose().len() {
            let mut bytes = token.expose().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = std::str::from_utf8(&bytes).unwrap();
            assert_eq!(LetterToken::read(LetterPurpose::Invitation, changed), None, "at {at}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*|stoa_[vrcuf]_[0-9a-z]{0,80}") {
            for purpose in PURPOSES {
                let _ = LetterToken::read(purpose, &text);
            }
        }
    }
}
