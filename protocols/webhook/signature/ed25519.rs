//! Signatures that everybody may check and only we can make: ed25519, `v1a` of Standard Webhooks.
//!
//! Not here: randomness; the caller brings the seed of a new pair.
//!
//! # Shape
//! The private key is `whsk_` and the base64 of 64 bytes, the seed and then the public key; the public key is `whpk_`
//! and the base64 of its 32 bytes; a signature is `v1a,` and the base64 of its 64 bytes, over `id.timestamp.body`.
//!
//! # Source
//! Standard Webhooks specification, "Signature scheme" and "Webhook secret"; RFC 8032 section 5.1.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// Marks a private key.
pub const PRIVATE_PREFIX: &str = "whsk_";
/// Marks a public key.
pub const PUBLIC_PREFIX: &str = "whpk_";
/// Length of a seed, and of a public key, in bytes.
const HALF: usize = 32;

/// A private key and the public one that belongs to it. Its `Debug` says nothing.
pub struct KeyPair(Ed25519KeyPair);

impl KeyPair {
    /// Reads a private key; none where the text is in another form, or its halves do not belong together.
    pub fn read(secret: &[u8]) -> Option<Self> {
        let coded = secret.strip_prefix(PRIVATE_PREFIX.as_bytes())?;
        let bytes = STANDARD.decode(coded).ok().filter(|bytes| bytes.len() == 2 * HALF)?;
        let (seed, public) = bytes.split_at_checked(HALF)?;
        Ed25519KeyPair::from_seed_and_public_key(seed, public).ok().map(Self)
    }

    /// Signs a message.
    pub fn sign(&self, message_id: &str, timestamp: i64, body: &[u8]) -> String {
        let timestamp = timestamp.to_string();
        let message = [message_id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        format!("v1a,{}", STANDARD.encode(self.0.sign(&message)))
    }

    /// Writes the public key, for the receiver: `whpk_…`.
    pub fn public_text(&self) -> String {
        format!("{PUBLIC_PREFIX}{}", STANDARD.encode(self.0.public_key()))
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair(…)")
    }
}

/// Writes the private key that grows from 32 random bytes: `whsk_…`.
#[expect(clippy::expect_used, reason = "a seed of 32 bytes is what ed25519 takes, RFC 8032 section 5.1.5")]
pub fn private_text(seed: [u8; HALF]) -> String {
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes are a seed");
    format!("{PRIVATE_PREFIX}{}", STANDARD.encode([&seed[..], pair.public_key().as_ref()].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: &str =
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";

    /// The vector of the reference server of Standard Webhooks (svix-server, `test_asymmetric_key_signing`).
    #[test]
    fn a_signature_agrees_with_the_reference_server() {
        let pair = KeyPair::read(PRIVATE.as_bytes()).unwrap();
        assert_eq!(pair.public_text(), "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
        let signature = pair.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        let expected = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
        assert_eq!(signature, expected);
    }

    /// RFC 8032 section 7.1, test 2: the public key of a seed.
    #[test]
    fn a_pair_grows_from_its_seed_as_the_rfc_has_it() {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        let text = private_text(hex::decode(seed).unwrap().try_into().unwrap());
        let pair = KeyPair::read(text.as_bytes()).unwrap();
        assert_eq!(pair.public_text(), format!("whpk_{}", STANDARD.encode(hex::decode(public).unwrap())));
    }

    #[test]
    fn what_is_no_pair_is_none() {
        let crossed = PRIVATE.replace("LlX0dRqSKJp4", "LlaaaaaaaaaA");
        for text in [
            "whsk_",
            "whsk_%",
            "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            &crossed,
        ] {
            assert!(KeyPair::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
