//! A token as its holder has it.
//!
//! # Shape
//! `stoa_i_` (integration), `stoa_a_` (application) or `stoa_s_` (session), 26 letters of the institution, 32 random letters, 6 letters of
//! checksum: enough to refuse a mistyped token without a query, to find the right shard, and for scanners of
//! leaked secrets to know one when they see it. Letters are those of our ids.

use std::fmt;

use sha2::{Digest, Sha256};

use super::TokenKind;
use crate::id::{Id, Institution, TenantId};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TENANT_LEN: usize = 26;
const RANDOM_LEN: usize = 32;
const CHECKSUM_LEN: usize = 6;

/// A token in the clear. Shown once, kept nowhere; its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText {
    text: String,
    tenant: TenantId,
    kind: TokenKind,
}

impl TokenText {
    /// Makes a fresh one.
    pub fn fresh(kind: TokenKind, tenant: TenantId) -> Self {
        let random: [u8; RANDOM_LEN] = rand::random();
        let tenant_letters = tenant.to_string();
        let tenant_letters = tenant_letters.trim_start_matches(|c| c != '_').trim_start_matches('_');
        let text = with_checksum(&format!("{}{tenant_letters}", prefix(kind)), &random);
        Self { text, tenant, kind }
    }

    /// Reads what a caller showed; nothing is said of why it is none.
    pub fn read(text: &str) -> Option<Self> {
        let kind = TokenKind::ALL.iter().copied().find(|kind| text.starts_with(prefix(*kind)))?;
        let letters = text.strip_prefix(prefix(kind))?;
        if letters.len() != TENANT_LEN + RANDOM_LEN + CHECKSUM_LEN || !is_letters(letters) || !has_checksum(text) {
            return None;
        }
        let tenant: Id<Institution> = format!("inst_{}", letters.get(..TENANT_LEN)?).parse().ok()?;
        Some(Self { text: text.to_owned(), tenant, kind })
    }

    /// Whose it says it is; true only once its hash is found there.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Its kind.
    pub const fn kind(&self) -> TokenKind {
        self.kind
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// Its last letters, by which its holder tells it from others.
    pub fn last4(&self) -> &str {
        self.text.get(self.text.len() - 4..).unwrap_or_default()
    }

    /// The token, for the one answer that shows it.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenText(…{})", self.last4())
    }
}

/// How tokens of a kind begin.
pub(super) const fn prefix(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Session => "stoa_s_",
        TokenKind::Integration => "stoa_i_",
        TokenKind::Application => "stoa_a_",
    }
}

/// Ends a text with random letters and the checksum over all of it.
pub(crate) fn with_checksum(before: &str, random: &[u8]) -> String {
    let mut text = before.to_owned();
    text.extend(random.iter().map(|byte| letter(u32::from(*byte))));
    text.push_str(&checksum(&text));
    text
}

/// Is of our alphabet alone.
pub(crate) fn is_letters(text: &str) -> bool {
    text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// Ends with the checksum over what stands before it.
pub(crate) fn has_checksum(text: &str) -> bool {
    let parts = text.len().checked_sub(CHECKSUM_LEN).and_then(|at| text.split_at_checked(at));
    parts.is_some_and(|(before, sum)| sum == checksum(before))
}

/// The low thirty bits of the CRC-32 (IEEE 802.3) of all that stands before.
fn checksum(before: &str) -> String {
    let sum = crc32fast::hash(before.as_bytes());
    (0..CHECKSUM_LEN).rev().map(|place| letter(sum >> (place * 5))).collect()
}

/// One of the letters of our ids, by the low five bits.
pub(crate) fn letter(bits: u32) -> char {
    let place = usize::try_from(bits & 31).unwrap_or_default();
    char::from(ALPHABET.get(place).copied().unwrap_or(b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_fresh_token_is_read_back() {
        let tenant = Id::from_uuid(Uuid::from_u128(7));
        let token = TokenText::fresh(TokenKind::Integration, tenant);
        assert_eq!(token.expose().len(), 71);
        let read = TokenText::read(token.expose()).unwrap();
        assert_eq!((read.tenant(), read.kind()), (tenant, TokenKind::Integration));
        assert_eq!(read.hash(), token.hash());
    }

    #[test]
    fn one_wrong_letter_is_noticed() {
        let token = TokenText::fresh(TokenKind::Session, Id::from_uuid(Uuid::from_u128(7)));
        for at in 0..token.expose().len() {
            let mut bytes = token.expose().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(TokenText::read(std::str::from_utf8(&bytes).unwrap()), None, "at {at}");
        }
    }

    #[test]
    fn says_nothing_of_itself() {
        let token = TokenText::fresh(TokenKind::Session, Id::from_uuid(Uuid::from_u128(7)));
        assert_eq!(format!("{token:?}").len(), "TokenText(…abcd)".len());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*|stoa_[sia]_[0-9a-z]{0,80}") {
            let _ = TokenText::read(&text);
        }
    }
}
