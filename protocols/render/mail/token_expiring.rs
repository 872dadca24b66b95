//! Tells the maker of a token and the owners that it stops working: a week before, and a day before.
//!
//! # Source
//! GitHub, "Token expiration and revocation": its holders are written to before a token expires.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Mail;

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct TokenExpiring {
    /// Who is addressed.
    pub recipient_name: String,
    /// Whose token it is.
    pub institution_name: String,
    /// Given by its maker.
    pub token_name: String,
    /// Its last letters.
    pub last4: String,
    /// Which of the two letters it is.
    pub stage: ExpiringStage,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
    /// Last use, if there was one.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Address of the token in the API.
    pub manage_url: String,
}

/// How near the end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiringStage {
    /// Within a week.
    LastWeek,
    /// Within a day.
    LastDay,
}

impl Mail for TokenExpiring {
    const NAME: &'static str = "token_expiring";

    fn samples() -> Vec<Self> {
        let expires_at = DateTime::UNIX_EPOCH + TimeDelta::days(20_785);
        let week = Self {
            recipient_name: "박소라".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            token_name: "Warehouse \"sync\"".to_owned(),
            last4: "7q2x".to_owned(),
            stage: ExpiringStage::LastWeek,
            expires_at,
            last_used_at: Some(expires_at - TimeDelta::days(7)),
            manage_url: "https://stoa.example.com/api/integrations/tokens/tok_01m7ynayrbe2v8k4t6h9w3n5qa".to_owned(),
        };
        vec![week.clone(), Self { stage: ExpiringStage::LastDay, last_used_at: None, ..week }]
    }
}
