//! What a webhook's deliveries are signed with: a shared secret or a pair of keys, one or, while one is replaced by
//! another, two.
//!
//! Not here: keeping them (`core/webhooks`), and which header a dialect puts a signature in (`dialects`).
//!
//! # Source
//! Standard Webhooks specification, "Signature scheme": several signatures stand in one header with spaces between
//! them, so that a secret can be rotated without a moment in which receivers refuse.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ed25519::KeyPair, standard_key, standard_webhooks};

/// Names how deliveries are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureScheme {
    /// HMAC-SHA256 under a secret that both sides have.
    #[default]
    V1,
    /// Ed25519: we sign with a private key, receivers check with the public one.
    V1a,
}

/// Reports a name that is no scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signature scheme")]
pub struct UnknownScheme;

impl SignatureScheme {
    /// Both schemes.
    pub const ALL: [Self; 2] = [Self::V1, Self::V1a];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1a => "v1a",
        }
    }
}

impl fmt::Display for SignatureScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SignatureScheme {
    type Err = UnknownScheme;
    fn from_str(text: &str) -> Result<Self, UnknownScheme> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == text).ok_or(UnknownScheme)
    }
}

/// A secret made ready for signing, once for all deliveries of a batch. Its `Debug` says nothing of it.
pub struct SigningKey(Kind);

enum Kind {
    /// The text, for the legacy headers; and the key that Standard Webhooks makes of it.
    Shared {
        text: Box<[u8]>,
        key: Box<[u8]>,
    },
    Pair(KeyPair),
}

impl SigningKey {
    /// Takes a secret by its form: `whsk_…` is a private key, everything else is shared.
    pub fn of(secret: &[u8]) -> Self {
        Self(match KeyPair::read(secret) {
            Some(pair) => Kind::Pair(pair),
            None => Kind::Shared { text: secret.into(), key: standard_key(secret).into() },
        })
    }

    /// Says how it signs.
    pub const fn scheme(&self) -> SignatureScheme {
        match self.0 {
            Kind::Shared { .. } => SignatureScheme::V1,
            Kind::Pair(_) => SignatureScheme::V1a,
        }
    }

    /// Signs a message, in the manner of Standard Webhooks.
    pub fn sign(&self, message_id: &str, timestamp: i64, body: &[u8]) -> String {
        match &self.0 {
            Kind::Shared { key, .. } => standard_webhooks(key, message_id, timestamp, body),
            Kind::Pair(pair) => pair.sign(message_id, timestamp, body),
        }
    }

    /// Gives the secret's text as the receiver has it; none of a pair, whose private half it never sees.
    pub fn shared_text(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Shared { text, .. } => Some(text),
            Kind::Pair(_) => None,
        }
    }

    /// Writes the public key of a pair: `whpk_…`.
    pub fn public_text(&self) -> Option<String> {
        match &self.0 {
            Kind::Shared { .. } => None,
            Kind::Pair(pair) => Some(pair.public_text()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, …)", self.scheme())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::signature::ed25519::private_text;

    #[test]
    fn a_secret_signs_by_its_form() {
        let private = private_text([7; 32]);
        for (secret, scheme, begins) in
            [(&*private, SignatureScheme::V1a, "v1a,"), ("whsk_plain", SignatureScheme::V1, "v1,")]
        {
            let key = SigningKey::of(secret.as_bytes());
            assert_eq!((key.scheme(), key.shared_text().is_some()), (scheme, scheme == SignatureScheme::V1));
            assert!(key.sign("evt_1", 0, b"{}").starts_with(begins), "{secret}");
            assert!(!format!("{key:?}").contains(secret), "{key:?}");
        }
    }

    #[test]
    fn schemes_have_words() {
        for scheme in SignatureScheme::ALL {
            assert_eq!(scheme.as_str().parse(), Ok(scheme));
            assert_eq!(serde_json::to_value(scheme).unwrap(), scheme.as_str());
        }
        assert_eq!("v2".parse::<SignatureScheme>(), Err(UnknownScheme));
    }
}
