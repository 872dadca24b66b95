//! Tells somebody that the password was changed, so that whoever did not do it learns of it.
//!
//! # Source
//! NIST SP 800-63B section 4.6: notice of a change by a way that does not depend on it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Mail;

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordChanged {
    /// Who is addressed.
    pub recipient_name: String,
    /// In which institution.
    pub institution_name: String,
    /// By which way.
    pub way: PasswordWay,
    /// When.
    pub changed_at: DateTime<Utc>,
    /// Where another password can be had.
    pub lost_url: String,
}

/// By which way a password was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordWay {
    /// By somebody signed in, who knew the one before.
    Changed,
    /// By the link of a letter.
    Reset,
}

impl Mail for PasswordChanged {
    const NAME: &'static str = "password_changed";

    fn samples() -> Vec<Self> {
        let changed = Self {
            recipient_name: "Ольга Иванова".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            way: PasswordWay::Changed,
            changed_at: DateTime::UNIX_EPOCH + TimeDelta::days(20_778),
            lost_url: "https://stoa.example.com/reset".to_owned(),
        };
        vec![changed.clone(), Self { way: PasswordWay::Reset, ..changed }]
    }
}
