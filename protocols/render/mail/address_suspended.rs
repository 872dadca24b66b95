//! Tells owners and admins that letters to one of their people come back, and that no more are sent.
//!
//! Not here: when that is (`core/letters`).
//!
//! # Source
//! RFC 3464 for what mail servers tell of a letter that came back.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Mail;

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct AddressSuspended {
    /// Who is addressed.
    pub recipient_name: String,
    /// Whose people they are.
    pub institution_name: String,
    /// What the member is called whose address it is; none for somebody who is none.
    pub member_name: Option<String>,
    /// The address, masked.
    pub address: String,
    /// What the mail server said.
    pub reason: String,
    /// Since when nothing is sent there.
    pub suspended_at: DateTime<Utc>,
    /// Address of the letter in the API.
    pub letter_url: String,
}

impl Mail for AddressSuspended {
    const NAME: &'static str = "address_suspended";

    fn samples() -> Vec<Self> {
        let member = Self {
            recipient_name: "박소라".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            member_name: Some("Ольга Иванова".to_owned()),
            address: "o***@example.com".to_owned(),
            reason: "550 5.1.1 <o***@example.com>: Recipient address rejected: User unknown".to_owned(),
            suspended_at: DateTime::UNIX_EPOCH + TimeDelta::days(20_778),
            letter_url: "https://stoa.example.com/api/letters/ltr_01m7ynayr5ee9ag9yxnpgq1csr".to_owned(),
        };
        vec![member.clone(), Self { member_name: None, ..member }]
    }
}
