//! A secret among the settings. Has no `Display`, and its `Debug` says nothing.

use std::fmt;

use serde::Deserialize;

/// Keys whose values are never shown and may come from a file.
pub(super) const KEYS: &[&str] = &[
    "database.url",
    "database.app_url",
    "database.relay_url",
    "secrets.sealing_key",
    "secrets.previous_sealing_keys",
    "limits.redis_url",
    "mail.smtp_url",
    "storage.access_key",
    "storage.secret_key",
];

/// A secret text.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// Takes a secret in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Gives it to whoever needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}
