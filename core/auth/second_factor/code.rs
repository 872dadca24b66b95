//! One-time passwords and recovery codes, without any row.

use std::fmt;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use totp_rs::{Algorithm, Builder};

use crate::error::{Error, Result};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SECRET_LEN: usize = 20;
const CODE_LEN: usize = 16;
/// Recovery codes that a holder has at first.
const RECOVERY_CODES: usize = 10;

/// What the authenticator and we know. Its `Debug` says nothing.
pub(crate) struct Totp([u8; SECRET_LEN]);

impl Totp {
    pub(crate) fn fresh() -> Self {
        Self(rand::random())
    }

    pub(crate) fn of(secret: &[u8]) -> Result<Self> {
        secret.try_into().map(Self).map_err(Error::internal)
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn base32(&self) -> String {
        totp_rs::Secret::from(&self.0[..]).to_base32()
    }

    /// The address that an authenticator reads off a picture.
    pub(crate) fn url(&self, account: &str, issuer: &str) -> Result<String> {
        // A colon parts the two in the address.
        let (account, issuer) = (account.replace(':', " "), issuer.replace(':', " "));
        let built = self.builder().with_account_name(account).with_issuer(Some(issuer)).build();
        built.and_then(|totp| totp.to_url()).map_err(Error::internal)
    }

    /// The span of time that a password belongs to, now or one to either side; none where it is wrong.
    pub(crate) fn step_of(&self, otp: &str, now: DateTime<Utc>) -> Option<i64> {
        let digits: String = otp.chars().filter(|letter| !letter.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let step = self.builder().build().ok()?.check(&digits, u64::try_from(now.timestamp()).ok()?)?;
        i64::try_from(step).ok()
    }

    fn builder(&self) -> Builder {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(totp_rs::Secret::from(&self.0[..]))
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Totp(…)")
    }
}

/// A recovery code: sixteen letters, of which each is five bits, shown in fours. Its `Debug` says nothing.
pub(crate) struct RecoveryCode(String);

impl RecoveryCode {
    /// As many as a holder has at first.
    pub(crate) fn set() -> Vec<Self> {
        (0..RECOVERY_CODES).map(|_| Self::fresh()).collect()
    }

    pub(crate) fn fresh() -> Self {
        let letter = |byte: u8| ALPHABET.get(usize::from(byte & 31)).map_or('0', |letter| char::from(*letter));
        Self(rand::random::<[u8; CODE_LEN]>().map(letter).iter().collect())
    }

    /// Reads what a person typed: in any case, with spaces or dashes or without, `o` for `0`, `i` and `l` for `1`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let letters = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
        let letters = letters.take(CODE_LEN + 1).map(|letter| match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        });
        let code: String = letters.collect();
        (code.len() == CODE_LEN && code.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(Self(code))
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// `abcd-efgh-jkmn-pqrs`.
    pub(crate) fn text(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, the last six of its eight digits.
    #[test]
    fn passwords_agree_with_the_rfc() {
        let totp = Totp(*b"12345678901234567890");
        for (secs, otp) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let at = DateTime::from_timestamp(secs, 0).unwrap();
            assert_eq!(totp.step_of(otp, at), Some(secs / 30), "{otp}");
            assert_eq!(totp.step_of(&format!("{} {}", &otp[..3], &otp[3..]), at), Some(secs / 30));
            assert_eq!(totp.step_of(otp, at + chrono::TimeDelta::seconds(30)), Some(secs / 30), "a span late");
            assert_eq!(totp.step_of(otp, at + chrono::TimeDelta::seconds(60)), None, "two spans late");
        }
        for wrong in ["", "28708", "2870822", "28708a", "２８７０８２"] {
            assert_eq!(totp.step_of(wrong, DateTime::from_timestamp(59, 0).unwrap()), None, "{wrong}");
        }
    }

    #[test]
    fn the_address_names_account_and_issuer() {
        let url = Totp(*b"12345678901234567890").url("ada@school.example", "Schule: Nord").unwrap();
        assert!(url.starts_with("otpauth://totp/") && url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{url}");
        assert!(url.contains("ada%40school.example") && url.contains("issuer="), "{url}");
    }

    #[test]
    fn a_recovery_code_is_read_as_people_type() {
        let code = RecoveryCode("0123456789abcdef".into());
        assert_eq!(code.text(), "0123-4567-89ab-cdef");
        for typed in ["0123-4567-89ab-cdef", "O I23 4567 89AB CDEF", "0123456789abcdef"] {
            assert_eq!(RecoveryCode::read(typed).map(|code| code.hash()), Some(code.hash()), "{typed}");
        }
        for wrong in ["", "0123-4567-89ab-cde", "0123-4567-89ab-cdef0", "0123-4567-89ab-cdeu", "비밀"] {
            assert!(RecoveryCode::read(wrong).is_none(), "{wrong}");
        }
        let fresh = RecoveryCode::fresh();
        assert_eq!(RecoveryCode::read(&fresh.text()).unwrap().hash(), fresh.hash());
        assert_eq!(format!("{fresh:?}"), "RecoveryCode(…)");
    }
}
