//! Brings links to another password: one for each institution that knows the address.
//!
//! Not here: how often it may be asked for (`core/auth/password_reset`).
//!
//! # Source
//! OWASP Forgot Password Cheat Sheet; RFC 3986 section 3.5 for the token in the fragment.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Mail;

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordReset {
    /// Who is addressed.
    pub recipient_name: String,
    /// The institutions, by name, for the frame of the letter.
    pub institution_name: String,
    /// Each of them; never none.
    pub places: Vec<PasswordPlace>,
    /// When the links stop working.
    pub expires_at: DateTime<Utc>,
}

/// An institution that knows the address.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordPlace {
    /// Its name.
    pub name: String,
    /// Where to set another password for it.
    pub reset_url: String,
}

impl Mail for PasswordReset {
    const NAME: &'static str = "password_reset";

    fn samples() -> Vec<Self> {
        let place = |name: &str, token: &str| PasswordPlace {
            name: name.to_owned(),
            reset_url: format!("https://stoa.example.com/reset#token=stoa_r_{token}"),
        };
        let one = Self {
            recipient_name: "Ольга Иванова".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            places: vec![place("Seoul & Partners <Academy>", "01m7ynayr5ee9ag9yxnpgq1csr")],
            expires_at: DateTime::UNIX_EPOCH + TimeDelta::days(20_778),
        };
        let mut two = one.clone();
        two.institution_name.push_str(" · Лицей № 3");
        two.places.push(place("Лицей № 3", "01m7ynayr5ee9ag9yxnpgq1css"));
        vec![one, two]
    }
}
