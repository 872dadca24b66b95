//! Secrets at rest: encrypted in the row, redacted in every `Debug`.
//!
//! The players: a [`Secret`] in the clear; the [`Sealer`] that seals and opens it; the keys that it knows (`keys`),
//! the newest of which seals; [`COLUMNS`], every column that holds sealed bytes; [`reseal`], which puts all of them
//! under the newest key.
//!
//! Not here: where the keys come from (`stoa::config`).
//!
//! # Shape
//! `2 (1 byte) ‖ fingerprint of the key (8) ‖ nonce (24) ‖ XChaCha20-Poly1305 ciphertext`, with the place of the secret as
//! associated data, so that a sealed value copied into another row does not open. What was sealed before keys had
//! fingerprints is `1 ‖ nonce (24) ‖ ciphertext`, and opens still.
//!
//! # Source
//! draft-irtf-cfrg-xchacha-03; RFC 8439 section 2.8.

mod columns;
mod keys;
mod rows;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

pub use columns::{COLUMNS, SealedColumn, report_recipient, webhook_headers, webhook_secret};
pub use keys::{Fingerprint, KeySource};
pub use rows::{Census, Resealed, Standing, census, reseal};

use self::keys::Ring;
use crate::error::{Code, Error, Result};

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

/// Seals and opens secrets. Cheap to clone; the clones share their keys.
#[derive(Clone)]
pub struct Sealer(Arc<Ring>);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// Knows one key, a text of any length.
    pub fn new(key: &str) -> Self {
        Self::with_keys(&[key.to_owned()])
    }

    /// Knows several keys, the newest first; it seals with that one and opens with all.
    pub fn with_keys(keys: &[String]) -> Self {
        Self(Arc::new(Ring::fixed(keys)))
    }

    /// Takes its keys from a source, now and again when it meets a key that it does not know: somebody may have
    /// added it meanwhile.
    ///
    /// # Errors
    /// `internal` when the source cannot be read, or has no key.
    pub fn from_source(source: Arc<dyn KeySource>) -> Result<Self> {
        Ok(Self(Arc::new(Ring::from_source(source)?)))
    }

    /// The key that seals.
    pub fn current(&self) -> Fingerprint {
        self.0.current()
    }

    /// Every key that is known, the one that seals first.
    pub fn known(&self) -> Vec<Fingerprint> {
        self.0.known()
    }

    /// Seals a secret for one place, such as `webhook:` and its id.
    ///
    /// # Errors
    /// `internal` when the cipher refuses.
    pub fn seal(&self, secret: &Secret, place: &str) -> Result<Vec<u8>> {
        self.0.seal(secret.expose(), place)
    }

    /// Opens what was sealed for the same place.
    ///
    /// # Errors
    /// `internal` when the key is unknown, the place is another or a bit is. The log says which key is missing.
    pub fn open(&self, sealed: &[u8], place: &str) -> Result<Secret> {
        self.0.open(sealed, place).map(Secret::new)
    }

    /// Is sealed with the key that seals now.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        keys::fingerprint_of(sealed) == Some(self.current())
    }
}

fn fault(why: impl fmt::Display) -> Error {
    Error::new(Code::Internal, "a secret of this webhook cannot be read; the operator finds the reason in the log")
        .because(anyhow::anyhow!("{why}"))
}
