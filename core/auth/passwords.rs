//! Passwords at rest: Argon2id, slow on purpose and blocking. Call it where blocking does no harm.
//!
//! # Source
//! RFC 9106; PHC string format.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::error::{Error, Result};

/// Shortest new password, in characters (NIST SP 800-63B section 5.1.1.2).
pub const PASSWORD_MIN: usize = 8;
/// Longest password, in bytes: beyond it, nobody types.
pub const PASSWORD_MAX: usize = 1024;

/// Hashes passwords and compares them with hashes.
#[derive(Debug, Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    /// Hash of no password, compared with where there is none, so that it takes as long.
    decoy: String,
}

impl Hasher {
    /// Makes a hasher of the given cost.
    ///
    /// # Errors
    /// `internal` when Argon2 does not take the cost.
    pub fn new(memory_kib: u32, iterations: u32) -> Result<Self> {
        let params = Params::new(memory_kib, iterations, 1, None).map_err(fault)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut hasher = Self { argon2, decoy: String::new() };
        hasher.decoy = hasher.hash(&hex::encode(rand::random::<[u8; 16]>()))?;
        Ok(hasher)
    }

    /// Hashes a password, to a PHC string.
    ///
    /// # Errors
    /// `internal` when Argon2 fails.
    pub fn hash(&self, password: &str) -> Result<String> {
        let hash: PasswordHash = self.argon2.hash_password(password.as_bytes()).map_err(fault)?;
        Ok(hash.to_string())
    }

    /// Is it the password of this hash. Takes as long when there is no hash; then it is not.
    pub fn is_password(&self, password: &str, hash: Option<&str>) -> bool {
        let Ok(parsed) = PasswordHash::new(hash.unwrap_or(&self.decoy)) else { return false };
        let matches = self.argon2.verify_password(password.as_bytes(), &parsed).is_ok();
        matches && hash.is_some()
    }
}

fn fault(error: impl std::fmt::Display) -> Error {
    Error::internal(anyhow::anyhow!("argon2: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_password_again() {
        let hasher = Hasher::new(64, 1).unwrap();
        let hash = hasher.hash("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert!(hasher.is_password("correct horse", Some(&hash)));
        assert!(!hasher.is_password("battery staple", Some(&hash)));
        assert!(!hasher.is_password("correct horse", None));
        assert!(!hasher.is_password("correct horse", Some("not a hash")));
    }

    #[test]
    fn where_there_is_no_password_the_work_is_the_same() {
        let hasher = Hasher::new(128, 3).unwrap();
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&hasher.decoy), cost(&hasher.hash("any").unwrap()));
    }
}
