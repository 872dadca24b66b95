//! Asks somebody to join an institution.
//!
//! Not here: who may be asked, and what the link's token is (`core/members/invitations`).
//!
//! # Source
//! RFC 3986 section 3.5: what stands in the fragment of an address is sent to no server, so no log has the token.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Mail;

/// The context.
#[derive(Debug, Clone, Serialize)]
pub struct Invitation {
    /// Who is addressed.
    pub recipient_name: String,
    /// Into which institution.
    pub institution_name: String,
    /// Who asks; none where it is no person of the institution.
    pub invited_by: Option<String>,
    /// The role to come, a word of the product.
    pub role: String,
    /// The address that is to sign in later.
    pub email: String,
    /// Where to join.
    pub accept_url: String,
    /// When the link stops working.
    pub expires_at: DateTime<Utc>,
}

impl Mail for Invitation {
    const NAME: &'static str = "invitation";

    fn samples() -> Vec<Self> {
        let asked = Self {
            recipient_name: "Ольга Иванова".to_owned(),
            institution_name: "Seoul & Partners <Academy>".to_owned(),
            invited_by: Some("박소라".to_owned()),
            role: "learner".to_owned(),
            email: "olga@example.com".to_owned(),
            accept_url: "https://stoa.example.com/accept#token=stoa_v_01m7ynayr5ee9ag9yxnpgq1csr".to_owned(),
            expires_at: DateTime::UNIX_EPOCH + TimeDelta::days(20_778),
        };
        let roles = ["owner", "admin", "billing_admin", "manager", "support", "integrator", "auditor"];
        let by_nobody = roles.map(|role| Self { invited_by: None, role: role.to_owned(), ..asked.clone() });
        std::iter::once(asked).chain(by_nobody).collect()
    }
}
