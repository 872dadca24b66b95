//! A staff token as its holder has it.
//!
//! # Shape
//! `stoa_p_`, 32 random letters, 6 letters of checksum, in the alphabet of our ids: the form of an institution's token
//! without the institution, so that neither can be taken for the other.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::tokens::{has_checksum, is_letters, with_checksum};

const PREFIX: &str = "stoa_p_";
const RANDOM_LEN: usize = 32;
const CHECKSUM_LEN: usize = 6;

/// A token in the clear. Shown once, kept nowhere; its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffToken(String);

impl StaffToken {
    /// Makes a fresh one.
    pub fn fresh() -> Self {
        Self(with_checksum(PREFIX, &rand::random::<[u8; RANDOM_LEN]>()))
    }

    /// Reads what a caller showed; nothing is said of why it is none.
    pub fn read(text: &str) -> Option<Self> {
        let letters = text.strip_prefix(PREFIX)?;
        let whole = letters.len() == RANDOM_LEN + CHECKSUM_LEN && is_letters(letters) && has_checksum(text);
        whole.then(|| Self(text.to_owned()))
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Its last letters, by which its holder tells it from others.
    pub fn last4(&self) -> &str {
        self.0.get(self.0.len() - 4..).unwrap_or_default()
    }

    /// The token, for the one time that it is shown.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StaffToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StaffToken(…{})", self.last4())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tokens::TokenText;

    #[test]
    fn a_fresh_token_is_read_back_and_is_no_institutions() {
        let token = StaffToken::fresh();
        assert_eq!(token.expose().len(), 45);
        assert_eq!(StaffToken::read(token.expose()).unwrap().hash(), token.hash());
        assert_eq!(TokenText::read(token.expose()), None);
        assert_eq!(format!("{token:?}").len(), "StaffToken(…abcd)".len());
    }

    #[test]
    fn one_wrong_letter_is_noticed() {
        let token = StaffToken::fresh();
        for at in 0..token.expose().len() {
            let mut bytes = token.expose().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(StaffToken::read(std::str::from_utf8(&bytes).unwrap()), None, "at {at}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*|stoa_p_[0-9a-z]{0,50}") {
            let _ = StaffToken::read(&text);
        }
    }
}
