//! Tells whose report it is that somebody gets it no more.
//!
//! Not here: when that is (`stoa_record::reports`).
//!
//! # Source
//! `templates/README.md` of this project.

use serde::Serialize;

use super::Mail;

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct ReportUndelivered {
    /// Who is addressed.
    pub recipient_name: String,
    /// Whose report it is.
    pub institution_name: String,
    /// What it is called.
    pub report_name: String,
    /// Who gets nothing: a name, or an address.
    pub who: String,
    /// Why: a word.
    pub reason: &'static str,
    /// Address of the report in the API.
    pub report_url: String,
}

impl Mail for ReportUndelivered {
    const NAME: &'static str = "report_undelivered";

    fn samples() -> Vec<Self> {
        let of = |reason| Self {
            recipient_name: "박소라".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            report_name: "Monday digest".to_owned(),
            who: "שרה לוי".to_owned(),
            reason,
            report_url: "https://stoa.example.com/api/reports/rpt_01m7ynayqvemq8k9w39qsaekf4".to_owned(),
        };
        ["left", "role_lost", "address_suspended"].map(of).into()
    }
}
