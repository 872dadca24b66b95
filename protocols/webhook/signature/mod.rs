//! Signatures over bodies, and the form of secrets.
//!
//! Not here: randomness (the caller brings the bytes), and which header a dialect puts a signature in (`dialects`).
//!
//! The players: a [`SigningKey`] is a secret made ready, shared (this file) or a pair (`ed25519`).
//!
//! # Rule
//! A secret is text. The legacy headers (`X-Signature-256`, `X-Hook-Signature`) are keyed by that text as it is shown,
//! because that is what their receivers have in hand and pass to their HMAC function. Standard Webhooks is keyed by
//! the bytes that the base64 after `whsec_` stands for, because its libraries decode it. A secret in another form is
//! keyed by its own bytes in both.
//!
//! # Source
//! RFC 2104 (HMAC); Standard Webhooks specification, "Signature scheme" and "Webhook secret".

pub mod ed25519;
mod key;

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac, digest::block_api::EagerHash};
use sha1::Sha1;
use sha2::Sha256;

pub use key::{SignatureScheme, SigningKey, UnknownScheme};

/// Marks a symmetric secret of Standard Webhooks.
pub const SECRET_PREFIX: &str = "whsec_";

/// Computes HMAC-SHA256 in lower-case hex, 64 characters.
pub fn hmac_sha256_hex(key: &[u8], message: &[u8]) -> String {
    hex::encode(hmac::<Sha256>(key, &[message]))
}

/// Computes HMAC-SHA1 in lower-case hex, 40 characters.
///
/// SHA-1 is broken as a hash and not as an HMAC (RFC 6194 section 3); offered because a receiver of
/// Reach 360 knows nothing else.
pub fn hmac_sha1_hex(key: &[u8], message: &[u8]) -> String {
    hex::encode(hmac::<Sha1>(key, &[message]))
}

/// Signs a message in the manner of Standard Webhooks: `v1,` and the base64 of the HMAC-SHA256 over
/// `id.timestamp.body`.
///
/// `key` is the output of [`standard_key`]; `timestamp` is in Unix seconds.
pub fn standard_webhooks(key: &[u8], message_id: &str, timestamp: i64, body: &[u8]) -> String {
    let timestamp = timestamp.to_string();
    let mac = hmac::<Sha256>(key, &[message_id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
    format!("v1,{}", STANDARD.encode(mac))
}

/// Gives the key that Standard Webhooks' libraries make of a secret.
pub fn standard_key(secret: &[u8]) -> Cow<'_, [u8]> {
    secret
        .strip_prefix(SECRET_PREFIX.as_bytes())
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .map_or(Cow::Borrowed(secret), Cow::Owned)
}

/// Writes random bytes as a secret: `whsec_` and 44 characters of base64.
pub fn secret_text(bytes: [u8; 32]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))
}

/// Gives the last four characters of a secret, to tell secrets apart; nothing of one shorter than twelve, of which
/// four would be too much.
pub fn secret_hint(secret: &str) -> &str {
    if secret.chars().count() < 12 {
        return "";
    }
    secret.char_indices().rev().nth(3).and_then(|(at, _)| secret.get(at..)).unwrap_or_default()
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length, RFC 2104 section 2")]
fn hmac<D: EagerHash>(key: &[u8], parts: &[&[u8]]) -> Vec<u8>
where
    Hmac<D>: KeyInit + Mac,
{
    let mut mac = <Hmac<D> as KeyInit>::new_from_slice(key).expect("any length of key");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","type":"user.created"}"#;

    #[test]
    fn sha1_agrees_with_the_vector() {
        assert_eq!(hmac_sha1_hex(b"whsec-example", BODY), "6ab7656f34dce31bc0d5a9bde482825e3b2a4871");
    }

    #[test]
    fn sha256_agrees_with_the_vector() {
        let expected = "f2f5c370f15231a22878ad3c00be444c822ef2bc4bd96535f9f8c9ab26b63658";
        assert_eq!(hmac_sha256_hex(b"whsec-example", BODY), expected);
    }

    /// RFC 4231 section 4.3 and RFC 2202 section 3, test case 2 of each.
    #[test]
    fn both_agree_with_their_rfc() {
        let message = b"what do ya want for nothing?";
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hmac_sha256_hex(b"Jefe", message), sha256);
        assert_eq!(hmac_sha1_hex(b"Jefe", message), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }

    /// The vector in the tests of the official libraries (standard-webhooks/libraries).
    #[test]
    fn standard_webhooks_agrees_with_the_official_libraries() {
        let key = standard_key(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let signature = standard_webhooks(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_in_another_form_is_its_own_key() {
        for secret in ["whsec-example", "whsec_not base64!", "plain", ""] {
            assert_eq!(&*standard_key(secret.as_bytes()), secret.as_bytes(), "{secret}");
        }
    }

    #[test]
    fn a_made_secret_reads_back_as_its_bytes() {
        let text = secret_text([7; 32]);
        assert_eq!(text, "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        assert_eq!(*standard_key(text.as_bytes()), [7; 32]);
        assert_eq!(secret_hint(&text), "Bwc=");
    }

    #[test]
    fn the_hint_of_a_short_secret_is_empty_and_letters_stay_whole() {
        assert_eq!(secret_hint("elevenchars"), "");
        assert_eq!(secret_hint("비밀비밀비밀비밀비밀가나다라"), "가나다라");
    }
}
