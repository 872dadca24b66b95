//! How a second factor looks, a person's and one of the staff's.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::auth::second_factor::{Begun, SecondFactor};

use crate::{
    body::Body,
    doors::{Sample, sample},
};

/// How one stands with the second factor.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SecondFactor")]
pub(crate) struct FactorView {
    /// Is one asked for it when signing in.
    is_confirmed: bool,
    /// Since when.
    confirmed_at: Option<DateTime<Utc>>,
    /// Recovery codes that were not used.
    recovery_codes_left: i64,
}

impl FactorView {
    pub(crate) fn of(found: Option<SecondFactor>) -> Self {
        Self {
            is_confirmed: found.is_some(),
            confirmed_at: found.map(|factor| factor.confirmed_at),
            recovery_codes_left: found.map_or(0, |factor| factor.recovery_codes_left),
        }
    }
}

impl BegunView {
    pub(crate) fn of(begun: Begun) -> Self {
        Self { secret: begun.secret, otpauth_url: begun.url }
    }
}

impl Sample for FactorView {
    fn sample() -> Self {
        Self { is_confirmed: true, confirmed_at: Some(sample::time()), recovery_codes_left: 10 }
    }
}

/// What the authenticator is told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BegunSecondFactor")]
pub(crate) struct BegunView {
    /// The secret in base 32, for typing.
    secret: String,
    /// The same as an address, to be shown as a QR code.
    otpauth_url: String,
}

impl Sample for BegunView {
    fn sample() -> Self {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let otpauth_url = format!("otpauth://totp/School:ada%40school.example?secret={secret}&issuer=School");
        Self { secret: secret.into(), otpauth_url }
    }
}

/// Recovery codes, each taken once instead of a one-time password. Keep them: they are not shown again.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RecoveryCodes")]
pub(crate) struct CodesView {
    /// In fours, to be typed with the dashes or without.
    pub(crate) recovery_codes: Vec<String>,
}

impl Sample for CodesView {
    fn sample() -> Self {
        Self { recovery_codes: vec!["0123-4567-89ab-cdef".into(), "ghjk-mnpq-rstv-wxyz".into()] }
    }
}

/// A one-time password, or a recovery code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    /// Six digits of the authenticator; a recovery code where the factor is confirmed.
    #[schemars(length(max = 64))]
    pub(crate) otp: String,
}

impl Body for Proof {
    fn example() -> Value {
        json!({ "otp": "287082" })
    }
}
