//! Secrets at rest: encrypted in the row, redacted in every `Debug`.
//!
//! # Shape
//! `key id (1 byte) ‖ nonce (24) ‖ XChaCha20-Poly1305 ciphertext`, with the place of the secret as associated
//! data, so that a sealed value copied into another row does not open.
//!
//! # Source
//! draft-irtf-cfrg-xchacha-03; RFC 8439 section 2.8.

use std::fmt;

use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

const NONCE_LEN: usize = 24;
const KEY_ID: u8 = 1;

/// A secret in the clear. Has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes a secret in.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Gives the bytes to whoever signs with them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Seals and opens secrets with the key from the configuration.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// Takes the configured key, a text of any length, through SHA-256.
    pub fn new(key: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        Self(XChaCha20Poly1305::new(&Key::from(digest)))
    }

    /// Seals a secret for one place, such as `webhook:` and its id.
    ///
    /// # Errors
    /// `internal` when the cipher refuses.
    pub fn seal(&self, secret: &Secret, place: &str) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let payload = Payload { msg: secret.expose(), aad: place.as_bytes() };
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::internal(anyhow::anyhow!("sealing a secret failed")))?;
        Ok([&[KEY_ID][..], &nonce, &sealed].concat())
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// `internal` when the key is another, the place is another or a bit is.
    pub fn open(&self, sealed: &[u8], place: &str) -> Result<Secret> {
        let fault = || Error::internal(anyhow::anyhow!("a sealed secret does not open: wrong key or wrong place"));
        let (head, ciphertext) = sealed.split_at_checked(1 + NONCE_LEN).ok_or_else(fault)?;
        let nonce: [u8; NONCE_LEN] = head.get(1..).and_then(|nonce| nonce.try_into().ok()).ok_or_else(fault)?;
        if head.first() != Some(&KEY_ID) {
            return Err(fault());
        }
        let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
        self.0.decrypt(&XNonce::from(nonce), payload).map(Secret::new).map_err(|_| fault())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_in_its_place_with_its_key() {
        let sealer = Sealer::new("a key");
        let locked = sealer.seal(&Secret::new(b"whsec".to_vec()), "webhook:1").unwrap();
        assert_eq!(sealer.open(&locked, "webhook:1").unwrap().expose(), b"whsec");
        assert!(sealer.open(&locked, "webhook:2").is_err());
        assert!(Sealer::new("another").open(&locked, "webhook:1").is_err());
        assert!(sealer.open(&locked[..20], "webhook:1").is_err());
    }

    #[test]
    fn shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new(b"whsec".to_vec())), "Secret(…)");
    }
}
