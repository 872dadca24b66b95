//! What an application shows for itself: its client id and its secret.
//!
//! # Shape
//! A client id is `stoa_c_`, 26 letters of the institution and 26 of the application, so that one shard is asked. A
//! secret is `stoa_k_` and 48 random letters. Letters are those of our ids, which mean the same however a client
//! escapes them.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::{
    id::{Application, Id, TenantId},
    tokens::letter,
};

const CLIENT: &str = "stoa_c_";
const SECRET: &str = "stoa_k_";
const ID_LEN: usize = 26;
const RANDOM_LEN: usize = 48;

/// Names an application and the institution that it says it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientId {
    /// The institution.
    pub tenant: TenantId,
    /// The application.
    pub application: Id<Application>,
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tenant, application) = (self.tenant.to_string(), self.application.to_string());
        write!(f, "{CLIENT}{}{}", letters(&tenant), letters(&application))
    }
}

/// A text that is no client id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAClient;

impl FromStr for ClientId {
    type Err = NotAClient;

    fn from_str(text: &str) -> Result<Self, NotAClient> {
        let both = text.strip_prefix(CLIENT).ok_or(NotAClient)?;
        let (tenant, application) = both.split_at_checked(ID_LEN).ok_or(NotAClient)?;
        Ok(Self {
            tenant: format!("inst_{tenant}").parse().map_err(|_| NotAClient)?,
            application: format!("app_{application}").parse().map_err(|_| NotAClient)?,
        })
    }
}

/// A secret in the clear. Shown once, kept nowhere; its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// Makes a fresh one.
    pub fn fresh() -> Self {
        let random: [u8; RANDOM_LEN] = rand::random();
        let letters = random.map(|byte| letter(u32::from(byte)));
        Self(SECRET.chars().chain(letters).collect())
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }

    /// Its last letters, by which its holder tells it from others.
    pub fn last4(&self) -> &str {
        self.0.get(self.0.len() - 4..).unwrap_or_default()
    }

    /// The secret, for the one answer that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientSecret(…{})", self.last4())
    }
}

/// What is kept of a secret that somebody showed.
pub(super) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn letters(id: &str) -> &str {
    id.split_once('_').map_or(id, |(_, letters)| letters)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_client_id_is_read_back() {
        let client =
            ClientId { tenant: Id::from_uuid(Uuid::from_u128(7)), application: Id::from_uuid(Uuid::from_u128(9)) };
        assert_eq!(client.to_string().len(), 59);
        assert_eq!(client.to_string().parse(), Ok(client));
    }

    #[test]
    fn what_is_no_client_id_names_nobody() {
        for text in
            ["", "stoa_c_", "stoa_c_한국어", "app_01h455vb4pex5vsknk084sn02q", &format!("stoa_c_{}", "z".repeat(52))]
        {
            assert_eq!(text.parse::<ClientId>(), Err(NotAClient), "{text}");
        }
    }

    #[test]
    fn secrets_differ_and_say_nothing_of_themselves() {
        let secret = ClientSecret::fresh();
        assert_eq!(secret.expose().len(), 55);
        assert_ne!(secret, ClientSecret::fresh());
        assert_eq!(format!("{secret:?}").len(), "ClientSecret(…abcd)".len());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*|stoa_c_[0-9a-z]{0,60}") {
            let _ = text.parse::<ClientId>();
        }
    }
}
