//! Asks an address whether it wants a report, before anything else is sent there.
//!
//! Not here: who is asked, and how often (`stoa_record::reports`).
//!
//! # Source
//! `templates/README.md` of this project.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Mail, ReportPeriod};

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct ReportConfirmation {
    /// Who is addressed; none of whoever is no member.
    pub recipient_name: Option<String>,
    /// Whose report it is.
    pub institution_name: String,
    /// What it is called.
    pub report_name: String,
    /// How often it comes.
    pub every: ReportPeriod,
    /// Where the person says yes.
    pub confirm_url: String,
    /// Until when.
    pub until: DateTime<Utc>,
}

impl Mail for ReportConfirmation {
    const NAME: &'static str = "report_confirmation";

    fn samples() -> Vec<Self> {
        let outsider = Self {
            recipient_name: None,
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            report_name: "Monday digest".to_owned(),
            every: ReportPeriod::Week,
            confirm_url: "https://stoa.example.com/confirm-report#token=stoa_c_01m7ynayqvemq8k9w39qsaekf4".to_owned(),
            until: DateTime::from_timestamp(1_795_219_200, 0).unwrap_or_default(),
        };
        let member =
            Self { recipient_name: Some("박소라".to_owned()), every: ReportPeriod::Month, ..outsider.clone() };
        vec![outsider, member]
    }
}
