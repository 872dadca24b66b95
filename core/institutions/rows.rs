//! The rows of institutions.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::InstitutionFacts;

use super::{Branding, InstitutionStatus, Kept};
use crate::{
    id::{self, Id, TenantId},
    key::Key,
    tokens::RequestLimits,
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
    /// Readable name in addresses, unique on the platform.
    #[diesel(sql_type = Text)]
    pub slug: String,
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
    /// Where its data should lie, a word of the operator's.
    #[diesel(sql_type = Nullable<Text>)]
    pub region: Option<String>,
    /// What it has bought, a word of the operator's.
    #[diesel(sql_type = Nullable<Text>)]
    pub plan: Option<String>,
    /// The reseller who brought it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub reseller_id: Option<Id<id::Staff>>,
    /// Seats that it may fill; none means no limit.
    #[diesel(sql_type = Nullable<Integer>)]
    pub seats_total: Option<i32>,
    /// How it wants to look.
    #[diesel(sql_type = Jsonb)]
    pub branding: Branding,
    /// Days that its rows are kept, where it wants fewer than the platform keeps.
    #[diesel(sql_type = Jsonb)]
    pub retention: Kept,
    /// Rates of its requests, where they differ from the platform's.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub request_limits: Option<RequestLimits>,
    /// Longest life of its tokens, in days.
    #[diesel(sql_type = Nullable<Integer>)]
    pub token_max_days: Option<i32>,
    /// When the one trial began.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub trial_started_at: Option<DateTime<Utc>>,
    /// When it ends, or ended.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub trial_ends_at: Option<DateTime<Utc>>,
    /// Since when it is suspended.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub suspended_at: Option<DateTime<Utc>>,
    /// Why.
    #[diesel(sql_type = Nullable<Text>)]
    pub suspended_reason: Option<String>,
    /// What it goes back to.
    #[diesel(sql_type = Nullable<Text>)]
    pub suspended_from: Option<InstitutionStatus>,
    /// Since when it is being closed.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub closing_at: Option<DateTime<Utc>>,
    /// What it goes back to when that is called off.
    #[diesel(sql_type = Nullable<Text>)]
    pub closing_from: Option<InstitutionStatus>,
    /// Why.
    #[diesel(sql_type = Nullable<Text>)]
    pub closing_reason: Option<String>,
    /// Not before this time it is erased.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub erase_after: Option<DateTime<Utc>>,
    /// When it was erased.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
}

/// The columns of an [`Institution`], of the table called `i`.
macro_rules! institution_columns {
    () => {
        "i.tenant_id, i.number, i.name, i.slug, i.external_id, i.locale, i.time_zone, i.status, i.region, i.plan, \
         i.reseller_id, i.seats_total, i.branding, i.retention, i.request_limits, i.token_max_days, \
         i.trial_started_at, i.trial_ends_at, i.suspended_at, i.suspended_reason, i.suspended_from, i.closing_at, \
         i.closing_from, i.closing_reason, i.erase_after, i.closed_at, i.created_at, i.updated_at"
    };
}
pub(crate) use institution_columns;

impl Institution {
    /// Is the one that a key names: its id, its number, its slug, or the operator's own key.
    pub fn is_named(&self, key: &Key<id::Institution>) -> bool {
        match key {
            Key::Id(id) => *id == self.tenant_id,
            Key::ExternalId(text) => self.external_id.as_deref() == Some(text),
            Key::Word(word) => self.number.to_string() == *word || self.slug == *word,
        }
    }

    /// The institution, as events tell.
    pub fn facts(&self) -> InstitutionFacts {
        InstitutionFacts { id: self.tenant_id.to_string(), number: self.number }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn demo() -> Institution {
        Institution {
            tenant_id: "inst_01h455vb4pex5vsknk084sn02q".parse().unwrap(),
            number: 7,
            name: "Demo".into(),
            slug: "demo-school".into(),
            external_id: Some("demo".into()),
            locale: "en".into(),
            time_zone: "UTC".into(),
            status: InstitutionStatus::Active,
            region: None,
            plan: None,
            reseller_id: None,
            seats_total: None,
            branding: Branding::default(),
            retention: Kept::default(),
            request_limits: None,
            token_max_days: None,
            trial_started_at: None,
            trial_ends_at: None,
            suspended_at: None,
            suspended_reason: None,
            suspended_from: None,
            closing_at: None,
            closing_from: None,
            closing_reason: None,
            erase_after: None,
            closed_at: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn is_named_by_id_number_slug_and_external_id_only() {
        for name in ["inst_01h455vb4pex5vsknk084sn02q", "7", "demo-school", "external_id:demo"] {
            assert!(demo().is_named(&Key::read(name)), "{name}");
        }
        for name in ["inst_01h455vb4pex5vsknk084sn02r", "07", "demo", "8", "external_id:7", ""] {
            assert!(!demo().is_named(&Key::read(name)), "{name}");
        }
    }
}
