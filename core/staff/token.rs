//! A staff token as its holder has it: the one made on the command line, or that of a session.
//!
//! # Shape
//! `stoa_p_` (the person's) or `stoa_w_` (a session's), 32 random letters, 6 letters of checksum, in the alphabet of our
//! ids: the form of an institution's token without the institution, so that neither can be taken for the other.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::tokens::{has_checksum, is_letters, with_checksum};

const RANDOM_LEN: usize = 32;
const CHECKSUM_LEN: usize = 6;

/// Names what a staff token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffTokenKind {
    /// A person of the staff.
    Person,
    /// Some hours of a person who proved a second factor.
    Session,
}

impl StaffTokenKind {
    const ALL: [Self; 2] = [Self::Person, Self::Session];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Person => "stoa_p_",
            Self::Session => "stoa_w_",
        }
    }
}

/// A token in the clear. Shown once, kept nowhere; its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffToken {
    text: String,
    kind: StaffTokenKind,
}

impl StaffToken {
    /// Makes a fresh one.
    pub fn fresh(kind: StaffTokenKind) -> Self {
        Self { text: with_checksum(kind.prefix(), &rand::random::<[u8; RANDOM_LEN]>()), kind }
    }

    /// Reads what a caller showed; nothing is said of why it is none.
    pub fn read(text: &str) -> Option<Self> {
        let kind = StaffTokenKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))?;
        let letters = text.strip_prefix(kind.prefix())?;
        let whole = letters.len() == RANDOM_LEN + CHECKSUM_LEN && is_letters(letters) && has_checksum(text);
        whole.then(|| Self { text: text.to_owned(), kind })
    }

    /// What it stands for.
    pub const fn kind(&self) -> StaffTokenKind {
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

    /// The token, for the one time that it is shown.
    pub fn expose(&self) -> &str {
        &self.text
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
        for kind in StaffTokenKind::ALL {
            let token = StaffToken::fresh(kind);
            assert_eq!(token.expose().len(), 45);
            let read = StaffToken::read(token.expose()).unwrap();
            assert_eq!((read.hash(), read.kind()), (token.hash(), kind));
            assert_eq!(TokenText::read(token.expose()), None);
            assert_eq!(format!("{token:?}").len(), "StaffToken(…abcd)".len());
        }
    }

    #[test]
    fn one_wrong_letter_is_noticed() {
        let token = StaffToken::fresh(StaffTokenKind::Person);
        for at in 0..token.expose().len() {
            let mut bytes = token.expose().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(StaffToken::read(std::str::from_utf8(&bytes).unwrap()), None, "at {at}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*|stoa_[pw]_[0-9a-z]{0,50}") {
            let _ = StaffToken::read(&text);
        }
    }
}
