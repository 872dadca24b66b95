//! What a letter brings to an address, so that whoever shows it proves to have that address.
//!
//! # Shape
//! `stoa_v_` (invitation) or `stoa_r_` (password reset), 26 letters of the institution, 32 random letters, 6 letters of
//! checksum: the form of an institution's token, which it cannot be taken for. It travels in the fragment of a link and
//! in bodies, never in the path or the query of a request.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{
    id::{Id, Institution, TenantId},
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
}

impl LetterPurpose {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Invitation => "stoa_v_",
            Self::PasswordReset => "stoa_r_",
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
        let letters = tenant.to_string();
        let letters = letters.split_once('_').map_or("", |(_, letters)| letters);
        let text = with_checksum(&format!("{}{letters}", purpose.prefix()), &rand::random::<[u8; RANDOM_LEN]>());
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

    const PURPOSES: [LetterPurpose; 2] = [LetterPurpose::Invitation, LetterPurpose::PasswordReset];

    #[test]
    fn a_fresh_token_is_read_back_for_its_purpose_alone() {
        let tenant = Id::from_uuid(Uuid::from_u128(7));
        for (purpose, other) in [(PURPOSES[0], PURPOSES[1]), (PURPOSES[1], PURPOSES[0])] {
            let token = LetterToken::fresh(purpose, tenant);
            let read = LetterToken::read(purpose, &format!(" {}\n", token.expose())).unwrap();
            assert_eq!((read.hash(), read.tenant()), (token.hash(), tenant));
            assert_eq!(LetterToken::read(other, token.expose()), None);
            assert_eq!(crate::tokens::TokenText::read(token.expose()), None);
            assert_eq!(format!("{token:?}"), "LetterToken(…)");
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
        fn any_text_is_read_without_panic(text in "\\PC*|stoa_[vr]_[0-9a-z]{0,80}") {
            for purpose in PURPOSES {
                let _ = LetterToken::read(purpose, &text);
            }
        }
    }
}
