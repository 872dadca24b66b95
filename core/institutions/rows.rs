//! The rows of institutions.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::InstitutionFacts;

use super::InstitutionStatus;
use crate::{
    id::{self, TenantId},
    key::Key,
};

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Institution {
    /// Our id; the tenant of all that it owns.
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: TenantId,
    /// Integer id.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// Shown to people.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The operator's own key.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    /// Language tag, default of the institution's letters.
    #[diesel(sql_type = Text)]
    pub locale: String,
    /// IANA zone, default of civil dates.
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    /// Life of the contract.
    #[diesel(sql_type = Text)]
    pub status: InstitutionStatus,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
}

impl Institution {
    /// Is the one that a key names: its id, its number, or the operator's own key.
    pub fn is_named(&self, key: &Key<id::Institution>) -> bool {
        match key {
            Key::Id(id) => *id == self.tenant_id,
            Key::ExternalId(text) => self.external_id.as_deref() == Some(text),
            Key::Word(word) => self.number.to_string() == *word,
        }
    }

    /// The institution, as events tell.
    pub fn facts(&self) -> InstitutionFacts {
        InstitutionFacts { id: self.tenant_id.to_string(), number: self.number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_named_by_id_number_and_external_id_only() {
        let institution = Institution {
            tenant_id: "inst_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
            number: 7,
            name: "Demo".into(),
            external_id: Some("demo".into()),
            locale: "en".into(),
            time_zone: "UTC".into(),
            status: InstitutionStatus::Active,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        for name in ["inst_01h455vb4pex5vsknk084sn02q", "7", "external_id:demo"] {
            assert!(institution.is_named(&Key::read(name)), "{name}");
        }
        for name in ["inst_01h455vb4pex5vsknk084sn02r", "07", "demo", "8", "external_id:7", ""] {
            assert!(!institution.is_named(&Key::read(name)), "{name}");
        }
    }
}
